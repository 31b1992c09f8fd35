// What the columns of a table are, and how its rows become numbers and numbers an answer.

import { got, outOfRange, wholeNumber, wrongKind } from "../checks.js";
import { classOf } from "../dataset.js";
import { list, readFields } from "../formats/json-fields.js";
import { checkedSample, type Numbers } from "../samples.js";
import type { Answer, Row, RowCodec } from "../schema.js";
import { hasDecimalComma, isMissing } from "./cells.js";
import {
  type ClassColumn,
  type Column,
  type ColumnJson,
  columnFromJson,
  type EncodedColumn,
  IgnoredColumn,
  NumericColumn,
  word,
} from "./columns.js";

/** What a schema does where a value is missing: refuse the row, or put the column's mean or most frequent value there. */
export type MissingPolicy = "refuse" | "impute";

/** A schema as JSON. */
export interface SchemaJson {
  kind: "Schema";
  version: 1;
  missing: MissingPolicy;
  /** In the order of the table. */
  columns: ColumnJson[];
  /** The names of the targets, in the order of the outputs. */
  targets: string[];
}

const VERSION = 1;

/** Made by `readTable` and `readTableStream`, or from the JSON of another one. */
export class Schema implements RowCodec {
  /** @internal In the order of the table. */
  readonly columns: readonly Column[];
  /** @internal The columns that become inputs, in the order of the table. */
  readonly inputColumns: readonly EncodedColumn[];
  /** @internal */
  readonly targetColumns: readonly (NumericColumn | ClassColumn)[];
  readonly missing: MissingPolicy;
  /** The numbers that `encode` makes of a row. */
  readonly inputs: number;
  /** The numbers that an answer is made of: one a target, or one a class; a target of true and false has one. */
  readonly outputs: number;
  readonly #names: ReadonlySet<string>;

  get [Symbol.toStringTag](): string {
    return "Schema";
  }

  /** @internal @throws RangeError for columns that don't make a schema. */
  constructor(columns: readonly Column[], targets: readonly string[], missing: MissingPolicy) {
    const names = new Map(columns.map((column) => [column.name, column]));
    if (names.size < columns.length) throw new RangeError("columns must all have names that differ");
    this.columns = columns;
    this.missing = missing;
    this.#names = new Set(names.keys());
    this.targetColumns = targets.map((name) => {
      const column = names.get(name);
      if (column === undefined || column instanceof IgnoredColumn) outOfRange("a target", "one of the columns", name);
      return column;
    });
    if (new Set(targets).size < targets.length) throw new RangeError("targets must all differ");
    this.inputColumns = columns.filter(
      (column): column is Exclude<Column, IgnoredColumn> =>
        !(column instanceof IgnoredColumn) && !targets.includes(column.name),
    );
    if (this.inputColumns.length === 0) throw new RangeError("there must be a column other than the targets, got none");
    if (targets.length > 1) {
      for (const column of this.targetColumns) {
        if (column instanceof NumericColumn) continue;
        outOfRange("each of several targets", "a numeric column", column.name);
      }
    }
    if (this.classes !== undefined && this.classes.length < 2) {
      throw new RangeError(`the target ${got(targets[0])} must have at least 2 classes, got ${this.classes.length}`);
    }
    const sum = (some: readonly EncodedColumn[]) => some.reduce((total, { width }) => total + width, 0);
    this.inputs = sum(this.inputColumns);
    this.outputs = sum(this.targetColumns);
  }

  /** What `toJSON` gave, as a schema. @throws FormatError for anything else. */
  static fromJSON(value: unknown): Schema {
    return readFields(value, "Schema", ["version", "missing", "columns", "targets"], (fields) => {
      wholeNumber(fields.get("version"), "version", VERSION, VERSION);
      const missing = fields.get("missing");
      if (missing !== "refuse" && missing !== "impute") outOfRange("missing", '"refuse" or "impute"', missing);
      const columns = list(fields.get("columns"), "columns").map((each, i) => columnFromJson(each, `columns[${i}]`));
      const targets = list(fields.get("targets"), "targets").map((each, i) => word(each, `targets[${i}]`));
      return new Schema(columns, targets, missing);
    });
  }

