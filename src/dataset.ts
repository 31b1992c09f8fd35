// Samples and what the network should answer to them.

import { boolean, finite, got, options, outOfRange, wholeNumber, wrongKind } from "./checks.js";
import { type Columns, FlatColumns, flatten, JoinedColumns } from "./data/columns.js";
import { Random, Stream, shuffled, shuffleStretch } from "./random.js";
import { checkNumbers, countRows, isNumbers, isRows, type Numbers } from "./samples.js";

export interface DatasetOptions {
  /** number[][], or one flat array of numbers with `inputSize` told. Typed arrays are kept, not copied. */
  inputs: Numbers | readonly Numbers[];
  /**
   * Rows of `outputSize` numbers, nested or flat; or, with `classes`, one class index (0 to classes − 1) or class name
   * a row.
   */
  targets: Numbers | readonly Numbers[] | readonly string[];
  /** The numbers in a row of inputs. Default: the length of the first row. */
  inputSize?: number;
  /** The numbers in a row of targets. Default: the number of classes, else the length of the first row, else 1. */
  outputSize?: number;
  /** How many classes there are, or their names. */
  classes?: number | readonly string[];
  /** What every input is multiplied by, when a mini-batch is gathered. Default 1. */
  scale?: number;
}

/** One row of a dataset. */
export interface Sample {
  input: Float32Array<ArrayBuffer>;
  target: Float32Array<ArrayBuffer>;
  /** The class index, where there are classes. */
  label?: number;
}

/** Rows of a dataset in flat arrays. */
export interface Batch {
  inputs: Float32Array<ArrayBuffer>;
  targets: Float32Array<ArrayBuffer>;
}

export interface SplitOptions {
  /** Default 0: the same split every time. */
  seed?: number;
  /** Take the same share of each class. Default false. */
  stratified?: boolean;
  /** Draw the rows at random. With false, the first part of the rows is split off. Default true. */
  shuffle?: boolean;
}

/** Where the rows' targets are: numbers, or class indices. */
type Targets =
  | { kind: "values"; columns: Columns; range: [least: number, most: number] }
  | { kind: "classes"; columns: Columns };

interface Fields {
  inputs: Columns;
  scale: number;
  targets: Targets;
  outputSize: number;
  classNames: readonly string[] | undefined;
  /** The rows of the columns that this dataset has, in its order; undefined for all, as they lie. */
  order: Uint32Array | undefined;
}

export class Dataset implements Iterable<Sample> {
  /**
   * A dataset over the given arrays. Typed arrays are kept as they are and read when a fit begins, so they should not be
   * changed meanwhile; other arrays are copied.
   *
   * @throws RangeError or TypeError for lengths that don't agree, NaN, infinities, and labels out of range.
   */
  static from(datasetOptions: DatasetOptions): Dataset {
    const keys = ["inputs", "targets", "inputSize", "outputSize", "classes", "scale"];
    if (datasetOptions === undefined)
      wrongKind("Dataset.from's argument", "an object with inputs and targets", undefined);
    const given = options(datasetOptions, "Dataset.from", keys) as unknown as DatasetOptions;
    const scale = given.scale === undefined ? 1 : finite(given.scale, "scale");
    const classNames = resolveClasses(given.classes);
    const inputs = resolveInputs(given.inputs, given.inputSize, scale);
    const { targets, outputSize } = resolveTargets(given, classNames, inputs.rows);
    const rows = targets.columns.rows;
    if (rows !== inputs.rows) {
      throw new RangeError(`inputs and targets must have as many rows, got ${inputs.rows} and ${rows}`);
    }
    const oneHot = classNames === undefined && targets.kind === "values" && isOneHot(targets.columns);
    return new Dataset({
      inputs,
      scale,
      targets,
      outputSize,
      classNames: oneHot ? numbered(outputSize) : classNames,
      order: undefined,
    });
  }

  readonly #fields: Fields;

  /** So that errors and consoles name it, also where the code is minified. */
  get [Symbol.toStringTag](): string {
    return "Dataset";
  }

  private constructor(fields: Fields) {
    this.#fields = fields;
  }

  /** The number of rows. */
  get length(): number {
    return this.#fields.order?.length ?? this.#fields.inputs.rows;
  }

  /** The numbers in a row of inputs. */
  get inputSize(): number {
    return this.#fields.inputs.width;
  }

  /** The numbers in a row of targets. */
  get outputSize(): number {
    return this.#fields.outputSize;
  }

  /** The classes' names ("0", "1", … where none were given), or undefined where the targets are not classes. */
  get classNames(): readonly string[] | undefined {
    return this.#fields.classNames;
  }

  /** What every input is multiplied by. */
  get scale(): number {
    return this.#fields.scale;
  }

  /** Row i, 0 to length − 1. */
  sample(i: number): Sample {
    wholeNumber(i, "i", 0, this.length - 1);
    const { inputs, targets } = this.#copy(i, i + 1);
    if (this.classNames === undefined) return { input: inputs, target: targets };
    return { input: inputs, target: targets, label: classOf(targets) };
  }

