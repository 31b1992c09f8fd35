// Which networks the plain JavaScript of bench/tuned.mjs trains, and what is told to the worker that runs it.

import type { Network, OptimizerOptions, TrainerOptions } from "nablanet";
import type { Work } from "../../../bench/tuned.mjs";

/** What the worker is sent first. */
export interface PlainStart {
  work: Work;
  /** Ordered as `network.parameters()`. */
  parameters: Float32Array<ArrayBuffer>;
  inputs: Float32Array<ArrayBuffer>;
  /** Rows of numbers, classes one-hot. */
  targets: Float32Array<ArrayBuffer>;
  /** Of the shuffles. */
  seed: number;
}

const activations = ["identity", "leakyRelu", "elu", "relu", "sigmoid", "tanh"];

/** The options that each optimizer has there; others must be off. */
const optimizers: Readonly<Record<string, readonly string[]>> = {
  sgd: ["kind", "learningRate"],
  adam: ["kind", "learningRate", "beta1", "beta2", "epsilon"],
};

/** The same training in plain JavaScript; or what of it there is none for, such as "dropout". */
export function plainWork(
  network: Network,
  { loss, optimizer = { kind: "adam" }, batchSize = 32, ...rest }: TrainerOptions,
): { work: Work } | { lacks: string } {
  const layers = network.layers.map(({ units, activation }) => ({ units, activation }));
  const output = layers[layers.length - 1].activation;
  const hidden = layers.slice(0, -1).map(({ activation }) => activation);
  const lacks =
    network.layers.map(featureOf).find((feature) => feature !== undefined) ??
    hidden.find((activation) => !activations.includes(activation)) ??
    (isLossOf(loss, output) ? undefined : `the loss ${nameOf(loss)} of ${output}`) ??
    optionOf(optimizer) ??
    Object.keys(rest)[0];
  if (lacks !== undefined) return { lacks };
  const { kind, learningRate = kind === "sgd" ? 0.01 : 0.001, ...other } = optimizer;
  return {
    work: {
      inputs: network.inputs,
      layers,
      loss: nameOf(loss),
      optimizer: { kind, learningRate, ...other },
      batchSize,
    },
  };
}

/** What a layer has that goes beyond W, b and σ. */
function featureOf({ dropout, l1, l2, maxNorm, normalization }: Network["layers"][number]): string | undefined {
  if (dropout > 0) return "dropout";
  if (normalization !== undefined) return "normalization";
  return l1 > 0 || l2 > 0 || maxNorm > 0 ? "penalties of weights" : undefined;
}

const nameOf = (loss: TrainerOptions["loss"]) => (typeof loss === "object" ? loss.kind : String(loss));

function isLossOf(loss: TrainerOptions["loss"], output: string): boolean {
  if (loss === "crossEntropy") return output === "softmax";
  if (loss === "binaryCrossEntropy") return output === "sigmoid";
  return (loss === "meanSquaredError" || loss === "quadratic") && activations.includes(output);
}

function optionOf(optimizer: OptimizerOptions): string | undefined {
  const known = optimizers[optimizer.kind];
  if (known === undefined) return optimizer.kind;
  return Object.entries(optimizer).find(([name, value]) => value && !known.includes(name))?.[0];
}
