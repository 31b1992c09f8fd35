// The optimizers' options: names, defaults and bounds. Their arithmetic is in assembly/optimizers.ts.

import type { OptimizerOption } from "./abi.js";
import { boolean, inFloat32, oneOf, options, plainObject, wholeNumber, wrongKind } from "./checks.js";

interface CommonOptions {
  /** η, the size of a step. Defaults are PyTorch's: 0.01, but 0.001 for adam and adamW, 0.002 for nadam and adamax, 1 for
   * adadelta, and the paper's 0.0001 for lion. */
  learningRate?: number;
  /** Each number of the gradient is kept within ±clipValue. Default: not. */
  clipValue?: number;
  /** The whole gradient is scaled down where its norm √Σg² is larger than this (Pascanu et al. 2013). Default: not. */
  clipNorm?: number;
}

interface CoupledDecay {
  /** λ: λ·w is added to each parameter's gradient before anything else, as in PyTorch. Default 0. */
  weightDecay?: number;
}

interface DecoupledDecay {
  /** λ: parameters shrink by the factor 1 − ηλ in each step, whatever their gradient (Loshchilov & Hutter 2019). */
  weightDecay?: number;
}

interface Moments {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999, for lion 0.99. */
  beta2?: number;
}

interface Epsilon {
  /**
   * ε, above 0. Default 1e-8, for adagrad 1e-10, for adadelta 1e-6. What it is added to the root of has a floor of 1e-30, so
   * an ε below 1e-14 has no effect.
   */
  epsilon?: number;
}

/** w ← w − ηg; with momentum μ, v ← μv + g and w ← w − ηv; with Nesterov's, w ← w − η(g + μv) (PyTorch's forms). */
export interface SgdOptions extends CommonOptions, CoupledDecay {
  kind: "sgd";
  /** μ, in [0, 1). Default 0. */
  momentum?: number;
  /** Look ahead along the momentum. Needs `momentum` above 0. Default false. */
  nesterov?: boolean;
}

/** Adaptive moments (Kingma & Ba 2015): w ← w − η·m̂/(√v̂ + ε). */
export interface AdamOptions extends CommonOptions, CoupledDecay, Moments, Epsilon {
  kind: "adam";
  /** Take the largest v so far (Reddi et al. 2018). Default false. */
  amsgrad?: boolean;
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019). */
export interface AdamWOptions extends CommonOptions, DecoupledDecay, Moments, Epsilon {
  kind: "adamW";
  /** λ of the decoupled decay. Default 0.01. */
  weightDecay?: number;
  /** Take the largest v so far (Reddi et al. 2018). Default false. */
  amsgrad?: boolean;
}

/** Adam with Nesterov's look-ahead (Dozat 2016). */
export interface NadamOptions extends CommonOptions, CoupledDecay, Moments, Epsilon {
  kind: "nadam";
  /** ψ in μₜ = β₁(1 − ½·0.96^(tψ)), 0 or more. Default 0.004. */
  momentumDecay?: number;
}

/** Adam by the largest gradient, u ← max(β₂u, |g| + ε), instead of the second moment (Kingma & Ba 2015, §7.1). */
export interface AdamaxOptions extends CommonOptions, CoupledDecay, Moments, Epsilon {
  kind: "adamax";
}

/** v ← ρv + (1 − ρ)g²; w ← w − ηg/(√v + ε) (Tieleman & Hinton 2012, PyTorch's form). */
export interface RmsPropOptions extends CommonOptions, CoupledDecay, Epsilon {
  kind: "rmsProp";
  /** Decay of the second moment, in [0, 1). Default 0.99 (Keras': 0.9). */
  rho?: number;
  /** μ, in [0, 1): b ← μb + g/(√v + ε), w ← w − ηb. Default 0. */
  momentum?: number;
  /** Take the mean gradient's square from v (Graves 2013). Default false. */
  centered?: boolean;
}

/** s ← s + g²; w ← w − ηg/(√s + ε) (Duchi et al. 2011). */
export interface AdagradOptions extends CommonOptions, CoupledDecay, Epsilon {
  kind: "adagrad";
  /** What s starts from, 0 or more. Default 0 (Keras': 0.1). */
  initialAccumulatorValue?: number;
}

