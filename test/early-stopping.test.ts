// The best epoch's parameters are those that stay, however a fit ends; and patience survives being interrupted.

import { describe, expect, it } from "vitest";
import { decodeCheckpoint } from "../src/formats/checkpoint-reader.js";
import {
  Dataset,
  type EarlyStoppingOptions,
  type EpochRow,
  type FitOptions,
  type FitResult,
  Network,
  Trainer,
} from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { withSlowClock } from "./slow-clock.js";

/** Few rows of much noise: the validation loss falls, then rises for good. */
function noisy(rows: number, seed: number): Dataset {
  const inputs = rowsOf(normals(rows * 12, seed), 12);
  const noise = normals(rows, seed + 1, 1.5);
  return Dataset.from({ inputs, targets: inputs.map(([a = 0, b = 0], i) => a - b + (noise[i] as number)) });
}
const data = noisy(40, 1);
const validation = noisy(200, 3);

async function make(learningRate = 0.01): Promise<Trainer> {
  const layers = [{ units: 24, activation: "tanh" as const }, { units: 1 }];
  const network = await Network.create({ inputs: 12, layers, seed: 5, math: "deterministic" });
  return new Trainer(network, { optimizer: { kind: "adam", learningRate }, batchSize: 8 });
}

/** The parameters after each epoch, from 1. */
type Saved = Float32Array[];

async function train(trainer: Trainer, options: Partial<FitOptions>, saved: Saved = []): Promise<FitResult> {
  return trainer.fit(data, {
    epochs: 400,
    validation,
    threads: 1,
    ...options,
    onEpoch: (row) => {
      saved[row.epoch] = trainer.network.parameters();
      return options.onEpoch?.(row);
    },
  });
}

const timeless = (history: readonly EpochRow[]) => history.map(({ seconds, samplesPerSecond, ...row }) => row);

function expectBest({ best, history }: FitResult, parameters: Float32Array, saved: Saved): void {
  const losses = history.map(({ validationLoss }) => validationLoss as number);
  const least = Math.min(...losses);
  expect(best).toEqual({ epoch: losses.indexOf(least) + 1, value: least });
  const { epoch } = best as { epoch: number };
  expect(parameters).toEqual(saved[epoch]);
  expect(epoch).toBeGreaterThan(1);
  // else nothing had to be restored
  expect(parameters).not.toEqual(saved[history.length]);
}

describe("early stopping", () => {
  it("ends the fit `patience` epochs after the best, whose parameters it restores bit for bit", async () => {
    const trainer = await make();
    const saved: Saved = [];
    const result = await train(trainer, { earlyStopping: true }, saved);
    expect(result.status).toBe("converged");
    expectBest(result, trainer.network.parameters(), saved);
    expect(result.history).toHaveLength((result.best?.epoch as number) + 10);
    expect((await trainer.evaluate(validation)).loss).toBe(result.best?.value);
  });

  const patient = { patience: 1000 };
  const after = 60;
  const endings: Record<string, (trainer: Trainer, saved: Saved) => Promise<FitResult>> = {
    completed: (trainer, saved) => train(trainer, { epochs: after, earlyStopping: patient }, saved),
    stopped: (trainer, saved) => {
      return train(trainer, { earlyStopping: patient, onEpoch: ({ epoch }) => epoch < after }, saved);
    },
    "stopped by onBatch": (trainer, saved) => {
      const onBatch = ({ epoch }: { epoch: number }) => epoch <= after;
      return train(trainer, { earlyStopping: patient, onBatch }, saved);
    },
    aborted: (trainer, saved) => {
      const controller = new AbortController();
      const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => {
        if (epoch > after && batch === 2) controller.abort();
      };
      return withSlowClock(() => train(trainer, { earlyStopping: patient, onBatch, signal: controller.signal }, saved));
    },
    diverged: (trainer, saved) => {
      const onEpoch = ({ epoch }: EpochRow) => {
        if (epoch === after) trainer.learningRate = 3e38;
      };
      return train(trainer, { earlyStopping: patient, onEpoch }, saved);
    },
  };
  for (const [ending, run] of Object.entries(endings)) {
    it(`restores the best parameters of a fit that is ${ending}`, async () => {
      const trainer = await make();
      const saved: Saved = [];
      const result = await run(trainer, saved);
      expect(result.status).toBe(ending.split(" ")[0]);
      expect(result.history).toHaveLength(after);
      expectBest(result, trainer.network.parameters(), saved);
    });
  }

  it("restores the best parameters of a fit that a callback throws out of", async () => {
    const trainer = await make();
    const saved: Saved = [];
    const onEpoch = ({ epoch }: EpochRow) => {
      if (epoch === after) throw new Error("from the user");
    };
    await expect(train(trainer, { earlyStopping: patient, onEpoch }, saved)).rejects.toThrow("from the user");
    const whole = await train(await make(), { epochs: after, earlyStopping: patient });
    expect(trainer.network.parameters()).toEqual(saved[whole.best?.epoch as number]);
  });

  it("leaves the last parameters where the best aren't wanted", async () => {
    const trainer = await make();
    const saved: Saved = [];
    const { history, best } = await train(trainer, { earlyStopping: { restoreBest: false, patience: 5 } }, saved);
    expect(trainer.network.parameters()).toEqual(saved[history.length]);
    expect(best?.epoch).toBe(history.length - 5);
  });

  it("doesn't change the training itself", async () => {
    const { history } = await train(await make(), { earlyStopping: true });
    const without = await train(await make(), { epochs: history.length });
    expect(timeless(without.history)).toEqual(timeless(history));
    expect(without.best).toBeUndefined();
  });

  it("watches the loss where there is no validation", async () => {
    const trainer = await make(3);
    const { status, best, history } = await trainer.fit(data, { epochs: 500, earlyStopping: { patience: 3 } });
    expect(status).toBe("converged");
    expect(best?.value).toBe(Math.min(...history.map(({ loss }) => loss)));
  });

  it("watches accuracies upwards", async () => {
    const inputs = rowsOf(normals(60 * 12, 8), 12);
    const noise = Dataset.from({ inputs, targets: inputs.map((_, i) => i % 2), classes: 2 });
    const layers = [{ units: 2, activation: "softmax" as const }];
    const network = await Network.create({ inputs: 12, layers, seed: 1 });
    const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.02 } });
    const earlyStopping = { metric: "validationAccuracy", patience: 4 };
    const { best, history } = await trainer.fit(noise, { epochs: 60, validation: noise, earlyStopping });
    const accuracies = history.map(({ validationAccuracy }) => validationAccuracy as number);
    expect(best?.value).toBe(Math.max(...accuracies));
    expect(best?.value).toBeGreaterThan(accuracies[0] as number);
  });
});

