// Weights of samples and classes, smoothed labels, and the losses' own parameters, against the reference.

import { describe, expect, it } from "vitest";
import { Dataset, datasets, Network, Trainer, type TrainerOptions } from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { gradients, lossNames, unpack } from "./reference.js";
import { U } from "./tolerance.js";

const layers = [
  { units: 6, activation: "tanh" as const },
  { units: 3, activation: "softmax" as const },
];
const inputs = rowsOf(normals(7 * 4, 1), 4);
const labels = [0, 1, 2, 1, 1, 0, 2];
const oneHot = labels.map((label) => [0, 1, 2].map((j) => (j === label ? 1 : 0)));

/** Sums of at most 7 terms, activations and a loss, on magnitudes of about 1 times the largest weight. */
const TOLERANCE = 64 * U;

async function make(options: TrainerOptions) {
  const network = await Network.create({ inputs: 4, layers, seed: 2 });
  return { network, trainer: new Trainer(network, { batchSize: 7, ...options }) };
}

/** Σ weight·∂Cᵢ/∂w over the rows, divided by their number. */
function weighted(network: Network, loss: (typeof lossNames)[number], targets: number[][], weights: number[]) {
  const reference = unpack(4, layers, network.parameters());
  const rows = inputs.map((x, i) => gradients(reference, loss, [x], [targets[i] as number[]]));
  const mean = (pick: (row: (typeof rows)[number]) => number) =>
    rows.reduce((sum, row, i) => sum + (weights[i] as number) * pick(row), 0) / rows.length;
  return {
    loss: mean((row) => row.loss),
    vector: network.parameters().map((_, k) => mean((row) => row.vector[k] as number)),
  };
}

/** One epoch of one mini-batch with rate 1, so that the parameters tell the gradient. */
async function descend(options: TrainerOptions, data: Dataset) {
  const { network, trainer } = await make({ ...options, optimizer: { kind: "sgd", learningRate: 1 } });
  const before = network.parameters();
  const { history } = await trainer.fit(data, { epochs: 1, shuffle: false });
  const after = network.parameters();
  network.setParameters(before);
  return { network, trainer, loss: history[0]?.loss as number, vector: before.map((w, i) => w - (after[i] as number)) };
}

function expectNear(actual: ArrayLike<number>, exact: ArrayLike<number>, scale: number): void {
  for (let i = 0; i < exact.length; i++) {
    expect(Math.abs((actual[i] as number) - (exact[i] as number)), `[${i}]`).toBeLessThanOrEqual(TOLERANCE * scale);
  }
}

