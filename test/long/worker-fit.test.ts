// Fits in a worker: the bits of fits on the calling thread, and what that thread sees meanwhile.

import { describe, expect, it } from "vitest";
import { type BatchRow, Dataset, datasets, type EpochRow, type FitOptions, metrics, Trainer } from "../../src/index.js";
import { abortingIn, type Case, cases, knowledge, make, spirals, stream, untimed } from "../worker-fits.js";

const first = cases["dropout, noise, batch normalization, AMSGrad"];
const LONG = 6000;
/** Whose epochs have many slices. */
const long: Case = { ...first, data: datasets.spirals({ samples: LONG, classes: 3 }), fit: {} };

async function run(trainer: Trainer, { data, fit: own }: Case, more: Partial<FitOptions> = {}) {
  const { threads, history, ...result } = await trainer.fit(data, { epochs: 4, threads: 1, ...own, ...more });
  return { threads, result: { ...result, history: untimed(history) } };
}

describe("a fit in a worker gives the bits of one without", () => {
  for (const [name, one] of Object.entries(cases)) {
    it(name, async () => {
      const [here, there] = [await make(one), await make(one)];
      const inPage = await run(here, one);
      const inWorker = await run(there, one, { worker: true });
      expect(inWorker.result).toEqual(inPage.result);
      expect(knowledge(there.checkpoint())).toEqual(knowledge(here.checkpoint()));
      expect(inWorker.threads.used).toBe(one.fit?.threads ?? 1);
      expect(inWorker.threads.reason).toMatch(/^in a worker: /);
      // and so does the next one, on what it left
      const { status } = inPage.result;
      const next = { worker: true, epochs: 2, earlyStopping: false };
      expect((await run(there, one, next)).result).toEqual((await run(here, one, { ...next, worker: false })).result);
      if (status !== "diverged") expect(there.network.parameters()).toEqual(here.network.parameters());
    });
  }

  it("of which it says something: each of these trained, and was trained differently", async () => {
    const ends = [];
    for (const one of Object.values(cases)) {
      const trainer = await make(one);
      const before = trainer.network.parameters();
      const { result } = await run(trainer, one);
      if (result.status !== "diverged") expect(trainer.network.parameters()).not.toEqual(before);
      ends.push(result.status);
    }
    expect(new Set(ends)).toEqual(new Set(["completed", "converged", "diverged"]));
  });

  it("with the diagnosis of one that diverges", async () => {
    const one = cases["a rate so large that it diverges"];
    const { result } = await run(await make(one), one, { worker: true });
    expect(result).toMatchObject({ status: "diverged", diagnosis: expect.stringContaining("inputs weren't scaled") });
  });

  it("with the learning rate that the trainer was given since it was made", async () => {
    const [here, there] = [await make(first), await make(first)];
    for (const trainer of [here, there]) trainer.learningRate = 0.5;
    await run(here, first);
    await run(there, first, { worker: true });
    expect(there.learningRate).toBe(0.5);
    expect(there.network.parameters()).toEqual(here.network.parameters());
  });

  it("also two at once", async () => {
    const [one, other, alone] = [await make(first), await make(first), await make(first)];
    await Promise.all([run(one, first, { worker: true }), run(other, first, { worker: true }), run(alone, first)]);
    expect(one.network.parameters()).toEqual(alone.network.parameters());
    expect(other.network.parameters()).toEqual(alone.network.parameters());
  });

  for (const [from, to] of [
    [true, false],
    [false, true],
    [true, true],
  ]) {
    const where = (worker: boolean) => (worker ? "in a worker" : "here");
    it(`aborted within an epoch ${where(from)}, resumed ${where(to)}, by the trainer and from a checkpoint`, async () => {
      const whole = await make(long);
      await run(whole, long, { epochs: 3 });
      const trainer = await make(long);
      const { result } = await run(trainer, long, { ...abortingIn(2), epochs: 3, worker: from });
      expect([result.status, result.history.length]).toEqual(["aborted", 1]);
      const checkpoint = trainer.checkpoint();
      const row = knowledge(checkpoint).progress?.row ?? 0;
      expect([row > 0, row < LONG]).toEqual([true, true]);
      await run(trainer, long, { epochs: 3, worker: to, resume: true });
      expect(knowledge(trainer.checkpoint())).toEqual(knowledge(whole.checkpoint()));
      const resumed = await Trainer.resume(checkpoint, long.data);
      await run(resumed, long, { epochs: 3, worker: to });
      expect(resumed.network.parameters()).toEqual(whole.network.parameters());
    });
  }
});