describe("what counts as progress", () => {
  /** A fit whose metric has these values, epoch by epoch. */
  async function scripted(values: readonly number[], options: EarlyStoppingOptions): Promise<FitResult> {
    let at = 0;
    const metrics = { scripted: () => values[at++] as number };
    const earlyStopping = { metric: "validationScripted", higherIsBetter: true, ...options };
    return train(await make(), { epochs: values.length, metrics, earlyStopping });
  }
  const cases: [string, number[], EarlyStoppingOptions, { epochs: number; best: { epoch: number; value: number } }][] =
    [
      ["a higher value", [1, 2, 2, 2, 9], { patience: 2 }, { epochs: 4, best: { epoch: 2, value: 2 } }],
      [
        "a lower value",
        [3, 2, 4, 2, 1],
        { patience: 2, higherIsBetter: false },
        { epochs: 4, best: { epoch: 2, value: 2 } },
      ],
      [
        "more than minimumChange since the last progress; the best is the best by however little",
        [1, 1.4, 1.45, 1.3, 9],
        { patience: 3, minimumChange: 0.5 },
        { epochs: 4, best: { epoch: 3, value: 1.45 } },
      ],
      [
        "small steps that add up to more than minimumChange",
        [1, 1.3, 1.6, 1.9, 2.2],
        { patience: 2, minimumChange: 0.5 },
        { epochs: 5, best: { epoch: 5, value: 2.2 } },
      ],
      [
        "nothing before startEpoch",
        [9, 8, 1, 2, 1, 1, 7],
        { patience: 2, startEpoch: 3 },
        { epochs: 6, best: { epoch: 4, value: 2 } },
      ],
      [
        "no value that isn't finite",
        [Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NaN, 7],
        { patience: 2 },
        { epochs: 4, best: { epoch: 2, value: 1 } },
      ],
    ];
  for (const [name, values, options, expected] of cases) {
    it(name, async () => {
      const { status, history, best } = await scripted(values, options);
      expect({ epochs: history.length, best }).toEqual(expected);
      expect(status).toBe(history.length < values.length ? "converged" : "completed");
    });
  }

  it("patience that runs out with the last epoch makes the fit converged, not completed", async () => {
    const { status, history } = await scripted([2, 1, 1], { patience: 2 });
    expect([status, history.length]).toEqual(["converged", 3]);
  });

  it("a fit that ends before startEpoch has no best, and stays as it is", async () => {
    const trainer = await make();
    const saved: Saved = [];
    const result = await train(trainer, { epochs: 3, earlyStopping: { startEpoch: 4, patience: 1 } }, saved);
    expect(result.best).toBeUndefined();
    expect(trainer.network.parameters()).toEqual(saved[3]);
  });
});