describe("sample weights", () => {
  const weights = [0, 1, 2.5, 0.5, 3, 1, 0.25];

  for (const loss of lossNames.filter((name) => name !== "focal" || layers.at(-1)?.activation === "softmax")) {
    it(`weigh ${loss} and its gradient`, async () => {
      const data = Dataset.from({ inputs, targets: labels, classes: 3, sampleWeights: weights });
      const { network, loss: value, vector, trainer } = await descend({ loss }, data);
      const exact = weighted(network, loss, oneHot, weights);
      expect(Math.abs(value - exact.loss)).toBeLessThanOrEqual(TOLERANCE * 4);
      // parameters themselves are of about 1, so their difference has lost that much
      expectNear(vector, exact.vector, 4);
      expect(Math.abs((await trainer.evaluate(data)).loss - exact.loss)).toBeLessThanOrEqual(TOLERANCE * 4);
    });
  }

  it("go with their rows, through splits, shuffles, joins and streams", async () => {
    const count = 40;
    const rows = Array.from({ length: count }, (_, i) => [i % 7, i % 5, i % 3, i % 2]);
    const targets = rows.map((_, i) => i % 3);
    const heavy = Dataset.from({ inputs: rows, targets, classes: 3, sampleWeights: rows.map((_, i) => i) });
    const light = Dataset.from({ inputs: rows, targets, classes: 3 });
    const { trainer } = await make({});
    const lossOf = async (data: Parameters<Trainer["evaluate"]>[0]) => (await trainer.evaluate(data)).loss;
    const singles = await Promise.all(rows.map((_, i) => lossOf(light.skip(i).take(1))));
    const mean = (indices: number[], weight: (i: number) => number) =>
      indices.reduce((sum, i) => sum + weight(i) * (singles[i] as number), 0) / indices.length;
    const all = [...rows.keys()];
    expect(await lossOf(heavy)).toBeCloseTo(
      mean(all, (i) => i),
      5,
    );
    expect(await lossOf(heavy.shuffle(3))).toBeCloseTo(
      mean(all, (i) => i),
      5,
    );
    expect(await lossOf(heavy.skip(30))).toBeCloseTo(
      mean(all.slice(30), (i) => i),
      5,
    );
    expect((await lossOf(heavy.concat(light))) * 2).toBeCloseTo(
      mean(all, (i) => i + 1),
      5,
    );
    const stream = Dataset.stream({
      inputSize: 4,
      classes: 3,
      chunks: () =>
        [0, 25].map((from) => ({
          inputs: rows.slice(from, from + 25),
          targets: targets.slice(from, from + 25),
          sampleWeights: all.slice(from, from + 25),
        })),
    });
    expect(await lossOf(stream)).toBe(await lossOf(heavy));
  });

  it("of a stream must be told by each chunk, or by none", async () => {
    const { trainer } = await make({});
    const chunks = [
      { inputs: [0, 0, 0, 0], targets: [0], sampleWeights: [1] },
      { inputs: [0, 0, 0, 0], targets: [0] },
    ];
    const stream = Dataset.stream({ inputSize: 4, classes: 3, chunks: () => chunks });
    await expect(trainer.evaluate(stream)).rejects.toThrow("chunk 1 must have sampleWeights like the chunk before it");
  });
});

describe("class weights", () => {
  const data = Dataset.from({ inputs, targets: labels, classes: 3 });

  it("weigh the rows of each class, in training only, on top of their own weights", async () => {
    const own = [1, 2, 1, 1, 0.5, 1, 1];
    const heavy = Dataset.from({ inputs, targets: labels, classes: 3, sampleWeights: own });
    const classWeights = [1, 0.25, 3];
    const { network, trainer, loss, vector } = await descend({ classWeights }, heavy);
    const exact = weighted(
      network,
      "crossEntropy",
      oneHot,
      labels.map((label, i) => own[i]! * classWeights[label]!),
    );
    expect(Math.abs(loss - exact.loss)).toBeLessThanOrEqual(TOLERANCE * 4);
    expectNear(vector, exact.vector, 4);
    const { loss: evaluated } = await trainer.evaluate(heavy);
    expect(Math.abs(evaluated - weighted(network, "crossEntropy", oneHot, own).loss)).toBeLessThanOrEqual(TOLERANCE);
  });

  it('"balanced" are n/(K·count)', async () => {
    const balanced = await descend({ classWeights: "balanced" }, data);
    const told = await descend({ classWeights: [7 / 6, 7 / 9, 7 / 6] }, data);
    expect(balanced.vector).toEqual(told.vector);
    const stream = Dataset.stream({
      inputSize: 4,
      classes: 3,
      chunks: () => [{ inputs: inputs.flat(), targets: labels }],
    });
    await expect(balanced.trainer.fit(stream, { epochs: 1 })).rejects.toThrow(/"balanced" needs a Dataset in memory/);
  });

  it("of one output are those of its two classes", async () => {
    const shape = { inputs: 4, layers: [{ units: 1, activation: "sigmoid" as const }], seed: 1 };
    const run = async (options: TrainerOptions, sampleWeights?: number[]) => {
      const network = await Network.create(shape);
      const trainer = new Trainer(network, { ...options, batchSize: 7 });
      const targets = labels.map((label) => Math.min(1, label));
      const told = { inputs, targets, classes: 2, outputSize: 1, ...(sampleWeights && { sampleWeights }) };
      await trainer.fit(Dataset.from(told), { epochs: 3 });
      return network.parameters();
    };
    expect(await run({ classWeights: [2, 0.5] })).toEqual(
      await run(
        {},
        labels.map((label) => (label === 0 ? 2 : 0.5)),
      ),
    );
  });

  it("survive a checkpoint", async () => {
    const { trainer } = await make({
      classWeights: [1, 2, 3],
      labelSmoothing: 0.1,
      loss: { kind: "focal", gamma: 1.5 },
    });
    await trainer.fit(data, { epochs: 2 });
    const resumed = await Trainer.resume(trainer.checkpoint(), data);
    await resumed.fit(data, { epochs: 4 });
    const whole = await make({ classWeights: [1, 2, 3], labelSmoothing: 0.1, loss: { kind: "focal", gamma: 1.5 } });
    await whole.trainer.fit(data, { epochs: 4 });
    expect(resumed.network.parameters()).toEqual(whole.network.parameters());
  });
});

