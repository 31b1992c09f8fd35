// The built package in a real browser: it trains, to the same bits as in Node, and never holds the page.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { Server } from "node:http";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
import published from "../published/hashes.json" with { type: "json" };
import type { Hashes } from "../published/runs.mjs";
import { serve } from "./server.js";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
let server: Server;
let browser: Browser;
let url: string;
let page: Page;
const complaints: string[] = [];

/** A pair of IDX files: 60 images of 4×4 bytes in 3 classes. */
const idx = (shape: number[], numbers: Uint8Array) => {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, 8, shape.length]);
  shape.forEach((length, i) => {
    head.writeUInt32BE(length, 4 + 4 * i);
  });
  return new Uint8Array(gzipSync(Buffer.concat([head, numbers])));
};
const images = idx(
  [60, 4, 4],
  Uint8Array.from({ length: 960 }, (_, i) => (i * i + Math.floor(i / 16) * 80) % 256),
);
const labels = idx(
  [60],
  Uint8Array.from({ length: 60 }, (_, i) => i % 3),
);

const { archives } = JSON.parse(readFileSync(new URL("../fixtures/numpy-files.json", import.meta.url), "utf8"));
const arrays = new Uint8Array(Buffer.from(archives.deflated, "base64"));
/** A network in the formats that pages load, by path, and what it answers to [1, 2]. */
async function models() {
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
let answer: number[];

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(
      `no Chromium at ${executablePath}: install it (Debian: apt-get install chromium), or set CHROMIUM to its path`,
    );
  }
  const { files, ...rest } = await models();
  answer = rest.answer;
  const served = await serve({ "/images.gz": images, "/labels.gz": labels, "/arrays.npz": arrays, ...files });
  server = served.server;
  browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  url = `${served.url}/test/browsers/page.html`;
  page = await open("?alone");
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
});

async function open(query: string): Promise<Page> {
  const opened = await browser.newPage();
  await opened.goto(url + query);
  await opened.waitForFunction("window.nablanet !== undefined");
  return opened;
}

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** Trains on a pair of IDX files, and gives back all parameters. Runs in the page and in Node. */
async function trainOnIdx(
  { datasets, Network, Trainer }: typeof nablanet,
  inputs: string | Uint8Array,
  targets: string | Uint8Array,
) {
  const data = await datasets.idx({ inputs, targets });
  const network = await Network.create({
    inputs: 16,
    layers: [
      { units: 13, activation: "gelu" },
      { units: 9, activation: "mish" },
      { units: 3, activation: "softmax" },
    ],
    seed: 42,
    math: "deterministic",
  });
  const trainer = new Trainer(network, { batchSize: 7 });
  const { history } = await trainer.fit(data, { epochs: 20 });
  return { parameters: [...network.parameters()], loss: history[19]?.loss, rows: data.length };
}

it("reads IDX files and trains to the same bits as Node", async () => {
  const inPage = await page.evaluate(`(${trainOnIdx})(window.nablanet, "/images.gz", "/labels.gz")`);
  expect(inPage).toEqual(await trainOnIdx(nablanet, images, labels));
});

it("loads the digits, and a made-up dataset has the same bits", async () => {
  const inPage = await page.evaluate(`(async () => {
    const digits = await nablanet.datasets.digits();
    return [digits.length, [...nablanet.datasets.spirals({ classes: 3 })].flatMap(({ input }) => [...input])];
  })()`);
  const here = [...nablanet.datasets.spirals({ classes: 3 })].flatMap(({ input }) => [...input]);
  const hash = (values: unknown) => createHash("sha256").update(JSON.stringify(values)).digest("hex");
  expect(hash(inPage)).toBe(hash([1797, here]));
});

it("reads tables, and trains on them", async () => {
  const read = (await page.evaluate(`(async () => {
    const { readTable, readTableStream } = await import("/dist/tables.js");
    const { dataset, schema } = await readTable("/test/fixtures/iris.csv", { target: "species" });
    const network = await nablanet.Network.create({ inputs: 4, layers: [{ units: 3, activation: "softmax" }], normalize: "standard", seed: 1 });
    await new nablanet.Trainer(network, { optimizer: { kind: "adam", learningRate: 0.05 } }).fit(dataset, { epochs: 30 });
    const row = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
    const parquet = await readTable("/test/fixtures/iris.parquet", { target: "species" });
    const arrays = await readTable("/arrays.npz", {});
    const stream = await readTableStream("/test/fixtures/iris.csv", { target: "species" });
    return {
      label: schema.decode(network.predict(schema.encode(row))).label,
      isSame: JSON.stringify(parquet.schema) === JSON.stringify(schema) && JSON.stringify(stream.schema) === JSON.stringify(schema),
      rows: [dataset.length, parquet.dataset.length, arrays.dataset.length],
    };
  })()`)) as Record<string, unknown>;
  expect(read).toEqual({ label: "setosa", isSame: true, rows: [150, 150, 4] });
});

