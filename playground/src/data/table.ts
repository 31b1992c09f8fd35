// The user's own table as a problem: its columns, and the one that is to be predicted.

import { type ColumnJson, type ColumnKind, readColumns, readTable, type SchemaJson } from "nablanet/tables";
import { Random, Stream } from "../../../src/random.js";
import { rowsOf } from "./dataset-rows.js";
import type { Problem, Rows } from "./problem.js";

/** What a page can be asked to read at once. */
const MOST_BYTES = 64 * 2 ** 20;

export interface TableChoice {
  /** The column that is to be predicted. */
  target: string;
  /** Columns that are left out. */
  ignore: readonly string[];
}

/** A table that was read as it was chosen. */
export interface TableProblem extends Problem {
  columns: readonly { name: string; kind: ColumnKind }[];
  /** What says how rows become numbers, and answers words. */
  schema: SchemaJson;
  rows: number;
}

/**
 * The names of a table's columns, in their order.
 *
 * @throws Error that says in words why it can't be read.
 */
export async function columnsOf(file: File): Promise<readonly string[]> {
  if (file.size > MOST_BYTES) {
    throw new RangeError(
      `${file.name} must be at most ${MOST_BYTES / 2 ** 20} MB, got ${Math.ceil(file.size / 2 ** 20)} MB`,
    );
  }
  return readColumns(file);
}

/**
 * The table as a problem. Missing values are filled in with the column's mean or most frequent value. Noise is added to
 * numeric inputs, in shares of their deviation.
 *
 * @throws FormatError for a table that can't be read, with the row and column.
 */
export async function readProblem(file: File, { target, ignore }: TableChoice): Promise<TableProblem> {
  const { dataset, schema } = await readTable(file, { target, ignore, missing: "impute" });
  const json = schema.toJSON();
  const inputs = json.columns.filter(({ name, kind }) => kind !== "ignored" && name !== target);
  const numeric = inputs.flatMap((column) => namesOf(column).map(() => column.kind === "numeric"));
  const problem = {
    name: "table",
    title: file.name,
    inputNames: inputs.flatMap(namesOf),
    columns: json.columns.map(({ name, kind }) => ({ name, kind })),
    schema: json,
    rows: dataset.length,
    make({ samples, noise, seed }) {
      const rows = rowsOf(dataset.shuffle(seed).take(Math.min(samples, dataset.length)));
      if (noise > 0) addNoise(rows, numeric, noise, new Random(seed, Stream.data));
      return rows;
    },
  } satisfies Partial<TableProblem>;
  const { classes } = schema;
  return classes === undefined
    ? { ...problem, task: "regression", targetNames: json.targets }
    : { ...problem, task: "classification", classNames: classes };
}

/** What the numbers are called that a column becomes. */
function namesOf(column: ColumnJson): string[] {
  return column.kind === "categorical" ? column.categories.map((each) => `${column.name} = ${each}`) : [column.name];
}

function addNoise({ inputs, inputSize }: Rows, numeric: readonly boolean[], noise: number, random: Random): void {
  const deviations = numeric.map((isNumeric, k) => (isNumeric ? deviationOf(inputs, k, inputSize) : 0));
  for (let i = 0; i < inputs.length; i++) inputs[i] += noise * deviations[i % inputSize] * random.normal();
}

/** The deviation of every `step`th number from `first` on, divided by n. */
function deviationOf(numbers: Float32Array, first: number, step: number): number {
  const count = numbers.length / step;
  let [sum, squares] = [0, 0];
  for (let i = first; i < numbers.length; i += step) sum += numbers[i];
  for (let i = first; i < numbers.length; i += step) squares += (numbers[i] - sum / count) ** 2;
  return Math.sqrt(squares / count);
}
