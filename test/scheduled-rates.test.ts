// Schedules at work: a fit's mini-batches have the rates that learning-rate.ts tells.

import { describe, expect, it } from "vitest";
import { Dataset, Network, type ScheduleOptions, Trainer } from "../src/index.js";
import { rateAt } from "../src/learning-rate.js";
import { resolveSchedule } from "../src/schedules.js";
import { normals, rowsOf } from "./arrays.js";

const ROWS = 23;
const BATCH = 5;
const inputs = rowsOf(normals(ROWS * 3, 1), 3);
const targets = rowsOf(normals(ROWS * 2, 2), 2);
const data = Dataset.from({ inputs, targets });
const shape = { inputs: 3, layers: [{ units: 6, activation: "tanh" as const }, { units: 2 }], seed: 4 };
const optimizer = { kind: "sgd" as const, learningRate: 0.25, momentum: 0.5 };

async function make(schedule?: ScheduleOptions): Promise<Trainer> {
  const network = await Network.create({ ...shape, math: "deterministic" });
  return new Trainer(network, { optimizer, batchSize: BATCH, ...(schedule && { schedule }) });
}

const schedules: ScheduleOptions[] = [
  { kind: "constant", warmUp: 1.5 },
  { kind: "step", every: 1 },
  { kind: "exponential", factor: 0.5 },
  { kind: "inverseTime", decay: 1 },
  { kind: "polynomial", power: 2, end: 0.01 },
  { kind: "cosine", end: 0.01, warmUp: { epochs: 1, from: 0.1 } },
  { kind: "cosine", epochs: 1, restarts: true, stretch: 2 },
  { kind: "oneCycle" },
];

describe("each mini-batch has its rate", () => {
  for (const schedule of schedules) {
    it(JSON.stringify(schedule), async () => {
      const fitted = await make(schedule);
      const { history } = await fitted.fit(data, { epochs: 3, shuffle: false });
      const stepped = await make();
      const resolved = resolveSchedule(schedule, "schedule");
      for (let epoch = 0; epoch < 3; epoch++) {
        let rate = 0;
        for (let row = 0; row < ROWS; row += BATCH) {
          const end = Math.min(ROWS, row + BATCH);
          rate = rateAt(resolved, 0.25, epoch + row / ROWS, 3, (end - row) / ROWS);
          // a rate of 0 changes nothing but the momentum, and can't be set
          stepped.learningRate = Math.max(rate, 1e-30);
          stepped.step(inputs.slice(row, end), targets.slice(row, end));
        }
        expect(history[epoch]?.learningRate).toBe(rate);
      }
      expect(fitted.network.parameters()).toEqual(stepped.network.parameters());
      expect(fitted.learningRate).toBe(0.25);
    });
  }
});

it("the rates are the same on threads, and where a fit is resumed in the middle of an epoch", async () => {
  const schedule: ScheduleOptions = { kind: "oneCycle", warmUp: 0.5 };
  const whole = await make(schedule);
  await whole.fit(data, { epochs: 4, threads: 1 });
  const onThreads = await make(schedule);
  await onThreads.fit(data, { epochs: 4, threads: 3 });
  expect(onThreads.network.parameters()).toEqual(whole.network.parameters());
  const stopped = await make(schedule);
  await stopped.fit(data, { epochs: 4, onBatch: ({ epoch, batch }) => epoch < 2 || batch < 2 });
  const resumed = await Trainer.resume(stopped.checkpoint(), data);
  await resumed.fit(data, { epochs: 4 });
  expect(resumed.network.parameters()).toEqual(whole.network.parameters());
});

it("a stream's rates change from epoch to epoch", async () => {
  const trainer = await make({ kind: "inverseTime", decay: 1 });
  const chunks = () => [{ inputs: inputs.flat(), targets: targets.flat() }];
  const stream = Dataset.stream({ inputSize: 3, outputSize: 2, chunks });
  const { history } = await trainer.fit(stream, { epochs: 3 });
  expect(history.map(({ learningRate }) => learningRate)).toEqual([0.25, 0.125, 0.25 / 3]);
});

describe("reduceOnPlateau", () => {
  const flat = Dataset.from({ inputs: [[0, 0, 0]], targets: [[0, 0]] });

  it("lowers the rate where nothing is gained any more, also across a checkpoint", async () => {
    const schedule: ScheduleOptions = { kind: "reduceOnPlateau", metric: "loss", patience: 1, factor: 0.5 };
    const run = async (epochs: number, trainer: Trainer) => {
      const { history } = await trainer.fit(flat, { epochs });
      return history.map(({ learningRate }) => learningRate);
    };
    // biases are 0 and so is the input: the loss is 0 from the first epoch on
    const rates = await run(7, await make(schedule));
    expect(rates).toEqual([0.25, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625]);
    const stopped = await make(schedule);
    await stopped.fit(flat, { epochs: 7, onEpoch: ({ epoch }) => epoch < 4 });
    expect(await run(7, await Trainer.resume(stopped.checkpoint(), flat))).toEqual(rates);
  });

  it("refuses a metric that isn't measured", async () => {
    const trainer = await make({ kind: "reduceOnPlateau" });
    await expect(trainer.fit(data, { epochs: 1 })).rejects.toThrow(
      'schedule.metric must be "loss", got "validationLoss"',
    );
    const other = await make({ kind: "reduceOnPlateau", metric: "accuracy" });
    const before = other.network.parameters();
    await expect(other.fit(data, { epochs: 1, validation: data })).rejects.toThrow(
      'schedule.metric must be one of loss, validationLoss, got "accuracy"',
    );
    expect(other.network.parameters()).toEqual(before);
  });
});

it("the history tells the rate of an epoch that an earlier fit had trained to its end", async () => {
  const schedule: ScheduleOptions = { kind: "cosine" };
  const whole = await make(schedule);
  const { history } = await whole.fit(data, { epochs: 3 });
  const stopped = await make(schedule);
  await stopped.fit(data, {
    epochs: 3,
    onBatch: ({ epoch, batch, batches }) => epoch < 2 || batch < (batches as number),
  });
  const resumed = await stopped.fit(data, { epochs: 3, resume: true });
  expect(resumed.history.map(({ learningRate }) => learningRate)).toEqual(
    history.map(({ learningRate }) => learningRate),
  );
});

it("rProp, whose steps are its own, takes neither a schedule nor another rate", async () => {
  const network = await Network.create(shape);
  const rProp = { optimizer: { kind: "rProp" } } as const;
  expect(() => new Trainer(network, { ...rProp, schedule: { kind: "cosine" } })).toThrow(
    /^optimizer "rProp" has steps of its own/,
  );
  const trainer = new Trainer(network, rProp);
  expect(() => {
    trainer.learningRate = 1;
  }).toThrow(/^optimizer "rProp" has steps of its own/);
  expect(() => new Trainer(network, { optimizer: { kind: "rProp", minStep: 2, maxStep: 1 } })).toThrow(
    "optimizer.minStep must be at most optimizer.maxStep, 1, got 2",
  );
});
