// The optimizers' options: names, defaults and bounds. Their arithmetic is in assembly/optimizers.ts.

import { boolean, finite, oneOf, options, plainObject, wrongKind } from "./checks.js";

interface CommonOptions {
  /** η, the size of a step. Default 0.01 for sgd, 0.001 for adam. */
  learningRate?: number;
  /** λ: λ·w is added to each parameter's gradient before anything else, as in PyTorch. Default 0. */
  weightDecay?: number;
}

/** w ← w − ηg; with momentum μ, v ← μv + g and w ← w − ηv; with Nesterov's, w ← w − η(g + μv) (PyTorch's forms). */
export interface SgdOptions extends CommonOptions {
  kind: "sgd";
  /** μ, in [0, 1). Default 0. */
  momentum?: number;
  /** Look ahead along the momentum. Needs `momentum` above 0. Default false. */
  nesterov?: boolean;
}

/** Adaptive moments (Kingma & Ba 2015): w ← w − η·m̂/(√v̂ + ε). */
export interface AdamOptions extends CommonOptions {
  kind: "adam";
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number;
  /** ε, above 0. Default 1e-8. The second moment has a floor of 1e-30, so an ε below 1e-14 has no effect. */
  epsilon?: number;
}

/** A tagged union: options that an optimizer doesn't have don't compile. */
export type OptimizerOptions = SgdOptions | AdamOptions;

/** Every option, with what it is for those optimizers that don't have it. */
export interface ResolvedOptimizer {
  kind: OptimizerOptions["kind"];
  learningRate: number;
  weightDecay: number;
  momentum: number;
  nesterov: boolean;
  beta1: number;
  beta2: number;
  epsilon: number;
}

const none = { weightDecay: 0, momentum: 0, nesterov: false, beta1: 0, beta2: 0, epsilon: 0 };

/** The one list: each optimizer's own options with their defaults. */
const defaults: { [K in OptimizerOptions["kind"]]: Required<Extract<OptimizerOptions, { kind: K }>> } = {
  sgd: { kind: "sgd", learningRate: 0.01, weightDecay: 0, momentum: 0, nesterov: false },
  adam: { kind: "adam", learningRate: 0.001, weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
};

const bounds = {
  learningRate: { above: 0 },
  weightDecay: { least: 0 },
  momentum: { least: 0, below: 1 },
  beta1: { least: 0, below: 1 },
  beta2: { least: 0, below: 1 },
  epsilon: { above: 0 },
};

export function resolveOptimizer(value: unknown, place: string): ResolvedOptimizer {
  const kinds = Object.keys(defaults) as OptimizerOptions["kind"][];
  if (typeof value === "string") wrongKind(place, 'an object such as { kind: "adam" }', value);
  const given = plainObject(value === undefined ? { kind: "adam" } : value, place);
  const kind = oneOf(given.kind, `${place}.kind`, kinds);
  options(given, `${place} "${kind}"`, Object.keys(defaults[kind]));
  const resolved: ResolvedOptimizer = { ...none, ...defaults[kind] };
  for (const [name, bound] of Object.entries(bounds) as [keyof typeof bounds, object][]) {
    if (given[name] !== undefined) resolved[name] = inFloat32(given[name], `${place}.${name}`, bound);
  }
  if (given.nesterov !== undefined) resolved.nesterov = boolean(given.nesterov, `${place}.nesterov`);
  if (resolved.nesterov && resolved.momentum === 0) {
    throw new RangeError(`${place}.nesterov needs ${place}.momentum above 0, got ${resolved.momentum}`);
  }
  return resolved;
}

export function resolveLearningRate(value: unknown, place: string): number {
  return inFloat32(value, place, bounds.learningRate);
}

/** A number within bounds, and still within them as float32, which the kernels compute in. */
function inFloat32(value: unknown, place: string, bound: object): number {
  const number = finite(value, place, bound);
  finite(Math.fround(number), `${place} in float32`, bound);
  return number;
}

/** Resolved options without those that the optimizer doesn't have. */
export function ownOptions(resolved: ResolvedOptimizer): OptimizerOptions {
  const own = Object.keys(defaults[resolved.kind]) as (keyof ResolvedOptimizer)[];
  return Object.fromEntries(own.map((name) => [name, resolved[name]])) as unknown as OptimizerOptions;
}
