// Everything that decides a run: the same settings give the same parameters, bit for bit. The URL holds what differs from
// the defaults.

import type { ActivationName, InitializerName, LossName, NormalizeKind, OptimizerOptions } from "nablanet";
import { problems } from "../data/problems.js";

export type OptimizerKind = Exclude<OptimizerOptions["kind"], "rProp" | "lbfgs">;

export interface DataSettings {
  /** A problem's name, or "table" for one's own. */
  kind: string;
  samples: number;
  /** 0 to 1. */
  noise: number;
  /** The share that is trained on, the rest is for testing. */
  split: number;
  normalise: "none" | NormalizeKind;
  seed: number;
}

export interface HiddenLayer {
  units: number;
  activation: ActivationName;
  /** The share of activations that training drops. */
  dropout: number;
}

export interface NetworkSettings {
  /** The hidden layers; the output layer is as the problem needs it. */
  layers: readonly HiddenLayer[];
  /** σ of the output layer; "auto" is what suits the problem. */
  output: ActivationName | "auto";
  /** "auto" is what suits each activation. */
  initializer: Exclude<InitializerName, "constant"> | "auto";
}

export interface TrainerSettings {
  /** "auto" is what suits the output layer. */
  loss: LossName | "auto";
  optimizer: OptimizerKind;
  learningRate: number;
  /** Of sgd and rmsProp. */
  momentum: number;
  batchSize: number;
  l2: number;
}

export interface Settings {
  data: DataSettings;
  network: NetworkSettings;
  trainer: TrainerSettings;
  /** Of the weights, the shuffles and the dropout. */
  seed: number;
}

export const defaults: Settings = {
  data: { kind: "circles", samples: 300, noise: 0.1, split: 0.7, normalise: "none", seed: 1 },
  network: {
    layers: [
      { units: 4, activation: "tanh", dropout: 0 },
      { units: 3, activation: "tanh", dropout: 0 },
    ],
    output: "auto",
    initializer: "auto",
  },
  trainer: { loss: "auto", optimizer: "sgd", learningRate: 0.1, momentum: 0, batchSize: 10, l2: 0 },
  seed: 1,
};

/** A number's bounds; `whole` for integers. */
export interface Bounds {
  least: number;
  most: number;
  whole?: boolean;
}

const seed: Bounds = { least: 0, most: 2 ** 32 - 1, whole: true };

/** What each number may be. */
export const bounds = {
  data: {
    samples: { least: 10, most: 5000, whole: true },
    noise: { least: 0, most: 1 },
    split: { least: 0.1, most: 0.9 },
    seed,
  },
  layer: { units: { least: 1, most: 64, whole: true }, dropout: { least: 0, most: 0.9 } },
  trainer: {
    learningRate: { least: 1e-6, most: 1000 },
    momentum: { least: 0, most: 0.99 },
    batchSize: { least: 1, most: 1000, whole: true },
    l2: { least: 0, most: 1 },
  },
  seed,
} as const satisfies Record<string, Bounds | Record<string, Bounds>>;

export const MOST_LAYERS = 6;

/** What each choice may be, in the order in which it is offered. */
export const choices = {
  kind: [...problems.map(({ name }) => name), "table"],
  normalise: ["none", "standard", "minMax", "robust"],
  activation: [
    ...["tanh", "sigmoid", "relu", "leakyRelu", "identity", "elu", "selu", "gelu", "swish", "mish", "softplus"],
    ...["softsign", "relu6", "hardSigmoid", "hardSwish"],
  ] as ActivationName[],
  output: ["auto", "sigmoid", "softmax", "identity", "tanh", "relu", "softplus"],
  initializer: [
    ...["auto", "small", "normal", "uniform", "glorotUniform", "glorotNormal", "heUniform", "heNormal"],
    ...["lecunUniform", "lecunNormal", "zeros"],
  ] as NetworkSettings["initializer"][],
  loss: [
    ...["auto", "quadratic", "meanSquaredError", "crossEntropy", "binaryCrossEntropy", "meanAbsoluteError"],
    ...["huber", "logCosh", "focal", "klDivergence"],
  ] as TrainerSettings["loss"][],
  optimizer: ["sgd", "adam", "adamW", "nadam", "adamax", "rmsProp", "adagrad", "adadelta", "lion"],
} as const satisfies {
  kind: readonly string[];
  normalise: readonly DataSettings["normalise"][];
  activation: readonly ActivationName[];
  output: readonly NetworkSettings["output"][];
  initializer: readonly NetworkSettings["initializer"][];
  loss: readonly TrainerSettings["loss"][];
  optimizer: readonly OptimizerKind[];
};

/** What a change of settings asks for: nothing, an update of the trainer that keeps the weights, or a new beginning. */
export function changeBetween(before: Settings, after: Settings): "none" | "trainer" | "reset" {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  if (same(before, after)) return "none";
  const structure = ({ data, network, seed }: Settings) => [
    data,
    network.layers.map(({ units, activation }) => [units, activation]),
    network.output,
    network.initializer,
    seed,
  ];
  return same(structure(before), structure(after)) ? "trainer" : "reset";
}
