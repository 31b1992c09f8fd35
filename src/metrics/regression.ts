// How far numbers are from their targets.

import { options, wholeNumber } from "../checks.js";
import { type Rows, readValues } from "./rows.js";
import { ValueTotals } from "./value-totals.js";

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
  return totalsOf(predictions, targets).meanAbsoluteError;
}

/**
 * The mean of (prediction − target)² over all numbers of all rows.
 *
 * @param predictions as for `meanAbsoluteError`
 * @param targets as for `meanAbsoluteError`
 * @throws as `meanAbsoluteError`
 */
export function meanSquaredError(predictions: Rows, targets: Rows): number {
  return totalsOf(predictions, targets).meanSquaredError;
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
    const totals = new ValueTotals();
    for (let i = j; i < rows * width; i += width) totals.add(predicted[i] as number, actual[i] as number);
    total += totals.determination;
  }
  return total / width;
}

/** Over all numbers of all rows. */
function totalsOf(predictions: Rows, targets: Rows): ValueTotals {
  const { predicted, actual, rows, width } = readValues(predictions, targets);
  const totals = new ValueTotals();
  for (let i = 0; i < rows * width; i++) totals.add(predicted[i] as number, actual[i] as number);
  return totals;
}