/** v ← ρv + (1 − ρ)g²; Δ = g·√(d + ε)/√(v + ε); d ← ρd + (1 − ρ)Δ²; w ← w − ηΔ (Zeiler 2012). */
export interface AdadeltaOptions extends CommonOptions, CoupledDecay, Epsilon {
  kind: "adadelta";
  /** Decay of v and d, in [0, 1). Default 0.9. */
  rho?: number;
}

/** w ← (1 − ηλ)w − η·sign(β₁m + (1 − β₁)g); m ← β₂m + (1 − β₂)g (Chen et al. 2023). */
export interface LionOptions extends CommonOptions, DecoupledDecay, Moments {
  kind: "lion";
}

/**
 * Resilient propagation (Riedmiller & Braun 1993, PyTorch's form): each parameter has a step of its own, `learningRate` at
 * first, that grows while its gradient keeps its sign and shrinks when that turns. For full batches: `batchSize` must be at
 * least the dataset's length.
 */
export interface RPropOptions extends CommonOptions {
  kind: "rProp";
  /** What a step shrinks by, in (0, 1). Default 0.5. */
  etaMinus?: number;
  /** What it grows by, above 1. Default 1.2. */
  etaPlus?: number;
  /** The least step, above 0. Default 1e-6. */
  minStep?: number;
  /** The largest step, above 0. Default 50. */
  maxStep?: number;
}

/**
 * L-BFGS (Nocedal 1980) with a search along each direction by Wolfe's strong conditions (Nocedal & Wright 2006, algorithms 7.4
 * and 7.5), for small networks and data that fit one mini-batch: `batchSize` must be at least the dataset's length. A step, so
 * an epoch, is one direction; it takes the gradient about once, seldom more than a few times, at most 26 times, and can't be
 * aborted meanwhile. A fit ends as "converged" where
 * the gradient is nowhere larger than `tolerance`, or no step is left that lowers the cost by more than rounding.
 * Not for networks with batch normalization, l1 or maxNorm, whose steps aren't down one smooth function.
 */
export interface LbfgsOptions {
  kind: "lbfgs";
  /** What the first step along a direction is multiplied by, above 0. Default 1, as Newton's. */
  learningRate?: number;
  /** How many steps the direction is made from, 1 to 100. Default 10. */
  historySize?: number;
  /** The largest |∂C/∂w| at which the fit ends, 0 or more (scikit-learn's tol, but its default is 1e-4). Default 1e-5. */
  tolerance?: number;
}

/** A tagged union: options that an optimizer doesn't have don't compile. */
export type OptimizerOptions =
  | SgdOptions
  | AdamOptions
  | AdamWOptions
  | NadamOptions
  | AdamaxOptions
  | RmsPropOptions
  | AdagradOptions
  | AdadeltaOptions
  | LionOptions
  | RPropOptions
  | LbfgsOptions;

export type OptimizerKind = OptimizerOptions["kind"];

/** Every option, 0 or false where the optimizer hasn't it. */
export type ResolvedOptimizer = { kind: OptimizerKind } & Record<Exclude<keyof typeof OptimizerOption, Flag>, number> &
  Record<Flag, boolean>;

type Flag = "nesterov" | "amsgrad" | "centered";

const clipping = { clipValue: 0, clipNorm: 0 };
const moments = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The one list: each optimizer's own options with their defaults. */
const defaults: { [K in OptimizerKind]: Required<Extract<OptimizerOptions, { kind: K }>> } = {
  sgd: { kind: "sgd", learningRate: 0.01, weightDecay: 0, momentum: 0, nesterov: false, ...clipping },
  adam: { kind: "adam", learningRate: 0.001, weightDecay: 0, ...moments, amsgrad: false, ...clipping },
  adamW: { kind: "adamW", learningRate: 0.001, weightDecay: 0.01, ...moments, amsgrad: false, ...clipping },
  nadam: { kind: "nadam", learningRate: 0.002, weightDecay: 0, ...moments, momentumDecay: 0.004, ...clipping },
  adamax: { kind: "adamax", learningRate: 0.002, weightDecay: 0, ...moments, ...clipping },
  rmsProp: {
    kind: "rmsProp",
    learningRate: 0.01,
    weightDecay: 0,
    rho: 0.99,
    epsilon: 1e-8,
    momentum: 0,
    centered: false,
    ...clipping,
  },
  adagrad: {
    kind: "adagrad",
    learningRate: 0.01,
    weightDecay: 0,
    epsilon: 1e-10,
    initialAccumulatorValue: 0,
    ...clipping,
  },
  adadelta: { kind: "adadelta", learningRate: 1, weightDecay: 0, rho: 0.9, epsilon: 1e-6, ...clipping },
  lion: { kind: "lion", learningRate: 0.0001, weightDecay: 0, beta1: 0.9, beta2: 0.99, ...clipping },
  rProp: { kind: "rProp", learningRate: 0.01, etaMinus: 0.5, etaPlus: 1.2, minStep: 1e-6, maxStep: 50, ...clipping },
  lbfgs: { kind: "lbfgs", learningRate: 1, historySize: 10, tolerance: 1e-5 },
};

