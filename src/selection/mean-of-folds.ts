// What a trial is worth that is measured on several folds.

import type { Trial } from "./search.js";

/** What one measuring gave; without a finite loss where it gave none. */
export type Measured = Pick<Trial<unknown>, "status" | "error"> &
  Partial<Pick<Trial<unknown>, "loss" | "accuracy" | "value">>;

/** The mean over folds, each counting the same; where one couldn't be measured, what became of the first such. */
export function meanOfFolds(folds: readonly Measured[]): Measured {
  const unmeasured = folds.find(({ loss = Infinity }) => !(loss < Infinity));
  if (unmeasured !== undefined) {
    const { status, error } = unmeasured;
    return error === undefined ? { status } : { status, error };
  }
  const { status } = folds.find(({ status }) => status !== "completed") ?? { status: "completed" };
  const loss = meanOf(folds.map(({ loss }) => loss as number));
  const value = meanOf(folds.map(({ value }) => value as number));
  const accuracies = folds.flatMap(({ accuracy }) => accuracy ?? []);
  return { status, loss, value, ...(accuracies.length > 0 && { accuracy: meanOf(accuracies) }) };
}

export function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
