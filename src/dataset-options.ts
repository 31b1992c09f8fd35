// A dataset's options as they are given: checked, and turned into columns.

import { finite, got, options, outOfRange, wholeNumber, wrongKind } from "./checks.js";
import { type Columns, FlatColumns } from "./data/columns.js";
import { assertDistributions } from "./distributions.js";
import { checkedRows, countRows, isNumbers, isRows, type Numbers, type TypedNumbers } from "./samples.js";

export interface DatasetOptions {
  /** number[][], or one flat array of numbers with `inputSize` told. Typed arrays are kept, not copied. */
  inputs: Numbers | readonly Numbers[];
  /**
   * Rows of `outputSize` numbers, nested or flat; or, with `classes`, one class index (0 to classes − 1) or class name
   * a row.
   */
  targets: Numbers | readonly Numbers[] | readonly string[];
  /** What each row counts in the loss, one number of at least 0 a row. Default: 1 each. */
  sampleWeights?: Numbers;
  /** The numbers in a row of inputs. Default: the length of the first row. */
  inputSize?: number;
  /** The numbers in a row of targets. Default: the number of classes, else the length of the first row, else 1. */
  outputSize?: number;
  /** How many classes there are, or their names. */
  classes?: number | readonly string[];
  /**
   * What every input is multiplied by, when a mini-batch is gathered; not 0. Default 1. It belongs to the dataset:
   * `predict` takes numbers as the network sees them, so multiply there yourself.
   */
  scale?: number;
}

/** Where the rows' targets are: numbers, or class indices. */
export type Targets =
  | { kind: "values"; columns: Columns; range: [least: number, most: number] }
  | { kind: "classes"; columns: Columns };

/** What a dataset is made of. */
export interface Content {
  inputs: Columns;
  scale: number;
  targets: Targets;
  /** One number a row, where rows count differently. */
  weights: Columns | undefined;
  outputSize: number;
  classNames: readonly string[] | undefined;
}

export function resolveDataset(datasetOptions: unknown): Content {
  const keys = ["inputs", "targets", "sampleWeights", "inputSize", "outputSize", "classes", "scale"];
  if (datasetOptions === undefined)
    wrongKind("the options of Dataset.from", "an object with inputs and targets", undefined);
  const given = options(datasetOptions, "Dataset.from", keys) as unknown as DatasetOptions;
  const scale = resolveScale(given.scale);
  const classNames = resolveClasses(given.classes);
  const inputs = resolveInputs(given.inputs, given.inputSize, scale);
  const { targets, outputSize } = resolveTargets(given, classNames, inputs.rows);
  const rows = targets.columns.rows;
  if (rows !== inputs.rows) {
    throw new RangeError(`inputs and targets must have as many rows, got ${inputs.rows} and ${rows}`);
  }
  const oneHot = classNames === undefined && targets.kind === "values" && isOneHot(targets.columns);
  const weights =
    given.sampleWeights === undefined ? undefined : new FlatColumns(checkedWeights(given.sampleWeights, rows), 1);
  return { inputs, scale, targets, weights, outputSize, classNames: oneHot ? numbered(outputSize) : classNames };
}

/** One number of at least 0 for each row. */
export function checkedWeights(source: unknown, rows: number): TypedNumbers {
  if (!isNumbers(source)) wrongKind("sampleWeights", "an array of numbers", source);
  if (source.length !== rows) {
    throw new RangeError(`sampleWeights must have a number for each of the ${rows} rows, got ${source.length}`);
  }
  const weights = checkedRows(source, 0, rows, 1, "sampleWeights");
  for (let i = 0; i < rows; i++) {
    const weight = weights[i] as number;
    if (weight < 0) outOfRange(`sampleWeights[${i}]`, "a number of at least 0", weight);
  }
  return weights;
}

export function resolveScale(told: unknown): number {
  const scale = told === undefined ? 1 : finite(told, "scale");
  if (!Number.isFinite(Math.fround(scale)) || Math.fround(scale) === 0) {
    outOfRange("scale", "a number that float32 holds, other than 0", scale);
  }
  return scale;
}

export function resolveClasses(classes: unknown): readonly string[] | undefined {
  if (classes === undefined) return undefined;
  if (typeof classes === "number") return numbered(wholeNumber(classes, "classes", 2, 2 ** 24));
  if (!Array.isArray(classes)) wrongKind("classes", "a number of classes or an array of their names", classes);
  if (classes.length < 2) throw new RangeError(`classes must have at least 2 names, got ${classes.length}`);
  const seen = new Set<string>();
  const names = Array.from(classes, (name: unknown, i) => {
    if (typeof name !== "string") wrongKind(`classes[${i}]`, "a string", name);
    if (seen.has(name)) throw new RangeError(`classes[${i}] must differ from the names before it, got ${got(name)}`);
    seen.add(name);
    return name;
  });
  return Object.freeze(names);
}

