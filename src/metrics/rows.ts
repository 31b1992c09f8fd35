// Predictions and targets as they are given, checked, and read into flat float64 rows or classes.

import { outOfRange, wholeNumber, wrongKind } from "../checks.js";
import { resolveClasses } from "../dataset-options.js";
import { countRows, isNumbers, isRows, isTyped, lengthOfTyped, type Numbers, viewOf } from "../samples.js";

/** Outputs of a network or what they should be: rows, or all rows in one flat array, row-major. */
export type Rows = Numbers | readonly Numbers[];

/** How many numbers make a row, where the arrays don't tell. */
export interface ClassOptions {
  /**
   * How many classes there are, or their names; at least 2. Default: as many as a row of predictions has numbers, and two
   * where it has one.
   */
  classes?: number | readonly string[];
  /**
   * The numbers in a row of predictions, where they lie in one flat array: 1, or the number of classes. Default: the
   * length of the rows of targets, where these are rows; else `classes`, where there are more than two; else 2, where
   * `classes` is 2 and there are twice as many predictions as targets; else 1.
   */
  outputs?: number;
}

export interface Table {
  values: Numbers;
  rows: number;
  width: number;
}

export interface Classified {
  /** The predictions. */
  scores: Numbers;
  rows: number;
  outputs: number;
  classes: number;
  /** The class of each row of targets. */
  actual: Int32Array;
}

/** How far the probabilities of a row of targets may be from adding up to 1, as in datasets. */
const SUM_TOLERANCE = 1e-3;

/** Predictions, and targets that are classes. `given` are options with the keys of ClassOptions, not yet checked. */
export function readClasses(predictions: unknown, targets: unknown, given: Record<string, unknown>): Classified {
  const classNames = resolveClasses(given.classes);
  const told = given.outputs === undefined ? undefined : wholeNumber(given.outputs, "outputs", 1);
  const width = told ?? flatOutputs(predictions, targets, classNames?.length);
  const { values: scores, rows, width: outputs } = readTable(predictions, width, "predictions", told);
  const classes = Math.max(2, outputs);
  if (classNames !== undefined && classNames.length !== classes) {
    throw new RangeError(`classes must be ${classes} for ${outputs} numbers a row, got ${classNames.length}`);
  }
  const oneHot = isNumbers(targets) && targets.length === rows * outputs;
  const table = readTable(targets, oneHot ? outputs : 1, "targets");
  if (table.width !== 1 && table.width !== outputs) {
    throw new RangeError(
      `the rows of targets must have ${outputs} numbers, as those of predictions, or 1, a class index, got ${table.width}`,
    );
  }
  if (table.rows !== rows) {
    const guessed = told === undefined && classNames === undefined && !isRows(predictions);
    const hint = guessed && rows % table.rows === 0 ? `; tell outputs where a row has more than ${outputs}` : "";
    throw new RangeError(`targets must have ${rows} rows, as predictions have, got ${table.rows}${hint}`);
  }
  const actual = Int32Array.from({ length: rows }, (_, row) => actualClass(table, row, outputs));
  return {
    scores,
    rows,
    outputs,
    classes,
    actual,
  };
}

/** Predictions and targets that are numbers, in rows of the same width. */
export function readValues(
  predictions: unknown,
  targets: unknown,
  told?: number,
): { predicted: Numbers; actual: Numbers; rows: number; width: number } {
  const rowsOfTargets = isRows(targets) ? (targets[0] as Numbers).length : 1;
  const { values: predicted, rows, width } = readTable(predictions, told ?? rowsOfTargets, "predictions", told);
  const table = readTable(targets, width, "targets", width);
  if (table.rows !== rows) {
    throw new RangeError(`targets must have ${rows} rows, as predictions have, got ${table.rows}`);
  }
  return { predicted, actual: table.values, rows, width };
}

/**
 * The class that a row of numbers names, as a trainer's evaluation counts it: the largest, the first of equal ones, or the
 * threshold ½ where there is one number.
 */
export function classAt(values: Numbers, row: number, width: number): number {
  const from = row * width;
  if (width === 1) return (values[from] as number) >= 0.5 ? 1 : 0;
  let best = 0;
  for (let j = 1; j < width; j++) if ((values[from + j] as number) > (values[from + best] as number)) best = j;
  return best;
}

/** The numbers in a row of flat predictions, where it isn't told. */
function flatOutputs(predictions: unknown, targets: unknown, classes: number | undefined): number {
  if (classes !== undefined && classes > 2) return classes;
  if (isRows(targets)) return (targets[0] as Numbers).length;
  const pairs = isNumbers(predictions) && isNumbers(targets) && predictions.length === 2 * targets.length;
  return classes === 2 && pairs ? 2 : 1;
}

/** Rows, which must be of the width told, if any; or a flat array in rows of `flatWidth`. */
function readTable(source: unknown, flatWidth: number, place: string, told?: number): Table {
  if ((Array.isArray(source) || isTyped(source)) && source.length === 0) {
    throw new RangeError(`${place} must have at least one row, got none`);
  }
  if (!isRows(source)) {
    const width = Math.max(1, flatWidth);
    const rows = countRows(source, width, place);
    const values = readNumbers(source as Numbers, rows * width, (i) => `${place}[${i}]`);
    return { values, rows, width };
  }
  const width = told ?? (source[0] as Numbers).length;
  if (width === 0) throw new RangeError(`${place}[0] must have at least one number, got none`);
  const rows = countRows(source, width, place);
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    values.set(
      readNumbers(source[row] as Numbers, width, (i) => `${place}[${row}][${i}]`),
      row * width,
    );
  }
  return { values, rows, width };
}

/** The numbers of an array, checked: those of a typed array where they are, those of a plain array copied. */
function readNumbers(source: Numbers, count: number, place: (i: number) => string): Numbers & Iterable<number> {
  if (isTyped(source) && lengthOfTyped(source) !== count) {
    throw new RangeError(`${place(0)} must be followed by ${count - 1} more, got ${lengthOfTyped(source)} in all`);
  }
  const numbers = isTyped(source) ? viewOf(source) : new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value: unknown = isTyped(source) ? numbers[i] : source[i];
    if (typeof value !== "number") wrongKind(place(i), "a number", value);
    if (!Number.isFinite(value)) outOfRange(place(i), "finite", value);
    if (!isTyped(source)) numbers[i] = value;
  }
  return numbers;
}

/** The class that a row of targets names: a class index, a one-hot row, or the likeliest of a row of probabilities. */
function actualClass({ values, width }: Table, row: number, outputs: number): number {
  const place = `targets[${row}]`;
  if (width === 1) {
    const value = values[row] as number;
    if (outputs === 1 && (value < 0 || value > 1)) {
      outOfRange(place, "from 0 to 1, as one output tells two classes apart", value);
    }
    if (outputs === 1) return classAt(values, row, 1);
    if (!Number.isInteger(value) || value < 0 || value >= outputs) {
      outOfRange(place, `a class index from 0 to ${outputs - 1}`, value);
    }
    return value;
  }
  let sum = 0;
  let least = 0;
  for (let j = row * width; j < (row + 1) * width; j++) {
    sum += values[j] as number;
    least = Math.min(least, values[j] as number);
  }
  if (least < 0 || Math.abs(sum - 1) > SUM_TOLERANCE) {
    const numbers = Array.from({ length: Math.min(width, 10) }, (_, j) => values[row * width + j]).join(", ");
    throw new RangeError(
      `row ${row} of targets must be one-hot, or probabilities that add up to 1, got ${numbers}${width > 10 ? ", …" : ""}`,
    );
  }
  return classAt(values, row, width);
}
