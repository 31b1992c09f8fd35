// How good the numbers of the rows are as probabilities, or only as an order.

import { options, outOfRange } from "../checks.js";
import { isFloat32Array, isRows, type Numbers } from "../samples.js";
import { type ClassOptions, type Rows, readClasses } from "./rows.js";

/** The distance from 1 to the next number of float32 and float64. */
export const EPSILON_32 = 2 ** -23;
const EPSILON_64 = 2 ** -52;

/**
 * The mean of −ln p over the rows, where p is the probability predicted for the row's class (Bishop, Pattern Recognition and
 * Machine Learning, 2006, eq. 4.108). As in scikit-learn 1.2, probabilities are first clipped to ε … 1 − ε, with
 * ε = 2⁻²³ for Float32Array and 2⁻⁵² for other arrays, then each row is divided by its sum. All in float64.
 *
 * @param predictions n rows of probabilities, one for each class, or one, that of class 1 of two
 * @param targets as for `accuracy`; of rows that aren't one-hot, only the likeliest class counts
 * @throws as `accuracy`, and RangeError for predictions below 0 or above 1
 */
export function logLoss(predictions: Rows, targets: Rows, classOptions?: ClassOptions): number {
  const given = options(classOptions, "logLoss", ["classes", "outputs"]);
  const { scores, rows, outputs, actual } = readClasses(predictions, targets, given);
  const single = isRows(predictions) ? predictions.every(isFloat32Array) : isFloat32Array(predictions);
  const epsilon = single ? EPSILON_32 : EPSILON_64;
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = row * outputs; i < (row + 1) * outputs; i++) {
      const score = scores[i] as number;
      if (score >= 0 && score <= 1) continue;
      const place = isRows(predictions) ? `[${row}][${i % outputs}]` : `[${i}]`;
      outOfRange(`predictions${place}`, "a probability, 0 to 1", score);
    }
    loss += rowLogLoss(scores, row, outputs, actual[row] as number, epsilon);
  }
  return loss / rows;
}

/** −ln p of the class that a row is of. Scores are probabilities. */
export function rowLogLoss(scores: Numbers, row: number, outputs: number, actual: number, epsilon: number): number {
  const clipped = (i: number) => Math.min(1 - epsilon, Math.max(epsilon, scores[i] as number));
  if (outputs === 1) {
    const score = clipped(row);
    return -Math.log(actual === 1 ? score : 1 - score);
  }
  let total = 0;
  for (let j = row * outputs; j < (row + 1) * outputs; j++) total += clipped(j);
  return -Math.log(clipped(row * outputs + actual) / total);
}

/**
 * The area under the receiver operating characteristic: how likely a row of a class has a larger number for it than a row of
 * another class, ties counting half, (Σ pairs [s⁺ > s⁻] + ½[s⁺ = s⁻]) / (n⁺·n⁻) (Hanley and McNeil, The meaning and use of the
 * area under a ROC curve, 1982). Of two classes, that of class 1; of more, the mean over the classes, each against the rest.
 * Any finite numbers will do, as only their order counts.
 *
 * @param predictions as for `accuracy`
 * @param targets as for `accuracy`
 * @throws as `accuracy`, and RangeError for a class without rows, as its area is undefined
 */
export function rocAuc(predictions: Rows, targets: Rows, classOptions?: ClassOptions): number {
  const given = options(classOptions, "rocAuc", ["classes", "outputs"]);
  const { scores, rows, outputs, classes, actual } = readClasses(predictions, targets, given);
  const counts = new Float64Array(classes);
  for (const label of actual) counts[label] += 1;
  const empty = counts.indexOf(0);
  if (empty >= 0) throw new RangeError(`targets must have rows of every class for rocAuc, got none of class ${empty}`);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const area = (label: number): number => {
    const offset = outputs === 1 ? 0 : label;
    const column = Float64Array.from(order.keys(), (row) => scores[row * outputs + offset] as number);
    order.sort((a, b) => (column[a] as number) - (column[b] as number));
    const positives = counts[label] as number;
    return pairsInOrder(order, column, (row) => actual[row] === label) / (positives * (rows - positives));
  };
  if (classes === 2) return area(1);
  let total = 0;
  for (let label = 0; label < classes; label++) total += area(label);
  return total / classes;
}

/** The pairs of a positive and a negative row where the positive one is larger, and half of those where they are equal. */
function pairsInOrder(ascending: Uint32Array, scores: Float64Array, isPositive: (row: number) => boolean): number {
  let pairs = 0;
  let negativesBelow = 0;
  for (let from = 0; from < ascending.length; ) {
    const score = scores[ascending[from] as number];
    let [positives, negatives, to] = [0, 0, from];
    for (; to < ascending.length && scores[ascending[to] as number] === score; to++) {
      if (isPositive(ascending[to] as number)) positives += 1;
      else negatives += 1;
    }
    pairs += positives * (negativesBelow + negatives / 2);
    negativesBelow += negatives;
    from = to;
  }
  return pairs;
}
