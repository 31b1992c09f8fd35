// The learning-rate schedules' options: names, defaults and bounds. Their arithmetic is in learning-rate.ts.

import { boolean, finite, oneOf, options, plainObject, wholeNumber, wrongKind } from "./checks.js";
import { isHigherBetter } from "./columns.js";

/** η rises on a line before the schedule begins (Goyal et al. 2017, §2.2). */
export interface WarmUpOptions {
  /** How many epochs, 0 or more; 0.5 is half of the first one. */
  epochs: number;
  /** What share of η the line starts from, in [0, 1]. Default 0. */
  from?: number;
}

/** In the formulas below, e is counted from the end of the warm-up. */
interface WarmUp {
  /** A warm-up in front, or its number of epochs. Default: none. */
  warmUp?: number | WarmUpOptions;
}

/** η throughout: for a warm-up without more. */
export interface ConstantScheduleOptions extends WarmUp {
  kind: "constant";
}

/** η·factor^⌊e ÷ every⌋ (PyTorch's StepLR). */
export interface StepScheduleOptions extends WarmUp {
  kind: "step";
  /** Epochs from one fall to the next, above 0. */
  every: number;
  /** What a fall multiplies the rate by, above 0 and at most 1. Default 0.1. */
  factor?: number;
}

/** η·factorᵉ, falling with every mini-batch (at whole epochs, PyTorch's ExponentialLR). */
export interface ExponentialScheduleOptions extends WarmUp {
  kind: "exponential";
  /** What an epoch multiplies the rate by, above 0 and at most 1. */
  factor: number;
}

/** η ÷ (1 + decay·e) (Keras' InverseTimeDecay). */
export interface InverseTimeScheduleOptions extends WarmUp {
  kind: "inverseTime";
  /** How much the divisor grows in an epoch, 0 or more. */
  decay: number;
}

/** end + (η − end)·(1 − e ÷ epochs)^power, then `end` (Keras' PolynomialDecay, with end 0 PyTorch's PolynomialLR). */
export interface PolynomialScheduleOptions extends WarmUp {
  kind: "polynomial";
  /** The length in epochs, above 0. Default: the fit's, less the warm-up. */
  epochs?: number;
  /** Above 0. Default 1: a line. */
  power?: number;
  /** The rate at the end, 0 or more. Default 0. */
  end?: number;
}

/**
 * end + (η − end)·(1 + cos(π·e ÷ epochs)) ÷ 2, then `end` (Loshchilov & Hutter 2017; PyTorch's CosineAnnealingLR up to
 * its T_max, and CosineAnnealingWarmRestarts).
 */
export interface CosineScheduleOptions extends WarmUp {
  kind: "cosine";
  /** The length of the (first) period in epochs, above 0. Default: the fit's, less the warm-up. */
  epochs?: number;
  /** Begin again with η after each period. Needs `epochs`. Default false. */
  restarts?: boolean;
  /** How many times as long as the one before it each period is: a whole number. Needs `restarts`. Default 1. */
  stretch?: number;
  /** The rate at the end of a period, 0 or more. Default 0. */
  end?: number;
}

/**
 * From η ÷ startFactor up to η and down to η ÷ startFactor ÷ endFactor, both along a cosine (Smith & Topin 2018). As
 * PyTorch's OneCycleLR counts, the mini-batch before the end of the rise is the one trained with η, and the last one is
 * trained with the least rate. The momentum stays as it is: OneCycleLR with `cycle_momentum=False`.
 */
export interface OneCycleScheduleOptions extends WarmUp {
  kind: "oneCycle";
  /** The length in epochs, above 0. Default: the fit's, less the warm-up. */
  epochs?: number;
  /** The rise's share of that, in [0, 1]. Default 0.3. */
  warmUpShare?: number;
  /** What η is divided by at the start, 1 or more. Default 25. */
  startFactor?: number;
  /** What the start is divided by at the end, 1 or more. Default 10000. */
  endFactor?: number;
}

/**
 * The rate falls when a column of the history has stopped getting better (PyTorch's ReduceLROnPlateau with `eps=0`). A
 * value is better than the best so far, b, where it is below b − threshold·|b|, or above b + threshold·|b| where higher is
 * better; NaN and infinities never are.
 */
export interface ReduceOnPlateauScheduleOptions {
  kind: "reduceOnPlateau";
  /** The column of the history. Default "validationLoss". */
  metric?: string;
  /** Default: whether the column's name ends in accuracy, precision, recall, f1, correlation, auc or r2. */
  higherIsBetter?: boolean;
  /** What a fall multiplies the rate by, above 0 and below 1. Default 0.1. */
  factor?: number;
  /** The epochs in a row that may be no better; the rate falls with the next. 0 or more. Default 10. */
  patience?: number;
  /** The least improvement that counts, relative to the best, in [0, 1). Default 1e-4. */
  threshold?: number;
  /** The epochs after a fall that don't count as bad, 0 or more. Default 0. */
  cooldown?: number;
  /** The rate falls no lower, 0 or more. Default 0. */
  least?: number;
}

/**
 * How the learning rate goes in the course of a fit, η being the optimizer's `learningRate` and e the epochs done, with
 * the share of the one under way. A tagged union: options that a schedule doesn't have don't compile.
 */
export type ScheduleOptions =
  | ConstantScheduleOptions
  | StepScheduleOptions
  | ExponentialScheduleOptions
  | InverseTimeScheduleOptions
  | PolynomialScheduleOptions
  | CosineScheduleOptions
  | OneCycleScheduleOptions
  | ReduceOnPlateauScheduleOptions;

