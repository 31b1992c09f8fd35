// The kinds of columns: how each writes a cell as numbers, and what it is as JSON.

import { finite, got, oneOf, wrongKind } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { list, readFields } from "../formats/json-fields.js";
import { BOOLEANS, booleanOf, numberOf, textOf } from "./cells.js";

export type ColumnKind = "numeric" | "categorical" | "boolean" | "ignored";
export const columnKinds: readonly ColumnKind[] = ["numeric", "categorical", "boolean", "ignored"];

/** A column of a schema, as JSON. */
export type ColumnJson =
  | { kind: "numeric"; name: string; mean: number }
  | { kind: "categorical"; name: string; categories: string[]; mostFrequent: string }
  | { kind: "boolean"; name: string; labels: string[]; mostFrequent: string }
  | { kind: "ignored"; name: string };

/** A column that becomes numbers. */
export interface EncodedColumn {
  readonly name: string;
  /** The numbers that a cell becomes. */
  readonly width: number;
  /** What its cells must be, for errors. */
  readonly expected: string;
  /** Writes a cell's numbers to out[at…], where there are zeros; false, where it is none of this column's. */
  write(cell: unknown, out: Float32Array, at: number): boolean;
  /** Writes what stands for a missing cell. */
  impute(out: Float32Array, at: number): void;
  toJSON(): ColumnJson;
}

/** A column whose cells are some few words. */
export interface ClassColumn extends EncodedColumn {
  /** The words. */
  readonly classes: readonly string[];
  /** Which of `classes` a cell is; −1 for none. */
  indexOf(cell: unknown): number;
}

export type Column = NumericColumn | CategoricalColumn | BooleanColumn | IgnoredColumn;

/** A number as it is; the mean stands for a missing one. */
export class NumericColumn implements EncodedColumn {
  readonly width = 1;
  readonly expected = "a number that float32 holds";

  constructor(
    readonly name: string,
    readonly mean: number,
  ) {}

  write(cell: unknown, out: Float32Array, at: number): boolean {
    out[at] = numberOf(cell);
    return Number.isFinite(out[at]);
  }

  impute(out: Float32Array, at: number): void {
    out[at] = this.mean;
  }

  toJSON(): ColumnJson {
    return { kind: "numeric", name: this.name, mean: this.mean };
  }
}

/** One number for each category: 1 for the cell's, 0 for the others. The most frequent one stands for a missing cell. */
export class CategoricalColumn implements ClassColumn {
  readonly #places: ReadonlyMap<string, number>;

  constructor(
    readonly name: string,
    readonly classes: readonly string[],
    readonly mostFrequent: string,
  ) {
    this.#places = new Map(classes.map((category, i) => [category, i]));
  }

  get width(): number {
    return this.classes.length;
  }

  get expected(): string {
    const { classes } = this;
    const some = classes.slice(0, 10).map(got).join(", ");
    return `one of the categories ${some}${classes.length > 10 ? ", …" : ""}`;
  }

  indexOf(cell: unknown): number {
    const text = textOf(cell);
    return text === undefined ? -1 : (this.#places.get(text) ?? -1);
  }

  write(cell: unknown, out: Float32Array, at: number): boolean {
    const index = this.indexOf(cell);
    if (index < 0) return false;
    out[at + index] = 1;
    return true;
  }

  impute(out: Float32Array, at: number): void {
    this.write(this.mostFrequent, out, at);
  }

  toJSON(): ColumnJson {
    const { name, classes, mostFrequent } = this;
    return { kind: "categorical", name, categories: [...classes], mostFrequent };
  }
}

/** 0 or 1; the more frequent one stands for a missing cell. */
export class BooleanColumn implements ClassColumn {
  readonly width = 1;
  readonly expected = "true or false, yes or no, 1 or 0";

  constructor(
    readonly name: string,
    readonly classes: readonly string[],
    readonly mostFrequent: string,
  ) {}

  indexOf(cell: unknown): number {
    return booleanOf(cell);
  }

  write(cell: unknown, out: Float32Array, at: number): boolean {
    const index = booleanOf(cell);
    if (index < 0) return false;
    out[at] = index;
    return true;
  }

  impute(out: Float32Array, at: number): void {
    this.write(this.mostFrequent, out, at);
  }

  toJSON(): ColumnJson {
    const { name, classes, mostFrequent } = this;
    return { kind: "boolean", name, labels: [...classes], mostFrequent };
  }
}

/** A column that is neither input nor target. */
export class IgnoredColumn {
  constructor(readonly name: string) {}

  toJSON(): ColumnJson {
    return { kind: "ignored", name: this.name };
  }
}

/** What `toJSON` gave, as a column. @throws FormatError for anything else. */
export function columnFromJson(value: unknown, place: string): Column {
  try {
    if (typeof value !== "object" || value === null) wrongKind("it", "an object that toJSON() gave", value);
    const kind = oneOf((value as { kind?: unknown }).kind, "kind", columnKinds);
    return readers[kind](value);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError || error instanceof FormatError)) throw error;
    throw new FormatError(`${place}: ${error.message}`);
  }
}

const readers: Record<ColumnKind, (value: unknown) => Column> = {
  numeric: (value) =>
    readFields(value, "numeric", ["name", "mean"], (fields) => {
      const mean = finite(fields.get("mean"), "mean");
      finite(Math.fround(mean), "mean in float32");
      return new NumericColumn(word(fields.get("name"), "name"), mean);
    }),
  categorical: (value) =>
    readFields(value, "categorical", ["name", "categories", "mostFrequent"], (fields) => {
      const categories = list(fields.get("categories"), "categories").map((each, i) => word(each, `categories[${i}]`));
      if (new Set(categories).size < categories.length) throw new RangeError("categories must all differ");
      const mostFrequent = oneOf(fields.get("mostFrequent"), "mostFrequent", categories);
      return new CategoricalColumn(word(fields.get("name"), "name"), Object.freeze(categories), mostFrequent);
    }),
  boolean: (value) =>
    readFields(value, "boolean", ["name", "labels", "mostFrequent"], (fields) => {
      const given = list(fields.get("labels"), "labels");
      const labels = BOOLEANS.find((pair) => given.length === 2 && pair.every((each, i) => each === given[i]));
      if (labels === undefined) throw new RangeError("labels must be false and true, no and yes, or 0 and 1");
      const mostFrequent = oneOf(fields.get("mostFrequent"), "mostFrequent", labels);
      return new BooleanColumn(word(fields.get("name"), "name"), labels, mostFrequent);
    }),
  ignored: (value) =>
    readFields(value, "ignored", ["name"], (fields) => new IgnoredColumn(word(fields.get("name"), "name"))),
};

export function word(value: unknown, place: string): string {
  if (typeof value !== "string") wrongKind(place, "a string", value);
  return value;
}