describe("label smoothing", () => {
  it("trains on y(1 − ε) + ε/K, and evaluates on y", async () => {
    const data = Dataset.from({ inputs, targets: labels, classes: 3 });
    const smooth = oneHot.map((row) => row.map((y) => y * 0.7 + 0.1));
    const { network, trainer, loss, vector } = await descend({ labelSmoothing: 0.3 }, data);
    const ones = labels.map(() => 1);
    const exact = weighted(network, "crossEntropy", smooth, ones);
    expect(Math.abs(loss - exact.loss)).toBeLessThanOrEqual(TOLERANCE);
    expectNear(vector, exact.vector, 1);
    const { loss: evaluated } = await trainer.evaluate(data);
    expect(Math.abs(evaluated - weighted(network, "crossEntropy", oneHot, ones).loss)).toBeLessThanOrEqual(TOLERANCE);
    expectNear(trainer.gradients(inputs, labels).vector, exact.vector, 1);
  });

  it("of one output goes toward ½", async () => {
    const network = await Network.create({ inputs: 1, layers: [{ units: 1, activation: "sigmoid" }], seed: 1 });
    network.setParameters([0, 0]);
    const trainer = new Trainer(network, { labelSmoothing: 0.2 });
    // δ = a − y with a = ½ and y = 0.9
    expect(trainer.gradients([1], [1]).layers[0]?.biases[0]).toBeCloseTo(-0.4, 6);
  });
});

describe("the losses' parameters", () => {
  it("huber's delta and focal's gamma are heeded", async () => {
    const network = await Network.create({ inputs: 1, layers: [{ units: 1, activation: "sigmoid" }], seed: 1 });
    network.setParameters([0, 0]);
    const lossOf = (loss: TrainerOptions["loss"]) =>
      new Trainer(network, { ...(loss && { loss }) }).gradients([0], [1]).loss;
    // e = ½: δ(e − δ/2), or e²/2
    expect(lossOf({ kind: "huber", delta: 0.25 })).toBeCloseTo(0.25 * (0.5 - 0.125), 7);
    expect(lossOf("huber")).toBeCloseTo(0.125, 7);
    expect(lossOf({ kind: "focal", gamma: 3 })).toBeCloseTo(0.125 * Math.LN2, 7);
    expect(lossOf("focal")).toBeCloseTo(0.25 * Math.LN2, 7);
    expect(lossOf({ kind: "focal", gamma: 0 })).toBeCloseTo(Math.LN2, 7);
  });

  it("focal loss with gamma 0 is the cross-entropy, bit by bit nearly", async () => {
    const { trainer } = await make({ loss: { kind: "focal", gamma: 0 } });
    const { trainer: plain } = await make({});
    expectNear(trainer.gradients(inputs, labels).vector, plain.gradients(inputs, labels).vector, 1);
  });
});