describe("going on", () => {
  const earlyStopping = { patience: 25, minimumChange: 1e-3 };

  /** The whole fit, and one of which a checkpoint was taken or that was ended; both must come to the same end. */
  async function whole() {
    const trainer = await make();
    const result = await train(trainer, { earlyStopping });
    expect(result.status).toBe("converged");
    return { trainer, result, best: result.best?.epoch as number };
  }

  async function expectSameEnd(resumed: Trainer, options: Partial<FitOptions> = {}): Promise<void> {
    const { trainer, result } = await whole();
    const end = await train(resumed, { earlyStopping, ...options });
    expect(end.status).toBe("converged");
    expect(end.best).toEqual(result.best);
    expect(timeless(end.history)).toEqual(timeless(result.history));
    expect(resumed.network.parameters()).toEqual(trainer.network.parameters());
    const saved = [resumed, trainer].map((one) => decodeCheckpoint(one.checkpoint()));
    expect(saved[0]?.progress?.stopping).toEqual(saved[1]?.progress?.stopping);
    expect(saved[0]?.optimizer).toEqual(saved[1]?.optimizer);
  }

  it("from a checkpoint in the middle of patience, taken within onEpoch", async () => {
    const { best } = await whole();
    const trainer = await make();
    let bytes = new Uint8Array();
    await train(trainer, {
      epochs: best + 5,
      earlyStopping,
      onEpoch: ({ epoch }) => {
        if (epoch === best + 4) bytes = trainer.checkpoint();
      },
    });
    await expectSameEnd(await Trainer.resume(bytes, data));
  });

  it("from one that was taken after the best parameters were restored, in the middle of an epoch", async () => {
    const { best, trainer: other } = await whole();
    const trainer = await make();
    const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => epoch < best + 7 || batch < 3;
    const { status } = await withSlowClock(() => train(trainer, { earlyStopping, onBatch }));
    expect(status).toBe("stopped");
    expect(trainer.network.parameters()).toEqual(other.network.parameters());
    const resumed = await Trainer.resume(trainer.checkpoint(), data);
    expect(resumed.network.parameters()).toEqual(trainer.network.parameters());
    await expectSameEnd(resumed);
    await expectSameEnd(trainer, { resume: true });
  });

  it("with more patience than was run out of", async () => {
    const { trainer, result } = await whole();
    const same = await train(trainer, { earlyStopping, resume: true });
    expect([same.status, same.best, same.history.length]).toEqual(["converged", result.best, result.history.length]);
    const patience = 40;
    const longer = await train(trainer, { earlyStopping: { ...earlyStopping, patience }, resume: true });
    const once = await make();
    const expected = await train(once, { earlyStopping: { ...earlyStopping, patience } });
    expect(timeless(longer.history)).toEqual(timeless(expected.history));
    expect(trainer.network.parameters()).toEqual(once.network.parameters());
  });

  it("without early stopping, from where it was and not from the best", async () => {
    const { trainer, result } = await whole();
    const epochs = result.history.length + 5;
    const more = await train(trainer, { epochs, resume: true });
    const once = await make();
    const expected = await train(once, { epochs });
    expect(more.best).toBeUndefined();
    expect(timeless(more.history)).toEqual(timeless(expected.history));
    expect(trainer.network.parameters()).toEqual(once.network.parameters());
  });

  it("a fit that begins anew begins with the best parameters, and its own patience", async () => {
    const { trainer } = await whole();
    const before = trainer.network.parameters();
    const aborted = await train(trainer, { earlyStopping, signal: AbortSignal.abort() });
    expect(aborted.best).toBeUndefined();
    expect(trainer.network.parameters()).toEqual(before);
    const { history } = await train(trainer, { epochs: 1, earlyStopping });
    expect(history.map(({ epoch }) => epoch)).toEqual([1]);
  });

  it("refuses another metric, as its best epoch isn't known", async () => {
    const { trainer } = await whole();
    const other = { ...earlyStopping, metric: "loss" };
    await expect(train(trainer, { earlyStopping: other, resume: true })).rejects.toThrow(
      'earlyStopping.metric must be validationLoss, as in the fit that is resumed, got "loss"',
    );
    const last = { ...earlyStopping, restoreBest: false };
    await expect(train(trainer, { earlyStopping: last, resume: true })).rejects.toThrow(
      "earlyStopping.restoreBest must be true, as in the fit that is resumed, got false",
    );
  });

  it("a checkpoint keeps numbers of the history that JSON has none for", async () => {
    const trainer = await make();
    const metrics = { odd: () => Number.NaN, far: () => Number.NEGATIVE_INFINITY };
    const { history } = await train(trainer, { epochs: 2, metrics });
    const { progress } = decodeCheckpoint(trainer.checkpoint());
    expect(progress?.history).toEqual(history);
  });
});

it("an evaluation under way sees one state of the parameters, also while the best are restored", async () => {
  const trainer = await make();
  const many = noisy(4000, 9);
  let evaluating: Promise<number> | undefined;
  const options = { epochs: 40, validation, earlyStopping: { patience: 1000 } };
  await trainer.fit(data, {
    ...options,
    onEpoch: async ({ epoch }) => {
      if (epoch < 40) return;
      evaluating = withSlowClock(async () => (await trainer.evaluate(many)).loss);
      while (trainer.network.block.working === undefined) await new Promise((resolve) => setTimeout(resolve));
    },
  });
  const last = await make();
  await last.fit(data, { epochs: 40 });
  expect(await evaluating).toBe((await last.evaluate(many)).loss);
  expect(await evaluating).not.toBe((await trainer.evaluate(many)).loss);
});
