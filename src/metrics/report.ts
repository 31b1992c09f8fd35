// All scores of all classes at once.

import { finite, options, wrongKind } from "../checks.js";
import { isTyped, type Numbers } from "../samples.js";
import { confusionMatrix } from "./classification.js";
import type { ClassOptions, Rows } from "./rows.js";
import {
  type Average,
  average,
  f1Score,
  precisionScore,
  recallScore,
  scoresOf,
  sum,
  type Tally,
  tallyOf,
} from "./tally.js";

export interface ClassScores {
  precision: number;
  recall: number;
  f1: number;
  /** The rows that are of the class, or of all classes. */
  support: number;
}

export interface ClassificationReport {
  /** The share of rows whose class was met. */
  accuracy: number;
  /** Each class by its name ("0", "1", … where none were given), in the order of the classes. */
  classes: ({ name: string } & ClassScores)[];
  /** The mean of the classes' scores. */
  macro: ClassScores;
  /** The mean of the classes' scores, weighted by their support. */
  weighted: ClassScores;
}

/**
 * Accuracy, and precision, recall, F1 and support of every class and on average, as `accuracy`, `precision`, `recall` and `f1`
 * give them; a score of which nothing was counted is 0. 2,048 classes at most.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `confusionMatrix`
 */
export function classificationReport(
  predictions: Rows,
  targets: Rows,
  classOptions?: ClassOptions,
): ClassificationReport {
  const { classes } = options(classOptions, "classificationReport", ["classes", "outputs"]);
  const names = Array.isArray(classes) ? (classes as string[]) : undefined;
  return reportOf(confusionMatrix(predictions, targets, classOptions), names);
}

/**
 * The report that a confusion matrix holds, such as a trainer's evaluation has.
 *
 * @param confusionMatrix confusionMatrix[actual][predicted], in rows
 * @param classNames Default: "0", "1", …
 * @throws RangeError where the matrix isn't square, counts nothing or less than nothing, or the names aren't as many; TypeError
 * for other kinds
 */
export function reportOf(
  confusionMatrix: readonly ArrayLike<number>[],
  classNames?: readonly string[],
): ClassificationReport {
  const counts = countsOf(confusionMatrix);
  const classes = counts.hits.length;
  if (classNames !== undefined && !Array.isArray(classNames)) wrongKind("classNames", "an array of names", classNames);
  if (classNames !== undefined && classNames.length !== classes) {
    throw new RangeError(
      `classNames must have ${classes} names, as confusionMatrix has rows, got ${classNames.length}`,
    );
  }
  classNames?.forEach((name: unknown, i) => {
    if (typeof name !== "string") wrongKind(`classNames[${i}]`, "a string", name);
  });
  const [precisions, recalls, f1s] = [precisionScore, recallScore, f1Score].map((score) => scoresOf(counts, score));
  const mean = (kind: Extract<Average, "macro" | "weighted">): ClassScores => ({
    precision: average(counts, precisionScore, kind),
    recall: average(counts, recallScore, kind),
    f1: average(counts, f1Score, kind),
    support: counts.rows,
  });
  return {
    accuracy: sum(counts.hits) / counts.rows,
    classes: Array.from(counts.actual, (support, i) => ({
      name: classNames?.[i] ?? String(i),
      precision: precisions?.[i] as number,
      recall: recalls?.[i] as number,
      f1: f1s?.[i] as number,
      support,
    })),
    macro: mean("macro"),
    weighted: mean("weighted"),
  };
}

function countsOf(confusionMatrix: unknown): Tally {
  if (!Array.isArray(confusionMatrix)) wrongKind("confusionMatrix", "an array of rows of counts", confusionMatrix);
  const classes = confusionMatrix.length;
  const matrix = Array.from(confusionMatrix, (row: unknown, i) => {
    const place = `confusionMatrix[${i}]`;
    if (!Array.isArray(row) && !isTyped(row)) wrongKind(place, `an array of ${classes} counts`, row);
    if (row.length !== classes) throw new RangeError(`${place} must have ${classes} counts, got ${row.length}`);
    return Array.from(row as Numbers, (count, j) => finite(count, `${place}[${j}]`, { least: 0 }));
  });
  const counts = tallyOf(matrix);
  if (counts.rows === 0) throw new RangeError(`confusionMatrix must count at least one row, got none`);
  return counts;
}
