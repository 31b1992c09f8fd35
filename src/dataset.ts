// Samples and what the network should answer to them.

import { boolean, finite, got, options, wholeNumber, wrongKind } from "./checks.js";
import { type Columns, FlatColumns, JoinedColumns } from "./data/columns.js";
import { type Content, type DatasetOptions, resolveDataset, type Targets } from "./dataset-options.js";
import { DatasetStream, type StreamOptions } from "./dataset-stream.js";
import { Random, Stream, shuffled, shuffleStretch } from "./random.js";
import type { Numbers } from "./samples.js";

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
  /** What each row counts, where the dataset has `sampleWeights`. */
  sampleWeights?: Float32Array<ArrayBuffer>;
}

export interface SplitOptions {
  /** Default 0: the same split every time. */
  seed?: number;
  /** Take the same share of each class. Default false. */
  stratified?: boolean;
  /** Draw the rows at random. With false, the first part of the rows is split off. Default true. */
  shuffle?: boolean;
}

interface Fields extends Content {
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
    return Dataset.of(resolveDataset(datasetOptions));
  }

  /** @internal Rows that were checked before. */
  static of(content: Content): Dataset {
    return new Dataset({ ...content, order: undefined });
  }

  /**
   * A dataset that may be larger than memory: its rows are asked for in chunks, again in each epoch, and staged a stretch at a
   * time while the one before is trained on. They are shuffled within a stretch, `bufferRows` rows; a stretch that has all
   * rows trains to the bits of `Dataset.from`.
   *
   * @throws RangeError or TypeError for options that can't be used; a fit is rejected with those of a chunk, by its number.
   */
  static stream(streamOptions: StreamOptions): DatasetStream {
    return new DatasetStream(streamOptions);
  }

  readonly #fields: Fields;

  /** So that errors and consoles name it, also where the code is minified. */
  get [Symbol.toStringTag](): string {
    return "Dataset";
  }

  private constructor(fields: Fields) {
    if (typeof fields?.inputs?.copyTo !== "function") throw new TypeError("datasets are made by Dataset.from(…)");
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

  /** @internal The inputs of rows from..to, scaled, flat. */
  inputsOf(from: number, to: number): Float32Array<ArrayBuffer> {
    const { inputs: columns, scale, order } = this.#fields;
    const inputs = new Float32Array((to - from) * columns.width);
    columns.copyTo(inputs, order, from, to);
    if (scale !== 1) for (let i = 0; i < inputs.length; i++) inputs[i] = (inputs[i] as number) * Math.fround(scale);
    return inputs;
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
    return this.select(shuffled(this.length, new Random(seed, Stream.shuffle)));
  }

  /** The first `count` rows (all, where there are fewer). */
  take(count: number): Dataset {
    wholeNumber(count, "count", 1);
    return this.select(span(0, Math.min(count, this.length)));
  }

  /** All but the first `count` rows. */
  skip(count: number): Dataset {
    wholeNumber(count, "count", 0, this.length - 1);
    return this.select(span(count, this.length));
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
      ["classes", JSON.stringify(mine.classNames), JSON.stringify(theirs.classNames)],
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
    const inputs = new JoinedColumns(mine.inputs, theirs.inputs);
    return new Dataset({ ...mine, inputs, targets, weights: joinedWeights(mine, theirs), order });
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
    if (!stratified) return [this.select(order.slice(0, count)), this.select(order.slice(count))];
    if (this.classNames === undefined) throw new RangeError("stratified needs a dataset with classes");
    const first = this.#stratify(order, fraction, count);
    const parts = [order.filter((row) => first.has(row)), order.filter((row) => !first.has(row))] as const;
    // the classes' last rows are what is left for the second part, so its order would tell their sizes
    if (draws)
      parts.forEach((rows, part) => {
        shuffleStretch(rows, 0, rows.length, new Random(seed, Stream.split, part));
      });
    return [this.select(parts[0]), this.select(parts[1])];
  }

  /** `count` rows, the same share of each class; what rounding leaves goes to the classes that lost most by it. */
  #stratify(order: Uint32Array, fraction: number, count: number): Set<number> {
    const members = new Map<number, number[]>();
    const { labels } = this;
    for (const row of order) {
      const label = labels[row] as number;
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

  /** Rows from..to as a mini-batch has them: scaled inputs, and targets as rows of numbers. */
  #copy(from: number, to: number): Batch {
    const { weights, order } = this.#fields;
    const batch: Batch = { inputs: this.inputsOf(from, to), targets: this.targetsOf(from, to) };
    if (weights !== undefined) {
      batch.sampleWeights = new Float32Array(to - from);
      weights.copyTo(batch.sampleWeights, order, from, to);
    }
    return batch;
  }

  /** @internal The targets of rows from..to as rows of numbers, flat. */
  targetsOf(from: number, to: number): Float32Array<ArrayBuffer> {
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

  /** @internal These rows, in this order. */
  select(rows: Uint32Array): Dataset {
    const { order } = this.#fields;
    return new Dataset({
      ...this.#fields,
      order: order === undefined ? rows : rows.map((row) => order[row] as number),
    });
  }

  /** @internal Each row's class: its index, or the likeliest where the targets are probabilities. */
  get labels(): Uint32Array {
    const rows = new Uint32Array(this.length);
    return rows.map((_, row) => classOf(this.targetsOf(row, row + 1)));
  }

  /** @internal What a fit stages. */
  get source(): Readonly<Fields> {
    return this.#fields;
  }
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

/** Where one side has weights, the other's rows count 1. */
function joinedWeights(mine: Content, theirs: Content): Columns | undefined {
  if (mine.weights === undefined && theirs.weights === undefined) return undefined;
  const ones = ({ inputs }: Content) => new FlatColumns(new Float32Array(inputs.rows).fill(1), 1);
  return new JoinedColumns(mine.weights ?? ones(mine), theirs.weights ?? ones(theirs));
}
