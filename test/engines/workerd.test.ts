// The package in workerd, which compiles no WebAssembly from bytes: the kernels are imported as a module, and train to the
// bits that Node trains to.

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
// @ts-expect-error plain JavaScript, as the worker has it
import { train } from "../bundlers/app/train.js";
import { install } from "./roster.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = `${root}build/workers/`;
const workerd = `${here}node_modules/@cloudflare/workerd-linux-64/bin/workerd`;

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "nablanet/simd.wasm", wasm = embed "simd.wasm")
  ],
  compatibilityDate = "2026-11-01"
);
`;

beforeAll(() => {
  try {
    install();
  } catch (error) {
    process.stderr.write(`the engines can't be installed: ${(error as Error).message}\n`);
  }
});

/** What the worker answers. */
async function answer(): Promise<unknown> {
  const server = spawn(workerd, ["serve", `${folder}config.capnp`, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      createInterface(server.stdio[3] as Readable).on("line", (line) => {
        const { event, port } = JSON.parse(line);
        if (event === "listen") resolve(port);
      });
      server.once("error", reject);
      server.once("exit", (code) => reject(new Error(`workerd ended with code ${code}`)));
    });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  } finally {
    server.kill();
  }
}

it("trains in workerd, with imported kernels, to the bits of Node", async ({ skip }) => {
  if (!existsSync(workerd) && process.env.NABLANET_ENGINES !== "required") skip("workerd isn't here");
  mkdirSync(folder, { recursive: true });
  // as wrangler bundles a worker: modules of WebAssembly stay what they are
  await build({
    entryPoints: [`${here}workerd.mjs`],
    outfile: `${folder}worker.js`,
    bundle: true,
    format: "esm",
    external: ["nablanet/simd.wasm"],
    logLevel: "error",
  });
  copyFileSync(`${root}dist/simd.wasm`, `${folder}simd.wasm`);
  writeFileSync(`${folder}config.capnp`, config);
  expect(await answer()).toEqual({ refused: "CompileError", parameters: await train(nablanet) });
});