describe("every loss", () => {
  it("falls in training", async () => {
    const data = datasets.moons({ samples: 200, seed: 1 });
    for (const loss of lossNames) {
      const network = await Network.create({
        inputs: 2,
        layers: [
          { units: 8, activation: "tanh" },
          { units: 2, activation: "softmax" },
        ],
        seed: 3,
      });
      const { history } = await new Trainer(network, { loss, optimizer: { kind: "adam", learningRate: 0.01 } }).fit(
        data,
        {
          epochs: 30,
        },
      );
      const [first, last] = [history[0]?.loss as number, history.at(-1)?.loss as number];
      expect(last, loss).toBeLessThan(first - 0.05 * Math.abs(first));
      expect(history.at(-1)?.accuracy, loss).toBeGreaterThan(0.8);
    }
  });
});

it("losses refuse outputs that they make no sense for", async () => {
  const network = await Network.create({ inputs: 2, layers: [{ units: 3, activation: "tanh" }] });
  const making = (loss: TrainerOptions["loss"]) => () => new Trainer(network, { ...(loss && { loss }) });
  expect(making("focal")).toThrow('loss "focal" needs layers[0].activation to be softmax or sigmoid, got "tanh"');
  expect(making("poisson")).toThrow(
    'loss "poisson" needs layers[0].activation to be one whose outputs are never negative, such as "softplus", got "tanh"',
  );
  const one = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
  expect(() => new Trainer(one, { loss: "klDivergence" })).toThrow(/"klDivergence" needs at least 2 outputs, got 1/);
});

it("class weights refuse targets that aren't shares of classes", async () => {
  const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], seed: 1 });
  const trainer = new Trainer(network, { loss: "hinge", classWeights: [1, 3] });
  expect(() => trainer.step([1], [-1])).toThrow("targets[0] must be from 0 to 1, as there are classWeights, got -1");
  const data = Dataset.from({ inputs: [[1], [2]], targets: [-1, 1] });
  await expect(trainer.fit(data, { epochs: 1 })).rejects.toThrow(
    "classWeights needs a dataset with classes, got one without",
  );
  const { trainer: many } = await make({ classWeights: [1, 2, 3], loss: "binaryCrossEntropy" });
  expect(() => many.gradients([1, 2, 3, 4], [0, 0, 0])).toThrow(
    /^targets\[0\] must be one-hot, or probabilities that add up to 1, got 0, 0, 0$/,
  );
});

it('"balanced" class weights are there again right after resuming', async () => {
  const data = Dataset.from({ inputs, targets: labels, classes: 3 });
  const { trainer } = await make({ classWeights: "balanced" });
  await trainer.fit(data, { epochs: 1 });
  const resumed = await Trainer.resume(trainer.checkpoint(), data);
  expect(resumed.gradients(inputs, labels)).toEqual(trainer.gradients(inputs, labels));
});

it("a hinge's single output is told apart at 0", async () => {
  const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], seed: 1 });
  network.setParameters([1, 0]);
  const data = Dataset.from({
    inputs: [[0.3], [0.4], [-0.3], [-0.2]],
    targets: [1, 1, 0, 0],
    classes: 2,
    outputSize: 1,
  });
  for (const loss of ["hinge", "squaredHinge"] as const) {
    expect((await new Trainer(network, { loss }).evaluate(data)).accuracy).toBe(1);
  }
  expect((await new Trainer(network, { loss: "meanSquaredError" }).evaluate(data)).accuracy).toBe(0.5);
});

it("a row of weight 0 counts for nothing, whatever it is", async () => {
  const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], seed: 1 });
  network.setParameters([1e30, 0]);
  const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer: { kind: "sgd", learningRate: 1e-30 } });
  const data = Dataset.from({ inputs: [[1e30], [0]], targets: [0, 2], sampleWeights: [0, 1] });
  expect((await trainer.evaluate(data)).loss).toBe(2);
  expect((await trainer.fit(data, { epochs: 1 })).status).toBe("completed");
});
