// Categories as rows of zeros and ones.

import { boolean, finite, got, oneOf, options, wrongKind } from "../checks.js";
import { shortList } from "../dataset-options.js";
import { list, readFields } from "../formats/json-fields.js";
import { isRows, isTyped, type Numbers, viewOf } from "../samples.js";
import { readTable } from "./table.js";

export type Category = string | number | boolean;

/** What `inverseTransform` gives for each value; null stands for a category that was ignored. */
export type Decoded<Value> = Value extends Category
  ? Value | null
  : Value extends ArrayLike<infer Each>
    ? (Each | null)[]
    : never;

export interface OneHotEncoderOptions {
  /**
   * What `transform` does with a category that `fit` didn't see: "error" (default) refuses it, "ignore" gives zeros, which
   * `inverseTransform` turns into null.
   */
  handleUnknown?: "error" | "ignore";
}

interface Learned {
  /** Whether the values were rows, and not one column. */
  nested: boolean;
  /** Per column, in the order of the entries. */
  categories: readonly (readonly Category[])[];
  /** Per column, each category's place in the whole encoded row. */
  places: readonly ReadonlyMap<Category, number>[];
  width: number;
}

/**
 * Turns categories into rows of zeros and ones, and back. Values are one column (["a", "b"]) or rows of several ([["a", 1],
 * ["b", 2]]), whose blocks of entries stand one behind the other. As sklearn.preprocessing.OneHotEncoder with
 * sparse_output=False.
 *
 * Value is the type of a value, where the compiler should know it: `new OneHotEncoder<string>()`.
 */
export class OneHotEncoder<Value extends Category | ArrayLike<Category> = Category | readonly Category[]> {
  readonly #handleUnknown: "error" | "ignore";
  #learned: Learned | undefined;

  get [Symbol.toStringTag](): string {
    return "OneHotEncoder";
  }

  /** @throws RangeError or TypeError for options that can't be used. */
  constructor(encoderOptions?: OneHotEncoderOptions) {
    const { handleUnknown } = options(encoderOptions, "OneHotEncoder", ["handleUnknown"]);
    this.#handleUnknown =
      handleUnknown === undefined ? "error" : oneOf(handleUnknown, "handleUnknown", ["error", "ignore"]);
  }

  /** What `toJSON` gave, as an encoder. @throws FormatError for anything else. */
  static fromJSON(value: unknown): OneHotEncoder {
    return readFields(value, "OneHotEncoder", ["handleUnknown", "nested", "categories"], (fields) => {
      const handleUnknown = oneOf(fields.get("handleUnknown"), "handleUnknown", ["error", "ignore"]);
      const encoder = new OneHotEncoder({ handleUnknown });
      const nested = boolean(fields.get("nested"), "nested");
      const columns = list(fields.get("categories"), "categories").map((column, k) =>
        sortedCategories(column, `categories[${k}]`),
      );
      if (!nested && columns.length !== 1) throw new RangeError(`categories must have 1 column, got ${columns.length}`);
      encoder.#learned = learnedOf(columns, nested);
      return encoder;
    });
  }

  /**
   * Learns the categories of each column, sorted: numbers by size, strings by UTF-16 code unit (scikit-learn: by code point,
   * which differs only where a character beyond U+FFFF meets one from U+E000 to U+FFFF), false before true.
   *
   * @throws RangeError or TypeError for no values, rows of differing lengths, NaN, infinities, what is no category, and
   *   several kinds in one column; an earlier fit is kept then.
   */
  fit(values: ArrayLike<Value>): this {
    this.#learned = learn(readValues(values), isRows(values));
    return this;
  }

  /**
   * One row of entries for each value: 1 at its category, else 0; for rows of values, the columns' entries one behind the
   * other.
   *
   * @throws Error before a fit; RangeError or TypeError as `fit` does, for another number of columns than that of the fit, and
   *   for unknown categories unless they are ignored.
   */
  transform(values: ArrayLike<Value>): Float32Array<ArrayBuffer>[] {
    return this.#encode(readValues(values), this.#learnedFor("transform"));
  }

  /** `fit`, then `transform` of the same values. */
  fitTransform(values: ArrayLike<Value>): Float32Array<ArrayBuffer>[] {
    const rows = readValues(values);
    const learned = learn(rows, isRows(values));
    this.#learned = learned;
    return this.#encode(rows, learned);
  }

