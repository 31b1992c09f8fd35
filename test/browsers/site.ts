// What the tests' pages load: data in the formats that are read from a URL, and a network in those that pages run.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import * as nablanet from "../../dist/index.js";

/** The page that has the package; its queries: see server.ts. */
export const PAGE = "/test/browsers/page/index.html";

/** A page that keeps what is said in its console, as WebKit's driver doesn't tell. */
export const keepingConsole = (html: Uint8Array): Uint8Array =>
  Buffer.from(
    String(Buffer.from(html)).replace("<head>", '<head><script src="/test/browsers/page/console.js"></script>'),
  );

function idx(shape: number[], numbers: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, 8, shape.length]);
  shape.forEach((length, i) => {
    head.writeUInt32BE(length, 4 + 4 * i);
  });
  return new Uint8Array(gzipSync(Buffer.concat([head, numbers])));
}

/** 60 images of 4×4 bytes in 3 classes. */
export const images = idx(
  [60, 4, 4],
  Uint8Array.from({ length: 960 }, (_, i) => (i * i + Math.floor(i / 16) * 80) % 256),
);
export const labels = idx(
  [60],
  Uint8Array.from({ length: 60 }, (_, i) => i % 3),
);

const { archives } = JSON.parse(readFileSync(new URL("../fixtures/numpy-files.json", import.meta.url), "utf8"));
export const arrays = new Uint8Array(Buffer.from(archives.deflated, "base64"));

/** A network in the formats that pages load, by path, and what it answers to [1, 2]. */
export async function models() {
  const layers = [
    { units: 5, activation: "mish" as const },
    { units: 3, activation: "softmax" as const },
  ];
  const network = await nablanet.Network.create({ inputs: 2, layers, seed: 7, math: "deterministic" });
  const files: Record<string, Uint8Array> = {
    "/model/alone.mjs": await network.encode("javascript"),
    "/model/alone.wasm": await network.encode("wasm"),
  };
  for (const [name, file] of await network.encode("tfjs")) files[`/model/${name}`] = file;
  return { files, answer: [...network.predict([1, 2])] };
}
