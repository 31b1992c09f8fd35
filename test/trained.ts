// Networks with numbers that none is made with, for tests of what is read and written.

import { type ActivationName, Dataset, Network, type NetworkOptions, Trainer } from "../src/index.js";
import { activations as oracle } from "./reference.js";
import { U } from "./tolerance.js";

/** Every option of networks. */
export const everything: NetworkOptions = {
  inputs: 3,
  normalize: "standard",
  inputDropout: 0.1,
  inputNoise: 0.2,
  seed: 3,
  math: "deterministic",
  layers: [
    { units: 9, activation: "relu", normalization: "batch", dropout: 0.25, maxNorm: 3 },
    { units: 5, activation: "tanh", normalization: { kind: "layer", epsilon: 1e-3 }, l2: 0.01 },
    { units: 2, activation: "softmax", biasInitializer: { kind: "constant", value: 0.5 } },
  ],
};

/** A network with every option, after some training, so that nothing of it is as it was made. */
export async function trained(options = everything): Promise<Network> {
  const network = await Network.create(options);
  const inputs = Array.from({ length: 20 }, (_, i) => [i, (i * 7) % 5, 100 - i * i]);
  const classes = { inputs, targets: inputs.map((_, i) => i % 2), classes: 2 };
  const values = { inputs, targets: inputs.map((_, i) => [1000 + i, i / 7]) };
  const isRegression = options.normalizeTargets !== undefined;
  const trainer = new Trainer(network, { loss: isRegression ? "meanSquaredError" : "crossEntropy", batchSize: 5 });
  await trainer.fit(Dataset.from(isRegression ? values : classes), { epochs: 2 });
  return network;
}

export const samples = [
  [1, 2, 3],
  [10, 0, -50],
];

export const activationNames = ["softmax", ...Object.keys(oracle)] as ActivationName[];

/** By what they are there for: networks that formats of other libraries, too, can hold. */
export const variety: Record<string, NetworkOptions> = {
  ...Object.fromEntries(
    activationNames.map((activation) => [activation, { inputs: 3, layers: [{ units: 7, activation }, { units: 2 }] }]),
  ),
  ...Object.fromEntries(
    (["hardSigmoid", "leakyRelu"] as const).flatMap((activation) =>
      (["batch", "layer"] as const).map((normalization) => [
        `${normalization} normalization and ${activation}`,
        { inputs: 3, layers: [{ units: 5, activation, normalization }, { units: 2 }] },
      ]),
    ),
  ),
  "every option": everything,
  "scaled targets": {
    inputs: 3,
    normalizeTargets: { kind: "minMax", center: [1000, -3], factor: [0.02, 5] },
    layers: [{ units: 4, activation: "tanh" }, { units: 2 }],
  },
  "scaled targets behind an activation": {
    inputs: 3,
    normalizeTargets: { kind: "standard", center: [7, 0.1], factor: [0.3, 2] },
    layers: [
      { units: 4, activation: "relu" },
      { units: 2, activation: "sigmoid" },
    ],
  },
  "outputs normalised": { inputs: 3, normalize: "minMax", layers: [{ units: 2, normalization: "batch" }] },
};

/** A network whose inputs are times of day in ms since 1970 and such, which float32 hardly tells from each other, and some. */
export async function farFromZero(): Promise<{ network: Network; inputs: number[][] }> {
  const network = await Network.create({
    inputs: 2,
    seed: 1,
    math: "deterministic",
    normalize: { kind: "standard", center: [1.7e9, -3.3e6], factor: [1e-3, 0.7] },
    layers: [{ units: 5, activation: "tanh" }, { units: 1 }],
  });
  const inputs = Array.from({ length: 9 }, (_, i) => [1.7e9 + 150.4 * (i - 4), -3.3e6 + 0.3 * (i - 4)]);
  return { network, inputs };
}

/**
 * How far the answers of two implementations in float32 may be apart: both round some 16 units for an activation and 1 for each
 * number of a sum, in each layer, and the weights of these networks make it no more than tenfold larger until the end.
 */
export function agreement({ inputs, layers }: Network, answers: readonly ArrayLike<number>[]): number {
  const widest = Math.max(inputs, ...layers.map(({ units }) => units));
  const largest = Math.max(1, ...answers.flatMap((row) => Array.from(row, Math.abs)));
  return 2 * 10 * layers.length * (widest + 16) * U * largest;
}

/** The most that two lists of answers differ by. */
export function difference(one: readonly ArrayLike<number>[], other: readonly ArrayLike<number>[]): number {
  if (one.length !== other.length) return Number.POSITIVE_INFINITY;
  const differences = one.flatMap((row, i) => {
    const theirs = other[i] as ArrayLike<number>;
    if (row.length !== theirs.length) return [Number.POSITIVE_INFINITY];
    return Array.from(row, (each, j) => Math.abs(each - (theirs[j] as number)));
  });
  // NaN is no agreement either
  return differences.reduce(
    (most, each) => (each <= most ? most : Number.isNaN(each) ? Number.POSITIVE_INFINITY : each),
    0,
  );
}