  *[Symbol.iterator](): Iterator<Sample> {
    for (let i = 0; i < this.length; i++) yield this.sample(i);
  }

  /** The rows in stretches of `size`, in order; the last may be shorter. */
  *batches(size: number): Generator<Batch> {
    wholeNumber(size, "size", 1);
    for (let from = 0; from < this.length; from += size) yield this.#copy(from, Math.min(this.length, from + size));
  }

  /** The same rows in an order that `seed` decides. */
  shuffle(seed: number): Dataset {
    wholeNumber(seed, "seed", 0);
    return this.#select(shuffled(this.length, new Random(seed, Stream.shuffle)));
  }

  /** The first `count` rows (all, where there are fewer). */
  take(count: number): Dataset {
    wholeNumber(count, "count", 1);
    return this.#select(span(0, Math.min(count, this.length)));
  }

  /** All but the first `count` rows. */
  skip(count: number): Dataset {
    wholeNumber(count, "count", 0, this.length - 1);
    return this.#select(span(count, this.length));
  }

  /** These rows, then another dataset's, which must be of the same shape, classes and scale. */
  concat(other: Dataset): Dataset {
    if (!(other instanceof Dataset)) wrongKind("other", "a Dataset", other);
    const mine = this.#fields;
    const theirs = other.#fields;
    for (const [what, here, there] of [
      ["inputSize", this.inputSize, other.inputSize],
      ["outputSize", this.outputSize, other.outputSize],
      ["scale", mine.scale, theirs.scale],
      ["classes", mine.classNames?.join(), theirs.classNames?.join()],
      ["targets", mine.targets.kind, theirs.targets.kind],
    ]) {
      if (here !== there) throw new RangeError(`other's ${what} must be ${got(here)} as here, got ${got(there)}`);
    }
    const offset = mine.inputs.rows;
    const order = new Uint32Array(this.length + other.length);
    for (let i = 0; i < this.length; i++) order[i] = mine.order?.[i] ?? i;
    for (let i = 0; i < other.length; i++) order[this.length + i] = offset + (theirs.order?.[i] ?? i);
    const columns = new JoinedColumns(mine.targets.columns, theirs.targets.columns);
    const targets: Targets =
      mine.targets.kind === "values" && theirs.targets.kind === "values"
        ? {
            kind: "values",
            columns,
            range: [
              Math.min(mine.targets.range[0], theirs.targets.range[0]),
              Math.max(mine.targets.range[1], theirs.targets.range[1]),
            ],
          }
        : { kind: "classes", columns };
    return new Dataset({ ...mine, inputs: new JoinedColumns(mine.inputs, theirs.inputs), targets, order });
  }

  /**
   * Two datasets: `fraction` of the rows (rounded), and the rest.
   *
   * @throws RangeError where one part would be empty, or for `stratified` without classes.
   */
  split(fraction: number, splitOptions?: SplitOptions): [Dataset, Dataset] {
    finite(fraction, "fraction", { above: 0, below: 1 });
    const given = options(splitOptions, "split", ["seed", "stratified", "shuffle"]);
    const seed = given.seed === undefined ? 0 : wholeNumber(given.seed, "seed", 0);
    const stratified = given.stratified === undefined ? false : boolean(given.stratified, "stratified");
    const draws = given.shuffle === undefined ? true : boolean(given.shuffle, "shuffle");
    const count = Math.round(fraction * this.length);
    if (count === 0 || count === this.length) {
      throw new RangeError(`fraction ${fraction} of ${this.length} rows leaves one part empty`);
    }
    const order = draws ? shuffled(this.length, new Random(seed, Stream.split)) : span(0, this.length);
    if (!stratified) return [this.#select(order.slice(0, count)), this.#select(order.slice(count))];
    if (this.classNames === undefined) throw new RangeError("stratified needs a dataset with classes");
    const first = this.#stratify(order, fraction, count);
    const parts = [order.filter((row) => first.has(row)), order.filter((row) => !first.has(row))] as const;
    // the classes' last rows are what is left for the second part, so its order would tell their sizes
    if (draws)
      parts.forEach((rows, part) => {
        shuffleStretch(rows, 0, rows.length, new Random(seed, Stream.split, part));
      });
    return [this.#select(parts[0]), this.#select(parts[1])];
  }

  /** `count` rows, the same share of each class; what rounding leaves goes to the classes that lost most by it. */
  #stratify(order: Uint32Array, fraction: number, count: number): Set<number> {
    const members = new Map<number, number[]>();
    for (const row of order) {
      const label = classOf(this.#targets(row, row + 1));
      const rows = members.get(label);
      if (rows === undefined) members.set(label, [row]);
      else rows.push(row);
    }
    const shares = [...members.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, rows]) => ({ rows, taken: Math.floor(rows.length * fraction), lost: (rows.length * fraction) % 1 }));
    let left = count - shares.reduce((sum, { taken }) => sum + taken, 0);
    for (const share of [...shares].sort((a, b) => b.lost - a.lost)) {
      if (left > 0 && share.taken < share.rows.length) {
        share.taken += 1;
        left -= 1;
      }
    }
    return new Set(shares.flatMap(({ rows, taken }) => rows.slice(0, taken)));
  }

