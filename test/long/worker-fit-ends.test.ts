// The ways in which fits in a worker end, or don't begin.

import { execFileSync } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import workerThreads, { type Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { Dataset, datasets, type FitOptions } from "../../src/index.js";
import { type Case, cases, knowledge, make, spirals, untimed } from "../worker-fits.js";

/** The workers that there are. */
let workers: Worker[] = [];
/** What stands in the way of new ones. */
let hindrance: ((worker: Worker) => void) | undefined;
const RealWorker = workerThreads.Worker;
workerThreads.Worker = class extends RealWorker {
  constructor(...args: ConstructorParameters<typeof RealWorker>) {
    super(...args);
    workers.push(this);
    this.on("exit", () => {
      workers = workers.filter((worker) => worker !== this);
    });
    hindrance?.(this);
  }
};
syncBuiltinESMExports();

afterEach(async () => {
  hindrance = undefined;
  // every fit's worker ends with it
  await expect.poll(() => workers.length, { timeout: 8000 }).toBe(0);
});

const scaled = cases["scaled inputs and targets, a plateau's schedule"];
const one: Case = { ...scaled, trainer: { optimizer: { kind: "rmsProp", learningRate: 0.01 } } };
const long: Case = { network: cases["early stopping that restores the best"].network, data: spirals };

/** What a trainer knows before and after a fit that fails, and its error. */
async function failing(given: Case, more: Partial<FitOptions>) {
  const trainer = await make(given);
  const before = knowledge(trainer.checkpoint());
  // those of a pool would stay
  const error = await trainer.fit(given.data, { epochs: 3, threads: 1, ...given.fit, ...more }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { trainer, before, error, after: knowledge(trainer.checkpoint()) };
}

describe("what is thrown on the calling thread", () => {
  const thrown = new Error("no more");
  const raise = () => {
    throw thrown;
  };
  const broken = (chunks: number, bufferRows: number) =>
    Dataset.stream({
      inputSize: 3,
      outputSize: 2,
      bufferRows,
      chunks: function* () {
        for (let i = 0; i < chunks; i++) yield { inputs: new Float32Array(96).fill(i), targets: new Float32Array(64) };
        raise();
      },
    });
  const unscaled = { inputs: 3, layers: [{ units: 5, activation: "tanh" }, { units: 2 }] } as const;
  for (const [name, more, given] of [
    ["by onEpoch", { onEpoch: ({ epoch }) => epoch < 2 || raise() }, one],
    ["by onBatch", { onBatch: ({ epoch }) => epoch < 2 || raise() }, one],
    ["by a metric", { metrics: { mine: raise } }, one],
    [
      "by a stream that is looked at first",
      {},
      { network: { ...unscaled, normalize: "standard" }, data: broken(1, 64) },
    ],
    ["by a stream in the middle of an epoch", {}, { network: unscaled, data: broken(5, 32) }],
    ["by a validation's stream", { validation: broken(1, 64), metrics: {} }, one],
  ] as [string, Partial<FitOptions>, Case][]) {
    it(`${name} is what the fit is rejected with, and leaves what it leaves without a worker`, async () => {
      const here = await failing(given, more);
      const there = await failing(given, { ...more, worker: true });
      expect(here.error).toBe(thrown);
      expect(there.error).toBe(thrown);
      expect(there.after).toEqual(here.after);
      const { status } = await there.trainer.fit(one.data, { epochs: 1, worker: true });
      expect(status).toBe("completed");
    });
  }

  it("by the fit itself has its class and words", async () => {
    const empty = Dataset.stream({ inputSize: 2, classes: 3, chunks: () => [] });
    const { error, before, after } = await failing({ ...long, data: empty }, { worker: true });
    expect(error).toEqual(new RangeError("the stream must give at least one row, got none"));
    expect(after).toEqual(before);
  });

  it("for options that can't be used", async () => {
    const { error } = await failing(long, { worker: 1 as never });
    expect(error).toEqual(new TypeError("worker must be true or false, got 1"));
  });
});

describe("an abort", () => {
  it("before the fit starts no worker", async () => {
    const trainer = await make(long);
    hindrance = () => expect.fail("a worker was started");
    const result = await trainer.fit(spirals, { epochs: 1, worker: true, signal: AbortSignal.abort() });
    expect(result).toEqual({ status: "aborted", history: [], threads: { used: 0, reason: "nothing was trained" } });
  });

  it("while the data are on their way leaves everything as it was, also what would have been learned", async () => {
    const trainer = await make(one);
    const before = knowledge(trainer.checkpoint());
    const controller = new AbortController();
    hindrance = (worker) => worker.once("message", () => controller.abort());
    const { status } = await trainer.fit(one.data, { epochs: 1, worker: true, signal: controller.signal });
    expect(status).toBe("aborted");
    expect(trainer.network.normalize).toBe("robust");
    expect({ ...knowledge(trainer.checkpoint()), runs: 0, progress: undefined }).toEqual(before);
  });

  it("at any time ends it within the epoch", async () => {
    const data = datasets.spirals({ samples: 200_000, classes: 3 });
    const trainer = await make(long);
    const before = trainer.network.parameters();
    const controller = new AbortController();
    const onBatch = () => void setTimeout(() => controller.abort(), 20);
    const { status } = await trainer.fit(data, { epochs: 1e6, worker: true, signal: controller.signal, onBatch });
    expect(status).toBe("aborted");
    expect(trainer.network.parameters()).not.toEqual(before);
  });
});

describe("a worker that", () => {
  it("can't be started leaves the training to the calling thread, and the result says so", async () => {
    const whole = await make(long);
    const { history } = await whole.fit(spirals, { epochs: 2 });
    for (const hinder of [
      () => {
        throw new Error("workers are forbidden");
      },
      (worker: Worker) => void worker.terminate(),
    ]) {
      const trainer = await make(long);
      hindrance = hinder;
      const result = await trainer.fit(spirals, { epochs: 2, worker: true, threads: 1 });
      const why =
        /^on the calling thread, as no worker could be started \((workers are forbidden|its worker exited .*)\): one was asked for$/;
      expect(result.threads).toEqual({ used: 1, reason: expect.stringMatching(why) });
      expect(untimed(result.history)).toEqual(untimed(history));
      expect(trainer.network.parameters()).toEqual(whole.network.parameters());
      hindrance = undefined;
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  });

  it("dies leaves the rest to the calling thread, from the last epoch that was told", async () => {
    const whole = await make(long);
    const { history } = await whole.fit(spirals, { epochs: 4 });
    const trainer = await make(long);
    const told: number[] = [];
    const onEpoch = ({ epoch }: { epoch: number }) => {
      told.push(epoch);
      if (epoch === 2) void workers[0].terminate();
    };
    const result = await trainer.fit(spirals, { epochs: 4, worker: true, threads: 1, onEpoch });
    const reason =
      "on the calling thread after 2 epochs, as its worker was lost (its worker exited with code 1): one was asked for";
    expect(result.threads).toEqual({ used: 1, reason });
    expect(told).toEqual([1, 2, 3, 4]);
    expect(untimed(result.history)).toEqual(untimed(history));
    expect(trainer.network.parameters()).toEqual(whole.network.parameters());
  });

  it("dies ends the streams that it read, and the calling thread begins others", async () => {
    const trainer = await make(long);
    const controller = new AbortController();
    let open = 0;
    let begun = 0;
    const endless = Dataset.stream({
      inputSize: 2,
      classes: 3,
      bufferRows: 32,
      chunks: function* () {
        open += 1;
        begun += 1;
        try {
          for (;;) yield { inputs: new Float32Array(64), targets: new Uint8Array(32) };
        } finally {
          open -= 1;
        }
      },
    });
    const onBatch = () => {
      expect(open).toBe(1);
      if (begun === 1) void workers[0].terminate();
      else controller.abort();
    };
    const fit = { epochs: 1, worker: true, threads: 1, onBatch, signal: controller.signal } as const;
    const { status, threads } = await trainer.fit(endless, fit);
    expect(status).toBe("aborted");
    expect(threads.reason).toMatch(/^on the calling thread after 0 epochs, as its worker was lost/);
    await expect.poll(() => open, { timeout: 8000 }).toBe(0);
    expect(begun).toBe(2);
  });
});

it("gives all memory back", async () => {
  const used = async () => (await Engine.shared("fast")).memoryUsage.used;
  const before = await used();
  const trainer = await make(one);
  const between = await used();
  await trainer.fit(one.data, { epochs: 2, ...one.fit, worker: true });
  expect(await used()).toBe(between);
  const { network } = trainer;
  trainer.dispose();
  network.dispose();
  expect(await used()).toBe(before);
});

it("lets Node end by itself, once the fit has ended", () => {
  const program = `
    import { datasets, Network, Trainer } from ${JSON.stringify(new URL("../../dist/index.js", import.meta.url))};
    const trainer = new Trainer(await Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }] }));
    const { threads } = await trainer.fit(datasets.moons(), { epochs: 3, worker: true, threads: 2 });
    console.log(threads.used, threads.reason);`;
  const said = execFileSync("node", ["--input-type=module", "--eval", program], { encoding: "utf8", timeout: 20_000 });
  expect(said).toBe("2 in a worker: 2 were asked for\n");
});