it("loads a model of several files by its address, and runs stand-alone modules", async () => {
  const [loaded, javascript, wasm] = (await page.evaluate(`(async () => {
    const network = await nablanet.Network.load("/model/model.json");
    const { predict } = await import("/model/alone.mjs");
    const { instance } = await WebAssembly.instantiate(await (await fetch("/model/alone.wasm")).arrayBuffer());
    const { memory, input, output, outputs, ...alone } = instance.exports;
    new Float32Array(memory.buffer, input.value).set([1, 2]);
    alone.predict();
    const found = new Float32Array(memory.buffer, output.value, outputs.value);
    return [network.predict([1, 2]), predict([1, 2]), found].map((answer) => [...answer]);
  })()`)) as number[][];
  expect(loaded).toEqual(answer);
  expect(wasm).toEqual(answer);
  // of numbers below 1, sums of at most 5 and a few functions
  javascript?.forEach((each, j) => {
    expect(Math.abs(each - (answer[j] as number))).toBeLessThan(40 * 2 ** -24);
  });
});

it("draws frames while it trains", async () => {
  const { longest, frames } = (await page.evaluate(`(async () => {
    const data = await nablanet.datasets.digits();
    const network = await nablanet.Network.create({ inputs: 64, layers: [{ units: 128, activation: "relu" }, { units: 10, activation: "softmax" }], seed: 1 });
    const trainer = new nablanet.Trainer(network);
    let training = true, longest = 0, frames = 0, last;
    const frame = (now) => { if (last) longest = Math.max(longest, now - last); last = now; frames++; if (training) requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 1000);
    const { status } = await trainer.fit(data, { epochs: 1e6, signal: controller.signal });
    training = false;
    if (status !== "aborted") throw new Error(status);
    return { longest, frames };
  })()`)) as { longest: number; frames: number };
  // frames are due every 16.7 ms; a fit that held the page would draw none, and one longer than a second
  expect(frames).toBeGreaterThan(20);
  expect(longest).toBeLessThan(250);
});

describe("threads", () => {
  /** Opens a page, and trains all published runs in it. */
  const inPage = async (query: string, threads: number, before = "") => {
    const opened = await open(query);
    try {
      return (await opened.evaluate(`(async () => {
        ${before}
        const { hashAll } = await import("/test/published/runs.mjs");
        const { kernels } = await nablanet.capabilities();
        const trained = await hashAll(nablanet, { math: "deterministic", threads: ${threads} });
        return { ...trained, kernels: kernels.deterministic };
      })()`)) as Hashes & { kernels: string };
    } finally {
      await opened.close();
    }
  };

  it("train an isolated page to the published bits, from a blob or from a file of one's own", async () => {
    const kernels = "simdShared";
    expect(await inPage("?blobs", 1)).toEqual({ hashes: published, threads: ["1: one was asked for"], kernels });
    for (const count of [2, 3, 4]) {
      const threads = [`${count}: ${count} were asked for`];
      expect(await inPage("?blobs", count)).toEqual({ hashes: published, threads, kernels });
    }
    const { threads, hashes } = await inPage("", 2, `nablanet.init({ workerUrl: "/dist/worker.js" });`);
    expect(threads).toEqual(["2: 2 were asked for"]);
    expect(hashes).toEqual(published);
  });

  it("are one where workers are forbidden, or the page isn't isolated, and the reason is said", async () => {
    const forbidden = await inPage("", 2);
    expect(forbidden.threads).toEqual([expect.stringMatching(/^1: workers can't be started: /)]);
    expect(forbidden.hashes).toEqual(published);
    const alone = await inPage("?alone", 2);
    expect(alone.kernels).toBe("simd");
    expect(alone.threads).toEqual([expect.stringMatching(/^1: .*cross-origin isolated/)]);
    expect(alone.hashes).toEqual(published);
  });
});

it("has no complaints in the console", () => {
  expect(complaints).toEqual([]);
});
