// Gradients held against what the loss really does: for those who doubt, or who teach.

import { finite, options, wholeNumber, wrongKind } from "./checks.js";
import { countOf } from "./normalization.js";
import { Random, Stream, shuffled } from "./random.js";
import type { Numbers } from "./samples.js";
import { Trainer } from "./trainer.js";

export interface GradientCheckOptions {
  /** How many parameters are checked, drawn at random, or all where there are fewer. Default 100. */
  parameters?: number;
  /**
   * h in (C(w + h) − C(w − h))/2h, above 0. Default 2⁻⁷: in float32 a smaller one loses more to rounding than it gains in
   * truncation.
   */
  step?: number;
  /** Which parameters are drawn. Default 0. */
  seed?: number;
}

/** One parameter, by its place in `network.parameters()`. */
export interface CheckedParameter {
  index: number;
  /** ∂C/∂w from backpropagation. */
  gradient: number;
  /** (C(w + h) − C(w − h))/2h */
  difference: number;
  /** |gradient − difference|/max(|gradient|, |difference|, 1e-2·the largest gradient) */
  error: number;
}

export interface GradientCheck {
  /** The parameter whose error is largest. */
  worst: CheckedParameter;
  /** The mean of the errors. */
  meanError: number;
  checked: CheckedParameter[];
}

/** What is 1 % of the largest gradient or less is compared with that: rounding decides there. */
const FLOOR = 0.01;

/**
 * Compares the trainer's gradient on a mini-batch (as for `trainer.step`) with central differences of its cost, penalties
 * included. The parameters are as before afterwards. Expect errors of 1e-3 to 1e-2 in float32, more where a kink of the
 * loss or an activation (relu) lies within h of a sample.
 *
 * @throws RangeError or TypeError for a mini-batch or options that can't be used; Error while a fit trains the network.
 */
export function checkGradients(
  trainer: Trainer,
  inputs: Numbers | readonly Numbers[],
  targets: Numbers | readonly Numbers[],
  checkOptions?: GradientCheckOptions,
): GradientCheck {
  if (!(trainer instanceof Trainer)) wrongKind("trainer", "a Trainer", trainer);
  const given = options(checkOptions, "checkGradients", ["parameters", "step", "seed"]);
  const most = given.parameters === undefined ? 100 : wholeNumber(given.parameters, "parameters", 1);
  const h = given.step === undefined ? 2 ** -7 : finite(given.step, "step", { above: 0 });
  const seed = given.seed === undefined ? 0 : wholeNumber(given.seed, "seed", 0);
  const { network } = trainer;
  const { changes } = network.block;
  const start = network.parameters();
  const { vector } = trainer.gradients(inputs, targets);
  const largest = vector.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const drawn = shuffled(start.length, new Random(seed, Stream.trials)).subarray(0, most).sort();
  const costWith = (index: number, value: number) => {
    const moved = start.slice();
    moved[index] = value;
    network.setParameters(moved);
    return trainer.gradients(inputs, targets).loss + penaltyOf(trainer, index, value);
  };
  const checked: CheckedParameter[] = [];
  try {
    for (const index of drawn) {
      const w = start[index] as number;
      const [above, below] = [Math.fround(w + h), Math.fround(w - h)];
      const difference = (costWith(index, above) - costWith(index, below)) / (above - below);
      const gradient = vector[index] as number;
      const size = Math.max(Math.abs(gradient), Math.abs(difference), FLOOR * largest);
      const error = size === 0 ? 0 : Math.abs(gradient - difference) / size;
      checked.push({ index, gradient, difference, error });
    }
  } finally {
    network.setParameters(start);
    // nothing has changed, so a fit may still be gone on with
    network.block.changes = changes;
  }
  const worst = checked.reduce((top, each) => (each.error > top.error ? each : top));
  const meanError = checked.reduce((sum, { error }) => sum + error, 0) / checked.length;
  return { worst, meanError, checked };
}

/** What one weight adds to the cost; the others' share cancels in the difference. */
function penaltyOf({ network }: Trainer, index: number, value: number): number {
  let [at, below] = [0, network.inputs];
  for (const layer of network.layers) {
    const weights = layer.units * below;
    if (index >= at && index < at + weights) return layer.l1 * Math.abs(value) + layer.l2 * value ** 2;
    at += countOf(layer);
    below = layer.units;
  }
  return 0;
}
