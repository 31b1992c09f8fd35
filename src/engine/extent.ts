// Which kernels there are: all, or those that most networks are made of. Pages begin with these, so that they load less, and
// load all when a network or a trainer asks for more. assembly/extent.ts is the kernels' side.

import type { LossName } from "../losses.js";
import type { ActivationName, ResolvedNetwork } from "../network-options.js";
import type { ResolvedTrainer } from "../trainer-options.js";
import { isNode } from "./platform.js";

/** A binary that has everything, or the core. */
export type Extent = "core" | "full";

const usual: Extent = isNode ? "full" : "core";
let first = usual;

/** What is loaded first. */
export function firstExtent(): Extent {
  return first;
}

export function setFirstExtent(extent: Extent | undefined): void {
  first = extent ?? usual;
}

const basicActivations: readonly ActivationName[] = ["identity", "sigmoid", "tanh", "relu", "softmax"];

/** Whether the core can do all that a network asks for. */
export function isBasicNetwork({ layers, inputDropout, inputNoise }: ResolvedNetwork): boolean {
  return (
    inputDropout === 0 &&
    inputNoise === 0 &&
    layers.every(
      ({ activation, dropout, normalization, l1, l2, maxNorm }) =>
        basicActivations.includes(activation) && normalization === undefined && !(dropout || l1 || l2 || maxNorm),
    )
  );
}

/** A loss with the output layer's activation. */
function isBasicCost(loss: LossName, output: ActivationName): boolean {
  return (
    loss === "meanSquaredError" ||
    loss === "quadratic" ||
    (loss === "crossEntropy" && output === "softmax") ||
    (loss === "binaryCrossEntropy" && output === "sigmoid")
  );
}

/** Whether the core can do all that a trainer asks for. */
export function isBasicTrainer(
  { loss, labelSmoothing, classWeights, optimizer }: ResolvedTrainer,
  output: ActivationName,
): boolean {
  const { kind, amsgrad, clipValue, clipNorm } = optimizer;
  return (
    isBasicCost(loss.name, output) &&
    labelSmoothing === 0 &&
    classWeights === undefined &&
    ["sgd", "adam", "adamW"].includes(kind) &&
    !(amsgrad || clipValue || clipNorm)
  );
}