  #select(rows: Uint32Array): Dataset {
    const { order } = this.#fields;
    return new Dataset({
      ...this.#fields,
      order: order === undefined ? rows : rows.map((row) => order[row] as number),
    });
  }

  /** Rows from..to as a mini-batch has them: scaled inputs, and targets as rows of numbers. */
  #copy(from: number, to: number): Batch {
    const { inputs: columns, scale, order } = this.#fields;
    const inputs = new Float32Array((to - from) * columns.width);
    columns.copyTo(inputs, order, from, to);
    if (scale !== 1) for (let i = 0; i < inputs.length; i++) inputs[i] = (inputs[i] as number) * Math.fround(scale);
    return { inputs, targets: this.#targets(from, to) };
  }

  #targets(from: number, to: number): Float32Array<ArrayBuffer> {
    const { targets: source, outputSize, order } = this.#fields;
    const targets = new Float32Array((to - from) * outputSize);
    if (source.kind === "values") source.columns.copyTo(targets, order, from, to);
    else {
      const labels = new Int32Array(to - from);
      source.columns.copyTo(labels, order, from, to);
      labels.forEach((label, i) => {
        targets[i * outputSize + label] = 1;
      });
    }
    return targets;
  }

  /** @internal What a fit stages. */
  get source(): Readonly<Fields> {
    return this.#fields;
  }
}

function resolveClasses(classes: unknown): readonly string[] | undefined {
  if (classes === undefined) return undefined;
  if (typeof classes === "number") return numbered(wholeNumber(classes, "classes", 2, 2 ** 24));
  if (!Array.isArray(classes)) wrongKind("classes", "a number of classes or an array of their names", classes);
  if (classes.length < 2) throw new RangeError(`classes must have at least 2 names, got ${classes.length}`);
  const seen = new Set<string>();
  return classes.map((name: unknown, i) => {
    if (typeof name !== "string") wrongKind(`classes[${i}]`, "a string", name);
    if (seen.has(name)) throw new RangeError(`classes[${i}] must differ from the names before it, got ${got(name)}`);
    seen.add(name);
    return name;
  });
}

function numbered(classes: number): string[] {
  return Array.from({ length: classes }, (_, i) => String(i));
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
  if (!ArrayBuffer.isView(source)) {
    const columns = flatten(source, rows, size, "inputs");
    if (scale !== 1)
      checkNumbers(columns.values, scale, (i) => `inputs[${Math.floor(i / size)}][${i % size}] times scale`);
    return columns;
  }
  const values = source as unknown as Numbers;
  checkNumbers(values, scale, (i) => `inputs[${i}]${scale === 1 ? "" : " times scale"}`);
  return new FlatColumns(values, size);
}

function resolveTargets(
  given: DatasetOptions,
  classNames: readonly string[] | undefined,
  rows: number,
): { targets: Targets; outputSize: number } {
  const source: unknown = given.targets;
  assertNotEmpty(source, "targets");
  const isNames = Array.isArray(source) && typeof source[0] === "string";
  if (!isRows(source) && !isNumbers(source)) wrongKind("targets", "an array of rows, numbers or class names", source);
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
  // one number a row, where a row of targets is longer (or is one of two classes): class indices
  if (classNames !== undefined && !isRows(source) && source.length === rows) {
    const labels = Float32Array.from({ length: rows }, (_, i) =>
      labelOf((source as unknown[])[i], classNames, `targets[${i}]`),
    );
    const columns = new FlatColumns(labels, 1);
    if (outputSize > 1) return { targets: { kind: "classes", columns }, outputSize };
    return { targets: { kind: "values", columns, range: rangeOf(labels) }, outputSize };
  }
  const count = countRows(source, outputSize, "targets");
  if (ArrayBuffer.isView(source)) {
    const values = source as unknown as Numbers;
    checkNumbers(values, 1, (i) => `targets[${i}]`);
    const columns = new FlatColumns(values, outputSize);
    return { targets: { kind: "values", columns, range: rangeOf(columns.values) }, outputSize };
  }
  const columns = flatten(source as Numbers, count, outputSize, "targets");
  return { targets: { kind: "values", columns, range: rangeOf(columns.values) }, outputSize };
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

function shortList(names: readonly string[]): string {
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

/** As assembly/metrics.ts has it: the largest, or the threshold ½ where there is one output. */
export function classOf(outputs: Numbers): number {
  if (outputs.length === 1) return (outputs[0] as number) >= 0.5 ? 1 : 0;
  let best = 0;
  for (let j = 1; j < outputs.length; j++) if ((outputs[j] as number) > (outputs[best] as number)) best = j;
  return best;
}

function span(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i);
}
