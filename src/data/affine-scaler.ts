// What the scalers have in common: they learn, per column, a factor and an offset.

import { options, wholeNumber } from "../checks.js";
import { isRows, type Numbers } from "../samples.js";
import { mapColumns, readTable, type Table } from "./table.js";

/** What a scaler does to a number x of column k: x·factor[k] + offset[k]. */
export interface Affine {
  factor: Float64Array<ArrayBuffer>;
  offset: Float64Array<ArrayBuffer>;
}

export interface ScalerOptions {
  /**
   * The numbers in a row, needed where the first rows lie in one flat array. Default: the length of the first row, or what
   * the scaler was fitted to before.
   */
  columns?: number;
}

/** Rows, or all rows in one flat array. @inline */
type Rows = Numbers | readonly Numbers[];
/** Scaled rows, as the rows were given. @inline */
type Scaled = Float32Array<ArrayBuffer> | Float32Array<ArrayBuffer>[];

/** What `MinMaxScaler`, `StandardScaler` and `RobustScaler` have in common. */
export abstract class AffineScaler<Learned extends { readonly affine: Affine } = { readonly affine: Affine }> {
  readonly #told: number | undefined;
  #learned: Learned | undefined;

  abstract get [Symbol.toStringTag](): string;

  constructor(columns: unknown) {
    this.#told = columns === undefined ? undefined : wholeNumber(columns, "columns", 1);
  }

  /** @internal What there is to learn from rows, together with those that `before` was learned from. */
  protected abstract learn(rows: Table, before?: Learned): Learned;

  /** @internal What was learned; an Error before that. */
  protected get learned(): Learned {
    return this.#learnedFor("its values are read");
  }

  /**
   * Learns from rows and forgets those of earlier fits.
   *
   * @param rows number[][], typed rows, or one flat array of rows of `columns` numbers, for which `columns` must be known.
   * @throws RangeError or TypeError for no rows, rows of differing lengths, NaN, infinities and numbers that float32 doesn't
   *   hold; an earlier fit is kept then.
   */
  fit(rows: Rows): this {
    this.#learned = this.learn(this.#read(rows));
    return this;
  }

  /**
   * The rows scaled: computed in float64, rounded once to float32. Nested rows give rows, a flat array gives a flat array.
   *
   * @throws Error before a fit; RangeError or TypeError as `fit` does, for another number of columns than that of the fit, and
   *   for a result that float32 doesn't hold.
   */
  transform(rows: Numbers): Float32Array<ArrayBuffer>;
  transform(rows: readonly Numbers[]): Float32Array<ArrayBuffer>[];
  transform(rows: Rows): Scaled;
  transform(rows: Rows): Scaled {
    return this.#map(rows, this.#learnedFor("transform").affine, false);
  }

  /** `fit`, then `transform` of the same rows. */
  fitTransform(rows: Numbers): Float32Array<ArrayBuffer>;
  fitTransform(rows: readonly Numbers[]): Float32Array<ArrayBuffer>[];
  fitTransform(rows: Rows): Scaled;
  fitTransform(rows: Rows): Scaled {
    const table = this.#read(rows);
    const learned = this.learn(table);
    const scaled = shaped(mapColumns(table, learned.affine, false), table);
    this.#learned = learned;
    return scaled;
  }

  /**
   * What `transform` made these rows of, up to rounding: (y − offset[k]) / factor[k]. Shapes and errors are those of
   * `transform`.
   */
  inverseTransform(rows: Numbers): Float32Array<ArrayBuffer>;
  inverseTransform(rows: readonly Numbers[]): Float32Array<ArrayBuffer>[];
  inverseTransform(rows: Rows): Scaled;
  inverseTransform(rows: Rows): Scaled {
    return this.#map(rows, this.#learnedFor("inverseTransform").affine, true);
  }

  /**
   * What `transform` does, as a copy: x·factor[k] + offset[k] for a number x of column k. In float64 this is within about
   * 2⁻⁵¹·|offset[k]| of the exact result, which shows only where a column's mean is some 10⁸ times its spread.
   */
  get affine(): Affine {
    const { factor, offset } = this.#learnedFor("affine").affine;
    return { factor: factor.slice(), offset: offset.slice() };
  }

  /** The numbers in a row, or undefined while that isn't known. */
  get columns(): number | undefined {
    return this.#learned?.affine.factor.length ?? this.#told;
  }

  /** @internal `fit` to rows that follow those of the calls before. */
  protected learnMore(rows: Rows): this {
    const before = this.#learned;
    this.#learned = this.learn(before === undefined ? this.#read(rows) : readTable(rows, this.columns), before);
    return this;
  }

  /** @internal */
  protected restore(learned: Learned): this {
    this.#learned = learned;
    return this;
  }

  #learnedFor(call: string): Learned {
    if (this.#learned === undefined) {
      throw new Error(`this ${this[Symbol.toStringTag]} must be fitted before ${call}: call fit(rows) first`);
    }
    return this.#learned;
  }

  #read(rows: Rows): Table {
    return readTable(rows, this.#told ?? (isRows(rows) ? undefined : this.columns));
  }

  #map(rows: Rows, affine: Affine, inverse: boolean): Scaled {
    const table = readTable(rows, affine.factor.length);
    return shaped(mapColumns(table, affine, inverse), table);
  }
}

/** Numbers in the form of the rows that they were made of. */
function shaped(numbers: Float32Array<ArrayBuffer>, { rows, columns, nested }: Table): Scaled {
  if (!nested) return numbers;
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns));
}

/** (x − center) / scale. The offset is made of the rounded factor, so that x = center gives exactly 0. */
export function centred(center: Float64Array<ArrayBuffer>, scale: Float64Array<ArrayBuffer>): Affine {
  const factor = scale.map((value) => 1 / value);
  return { factor, offset: factor.map((value, k) => -(center[k] * value)) };
}

/** Spreads with 1 for those of columns that hold but one number, up to rounding: scikit-learn's bound. */
export function withoutZeros(spread: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  return spread.map((value) => (value < 10 * Number.EPSILON ? 1 : value));
}

/** A scaler's options as they were given, checked by its constructor. */
export function scalerOptions(given: unknown, name: string, keys: readonly string[] = []): Record<string, unknown> {
  return options(given, name, ["columns", ...keys]);
}
