// The works that are measured: shapes of networks, how they are trained, and seeded data for them.

import { images, moons } from "./data.mjs";

const works = [
  {
    name: "A",
    inputs: 784,
    layers: [
      { units: 30, activation: "sigmoid" },
      { units: 10, activation: "sigmoid" },
    ],
    loss: "quadratic",
    optimizer: { kind: "sgd", learningRate: 1 },
    batchSize: 10,
    data: () => images(2_000, 1),
  },
  {
    name: "B",
    inputs: 784,
    layers: [
      { units: 128, activation: "relu" },
      { units: 10, activation: "softmax" },
    ],
    loss: "crossEntropy",
    optimizer: { kind: "adam", learningRate: 0.001 },
    batchSize: 32,
    data: () => images(2_000, 2),
  },
  {
    name: "C",
    inputs: 784,
    layers: [
      { units: 512, activation: "relu" },
      { units: 512, activation: "relu" },
      { units: 10, activation: "softmax" },
    ],
    loss: "crossEntropy",
    optimizer: { kind: "adam", learningRate: 0.001 },
    batchSize: 128,
    data: () => images(1_024, 3),
  },
  {
    name: "D",
    inputs: 2,
    layers: [
      { units: 16, activation: "tanh" },
      { units: 16, activation: "tanh" },
      { units: 1, activation: "sigmoid" },
    ],
    loss: "quadratic",
    optimizer: { kind: "sgd", learningRate: 0.5 },
    batchSize: 16,
    data: () => moons(16_000, 4),
  },
];

/** A work's layers with the inputs of each: [{ inputs, units }]. */
export function shapes({ inputs, layers }) {
  return layers.map(({ units }, i) => ({ inputs: i === 0 ? inputs : layers[i - 1].units, units }));
}

/**
 * Floating point operations to train on one sample, 2 per multiply-add: forward and weight gradient for each layer, input
 * gradient for each but the first. Activations, loss and update aren't counted.
 */
export function flopsPerSample(work) {
  return shapes(work).reduce((sum, { inputs, units }, i) => sum + 2 * inputs * units * (i === 0 ? 2 : 3), 0);
}

/** Such as "784-30-10 sigmoid, sigmoid; quadratic, sgd, batch 10". */
export function describe({ inputs, layers, loss, optimizer, batchSize }) {
  const units = [inputs, ...layers.map((layer) => layer.units)].join("-");
  const activations = layers.map((layer) => layer.activation).join(", ");
  return `${units} ${activations}; ${loss}, ${optimizer.kind}, batch ${batchSize}`;
}

/** The works of these names, all where there are none. */
export function selectWorks(names) {
  for (const name of names) {
    if (!works.some((work) => work.name === name)) {
      throw new RangeError(`a work must be one of ${works.map((work) => work.name).join(", ")}, got ${name}`);
    }
  }
  return works.filter((work) => names.length === 0 || names.includes(work.name));
}