/** Of lbfgs: each is two blocks of the network's size. */
export const MOST_PAIRS = 100;

const share = { least: 0, below: 1 };
const positive = { above: 0 };

const bounds: Record<Exclude<keyof typeof OptimizerOption, Flag>, object> = {
  learningRate: positive,
  weightDecay: { least: 0 },
  clipValue: positive,
  clipNorm: positive,
  momentum: share,
  beta1: share,
  beta2: share,
  epsilon: positive,
  momentumDecay: { least: 0 },
  rho: share,
  initialAccumulatorValue: { least: 0 },
  etaMinus: { above: 0, below: 1 },
  etaPlus: { above: 1 },
  minStep: positive,
  maxStep: positive,
  historySize: { least: 1, most: MOST_PAIRS },
  tolerance: { least: 0 },
};

const flags: readonly Flag[] = ["nesterov", "amsgrad", "centered"];

/**
 * Whether an optimizer's steps make sense on the gradient of all samples only. Their length is then its own affair, not that of
 * the learning rate, which only begins them.
 */
export function needsFullBatch(kind: OptimizerKind): boolean {
  return kind === "rProp" || kind === "lbfgs";
}

export function resolveOptimizer(value: unknown, place: string): ResolvedOptimizer {
  const kinds = Object.keys(defaults) as OptimizerKind[];
  if (typeof value === "string") wrongKind(place, 'an object such as { kind: "adam" }', value);
  const given = plainObject(value === undefined ? { kind: "adam" } : value, place);
  const kind = oneOf(given.kind, `${place}.kind`, kinds);
  options(given, `${place} "${kind}"`, Object.keys(defaults[kind]));
  const none = { ...mapped(Object.keys(bounds), 0), ...mapped(flags, false) };
  const resolved = { ...none, ...defaults[kind] } as ResolvedOptimizer;
  for (const name of Object.keys(bounds) as (keyof typeof bounds)[]) {
    if (given[name] !== undefined) resolved[name] = inFloat32(given[name], `${place}.${name}`, bounds[name]);
  }
  wholeNumber(resolved.historySize, `${place}.historySize`, 0, MOST_PAIRS);
  for (const name of flags) {
    if (given[name] !== undefined) resolved[name] = boolean(given[name], `${place}.${name}`);
  }
  if (resolved.nesterov && resolved.momentum === 0) {
    throw new RangeError(`${place}.nesterov needs ${place}.momentum above 0, got ${resolved.momentum}`);
  }
  if (resolved.minStep > resolved.maxStep) {
    throw new RangeError(
      `${place}.minStep must be at most ${place}.maxStep, ${resolved.maxStep}, got ${resolved.minStep}`,
    );
  }
  return resolved;
}

function mapped<T>(names: readonly string[], value: T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

export function resolveLearningRate(value: unknown, place: string): number {
  return inFloat32(value, place, bounds.learningRate);
}

/** Resolved options without those that the optimizer doesn't have, or that are off. */
export function ownOptions(resolved: ResolvedOptimizer): OptimizerOptions {
  const own = (Object.keys(defaults[resolved.kind]) as (keyof ResolvedOptimizer)[]).filter(
    (name) => !(name in clipping) || resolved[name] !== 0,
  );
  return Object.fromEntries(own.map((name) => [name, resolved[name]])) as unknown as OptimizerOptions;
}
