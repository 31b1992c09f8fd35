// Gradients as they are told: of all parameters, and layer by layer.

import type { LayerTrace, Network } from "./network.js";
import { countOf } from "./normalization.js";

/** ∂C/∂w and ∂C/∂b of one layer. */
export interface LayerGradient {
  /** Row-major [to][from]. */
  weights: Float32Array<ArrayBuffer>;
  biases: Float32Array<ArrayBuffer>;
  /** ∂C/∂γ, where the layer is normalised. */
  gamma?: Float32Array<ArrayBuffer>;
}

/** The gradient of the cost, averaged over the samples. */
export interface Gradients {
  loss: number;
  /** Ordered as `network.parameters()` is. */
  vector: Float32Array<ArrayBuffer>;
  /** The same by layer. */
  layers: LayerGradient[];
}

/** A layer's part in one sample's forward and backward pass. */
export interface TrainingLayerTrace extends LayerTrace {
  /** δ = ∂C/∂z; of a normalised layer, the gradient by its weighted sums W·a */
  delta: Float32Array<ArrayBuffer>;
  /** ∂C/∂w = δ aᵀ, row-major [to][from] */
  weightGradient: Float32Array<ArrayBuffer>;
  /** ∂C/∂b = δ */
  biasGradient: Float32Array<ArrayBuffer>;
}

/** A vector that is ordered as `network.parameters()` is, cut into its layers' parts. */
export function byLayer({ layers }: Network, vector: Float32Array<ArrayBuffer>): LayerGradient[] {
  let at = 0;
  return layers.map((layer) => {
    const { inputs, units, normalization } = layer;
    const [biases, gamma] = [at + units * inputs, at + units * (inputs + 1)];
    const gradient: LayerGradient = { weights: vector.slice(at, biases), biases: vector.slice(biases, gamma) };
    if (normalization !== undefined) gradient.gamma = vector.slice(gamma, gamma + units);
    at += countOf(layer);
    return gradient;
  });
}
