// Every optimizer, step by step, against the float64 reference fed with the library's own gradients.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Network, type OptimizerOptions, Trainer } from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { fresh, reference } from "./reference-optimizers.js";
import { U } from "./tolerance.js";

const cases: OptimizerOptions[] = [
  { kind: "sgd", learningRate: 0.1 },
  { kind: "sgd", learningRate: 0.1, weightDecay: 0.1 },
  { kind: "sgd", learningRate: 0.1, momentum: 0.9 },
  { kind: "sgd", learningRate: 0.1, momentum: 0.5, nesterov: true, weightDecay: 0.01 },
  { kind: "adam", learningRate: 0.01 },
  { kind: "adam", learningRate: 0.01, beta1: 0.5, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.1 },
  { kind: "adam", learningRate: 0.01, beta1: 0, beta2: 0 },
  { kind: "adam", learningRate: 0.01, amsgrad: true, beta2: 0.5 },
  { kind: "adamW", learningRate: 0.01, weightDecay: 0.5 },
  { kind: "nadam", learningRate: 0.01 },
  { kind: "adamax", learningRate: 0.01, beta2: 0.5, epsilon: 1e-3, weightDecay: 0.1 },
  { kind: "rmsProp", learningRate: 0.01 },
  { kind: "rmsProp", learningRate: 0.01, rho: 0.5, centered: true, momentum: 0.5, epsilon: 1e-3 },
  { kind: "adagrad", learningRate: 0.01, initialAccumulatorValue: 0.1 },
  { kind: "adadelta", learningRate: 0.1 },
  { kind: "lion", learningRate: 0.01, weightDecay: 0.1 },
  { kind: "rProp", learningRate: 0.01, maxStep: 0.012 },
  { kind: "sgd", learningRate: 0.1, clipValue: 0.05 },
  { kind: "sgd", learningRate: 0.1, clipNorm: 0.5, clipValue: 0.1, momentum: 0.5 },
  { kind: "adam", learningRate: 0.01, clipNorm: 1e-3 },
];

const STEPS = 5;

/** Roundings of an update: a few operations on each of momentum, moments and parameter, once a step. */
const ROUNDINGS = 16;

describe("five steps", () => {
  for (const optimizer of cases) {
    it(JSON.stringify(optimizer), async () => {
      const size = fc.integer({ min: 1, max: 80 });
      await fc.assert(
        fc.asyncProperty(size, size, fc.integer({ min: 1, max: 9 }), fc.nat(1000), (inputs, units, rows, seed) =>
          followed(optimizer, inputs, units, rows, seed),
        ),
        { numRuns: 6 },
      );
    });
  }

  async function followed(optimizer: OptimizerOptions, inputs: number, units: number, rows: number, seed: number) {
    const layers = [{ units, activation: "tanh" as const }, { units: 3 }];
    const network = await Network.create({ inputs, layers, seed });
    const trainer = new Trainer(network, { loss: "huber", optimizer, batchSize: rows });
    const update = reference(optimizer);
    const state = fresh();
    const rate = optimizer.learningRate as number;
    let exact = [...network.parameters()];
    for (let step = 0; step < STEPS; step++) {
      const x = rowsOf(normals(rows * inputs, seed + step), inputs);
      const y = rowsOf(normals(rows * 3, seed - step), 3);
      const { vector: gradient, loss } = trainer.gradients(x, y);
      const before = exact;
      exact = update([...network.parameters()], [...gradient], state);
      expect(trainer.step(x, y)).toBe(loss);
      const beyond = [...network.parameters()].flatMap((value, i) => {
        const [was, is] = [before[i] as number, exact[i] as number];
        const tolerance = ROUNDINGS * (step + 1) * U * (Math.abs(is) + Math.abs(is - was) + rate);
        return Math.abs(value - is) <= tolerance ? [] : [`parameter ${i} is ${value}, not ${is}`];
      });
      expect(beyond, `step ${step + 1}`).toEqual([]);
    }
    network.dispose();
  }
});

describe("state that decays", () => {
  it("never becomes subnormal: Adam and momentum keep their speed when gradients vanish", async () => {
    for (const optimizer of [
      { kind: "adam", beta2: 0.9 },
      { kind: "sgd", learningRate: 1e-3, momentum: 0.9 },
    ] as const) {
      const network = await Network.create({
        inputs: 1,
        layers: [{ units: 8, activation: "relu" }, { units: 1 }],
        seed: 1,
      });
      const trainer = new Trainer(network, { optimizer, batchSize: 1 });
      trainer.step([1], [2]);
      // a zero sample and a target that is met leave no gradient but the biases'
      for (let step = 0; step < 2000; step++) trainer.step([0], network.predict([0]));
      for (const value of stateOf(trainer)) expect(value === 0 || Math.abs(value) >= 2 ** -126).toBe(true);
    }
  });

  /** The optimizer's state out of a checkpoint, behind the parameters. */
  function stateOf(trainer: Trainer): Float32Array {
    const bytes = trainer.checkpoint();
    const start = 20 + new DataView(bytes.buffer).getUint32(16, true);
    const all = new Float32Array(bytes.buffer.slice(start));
    return all.subarray(trainer.network.parameterCount);
  }
});
