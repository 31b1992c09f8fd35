// The learning rate range test: its mini-batches by hand, and what it suggests.

import { describe, expect, it } from "vitest";
import { Dataset, datasets, learningRateRangeTest, Network, Trainer } from "../src/index.js";
import { Random, Stream } from "../src/random.js";
import { guardMemory, network, train, trainer } from "./trials.js";

guardMemory();

describe("learningRateRangeTest", () => {
  it("suggests a rate for the digits that trains better than a tenth of it, or ten times as much", async () => {
    const [train, test] = (await datasets.digits()).split(0.8, { stratified: true, seed: 1 });
    const network = {
      inputs: 64,
      layers: [
        { units: 32, activation: "relu" as const },
        { units: 10, activation: "softmax" as const },
      ],
    };
    const descent = (learningRate: number) => ({ optimizer: { kind: "sgd" as const, learningRate } });
    const { rows, suggestion, status } = await learningRateRangeTest({
      network,
      trainer: descent(1),
      data: train,
      seed: 1,
    });
    expect([rows.length, status]).toEqual([100, "completed"]);
    expect([rows[0]?.learningRate, rows[99]?.learningRate]).toEqual([1e-6, 1]);
    expect(rows[50]!.learningRate / rows[49]!.learningRate).toBeCloseTo(10 ** (6 / 99), 10);
    expect(rows[0]?.smoothed).toBeCloseTo(rows[0]!.loss, 12);
    expect(suggestion).toBeGreaterThan(0.03);
    const losses = [];
    for (const factor of [1, 0.1, 10]) {
      const own = await Network.create({ ...network, seed: 1 });
      const hand = new Trainer(own, descent(suggestion! * factor));
      await hand.fit(train, { epochs: 3 });
      losses.push((await hand.evaluate(test)).loss);
      hand.dispose();
      own.dispose();
    }
    expect(losses[0]).toBe(Math.min(...losses));
  });

  it("isn't misled by a fall after a burst of too large a rate", async () => {
    const [train] = (await datasets.digits()).split(0.8, { stratified: true, seed: 1 });
    const layers = [
      { units: 64, activation: "relu" as const },
      { units: 10, activation: "softmax" as const },
    ];
    for (const seed of [1, 2, 3]) {
      const { suggestion } = await learningRateRangeTest({
        network: { inputs: 64, layers },
        data: train,
        to: 10,
        seed,
      });
      expect(suggestion).toBeGreaterThan(0.003);
      expect(suggestion).toBeLessThan(0.3);
    }
  });

  it("is the mini-batches by hand, and the same for the same seed", async () => {
    const options = { network, trainer, data: train, steps: 20, smoothing: 0.5, seed: 6 };
    const test = await learningRateRangeTest(options);
    expect(await learningRateRangeTest(options)).toEqual(test);
    const own = await Network.create({ ...network, seed: 6 });
    const hand = new Trainer(own, trainer);
    // 90 rows in mini-batches of 16 are 6 a pass
    const orderOf = (pass: number) => train.shuffle(new Random(6, Stream.shuffle, pass).uint32());
    const batches = [0, 1, 2, 3].flatMap((pass) => [...orderOf(pass).batches(16)]);
    let sum = 0;
    let weight = 0;
    for (const [i, { learningRate, loss, smoothed }] of test.rows.entries()) {
      hand.learningRate = learningRate;
      expect(hand.step(batches[i]!.inputs, batches[i]!.targets)).toBe(loss);
      sum = sum / 2 + loss / 2;
      weight = weight / 2 + 1 / 2;
      expect(smoothed).toBeCloseTo(sum / weight, 12);
    }
    hand.dispose();
    own.dispose();
  });

  it("stops where the loss explodes, or it is aborted", async () => {
    const lines = { inputs: 2, layers: [{ units: 2 }] };
    const wild = { loss: "meanSquaredError" as const, optimizer: { kind: "sgd" as const, learningRate: 1 } };
    const { rows, status } = await learningRateRangeTest({
      network: lines,
      trainer: wild,
      data: train,
      to: 1e6,
      seed: 1,
    });
    expect(status).toBe("exploded");
    expect(rows.length).toBeLessThan(100);
    const least = Math.min(...rows.slice(0, -1).map(({ smoothed }) => smoothed));
    for (const { smoothed } of rows.slice(0, -1)) expect(smoothed).toBeLessThan(4 * least + 4);
    const signal = AbortSignal.timeout(20);
    const aborted = await learningRateRangeTest({ network, data: train, steps: 1e7, signal });
    expect(aborted.status).toBe("aborted");
    expect(aborted.rows.length).toBeGreaterThan(0);
  });

  it("refuses options that can't be used", async () => {
    const refused = (more: object) => expect(learningRateRangeTest({ network, data: train, ...more })).rejects;
    await refused({ from: 0 }).toThrow("from must be a finite number above 0, got 0");
    await refused({ from: 2 }).toThrow("to must be above 2, where the rates begin, got 1");
    await refused({ steps: 9 }).toThrow("steps must be an integer of at least 10, got 9");
    await refused({ smoothing: 1 }).toThrow("smoothing must be a finite number of at least 0 and below 1, got 1");
    await refused({ network: 1 }).toThrow("the options of network must be a plain object, got 1");
    await refused({ data: undefined }).toThrow("data must be a Dataset, got undefined");
  });

  it("balances classes and scales inputs as a fit does, and refuses a schedule", async () => {
    const common = { network: { ...network, seed: 1 }, data: train, steps: 20, seed: 2 };
    const counts = [0, 0];
    for (const { label = 0 } of train) counts[label]! += 1;
    const numbers = counts.map((count) => train.length / 2 / count);
    const balanced = await learningRateRangeTest({ ...common, trainer: { ...trainer, classWeights: "balanced" } });
    const told = await learningRateRangeTest({ ...common, trainer: { ...trainer, classWeights: numbers } });
    expect(balanced.rows).toEqual(told.rows);
    const far = Dataset.from({
      inputs: [...train].map(({ input }) => input.map((x) => 1000 * x + 500)),
      targets: [...train].map(({ label }) => label as number),
      classes: 2,
    });
    const scaled = await learningRateRangeTest({
      ...common,
      data: far,
      network: { ...common.network, normalize: "standard" },
    });
    const plain = await learningRateRangeTest({ ...common, network: { ...common.network, normalize: "standard" } });
    expect(scaled.rows[0]?.loss).toBeCloseTo(plain.rows[0]?.loss as number, 3);
    const schedule = { kind: "cosine" } as const;
    await expect(learningRateRangeTest({ ...common, trainer: { schedule } })).rejects.toThrow(
      /^trainer.schedule must be left out/,
    );
  });
});
