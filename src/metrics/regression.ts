// How far numbers are from their targets.

import { options, wholeNumber } from "../checks.js";
import { type Rows, readValues } from "./rows.js";

export interface R2Options {
  /** The numbers in a row, where predictions and targets are both flat arrays. Default 1. */
  outputs?: number;
  /** Not used, but taken, as `fit` and `evaluate` tell it to every metric. */
  classes?: number | readonly string[];
}

/**
 * The mean of |prediction − target| over all numbers of all rows.
 *
 * @param predictions n rows of numbers, nested or flat
 * @param targets as many
 * @throws RangeError for NaN, infinities and lengths that don't agree; TypeError for other kinds
 */
export function meanAbsoluteError(predictions: Rows, targets: Rows): number {
  return meanOf(predictions, targets, Math.abs);
}

/**
 * The mean of (prediction − target)² over all numbers of all rows.
 *
 * @param predictions as for `meanAbsoluteError`
 * @param targets as for `meanAbsoluteError`
 * @throws as `meanAbsoluteError`
 */
export function meanSquaredError(predictions: Rows, targets: Rows): number {
  return meanOf(predictions, targets, (difference) => difference * difference);
}

/**
 * The root of `meanSquaredError`, in the unit of the targets. Of rows with several numbers it is the root of the mean over all
 * of them, as in Keras; scikit-learn takes the mean of the roots.
 *
 * @param predictions as for `meanAbsoluteError`
 * @param targets as for `meanAbsoluteError`
 * @throws as `meanAbsoluteError`
 */
export function rootMeanSquaredError(predictions: Rows, targets: Rows): number {
  return Math.sqrt(meanSquaredError(predictions, targets));
}

/**
 * The coefficient of determination, 1 − Σ(y − ŷ)² / Σ(y − ȳ)² for each output, and of several outputs the mean, scikit-learn's
 * "uniform_average" (https://scikit-learn.org/stable/modules/model_evaluation.html#r2-score). 1 at best, 0 for predicting the
 * mean, below for worse. An output whose targets are all equal counts 1 where all predictions are exact, else 0.
 *
 * @param predictions as for `meanAbsoluteError`; n is at least 2
 * @param targets as for `meanAbsoluteError`
 * @throws as `meanAbsoluteError`, and RangeError for a single row
 */
export function r2(predictions: Rows, targets: Rows, r2Options?: R2Options): number {
  const { outputs } = options(r2Options, "r2", ["outputs", "classes"]);
  const told = outputs === undefined ? undefined : wholeNumber(outputs, "outputs", 1);
  const { predicted, actual, rows, width } = readValues(predictions, targets, told);
  if (rows < 2) throw new RangeError(`targets must have at least 2 rows for r2, got ${rows}`);
  let total = 0;
  for (let j = 0; j < width; j++) {
    const column = (values: ArrayLike<number>) =>
      Float64Array.from({ length: rows }, (_, row) => values[row * width + j] as number);
    total += determination(column(predicted), column(actual));
  }
  return total / width;
}

function determination(predicted: Float64Array, actual: Float64Array): number {
  let mean = 0;
  for (const value of actual) mean += value;
  mean /= actual.length;
  let [residual, spread] = [0, 0];
  for (let row = 0; row < actual.length; row++) {
    const value = actual[row] as number;
    residual += (value - (predicted[row] as number)) ** 2;
    spread += (value - mean) ** 2;
  }
  if (residual === 0) return 1;
  // asked of the targets, as the mean of equal numbers may be rounded, and leave a spread that isn't there
  if (actual.every((value) => value === actual[0])) return 0;
  return 1 - residual / spread;
}

function meanOf(predictions: Rows, targets: Rows, measure: (difference: number) => number): number {
  const { predicted, actual, rows, width } = readValues(predictions, targets);
  let total = 0;
  for (let i = 0; i < rows * width; i++) total += measure((predicted[i] as number) - (actual[i] as number));
  return total / (rows * width);
}
