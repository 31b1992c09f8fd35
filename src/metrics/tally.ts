// How often each class was met, predicted and there, and the scores that come of it.

import { oneOf } from "../checks.js";
import { type Classified, classAt } from "./rows.js";

/** Counts per class. */
export interface Tally {
  /** Rows of the class that were predicted as it: tp. */
  hits: Float64Array;
  /** Rows predicted as the class: tp + fp. */
  predicted: Float64Array;
  /** Rows of the class, its support: tp + fn. */
  actual: Float64Array;
  rows: number;
}

/**
 * How the scores of the classes become one: "macro", their mean; "weighted", their mean weighted by the classes' rows;
 * "micro", the score of the counts of all classes added up; "binary", the score of class 1 of two; "none", all of them.
 */
export type Average = "macro" | "micro" | "weighted" | "binary" | "none";

/** What an average gives: a number for each class with "none", else one. */
export type Averaged<A extends Average> = A extends "none" ? number[] : number;

/** A score of one class, from its counts. */
export type Score = (hits: number, predicted: number, actual: number) => number;

/** 0 where nothing was counted, as scikit-learn's zero_division has it by default. */
export const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

export const precisionScore: Score = (hits, predicted) => ratio(hits, predicted);
export const recallScore: Score = (hits, _, actual) => ratio(hits, actual);
export const f1Score: Score = (hits, predicted, actual) => ratio(2 * hits, predicted + actual);

export function tally({ scores, rows, outputs, classes, actual }: Classified): Tally {
  const counts = emptyTally(classes, rows);
  for (let row = 0; row < rows; row++) {
    const predicted = classAt(scores, row, outputs);
    counts.predicted[predicted] += 1;
    counts.actual[actual[row] as number] += 1;
    if (predicted === actual[row]) counts.hits[predicted] += 1;
  }
  return counts;
}

/** From confusionMatrix[actual][predicted], square. */
export function tallyOf(confusionMatrix: readonly ArrayLike<number>[]): Tally {
  const counts = emptyTally(confusionMatrix.length, 0);
  for (let i = 0; i < confusionMatrix.length; i++) {
    for (let j = 0; j < confusionMatrix.length; j++) {
      const count = confusionMatrix[i]?.[j] as number;
      counts.actual[i] += count;
      counts.predicted[j] += count;
      if (i === j) counts.hits[i] = count;
      counts.rows += count;
    }
  }
  return counts;
}

/** The score of each class. */
export function scoresOf({ hits, predicted, actual }: Tally, score: Score): number[] {
  return Array.from(hits, (count, i) => score(count, predicted[i] as number, actual[i] as number));
}

/** The classes' scores, averaged. "binary" is for two classes. */
export function average<A extends Average>(counts: Tally, score: Score, kind: A): Averaged<A>;
export function average(counts: Tally, score: Score, kind: Average): number | number[] {
  if (kind === "micro") return score(sum(counts.hits), counts.rows, counts.rows);
  const scores = scoresOf(counts, score);
  if (kind === "none") return scores;
  if (kind === "binary") return scores[1] as number;
  if (kind === "macro") return sum(scores) / scores.length;
  return sum(scores.map((value, i) => value * (counts.actual[i] as number))) / counts.rows;
}

/** An average's name, checked. Default "macro". */
export function resolveAverage<A extends Average>(value: unknown, classes: number): A {
  const names: Average[] = ["macro", "micro", "weighted", "none"];
  if (value === "binary" && classes !== 2) {
    throw new RangeError(`average must be one of ${names.join(", ")} for ${classes} classes, got "binary"`);
  }
  return (value === undefined ? "macro" : oneOf(value, "average", [...names, "binary"])) as A;
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function emptyTally(classes: number, rows: number): Tally {
  const [hits, predicted, actual] = [new Float64Array(classes), new Float64Array(classes), new Float64Array(classes)];
  return { hits, predicted, actual, rows };
}
