// What is told of a network's inside: gradient checks and layers' statistics.

import { describe, expect, it } from "vitest";
import { checkGradients, layerStatistics, Network, Trainer } from "../src/index.js";
import { normals } from "./arrays.js";

const layers = [
  { units: 7, activation: "tanh" as const, normalization: "layer" as const, l2: 0.25 },
  { units: 5, activation: "swish" as const, l1: 0.25 },
  { units: 3, activation: "softmax" as const },
];
const inputs = normals(4 * 6, 1);
const labels = [0, 1, 2, 1, 0, 2];

describe("checkGradients", () => {
  it("finds that the gradients are right, and leaves the network as it was", async () => {
    const network = await Network.create({ inputs: 4, layers, seed: 1 });
    const trainer = new Trainer(network, { labelSmoothing: 0.1, classWeights: [1, 2, 0.5] });
    const before = network.parameters();
    const { worst, meanError, checked } = checkGradients(trainer, inputs, labels, { parameters: 1000 });
    expect(checked.map(({ index }) => index)).toEqual([...before.keys()]);
    expect(meanError).toBeLessThan(2e-3);
    expect(worst.error).toBeLessThan(0.05);
    expect(network.parameters()).toEqual(before);
    expect(checkGradients(trainer, inputs, labels, { parameters: 10 }).checked.length).toBe(10);
  });

  it("finds one that is wrong", async () => {
    const network = await Network.create({ inputs: 4, layers, seed: 1 });
    const trainer = new Trainer(network);
    const { gradients } = trainer;
    trainer.gradients = (...batch) => {
      const right = gradients.apply(trainer, batch);
      right.vector[50] = -2 * (right.vector[50] as number);
      return right;
    };
    const { worst } = checkGradients(trainer, inputs, labels, { parameters: 1000 });
    expect(worst.index).toBe(50);
    expect(worst.error).toBeGreaterThan(0.2);
  });

  it("refuses what it can't use", async () => {
    const trainer = new Trainer(await Network.create({ inputs: 4, layers, seed: 1 }));
    expect(() => checkGradients(trainer.network as never, inputs, labels)).toThrow("trainer must be a Trainer, got");
    expect(() => checkGradients(trainer, inputs, labels, { step: 0 })).toThrow(/^step must be a finite number above 0/);
  });
});

describe("layerStatistics", () => {
  it("are those of the numbers", async () => {
    const network = await Network.create({
      inputs: 1,
      layers: [
        { units: 2, activation: "relu" },
        { units: 1, activation: "sigmoid" },
      ],
    });
    network.setParameters([1, -1, 0, -1, 3, 5, 0]);
    const [hidden, output] = layerStatistics(network, [1, 2]);
    // a = relu(x), relu(−x − 1); then sigmoid(3a)
    expect(hidden).toEqual({
      activation: "relu",
      weights: { mean: 0, deviation: 1, least: -1, most: 1 },
      biases: { mean: -0.5, deviation: 0.5, least: -1, most: 0 },
      activations: { mean: 0.75, deviation: Math.sqrt(11) / 4, least: 0, most: 2 },
      dead: 0.5,
      saturated: 0,
    });
    // sigmoid(6) is beyond 0.99, sigmoid(3) isn't
    expect(output?.saturated).toBe(0.5);
    expect(output?.dead).toBe(0);
  });

  it("tell the gradients of a trainer", async () => {
    const network = await Network.create({ inputs: 4, layers, seed: 1 });
    const trainer = new Trainer(network);
    const statistics = layerStatistics(trainer, inputs, labels);
    const { weights } = trainer.gradients(inputs, labels).layers[1] as { weights: Float32Array };
    expect(statistics[1]?.weightGradients?.most).toBe(Math.max(...weights));
    expect(statistics.map(({ activation }) => activation)).toEqual(["tanh", "swish", "softmax"]);
    const { weights: all } = network.weightsOf(2);
    expect(all).toEqual(network.parameters().slice(-18, -3));
  });
});
