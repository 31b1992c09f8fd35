// How a table is to be read, as it is told: checked.

import { boolean, got, oneOf, options, outOfRange, plainObject, wholeNumber, wrongKind } from "../checks.js";
import { type ColumnKind, columnKinds } from "./columns.js";
import { checkDecimal, checkDelimiter } from "./csv.js";
import { type OpenOptions, type TableFormat, tableFormats } from "./open-table.js";
import { type MissingPolicy, Schema, type SchemaJson } from "./schema.js";

export interface TableOptions {
  /** The column that is to be predicted. */
  target?: string;
  /** Several columns to be predicted, all of them numbers. Of a .npz, the name of the array of targets; default "y". */
  targets?: string | readonly string[];
  /** Of a .npz, the name of the array of inputs. Default "x". */
  inputs?: string;
  /** Columns that are left out. */
  ignore?: readonly string[];
  /** What columns are, where inference would have it otherwise. */
  columns?: Readonly<Record<string, ColumnKind>>;
  /** What is done where a value is missing (an empty cell, NA, NaN, null, ?). Default "refuse". */
  missing?: MissingPolicy;
  /**
   * The schema of another table, a training table's for example; nothing is inferred then, and of the options above only
   * those of a .npz may be given.
   */
  schema?: Schema | SchemaJson;
  /** Default: by the ending of the name (without .gz), else by the first bytes. */
  format?: TableFormat;
  /** Of CSV and TSV: whether the first row has the columns' names. Default true. Without, they are called "0", "1", … */
  header?: boolean;
  /** Of CSV: what separates values. Default: the first of comma, tab, semicolon and bar that is in the first line. */
  delimiter?: string;
  /**
   * Of CSV and TSV: what comes before the decimals of numbers, a point (the default) or a comma. With a comma, values are
   * separated by the first of tab, semicolon, bar and comma that is in the first line, unless `delimiter` tells.
   */
  decimal?: "." | ",";
}

export interface TableStreamOptions extends TableOptions {
  /** As that of `Dataset.stream`: the rows in memory at a time, shuffled among each other. */
  bufferRows?: number;
}

export interface ResolvedTable extends OpenOptions {
  /** Undefined where the format is to tell them. */
  targets: readonly string[] | undefined;
  ignore: ReadonlySet<string>;
  kinds: ReadonlyMap<string, ColumnKind>;
  missing: MissingPolicy;
  schema: Schema | undefined;
  bufferRows: number | undefined;
}

const inferring = ["ignore", "columns", "missing"];

export function resolveTable(tableOptions: unknown, call: string, more: readonly string[] = []): ResolvedTable {
  const keys = [
    ...inferring,
    "target",
    "targets",
    "inputs",
    "schema",
    "format",
    "header",
    "delimiter",
    "decimal",
    ...more,
  ];
  const given = options(tableOptions, call, keys);
  const schema = resolveSchema(given.schema);
  const targets = resolveTargets(given);
  if (schema !== undefined) {
    if (targets !== undefined) outOfRange("targets", "left out where there is a schema", targets);
    const second = inferring.find((key) => given[key] !== undefined);
    if (second !== undefined) outOfRange(second, "left out where there is a schema", given[second]);
  }
  return {
    schema,
    targets,
    ignore: new Set(given.ignore === undefined ? [] : names(given.ignore, "ignore")),
    kinds: resolveKinds(given.columns),
    missing: given.missing === undefined ? "refuse" : oneOf(given.missing, "missing", ["refuse", "impute"]),
    format: given.format === undefined ? undefined : oneOf(given.format, "format", tableFormats),
    header: given.header === undefined ? true : boolean(given.header, "header"),
    delimiter: given.delimiter === undefined ? undefined : checkDelimiter(given.delimiter),
    decimal: given.decimal === undefined ? undefined : checkDecimal(given.decimal),
    arrays: {
      inputs: given.inputs === undefined ? "x" : name(given.inputs, "inputs"),
      targets: typeof given.targets === "string" ? given.targets : "y",
    },
    bufferRows: given.bufferRows === undefined ? undefined : wholeNumber(given.bufferRows, "bufferRows", 1, 2 ** 30),
  };
}

function resolveSchema(given: unknown): Schema | undefined {
  return given === undefined || given instanceof Schema ? given : Schema.fromJSON(given);
}

function resolveTargets({ target, targets }: Record<string, unknown>): readonly string[] | undefined {
  if (target !== undefined && targets !== undefined) outOfRange("targets", "left out where there is a target", targets);
  if (target !== undefined) return [name(target, "target")];
  if (targets === undefined || typeof targets === "string") return undefined;
  const found = names(targets, "targets");
  if (found.length === 0) throw new RangeError("targets must have at least one name, got none");
  return found;
}

function resolveKinds(given: unknown): ReadonlyMap<string, ColumnKind> {
  const entries = given === undefined ? [] : Object.entries(plainObject(given, "columns"));
  return new Map(
    entries.map(([column, kind]) => [column, oneOf(kind, `columns[${JSON.stringify(column)}]`, columnKinds)]),
  );
}

function names(given: unknown, place: string): string[] {
  if (!Array.isArray(given)) wrongKind(place, "an array of columns' names", given);
  return Array.from(given, (each, i) => name(each, `${place}[${i}]`));
}

function name(given: unknown, place: string): string {
  if (typeof given !== "string") wrongKind(place, "a name", given);
  return given;
}

/** Refuses what was told of columns that aren't there. */
export function assertColumns(
  { ignore, kinds }: ResolvedTable,
  targets: readonly string[],
  columns: readonly string[],
): void {
  const known = new Set(columns);
  const some = columns.slice(0, 10).map(got).join(", ");
  const assert = (column: string, place: string) => {
    if (!known.has(column)) outOfRange(place, `one of the columns ${some}${columns.length > 10 ? ", …" : ""}`, column);
  };
  for (const column of targets) {
    assert(column, "a target");
    if (ignore.has(column)) outOfRange("ignore", "without the targets", column);
  }
  for (const column of ignore) assert(column, "a name in ignore");
  for (const column of kinds.keys()) assert(column, "a name in columns");
}
