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

/** A work's data: { inputs, targets }, both flat rows, and { labels, classes } where the targets are classes. */
export function dataOf(work) {
  const { inputs, targets, labels, classes } = work.data();
  if (labels === undefined) return { inputs, targets };
  const oneHot = new Float32Array(labels.length * classes);
  labels.forEach((label, row) => {
    oneHot[row * classes + label] = 1;
  });
  return { inputs, targets: oneHot, labels, classes };
}

/** Mini-batch `n` of the data, in the data's order. */
export function miniBatch(work, { inputs, targets }, n) {
  const outputs = work.layers.at(-1).units;
  const [from, to] = [n * work.batchSize, (n + 1) * work.batchSize];
  return {
    inputs: inputs.subarray(from * work.inputs, to * work.inputs),
    targets: targets.subarray(from * outputs, to * outputs),
  };
}

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

/** Such as "784-30-10". */
export function shapeOf({ inputs, layers }) {
  return [inputs, ...layers.map(({ units }) => units)].join("-");
}

/** Such as "sigmoid, sigmoid, quadratic, sgd, batch 10". */
export function trainingOf({ layers, loss, optimizer, batchSize }) {
  return [...layers.map(({ activation }) => activation), loss, optimizer.kind, `batch ${batchSize}`].join(", ");
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
