// The built package in each browser, under a policy that lets no text be evaluated: it reads, trains and answers as in Node,
// and never holds the page.

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import * as nablanet from "../../dist/index.js";
import { describeEach } from "./each.js";
import { arrays, images, labels, models, PAGE } from "./site.js";

const { files, answer } = await models();
const evaluates = `
  export let outcome;
  try { outcome = eval("'evaluated'"); } catch ({ name }) { outcome = name; }`;
const site = {
  "/images.gz": images,
  "/labels.gz": labels,
  "/arrays.npz": arrays,
  "/evaluates.mjs": new TextEncoder().encode(evaluates),
  ...files,
};
/** A page without shared memory. */
const ALONE = `${PAGE}?alone`;

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

describeEach(
  async () => site,
  (visit, engine) => {
    const evaluate = (expression: string) => visit(ALONE, (page) => page.evaluate(expression));

    it("evaluates no text on these pages", async () => {
      const outcome = `(async () => (await import("/evaluates.mjs")).outcome)()`;
      expect(await visit(ALONE, (page) => page.evaluate(outcome), true)).toBe("EvalError");
    });

    it("can do what it says, and says why not", async () => {
      const told = `(async () => ({
        ...(await nablanet.capabilities()),
        isolated: crossOriginIsolated,
        processors: navigator.hardwareConcurrency,
      }))()`;
      type Told = nablanet.Capabilities & { isolated: boolean; processors: number };
      const { isolated, processors, ...shared } = (await visit(PAGE, (page) => page.evaluate(told))) as Told;
      expect([isolated, shared.cores]).toEqual([true, processors]);
      expect(shared.threads).toEqual({ available: true, reason: "memory can be shared" });
      const fast = shared.fusedMultiplyAdd.available ? "relaxed" : "simd";
      expect(shared.fusedMultiplyAdd.reason).toMatch(fast === "simd" ? /no relaxed SIMD/ : /has relaxed SIMD/);
      expect(shared.kernels).toEqual({ fast: `${fast}Shared`, deterministic: "simdShared" });
      const alone = (await evaluate(told)) as Told;
      expect([alone.isolated, alone.threads.available]).toEqual([false, false]);
      expect(alone.threads.reason).toMatch(/isn't cross-origin isolated/);
      expect(alone.kernels).toEqual({ fast, deterministic: "simd" });
      expect(engine.fused).toBe(shared.fusedMultiplyAdd.available);
    });

    it("reads IDX files and trains to the same bits as Node", async () => {
      const inPage = await evaluate(`(${trainOnIdx})(window.nablanet, "/images.gz", "/labels.gz")`);
      expect(inPage).toEqual(await trainOnIdx(nablanet, images, labels));
    });

    it("loads the digits, and a made-up dataset has the same bits", async () => {
      const inPage = await evaluate(`(async () => {
        const digits = await nablanet.datasets.digits();
        return [digits.length, [...nablanet.datasets.spirals({ classes: 3 })].flatMap(({ input }) => [...input])];
      })()`);
      const here = [...nablanet.datasets.spirals({ classes: 3 })].flatMap(({ input }) => [...input]);
      const hash = (values: unknown) => createHash("sha256").update(JSON.stringify(values)).digest("hex");
      expect(hash(inPage)).toBe(hash([1797, here]));
    });

    it("reads tables, and trains on them", async () => {
      const read = await evaluate(`(async () => {
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
      })()`);
      expect(read).toEqual({ label: "setosa", isSame: true, rows: [150, 150, 4] });
    });

    it("loads a model of several files by its address, and runs stand-alone modules", async () => {
      const [loaded, javascript, wasm] = (await evaluate(`(async () => {
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
      const { longest, frames } = (await evaluate(`(async () => {
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
      // frames are due every 16.7 ms, and Firefox lets other work go before them, up to 100 ms; a fit that held the page
      // would draw none, and one longer than a second
      expect(frames).toBeGreaterThan(5);
      expect(longest).toBeLessThan(250);
    });
  },
);
