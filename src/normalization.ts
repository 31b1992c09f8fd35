// The options of batch and layer normalization, and the numbers that they add to a layer.

import { Normalization } from "./abi.js";
import { inFloat32, oneOf, options, plainObject } from "./checks.js";

/** By the mean and variance over the mini-batch (Ioffe & Szegedy 2015). */
export interface BatchNormalizationOptions {
  kind: "batch";
  /** running ← (1 − momentum)·running + momentum·new, in (0, 1]. Default 0.1 (PyTorch's; Keras' momentum is 1 − this). */
  momentum?: number;
  /** Added to the variance, above 0. Default 1e-5. */
  epsilon?: number;
}

/** By the mean and variance over a sample's units (Ba et al. 2016). */
export interface LayerNormalizationOptions {
  kind: "layer";
  /** Added to the variance, above 0. Default 1e-5. */
  epsilon?: number;
}

/** By name, or with options. */
export type NormalizationOptions = "batch" | "layer" | BatchNormalizationOptions | LayerNormalizationOptions;

/** With every option filled in. @inline */
export type ResolvedNormalization = Required<BatchNormalizationOptions> | Required<LayerNormalizationOptions>;

const defaults = {
  batch: { kind: "batch", momentum: 0.1, epsilon: 1e-5 },
  layer: { kind: "layer", epsilon: 1e-5 },
} as const;

const bounds = { momentum: { above: 0, most: 1 }, epsilon: { above: 0 } };

export function resolveNormalization(value: unknown, place: string): ResolvedNormalization | undefined {
  if (value === undefined) return undefined;
  const given = typeof value === "object" ? plainObject(value, place) : { kind: value };
  const kind = oneOf(given.kind, typeof value === "object" ? `${place}.kind` : place, ["batch", "layer"] as const);
  options(given, `${place} "${kind}"`, Object.keys(defaults[kind]));
  const told = (["momentum", "epsilon"] as const)
    .filter((name) => given[name] !== undefined)
    .map((name) => [name, inFloat32(given[name], `${place}.${name}`, bounds[name])]);
  return { ...defaults[kind], ...Object.fromEntries(told) };
}

/** What a layer has for each of its units behind the weights, in the order of the parameters' vector. */
export function perUnit(normalization: ResolvedNormalization | undefined): readonly string[] {
  if (normalization === undefined) return ["biases"];
  return normalization.kind === "layer" ? ["biases", "gamma"] : ["biases", "gamma", "runningMean", "runningVariance"];
}

/** In numbers, as the kernels are told. */
export function normalizationShape(normalization: ResolvedNormalization | undefined) {
  return {
    normalization: Normalization[normalization?.kind ?? "none"],
    momentum: normalization?.kind === "batch" ? normalization.momentum : 0,
    epsilon: normalization?.epsilon ?? 0,
  };
}

/** The numbers of a layer: weights, and for each unit those of `perUnit`. */
export function countOf(layer: {
  inputs: number;
  units: number;
  normalization?: ResolvedNormalization | undefined;
}): number {
  return layer.units * (layer.inputs + perUnit(layer.normalization).length);
}
