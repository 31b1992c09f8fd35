// The learning rate of a mini-batch: what a schedule's options come to. Formulas are at the options, in schedules.ts.

import { cosSin, power } from "./exact.js";
import type { ResolvedSchedule, ResolvedScheduleOf } from "./schedules.js";

/** How reduceOnPlateau stands after an epoch, as JSON can hold it. */
export interface Plateau {
  /** What the falls so far multiply η by. */
  factor: number;
  /** The best value so far; null where none was finite. */
  best: number | null;
  /** The epochs in a row that were no better. */
  badEpochs: number;
  /** The epochs to come that don't count as bad. */
  cooldownLeft: number;
}

/**
 * The rate for the mini-batch that begins after `epoch` epochs, a real number: those done, with the share of the one under
 * way. `share` is the mini-batch's own share of an epoch. In the warm-up the rate is that at the mini-batch's end, as its
 * first one would be trained with `from`, which may be 0; elsewhere it is that at its begin.
 *
 * Past its end a schedule stays as it ended, which is at 0 by default.
 *
 * @param base η, above 0.
 * @param totalEpochs The fit's number of epochs.
 * @param plateau What `nextPlateau` gave after the last epoch; for reduceOnPlateau only.
 */
export function rateAt(
  schedule: ResolvedSchedule,
  base: number,
  epoch: number,
  totalEpochs: number,
  share: number,
  plateau?: Plateau,
): number {
  if (schedule.kind === "reduceOnPlateau") {
    return Math.min(base, Math.max(base * (plateau?.factor ?? 1), schedule.least));
  }
  const { epochs: warmUp, from } = schedule.warmUp;
  if (epoch < warmUp) return base * mix(from, 1, (epoch + share) / warmUp);
  const e = epoch - warmUp;
  const length = ("epochs" in schedule ? schedule.epochs : undefined) ?? totalEpochs - warmUp;
  switch (schedule.kind) {
    case "constant":
      return base;
    case "step":
      return base * power(schedule.factor, Math.floor(Math.min(e / schedule.every, Number.MAX_SAFE_INTEGER)));
    case "exponential":
      return base * power(schedule.factor, e);
    case "inverseTime":
      return base / (1 + schedule.decay * e);
    case "polynomial":
      return e >= length ? schedule.end : mix(schedule.end, base, power(1 - e / length, schedule.power));
    case "cosine":
      if (schedule.restarts) return anneal(base, schedule.end, shareOfPeriod(e, length, schedule.stretch));
      return anneal(base, schedule.end, e >= length ? 1 : e / length);
    case "oneCycle":
      return oneCycle(schedule, base, e, length, share);
  }
}

/** From `start` to `end` on a line, which is reached where t is 1 or more. */
function mix(start: number, end: number, t: number): number {
  return t >= 1 ? end : start + (end - start) * t;
}

/**
 * From `start` to `end` along half a cosine, t going from 0 to 1. (1 + cos πt) ÷ 2 is taken as cos²(πt ÷ 2), which close
 * to t = 1 doesn't cancel to 0.
 */
function anneal(start: number, end: number, t: number): number {
  const [cos] = cosSin(t / 4);
  return mix(end, start, cos * cos);
}

/** How far the period under way has come, in [0, 1); periods begin at exactly their first moment. */
function shareOfPeriod(e: number, first: number, stretch: number): number {
  if (stretch === 1) return (e % first) / first;
  let [since, length] = [e, first];
  while (since >= length) {
    since -= length;
    length *= stretch;
  }
  return since / length;
}

/** OneCycleLR counts steps from 0, and its phases end at the last step of each: a mini-batch before their lengths. */
function oneCycle(
  { warmUpShare, startFactor, endFactor }: ResolvedScheduleOf<"oneCycle">,
  base: number,
  e: number,
  length: number,
  share: number,
): number {
  const start = base / startFactor;
  const peak = warmUpShare * length - share;
  const last = length - share;
  if (peak > 0 && e <= peak) return anneal(start, base, e / peak);
  return anneal(base, start / endFactor, e >= last ? 1 : (e - peak) / (last - peak));
}

/** The state after an epoch whose metric is `value`, from that before it: undefined before the first one. */
export function nextPlateau(
  schedule: ResolvedScheduleOf<"reduceOnPlateau">,
  before: Plateau | undefined,
  value: number,
): Plateau {
  const { factor, best, badEpochs, cooldownLeft } = before ?? { factor: 1, best: null, badEpochs: 0, cooldownLeft: 0 };
  const better = isBetter(schedule, value, best);
  const bad = better || cooldownLeft > 0 ? 0 : badEpochs + 1;
  const falls = bad > schedule.patience;
  return {
    factor: falls ? factor * schedule.factor : factor,
    best: better ? value : best,
    badEpochs: falls ? 0 : bad,
    cooldownLeft: falls ? schedule.cooldown : Math.max(0, cooldownLeft - 1),
  };
}

/** Relative to |best|, as a share of a negative best would ask for less than no improvement. */
function isBetter(
  { higherIsBetter, threshold }: ResolvedScheduleOf<"reduceOnPlateau">,
  value: number,
  best: number | null,
): boolean {
  if (!Number.isFinite(value) || best === null) return Number.isFinite(value);
  const rising = higherIsBetter ? best >= 0 : best < 0;
  const bound = best * (rising ? 1 + threshold : 1 - threshold);
  return higherIsBetter ? value > bound : value < bound;
}
