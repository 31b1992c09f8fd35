// What keeps a network from learning its samples by heart: dropout, noise, penalties and bounds on weights.

import { inFloat32 } from "./checks.js";

/** What layers may have, and networks for all layers that say nothing else. */
export interface WeightOptions {
  /** λ of the penalty λ·Σ|w| on a layer's weights, 0 or more. Biases aren't penalised. Default 0. */
  l1?: number;
  /** λ of the penalty λ·Σw² on a layer's weights, 0 or more (Keras' form; the gradient is 2λw). Default 0. */
  l2?: number;
  /** The most that ‖w‖₂ of the weights into one neuron may be, above 0 (Srivastava et al. 2014). Default: not bounded. */
  maxNorm?: number;
}

export interface ResolvedWeightOptions {
  readonly l1: number;
  readonly l2: number;
  /** 0 where it isn't bounded. */
  readonly maxNorm: number;
}

const bounds = { l1: { least: 0 }, l2: { least: 0 }, maxNorm: { above: 0 } };

export const weightOptionNames = Object.keys(bounds) as (keyof ResolvedWeightOptions)[];

export const noWeightOptions: ResolvedWeightOptions = { l1: 0, l2: 0, maxNorm: 0 };

/** What is given at `place` ("" for the network itself), else `fallback`'s. */
export function resolveWeightOptions(
  given: Record<string, unknown>,
  place: string,
  fallback: ResolvedWeightOptions,
): ResolvedWeightOptions {
  const told = weightOptionNames
    .filter((name) => given[name] !== undefined)
    .map((name) => [name, inFloat32(given[name], place === "" ? name : `${place}.${name}`, bounds[name])]);
  return { ...fallback, ...Object.fromEntries(told) };
}

/** A share in [0, 1), 0 where nothing is told. */
export function resolveDropout(value: unknown, place: string): number {
  return value === undefined ? 0 : inFloat32(value, place, { least: 0, below: 1 });
}

/** Options with those left out that do nothing, for checkpoints. */
export function ownWeightOptions(resolved: ResolvedWeightOptions): WeightOptions {
  return Object.fromEntries(
    weightOptionNames.filter((name) => resolved[name] !== 0).map((name) => [name, resolved[name]]),
  );
}