function numbered(classes: number): readonly string[] {
  return Object.freeze(Array.from({ length: classes }, (_, i) => String(i)));
}

/** The row size that was told, or that the first row has. */
function resolveSize(told: unknown, source: unknown, place: string, fallback?: number): number {
  if (told !== undefined) return wholeNumber(told, place, 1);
  if (isRows(source)) {
    const size = (source[0] as Numbers).length;
    if (size === 0) throw new RangeError(`${place}: the first row must have at least one number, got none`);
    return size;
  }
  if (fallback !== undefined) return fallback;
  throw new RangeError(`${place} must be told where the rows lie in one flat array`);
}

function assertNotEmpty(source: unknown, place: string): void {
  if ((isNumbers(source) || Array.isArray(source)) && source.length === 0) {
    throw new RangeError(`${place} must have at least one row, got none`);
  }
}

function resolveInputs(source: unknown, told: unknown, scale: number): FlatColumns {
  assertNotEmpty(source, "inputs");
  if (!isRows(source) && !isNumbers(source)) wrongKind("inputs", "an array of rows or a flat array of numbers", source);
  const size = resolveSize(told, source, "inputSize");
  const rows = countRows(source, size, "inputs");
  return new FlatColumns(checkedRows(source, 0, rows, size, "inputs", scale), size);
}

function resolveTargets(
  given: DatasetOptions,
  classNames: readonly string[] | undefined,
  rows: number,
): { targets: Targets; outputSize: number } {
  const source: unknown = given.targets;
  assertNotEmpty(source, "targets");
  if (!isRows(source) && !isNumbers(source)) wrongKind("targets", "an array of rows, numbers or class names", source);
  const isNames = !isRows(source) && typeof source[0] === "string";
  if (isNames && classNames === undefined) {
    throw new RangeError("targets that are class names need classes, the list of the names");
  }
  const outputSize = resolveSize(given.outputSize, source, "outputSize", classNames?.length ?? 1);
  if (classNames !== undefined && outputSize !== classNames.length && !(outputSize === 1 && classNames.length === 2)) {
    throw new RangeError(
      `outputSize must be ${classNames.length}, the number of classes${classNames.length === 2 ? ", or 1" : ""}, ` +
        `got ${outputSize}`,
    );
  }
  // with classes, a flat array is either a label a row, or as long as all rows of outputs together
  if (
    classNames !== undefined &&
    !isRows(source) &&
    (isNames || source.length !== rows * outputSize || outputSize === 1)
  ) {
    return resolveLabels(source, classNames, rows, outputSize);
  }
  const count = countRows(source, outputSize, "targets");
  const columns = new FlatColumns(checkedRows(source, 0, count, outputSize, "targets"), outputSize);
  if (classNames !== undefined) assertDistributions(columns.values, outputSize, "as there are classes");
  return { targets: { kind: "values", columns, range: rangeOf(columns.values) }, outputSize };
}

function resolveLabels(source: ArrayLike<unknown>, classNames: readonly string[], rows: number, outputSize: number) {
  if (source.length !== rows) {
    throw new RangeError(`inputs and targets must have as many rows, got ${rows} and ${source.length}`);
  }
  const labels = Float32Array.from({ length: rows }, (_, i) => labelOf(source[i], classNames, `targets[${i}]`));
  const columns = new FlatColumns(labels, 1);
  const targets: Targets =
    outputSize > 1 ? { kind: "classes", columns } : { kind: "values", columns, range: rangeOf(labels) };
  return { targets, outputSize };
}

function labelOf(value: unknown, classNames: readonly string[], place: string): number {
  if (typeof value === "string") {
    const index = classNames.indexOf(value);
    if (index < 0) outOfRange(place, `one of the classes ${shortList(classNames)}`, value);
    return index;
  }
  if (typeof value !== "number") wrongKind(place, "a class index or name", value);
  if (!Number.isInteger(value) || value < 0 || value >= classNames.length) {
    outOfRange(place, `a class index from 0 to ${classNames.length - 1}`, value);
  }
  return value;
}

export function shortList(names: readonly string[]): string {
  return names.length <= 10 ? names.join(", ") : `${names.slice(0, 10).join(", ")}, …`;
}

function rangeOf(values: Numbers): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i] as number);
    most = Math.max(most, values[i] as number);
  }
  return [least, most];
}

/** Whether every row has one 1 and else 0s, and there is more than one column. */
function isOneHot(columns: Columns): boolean {
  if (columns.width < 2) return false;
  const row = new Float32Array(columns.width);
  for (let i = 0; i < columns.rows; i++) {
    columns.copyTo(row, undefined, i, i + 1);
    let ones = 0;
    for (const value of row) {
      if (value === 1) ones += 1;
      else if (value !== 0) return false;
    }
    if (ones !== 1) return false;
  }
  return true;
}
