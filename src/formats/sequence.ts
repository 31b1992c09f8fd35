// A network as other libraries have it: a sequence of steps, each a layer of theirs or a node of a graph. model-of-steps.ts
// makes a model of what a reader found, steps-of-model.ts takes a model apart for a writer.

import type { ActivationName } from "../network-options.js";

/** W·a + b: `weights` row-major [to][from]. */
export interface DenseStep {
  kind: "dense";
  inputs: number;
  units: number;
  weights: Float32Array;
  biases: Float32Array;
}

/** γ·(x − mean)/√(variance + ε) + β, by numbers that are kept. */
export interface BatchNormalizationStep {
  kind: "batchNormalization";
  gamma: Float32Array;
  beta: Float32Array;
  mean: Float32Array;
  variance: Float32Array;
  epsilon: number;
  /** As PyTorch counts it. */
  momentum?: number;
}

/** The same by the mean and variance of each sample. */
export interface LayerNormalizationStep {
  kind: "layerNormalization";
  gamma: Float32Array;
  beta: Float32Array;
  epsilon: number;
}

/** factor[k]·x[k] + offset[k] */
export interface AffineStep {
  kind: "affine";
  factor: Float64Array;
  offset: Float64Array;
}

/** c in (x − c)·factor = factor·x + offset, float32; factors aren't 0. */
export function centreOf({ factor, offset }: Pick<AffineStep, "factor" | "offset">): Float32Array {
  return Float32Array.from(factor, (each, k) => -(offset[k] as number) / each);
}

export type Step = { /** What errors call it: "Gemm at node 3". */ place: string } & (
  | DenseStep
  | BatchNormalizationStep
  | LayerNormalizationStep
  | AffineStep
  | { kind: "activation"; activation: ActivationName }
  | { kind: "dropout"; share: number }
);