describe("the calling thread", () => {
  const look = async (worker: boolean, more: Partial<FitOptions> = {}) => {
    const seen: unknown[] = [];
    const trainer = await make(first);
    const onEpoch = async (row: EpochRow) => {
      seen.push(untimed([row])[0], trainer.network.predict([0.5, 0.2]), knowledge(trainer.checkpoint()));
      seen.push(await trainer.evaluate(spirals), trainer.gradients([0, 1], [2]).loss);
      expect(() => trainer.step([0, 1], [2])).toThrow("step can't be called while a fit trains this network");
      expect(() => trainer.network.setParameters([])).toThrow(/must have/);
      expect(() => trainer.network.setParameters(trainer.network.parameters())).toThrow("a fit trains this network");
      expect(() => trainer.network.dispose()).toThrow("a fit trains this network");
      await expect(trainer.fit(spirals, { epochs: 1, worker })).rejects.toThrow("a fit trains this network");
    };
    await run(trainer, first, { worker, onEpoch, ...more });
    return seen;
  };

  it("is called after each epoch, and sees all that a fit here would show it", async () => {
    const seen = await look(true);
    expect(seen).toHaveLength(20);
    expect(seen).toEqual(await look(false));
  });

  it("is told of slices, epochs and the end, in that order, and awaited", async () => {
    const told: string[] = [];
    let working = 0;
    const tell = (what: string) => async () => {
      expect(working).toBe(0);
      working += 1;
      told.push(what);
      await new Promise((resolve) => setTimeout(resolve, 2));
      working -= 1;
    };
    const batches: BatchRow[] = [];
    const onBatch = async (row: BatchRow) => {
      batches.push(row);
      await tell(`batch ${row.epoch}`)();
    };
    const onEpoch = ({ epoch }: EpochRow) => tell(`epoch ${epoch}`)();
    const trainer = await make(long);
    const callbacks = { onBatch, onEpoch, onTrainEnd: tell("end") };
    await trainer.fit(long.data, { epochs: 2, worker: true, ...callbacks });
    expect(told.filter((what, i) => what !== told[i - 1])).toEqual(["batch 1", "epoch 1", "batch 2", "epoch 2", "end"]);
    expect(batches.at(-1)).toMatchObject({ epoch: 2, batch: 188, batches: 188, loss: expect.any(Number) });
    expect(batches.length).toBeGreaterThan(4);
  });

  it("ends the fit by returning false, from either callback", async () => {
    const stopped = async (worker: boolean, more: Partial<FitOptions>) => {
      const trainer = await make(long);
      const { result } = await run(trainer, long, { worker, ...more });
      return [result.status, result.history.length, worker === false && trainer.network.parameters()];
    };
    expect(await stopped(true, { onEpoch: ({ epoch }) => epoch < 2 })).toEqual(["stopped", 2, false]);
    expect(await stopped(true, { onBatch: ({ epoch }) => epoch < 2 })).toEqual(["stopped", 1, false]);
  });

  it("may set the learning rate", async () => {
    const halved = async (worker: boolean) => {
      const trainer = await make(first);
      const onEpoch = () => {
        trainer.learningRate /= 2;
      };
      const { result } = await run(trainer, first, { worker, onEpoch });
      expect(trainer.learningRate).toBe(0.01 / 16);
      return [result.history, trainer.network.parameters()];
    };
    expect(await halved(true)).toEqual(await halved(false));
  });

  it("sees whole epochs where no callback waits for them, and evaluations see one of them", async () => {
    const one: Case = { ...first, data: spirals, fit: {} };
    const trainer = await make(one);
    const controller = new AbortController();
    const fitting = trainer.fit(spirals, { epochs: 1e6, worker: true, signal: controller.signal });
    const looks: { loss: number; checkpoint: Uint8Array }[] = [];
    while (looks.length < 3) {
      const { loss } = await trainer.evaluate(spirals);
      const checkpoint = trainer.checkpoint();
      const { progress } = knowledge(checkpoint);
      if (progress?.epoch !== knowledge(looks.at(-1)?.checkpoint ?? checkpoint).progress?.epoch || looks.length === 0) {
        looks.push({ loss, checkpoint });
      }
    }
    controller.abort();
    await fitting;
    const { progress } = knowledge(looks[2].checkpoint);
    expect(progress?.history).toHaveLength(progress?.epoch as number);
    expect(progress?.row).toBe(0);
    const alone = await make(one);
    await alone.fit(spirals, { epochs: progress?.epoch as number });
    expect(knowledge(alone.checkpoint())).toEqual(knowledge(looks[2].checkpoint));
  });

  it("has evaluations under way that see one state, whoever looks and whatever is told meanwhile", async () => {
    const many = datasets.spirals({ samples: 20_000, classes: 3 });
    const trainer = await make(first);
    const looks: { checkpoint: Uint8Array; evaluating: Promise<unknown> }[] = [];
    const looking = setInterval(() => trainer.network.predict([0, 0]), 1);
    const onEpoch = ({ epoch }: EpochRow) => {
      const checkpoint = trainer.checkpoint();
      expect(knowledge(checkpoint).progress?.epoch).toBe(epoch);
      looks.push({ checkpoint, evaluating: trainer.evaluate(many, { threads: 1 }) });
    };
    await run(trainer, first, { worker: true, onEpoch });
    expect(looks).toHaveLength(4);
    for (const { checkpoint, evaluating } of looks) {
      const then = await Trainer.resume(checkpoint, first.data);
      expect(await evaluating).toEqual(await then.evaluate(many, { threads: 1 }));
    }
    clearInterval(looking);
  });

  it("measures, by functions of its own and others", async () => {
    const measured: number[] = [];
    const mine = (predictions: Float32Array) => measured.push(predictions.length);
    const trainer = await make(first);
    const validation = spirals.take(10);
    const { history } = await trainer.fit(spirals, {
      epochs: 2,
      worker: true,
      validation,
      metrics: { mine, f1: metrics.f1 },
    });
    expect(measured).toEqual([30, 30]);
    expect(history[1]).toMatchObject({ validationMine: 2, validationF1: expect.any(Number) });
  });

  it("is free to do something else while the worker trains", async () => {
    const wide = Dataset.from({ inputs: new Float32Array(64 * 400), inputSize: 400, targets: new Float32Array(64) });
    const one: Case = { network: { inputs: 400, layers: [{ units: 700 }, { units: 1 }] }, data: wide };
    const trainer = await make({ ...one, trainer: { batchSize: 64 } });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await trainer.fit(wide, { epochs: 50, worker: true });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(20);
  });

  it("is asked for a stream's chunks as they are needed, and no further", async () => {
    let [open, given] = [0, 0];
    const endless = Dataset.stream({
      inputSize: 2,
      classes: 3,
      bufferRows: 32,
      chunks: async function* () {
        open += 1;
        try {
          for (;;) {
            given += 1;
            const { inputs, targets } = spirals.batches(32).next().value as {
              inputs: Float32Array;
              targets: Float32Array;
            };
            yield { inputs, targets };
          }
        } finally {
          open -= 1;
        }
      },
    });
    const trainer = await make(first);
    const { status } = await trainer.fit(endless, { epochs: 1, worker: true, onBatch: ({ batch }) => batch < 3 });
    expect(status).toBe("stopped");
    // trained, filled ahead, and one that was asked for when the end came
    expect(given).toBeLessThanOrEqual(7);
    await expect.poll(() => open, { timeout: 10_000 }).toBe(0);
    expect(await run(trainer, { ...first, data: stream() }, { worker: true })).toMatchObject({
      result: { status: "completed" },
    });
  });
});