  /** The classes of the target, in the order of the outputs; undefined where the targets are numbers. */
  get classes(): readonly string[] | undefined {
    const [target] = this.targetColumns;
    return target instanceof NumericColumn ? undefined : target.classes;
  }

  /**
   * The inputs that a row becomes. Columns are found by name, numbers may be strings that spell them; targets and ignored
   * columns may be there and are not looked at.
   *
   * @throws RangeError for a name that is no column, a value that a column doesn't know, and a missing one, unless the
   *   schema imputes.
   */
  encode(row: Row): Float32Array<ArrayBuffer> {
    const out = new Float32Array(this.inputs);
    this.#encodeInto(row, out, 0, "row");
    return out;
  }

  /** The inputs that rows become, one row behind the other. Errors are those of `encode`. */
  encodeRows(rows: readonly Row[]): Float32Array<ArrayBuffer> {
    if (!Array.isArray(rows)) wrongKind("rows", "an array of rows", rows);
    const out = new Float32Array(rows.length * this.inputs);
    rows.forEach((row, i) => {
      this.#encodeInto(row, out, i * this.inputs, `rows[${i}]`);
    });
    return out;
  }

  #encodeInto(row: unknown, out: Float32Array, start: number, place: string): void {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      wrongKind(place, "an object with a value for each column", row);
    }
    const cells = new Map<string, unknown>(Object.entries(row));
    for (const name of cells.keys()) {
      if (!this.#names.has(name)) throw new RangeError(`${place} has ${got(name)}, which is no column of the schema`);
    }
    let at = start;
    for (const column of this.inputColumns) {
      const cell = cells.get(column.name);
      if (!this.write(column, cell, out, at)) {
        throw new RangeError(this.refusal(`${place}[${JSON.stringify(column.name)}]`, column, cell));
      }
      at += column.width;
    }
  }

  /** @internal Writes a cell or what is imputed for it; false where it can't be. */
  write(column: EncodedColumn, cell: unknown, out: Float32Array, at: number): boolean {
    if (column.write(cell, out, at)) return true;
    if (this.missing === "refuse" || !isMissing(cell)) return false;
    column.impute(out, at);
    return true;
  }

  /** @internal What is wrong with a cell that couldn't be written. */
  refusal(place: string, { expected }: Pick<EncodedColumn, "expected">, cell: unknown): string {
    if (isMissing(cell)) {
      return `${place} must be ${expected}, got none (${got(cell)}); with missing: "impute", inputs are filled in`;
    }
    const hint = typeof cell === "string" && hasDecimalComma(cell) ? '; decimal: "," takes decimals after a comma' : "";
    return `${place} must be ${expected}, got ${got(cell)}${hint}`;
  }

  /**
   * What a network's outputs for one row say: the likeliest class and what each has for itself, by name; or, where the
   * targets are numbers, these by the targets' names. The objects have no prototype.
   *
   * @throws RangeError or TypeError for outputs of another length, NaN and infinities.
   */
  decode(outputs: Numbers): Answer {
    const numbers = checkedSample(outputs, this.outputs, "outputs");
    const { classes } = this;
    if (classes === undefined) return named(this.targetColumns.map(({ name }, i) => [name, numbers[i]]));
    const [first] = numbers;
    const shares = this.outputs === 1 ? [1 - first, first] : [...numbers];
    return { label: classes[classOf(numbers)], probabilities: named(classes.map((name, i) => [name, shares[i]])) };
  }

  /** Everything `fromJSON` needs for the same schema. */
  toJSON(): SchemaJson {
    return {
      kind: "Schema",
      version: VERSION,
      missing: this.missing,
      columns: this.columns.map((column) => column.toJSON()),
      targets: this.targetColumns.map(({ name }) => name),
    };
  }
}

/** An object of numbers that may have any names, "__proto__" too. */
function named(entries: readonly (readonly [string, number])[]): Record<string, number> {
  const numbers: Record<string, number> = Object.create(null);
  for (const [name, value] of entries) numbers[name] = value;
  return numbers;
}
