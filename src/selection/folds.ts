// Cuts a dataset into folds, each of which is validated on once while the others are trained on.

import { boolean, options, outOfRange, wholeNumber, wrongKind } from "../checks.js";
import { Dataset } from "../dataset.js";
import { Random, Stream, shuffled, shuffleStretch } from "../random.js";

export interface FoldOptions {
  /** How many, from 2 to the dataset's length. Default 5. */
  folds?: number;
  /** Draw each fold's rows at random. With false, folds are stretches of the rows (of each class's rows). Default true. */
  shuffle?: boolean;
  /** Give each fold the same share of each class. Default: whether the dataset has classes. */
  stratified?: boolean;
  /** Default 0: the same folds every time. */
  seed?: number;
}

/** One of the folds that `kFold` makes of a dataset, as data. */
export interface FoldChoice {
  /** Which one is held out, from 0. */
  number: number;
  folds: number;
  stratified: boolean;
  seed: number;
}

/** Both have their rows in the dataset's order. */
export interface Fold {
  train: Dataset;
  validation: Dataset;
}

/**
 * The folds of k-fold cross-validation: each row is in exactly one fold's `validation` and in all others' `train`. Folds
 * differ by one row at most, and stratified also by one row of each class. Nothing is copied but the rows' numbers.
 *
 * Without shuffling they are those of scikit-learn's KFold and StratifiedKFold: the rows' classes, sorted by where each first
 * appears, are dealt out to the folds in turns, which says how many of each class a fold has; each class's rows then go to
 * the folds in order.
 *
 * @throws RangeError for more folds than rows, or `stratified` without classes; TypeError for what isn't a Dataset.
 */
export function kFold(dataset: Dataset, foldOptions?: FoldOptions): Fold[] {
  if (!(dataset instanceof Dataset)) wrongKind("dataset", "a Dataset", dataset);
  const given = options(foldOptions, "kFold", ["folds", "shuffle", "stratified", "seed"]);
  const folds = resolveFolds(given.folds, dataset.length);
  const draws = given.shuffle === undefined ? true : boolean(given.shuffle, "shuffle");
  const stratified = resolveStratified(given.stratified, dataset);
  const seed = given.seed === undefined ? 0 : wholeNumber(given.seed, "seed", 0);
  const foldOf = stratified
    ? dealClasses(dataset.labels, folds, draws ? seed : undefined)
    : dealRows(dataset.length, folds, draws ? seed : undefined);
  return Array.from({ length: folds }, (_, fold) => ({
    train: dataset.select(rowsWhere(foldOf, (other) => other !== fold)),
    validation: dataset.select(rowsWhere(foldOf, (other) => other === fold)),
  }));
}

/** @throws as `kFold`; RangeError for a fold that there isn't. */
export function foldOf(dataset: Dataset, { number, ...choice }: FoldChoice): Fold {
  const folds = kFold(dataset, choice);
  return folds[wholeNumber(number, "fold.number", 0, folds.length - 1)] as Fold;
}

export function resolveFolds(folds: unknown, rows: number): number {
  const count = folds === undefined ? 5 : wholeNumber(folds, "folds", 2);
  if (count > rows) outOfRange("folds", `at most the dataset's length, ${rows}`, count);
  return count;
}

export function resolveStratified(stratified: unknown, { classNames }: Pick<Dataset, "classNames">): boolean {
  const hasClasses = classNames !== undefined;
  if (stratified === undefined) return hasClasses;
  if (boolean(stratified, "stratified") && !hasClasses) throw new RangeError("stratified needs a dataset with classes");
  return stratified as boolean;
}

/** Each row's fold: stretches of the rows, the first of which have one more where the folds don't divide. */
function dealRows(rows: number, folds: number, seed: number | undefined): Uint32Array {
  const order = seed === undefined ? undefined : shuffled(rows, new Random(seed, Stream.folds));
  const foldOf = new Uint32Array(rows);
  const size = Math.floor(rows / folds);
  const longer = (rows % folds) * (size + 1);
  for (let i = 0; i < rows; i++) {
    const fold = i < longer ? Math.floor(i / (size + 1)) : Math.floor((i - longer) / size) + (rows % folds);
    foldOf[order?.[i] ?? i] = fold;
  }
  return foldOf;
}

/** Each row's fold, of each class as many as `kFold` says. */
function dealClasses(labels: Uint32Array, folds: number, seed: number | undefined): Uint32Array {
  const members = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const rows = members.get(label);
    if (rows === undefined) members.set(label, [row]);
    else rows.push(row);
  });
  const foldOf = new Uint32Array(labels.length);
  let dealt = 0;
  for (const [label, rows] of members) {
    // numbers dealt in turns from `dealt` on, sorted: the folds of this class's rows
    const turns = Uint32Array.from(rows, (_, i) => (dealt + i) % folds).sort();
    if (seed !== undefined) shuffleStretch(turns, 0, turns.length, new Random(seed, Stream.folds, label));
    rows.forEach((row, i) => {
      foldOf[row] = turns[i] as number;
    });
    dealt += rows.length;
  }
  return foldOf;
}

function rowsWhere(foldOf: Uint32Array, wanted: (fold: number) => boolean): Uint32Array {
  const rows: number[] = [];
  foldOf.forEach((fold, row) => {
    if (wanted(fold)) rows.push(row);
  });
  return Uint32Array.from(rows);
}
