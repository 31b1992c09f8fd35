// How well classes were met: measures of the class that each row of predictions names.
//
// tp, fp, fn are a class's true positives, false positives and false negatives. The formulas are those of scikit-learn's user
// guide, https://scikit-learn.org/stable/modules/model_evaluation.html.

import { options, wholeNumber } from "../checks.js";
import { type ClassOptions, classAt, type Rows, readClasses } from "./rows.js";
import {
  type Average,
  type Averaged,
  average,
  f1Score,
  precisionScore,
  recallScore,
  resolveAverage,
  type Score,
  sum,
  tally,
} from "./tally.js";

export interface TopKOptions extends ClassOptions {
  /** How many classes are looked at, at most all. Default 5, as in Keras. */
  k?: number;
}

export interface AverageOptions<A extends Average = Average> extends ClassOptions {
  /** How the classes' scores become one, or "none" for an array of them. Default "macro". */
  average?: A;
}

const SIZES = ["classes", "outputs"];

/** As Evaluation has it. */
const MOST_CLASSES = 2048;

/**
 * The share of rows whose class was met: Σ [predicted = actual] / n. The class predicted is the largest number of a row, the
 * first of equal ones; where a row has one number, class 1 from ½ on, else class 0.
 *
 * @param predictions n rows of numbers, one for each class, or one number for two classes
 * @param targets n class indices, or n rows, one-hot or of probabilities, whose class is found as that of predictions
 * @throws RangeError for NaN, infinities, lengths that don't agree and targets that aren't classes; TypeError for other kinds
 */
export function accuracy(predictions: Rows, targets: Rows, classOptions?: ClassOptions): number {
  const data = readClasses(predictions, targets, options(classOptions, "accuracy", SIZES));
  return sum(tally(data).hits) / data.rows;
}

/**
 * The share of rows whose class is among the k with the largest numbers. Of equal ones, the first classes count as larger, so
 * that k = 1 gives `accuracy`; scikit-learn takes the last ones.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `accuracy`, and RangeError for a k above the number of classes
 */
export function topKAccuracy(predictions: Rows, targets: Rows, topKOptions?: TopKOptions): number {
  const given = options(topKOptions, "topKAccuracy", [...SIZES, "k"]);
  const data = readClasses(predictions, targets, given);
  const { scores, rows, outputs, classes, actual } = data;
  const k = wholeNumber(given.k === undefined ? 5 : given.k, "k", 1, classes);
  if (outputs === 1) return k === 1 ? sum(tally(data).hits) / rows : 1;
  let hits = 0;
  for (let row = 0; row < rows; row++) {
    const from = row * outputs;
    const own = from + (actual[row] as number);
    let before = 0;
    for (let j = from; j < from + outputs; j++) {
      const [score, ownScore] = [scores[j] as number, scores[own] as number];
      if (score > ownScore || (score === ownScore && j < own)) before += 1;
    }
    if (before < k) hits += 1;
  }
  return hits / rows;
}

/**
 * How many rows of each class were predicted as each class: confusionMatrix[actual][predicted]. 2,048 classes at most.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `accuracy`, and RangeError for more classes
 */
export function confusionMatrix(predictions: Rows, targets: Rows, classOptions?: ClassOptions): number[][] {
  const data = readClasses(predictions, targets, options(classOptions, "confusionMatrix", SIZES));
  const { scores, rows, outputs, classes, actual } = data;
  wholeNumber(classes, "classes", 2, MOST_CLASSES);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < rows; row++) {
    const ofActual = counts[actual[row] as number] as number[];
    ofActual[classAt(scores, row, outputs)] += 1;
  }
  return counts;
}

/**
 * The share of the rows predicted as a class that are of it: tp / (tp + fp); 0 for a class never predicted. All classes that
 * a row can name take part in an average, also those without rows.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `accuracy`, and RangeError for the average "binary" of more than two classes
 */
export function precision<A extends Average = "macro">(
  predictions: Rows,
  targets: Rows,
  averageOptions?: AverageOptions<A>,
): Averaged<A> {
  return averaged("precision", precisionScore, predictions, targets, averageOptions);
}

/**
 * The share of a class's rows that were predicted as it: tp / (tp + fn); 0 for a class without rows. All classes that a row
 * can name take part in an average, also those without rows.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `precision`
 */
export function recall<A extends Average = "macro">(
  predictions: Rows,
  targets: Rows,
  averageOptions?: AverageOptions<A>,
): Averaged<A> {
  return averaged("recall", recallScore, predictions, targets, averageOptions);
}

/**
 * The harmonic mean of precision and recall: 2·tp / (2·tp + fp + fn); 0 for a class neither there nor predicted
 * (van Rijsbergen, Information Retrieval, 1979, ch. 7). All classes that a row can name take part in an average.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `precision`
 */
export function f1<A extends Average = "macro">(
  predictions: Rows,
  targets: Rows,
  averageOptions?: AverageOptions<A>,
): Averaged<A> {
  return averaged("f1", f1Score, predictions, targets, averageOptions);
}

/**
 * The mean of the classes' recalls, over the classes that have rows (Brodersen et al., The balanced accuracy and its
 * posterior distribution, 2010).
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `accuracy`
 */
export function balancedAccuracy(predictions: Rows, targets: Rows, classOptions?: ClassOptions): number {
  const data = readClasses(predictions, targets, options(classOptions, "balancedAccuracy", SIZES));
  const { hits, actual } = tally(data);
  const recalls = [...hits]
    .map((count, i) => count / (actual[i] as number))
    .filter((_, i) => (actual[i] as number) > 0);
  return sum(recalls) / recalls.length;
}

/**
 * Matthews' correlation of predicted and actual classes, −1 to 1, for two classes or more:
 * (c·s − Σ pₖ·tₖ) / √((s² − Σ pₖ²)(s² − Σ tₖ²)), where of s rows c were met, pₖ predicted as class k and tₖ of class k
 * (Gorodkin, Comparing two K-category assignments by a K-category correlation coefficient, 2004). 0 where all rows are of one
 * class or were predicted as one.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `accuracy`
 */
export function matthewsCorrelation(predictions: Rows, targets: Rows, classOptions?: ClassOptions): number {
  const data = readClasses(predictions, targets, options(classOptions, "matthewsCorrelation", SIZES));
  const { hits, predicted, actual, rows } = tally(data);
  const dot = (a: Float64Array, b: Float64Array) => sum(a.map((value, i) => value * (b[i] as number)));
  const ofPredicted = rows ** 2 - dot(predicted, predicted);
  const ofActual = rows ** 2 - dot(actual, actual);
  if (ofPredicted === 0 || ofActual === 0) return 0;
  return (sum(hits) * rows - dot(predicted, actual)) / Math.sqrt(ofPredicted * ofActual);
}

function averaged<A extends Average>(
  name: string,
  score: Score,
  predictions: Rows,
  targets: Rows,
  averageOptions: AverageOptions<A> | undefined,
): Averaged<A> {
  const given = options(averageOptions, name, [...SIZES, "average"]);
  const data = readClasses(predictions, targets, given);
  return average(tally(data), score, resolveAverage<A>(given.average, data.classes));
}
