// Long runs: millions of mini-batches on one network, and networks that are made, trained and forgotten for minutes.
//
//   npm run soak                          ten million mini-batches, twice; SOAK_MINUTES (1) of making and forgetting in Node
//   SOAK_MINUTES=60 npm run soak          an hour of it; SOAK_TAB_SECONDS (20) in a tab of Chromium; SOAK_STEPS mini-batches

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { buildSync } from "esbuild";
import { chromium } from "playwright-core";
import { expect, it } from "vitest";
import { Dataset, Network, Trainer } from "../../src/index.js";
import { CHROMIUM, flags } from "../browsers/chromium.js";
import { serve } from "../browsers/server.js";
import { Churn, wasmBytes } from "./churn.js";

const STEPS = Number(process.env.SOAK_STEPS ?? 200_000);
const MINUTES = Number(process.env.SOAK_MINUTES ?? 0.2);
const TAB_SECONDS = Number(process.env.SOAK_TAB_SECONDS ?? 8);
const SAMPLES = 20;
/** What a heap may differ by from look to look. */
const HEAP_SLACK = 4 * 2 ** 20;

/** How things stand at one time. */
interface Look {
  made: number;
  wasm: number;
  heap: number;
}

function tell(what: string, looks: readonly Look[]): void {
  const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const curve = looks.map(({ made, wasm, heap }) => `${made}: ${mebibytes(wasm)} + ${mebibytes(heap)}`);
  console.log(`${what}, wasm + JavaScript heap in MiB:\n${curve.join("\n")}`);
}

/** In the second half, the linear memory isn't a page larger than in the first, and the heap doesn't rise. */
function assertFlat(looks: readonly Look[]): void {
  const first = looks.slice(0, Math.ceil(looks.length / 2));
  const rest = looks.slice(first.length);
  const most = (some: readonly Look[], key: "wasm" | "heap") => Math.max(...some.map((look) => look[key]));
  expect(most(rest, "wasm")).toBe(most(first, "wasm"));
  expect(most(rest, "heap")).toBeLessThan(most(first, "heap") + HEAP_SLACK);
}

/** As many rows in an epoch as in a look, in mini-batches of BATCH. */
const BATCH = 10;
const EPOCHS = Math.max(SAMPLES, Math.ceil(STEPS / 10_000));
const ROWS = Math.ceil(STEPS / EPOCHS) * BATCH;

async function train(): Promise<{ hash: string; looks: Look[] }> {
  const layers = [{ units: 8, activation: "tanh" as const }, { units: 1 }];
  const network = await Network.create({ inputs: 2, layers, seed: 1, math: "deterministic" });
  const trainer = new Trainer(network, { optimizer: { kind: "adam" }, batchSize: BATCH });
  const inputs = Float32Array.from({ length: 2 * ROWS }, (_, i) => ((i * 7919) % 2003) / 1000 - 1);
  const targets = Float32Array.from(
    { length: ROWS },
    (_, i) => (inputs[2 * i] as number) * (inputs[2 * i + 1] as number),
  );
  const looks: Look[] = [];
  const { status } = await trainer.fit(Dataset.from({ inputs, inputSize: 2, targets }), {
    epochs: EPOCHS,
    onEpoch: ({ epoch }) => {
      if (epoch % Math.floor(EPOCHS / SAMPLES) !== 0) return;
      globalThis.gc?.();
      looks.push({ made: (epoch * ROWS) / BATCH, wasm: wasmBytes(), heap: process.memoryUsage().heapUsed });
    },
  });
  expect(status).toBe("completed");
  const hash = createHash("sha256").update(new Uint8Array(network.parameters().buffer)).digest("hex");
  trainer.dispose();
  network.dispose();
  return { hash, looks };
}

it(`${STEPS} mini-batches take no memory, and come to the same bits again`, async () => {
  const start = performance.now();
  const [once, again] = [await train(), await train()];
  tell(`${STEPS} mini-batches, twice, in ${((performance.now() - start) / 1000).toFixed(0)} s`, again.looks);
  console.log(`SHA-256 of the parameters: ${once.hash}, ${again.hash}`);
  expect(again.hash).toBe(once.hash);
  assertFlat(once.looks);
  assertFlat(again.looks);
});

it(`networks that are made, trained and forgotten for ${MINUTES} minutes take no more memory`, async () => {
  const churn = new Churn();
  const running = churn.run();
  const looks: Look[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, (MINUTES * 60_000) / SAMPLES))]);
    globalThis.gc?.();
    looks.push({ made: churn.made, wasm: wasmBytes(), heap: process.memoryUsage().heapUsed });
  }
  churn.end();
  await running;
  tell(`${MINUTES} minutes in Node`, looks);
  assertFlat(looks);
});

it.skipIf(!existsSync(CHROMIUM))(`the same in a tab of Chromium, for ${TAB_SECONDS} s`, async () => {
  const entryPoint = new URL("churn-page.ts", import.meta.url).pathname;
  const { outputFiles } = buildSync({
    entryPoints: [entryPoint],
    bundle: true,
    format: "esm",
    write: false,
    outdir: ".",
  });
  const page = '<!doctype html><meta charset="utf-8" /><script type="module" src="/soak.js"></script>';
  const files = { "/soak.js": outputFiles[0]?.contents as Uint8Array, "/soak.html": new TextEncoder().encode(page) };
  const { url, server } = await serve(files);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: [...flags, "--js-flags=--expose-gc"] });
  try {
    const tab = await browser.newPage();
    // where workers start from
    await tab.goto(`${url}/soak.html?blobs`);
    await expect.poll(() => tab.evaluate("globalThis.look?.().made"), { timeout: 20_000 }).toBeGreaterThan(0);
    const session = await tab.context().newCDPSession(tab);
    const looks: Look[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      await new Promise((resolve) => setTimeout(resolve, (TAB_SECONDS * 1000) / SAMPLES));
      await session.send("HeapProfiler.collectGarbage");
      const { usedSize } = await session.send("Runtime.getHeapUsage");
      looks.push({ ...((await tab.evaluate("look()")) as Omit<Look, "heap">), heap: usedSize });
    }
    await tab.evaluate("end()");
    tell(`${TAB_SECONDS} s in Chromium ${browser.version()}`, looks);
    assertFlat(looks);
  } finally {
    await browser.close();
    server.close();
  }
});