export type ScheduleKind = ScheduleOptions["kind"];

/** `epochs` stays out where it is the fit's. */
type Resolved<O> = {
  [N in Exclude<keyof O, "epochs">]-?: N extends "warmUp" ? Required<WarmUpOptions> : Exclude<O[N], undefined>;
} & Pick<O, Extract<keyof O, "epochs">>;

export type ResolvedScheduleOf<K extends ScheduleKind> = Resolved<Extract<ScheduleOptions, { kind: K }>>;

/** Every option, as JSON can hold it; resolving it again gives the same. */
export type ResolvedSchedule = { [K in ScheduleKind]: ResolvedScheduleOf<K> }[ScheduleKind];

type Reader<T> = (value: unknown, place: string) => T;

/** Without a default, the option must be given. */
function optional<T>(read: Reader<T>, missing: T): Reader<T> {
  return (value, place) => (value === undefined ? missing : read(value, place));
}

function number(bounds: Parameters<typeof finite>[2]): Reader<number> {
  return (value, place) => finite(value, place, bounds);
}

function whole(least: number): Reader<number> {
  return (value, place) => wholeNumber(value, place, least);
}

const readWarmUp: Reader<Required<WarmUpOptions>> = (value, place) => {
  if (typeof value === "number") return { epochs: finite(value, place, { least: 0 }), from: 0 };
  if (typeof value !== "object") wrongKind(place, "a number of epochs, or an object such as { epochs: 1 }", value);
  const given = options(value, place, ["epochs", "from"]);
  const from = optional(number({ least: 0, most: 1 }), 0)(given.from, `${place}.from`);
  return { epochs: finite(given.epochs, `${place}.epochs`, { least: 0 }), from };
};

const readMetric: Reader<string> = (value, place) => {
  if (typeof value !== "string") wrongKind(place, "the name of a column of the history", value);
  return value;
};

const warmUp = optional(readWarmUp, { epochs: 0, from: 0 });
const length = optional<number | undefined>(number({ above: 0 }), undefined);
const nonNegative = number({ least: 0 });
const shrinking = number({ above: 0, most: 1 });
const divisor = number({ least: 1 });

type Readers<O> = { [N in Exclude<keyof O, "kind">]-?: Reader<O[N] | undefined> };

/** The one list: each schedule's own options, their bounds and defaults. */
const readers: { [K in ScheduleKind]: Readers<ResolvedScheduleOf<K>> } = {
  constant: { warmUp },
  step: { every: number({ above: 0 }), factor: optional(shrinking, 0.1), warmUp },
  exponential: { factor: shrinking, warmUp },
  inverseTime: { decay: nonNegative, warmUp },
  polynomial: { epochs: length, power: optional(number({ above: 0 }), 1), end: optional(nonNegative, 0), warmUp },
  cosine: {
    epochs: length,
    restarts: optional(boolean, false),
    stretch: optional(whole(1), 1),
    end: optional(nonNegative, 0),
    warmUp,
  },
  oneCycle: {
    epochs: length,
    warmUpShare: optional(number({ least: 0, most: 1 }), 0.3),
    startFactor: optional(divisor, 25),
    endFactor: optional(divisor, 1e4),
    warmUp,
  },
  reduceOnPlateau: {
    metric: optional(readMetric, "validationLoss"),
    higherIsBetter: optional<boolean | undefined>(boolean, undefined),
    factor: optional(number({ above: 0, below: 1 }), 0.1),
    patience: optional(whole(0), 10),
    threshold: optional(number({ least: 0, below: 1 }), 1e-4),
    cooldown: optional(whole(0), 0),
    least: optional(nonNegative, 0),
  },
};

export function resolveSchedule(value: unknown, place: string): ResolvedSchedule {
  if (typeof value === "string") wrongKind(place, 'an object such as { kind: "cosine" }', value);
  const given = plainObject(value === undefined ? { kind: "constant" } : value, place);
  const kind = oneOf(given.kind, `${place}.kind`, Object.keys(readers) as ScheduleKind[]);
  const own = Object.entries(readers[kind] as Record<string, Reader<unknown>>);
  options(given, `${place} "${kind}"`, ["kind", ...own.map(([name]) => name)]);
  const read = own.map(([name, reader]) => [name, reader(given[name], `${place}.${name}`)] as const);
  const resolved = {
    kind,
    ...Object.fromEntries(read.filter(([, option]) => option !== undefined)),
  } as ResolvedSchedule;
  if (resolved.kind === "reduceOnPlateau") resolved.higherIsBetter ??= isHigherBetter(resolved.metric) ?? false;
  if (resolved.kind === "cosine" && resolved.restarts && resolved.epochs === undefined) {
    throw new RangeError(`${place}.restarts needs ${place}.epochs, the length of the first period, got undefined`);
  }
  if (resolved.kind === "cosine" && resolved.stretch > 1 && !resolved.restarts) {
    throw new RangeError(`${place}.stretch needs ${place}.restarts to be true, got false`);
  }
  return resolved;
}

/** Whether the optimizer's own rate holds throughout. */
export function isConstant(schedule: ResolvedSchedule): boolean {
  return schedule.kind === "constant" && schedule.warmUp.epochs === 0;
}

/** Refuses to wait for a plateau of what isn't measured: one of `columns`. */
export function assertMeasured(schedule: ResolvedSchedule, columns: readonly string[]): void {
  if (schedule.kind === "reduceOnPlateau") oneOf(schedule.metric, "schedule.metric", columns);
}