  /**
   * The category of the largest entry (the first of them) in each column's block, so that a network's outputs can be given as
   * well; a column of values or rows of them, as `fit` was given.
   *
   * @param rows rows of entries, nested or flat.
   * @throws Error before a fit; RangeError or TypeError for rows of another length, NaN and infinities, and for a block of
   *   zeros, which stands for no category, unless unknown ones are ignored.
   */
  inverseTransform(rows: Numbers | readonly Numbers[]): Decoded<Value>[] {
    const { categories, width, nested } = this.#learnedFor("inverseTransform");
    const table = readTable(rows, width);
    return Array.from({ length: table.rows }, (_, row) => {
      let at = row * width;
      const decoded = categories.map((column, k) => {
        const best = indexOfLargest(table.values, at, column.length);
        at += column.length;
        if (best !== undefined) return column[best];
        if (this.#handleUnknown === "ignore") return null;
        throw new RangeError(`rows[${row}] must have an entry other than 0 for column ${k}, got zeros only`);
      });
      return (nested ? decoded : decoded[0]) as Decoded<Value>;
    });
  }

  /** The sorted categories of each column; one list where the values are one column. */
  get categories(): Category[][] {
    return this.#learnedFor("its categories are read").categories.map((column) => [...column]);
  }

  /** Everything `fromJSON` needs for the same encoder. @throws Error before a fit. */
  toJSON() {
    const { nested } = this.#learnedFor("toJSON");
    return { kind: "OneHotEncoder", handleUnknown: this.#handleUnknown, nested, categories: this.categories };
  }

  #learnedFor(call: string): Learned {
    if (this.#learned === undefined) {
      throw new Error(`this OneHotEncoder must be fitted before ${call}: call fit(values) first`);
    }
    return this.#learned;
  }

  #encode({ rows, place }: Values, { categories, places, width }: Learned): Float32Array<ArrayBuffer>[] {
    return rows.map((row, i) => {
      if (row.length !== places.length) {
        throw new RangeError(`values[${i}] must have ${places.length} values, got ${row.length}`);
      }
      const encoded = new Float32Array(width);
      row.forEach((value, k) => {
        const at = places[k].get(value);
        if (at !== undefined) encoded[at] = 1;
        else if (this.#handleUnknown === "error") {
          const known = shortList(categories[k].map(got));
          throw new RangeError(`${place(i, k)} must be one of the categories ${known}, got ${got(value)}`);
        }
      });
      return encoded;
    });
  }
}

interface Values {
  rows: Category[][];
  /** Names a value in an error. */
  place: (row: number, column: number) => string;
}

/** Rows of values; those of one column as rows of one value. */
function readValues(values: unknown): Values {
  const nested = isRows(values);
  if (!Array.isArray(values) && !isTyped(values))
    wrongKind("values", "an array of categories or of rows of them", values);
  if (values.length === 0) throw new RangeError("values must have at least one value, got none");
  const place = (row: number, column: number) => (nested ? `values[${row}][${column}]` : `values[${row}]`);
  const rows = Array.from(isTyped(values) ? viewOf(values) : (values as unknown[]), (value, i) => {
    if (!nested) return [categoryOf(value, place(i, 0))];
    if (!Array.isArray(value) && !isTyped(value)) wrongKind(`values[${i}]`, "an array of categories", value);
    return Array.from(isTyped(value) ? viewOf(value) : (value as unknown[]), (each, k) =>
      categoryOf(each, place(i, k)),
    );
  });
  return { rows, place };
}

function categoryOf(value: unknown, place: string): Category {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number") wrongKind(place, "a string, a number or a boolean", value);
  // −0 as 0, since JSON doesn't tell them apart
  return finite(value, place) + 0;
}

function learn({ rows, place }: Values, nested: boolean): Learned {
  const seen = rows[0].map(() => new Set<Category>());
  if (seen.length === 0) throw new RangeError("values[0] must have at least one value, got none");
  rows.forEach((row, i) => {
    if (row.length !== seen.length) {
      throw new RangeError(`values[${i}] must have ${seen.length} values, got ${row.length}`);
    }
    row.forEach((value, k) => {
      sameKind(value, rows[0][k], place(i, k));
      seen[k].add(value);
    });
  });
  return learnedOf(
    seen.map((column) => [...column].sort((a, b) => (a < b ? -1 : 1))),
    nested,
  );
}

function sameKind(value: Category, first: Category, place: string): void {
  if (typeof value !== typeof first) wrongKind(place, `a ${typeof first} as those before it`, value);
}

function learnedOf(categories: readonly (readonly Category[])[], nested: boolean): Learned {
  let width = 0;
  const places = categories.map((column) => new Map(column.map((category) => [category, width++])));
  return { nested, categories, places, width };
}

/** Categories as `fit` would have left them. */
function sortedCategories(value: unknown, place: string): Category[] {
  const column = Array.from(list(value, place), (entry, i) => categoryOf(entry, `${place}[${i}]`));
  column.forEach((category, i) => {
    sameKind(category, column[0], `${place}[${i}]`);
    if (i > 0 && !(column[i - 1] < category)) {
      throw new RangeError(`${place}[${i}] must come after ${got(column[i - 1])} when sorted, got ${got(category)}`);
    }
  });
  return column;
}

/** The place of the largest of `count` entries, or undefined where all are 0. */
function indexOfLargest(values: Numbers, from: number, count: number): number | undefined {
  let best = 0;
  let zeros = true;
  for (let j = 0; j < count; j++) {
    if (values[from + j] !== 0) zeros = false;
    if (values[from + j] > values[from + best]) best = j;
  }
  return zeros ? undefined : best;
}
