// The rows that are trained on, and those that are held out.

import { Dataset } from "../dataset.js";
import type { DatasetStream } from "../dataset-stream.js";
import { holdOut } from "../tables/held-out.js";
import { readTable, readTableStream } from "../tables/read-table.js";
import type { Schema } from "../tables/schema.js";
import { pathOf, STDIN } from "./input.js";
import { rowNumbers } from "./row-numbers.js";
import { type ColumnArguments, sameColumns, tableOptions } from "./table-arguments.js";
import { printable } from "./tables-text.js";
import type { Terminal } from "./terminal.js";

export interface DataArguments extends ColumnArguments {
  /** The share of rows that is held out, where there is no file of them. */
  split: number;
  validation?: string;
  stream?: boolean;
  seed: number;
}

export interface TrainingData {
  training: Dataset | DatasetStream;
  heldOut: Dataset | DatasetStream;
  schema: Schema;
  /** Columns that only number the rows, where all are in memory. */
  rowNumbers: string[];
}

/** @throws RangeError for options that can't be used together; FormatError for files that aren't tables. */
export async function readTrainingData(file: string, told: DataArguments): Promise<TrainingData> {
  const { validation, stream = false, split, seed } = told;
  if (stream && validation === undefined) {
    throw new RangeError("--stream needs --validation, as rows that come bit by bit can't be split, got none");
  }
  if (file === STDIN && validation === STDIN) throw new RangeError('--validation must be a file of its own, got "-"');
  const read = stream ? readTableStream : readTable;
  const { dataset, schema } = await read(await pathOf(file), tableOptions(told));
  const found = { schema, rowNumbers: dataset instanceof Dataset ? rowNumbers(dataset, schema) : [] };
  if (validation !== undefined) {
    const heldOut = await read(await pathOf(validation), sameColumns(schema, told));
    return { training: dataset, heldOut: heldOut.dataset, ...found };
  }
  return { ...holdOut(dataset as Dataset, schema, { share: split, seed }), ...found };
}

/** What may be wrong with the columns. */
export function noteColumns({ rowNumbers }: TrainingData, terminal: Terminal): void {
  for (const name of rowNumbers) {
    const quoted = JSON.stringify(printable(name));
    terminal.note(`column ${quoted} numbers the rows: unless that means something, leave it out by --ignore ${quoted}`);
  }
}

/** How many rows there are; undefined for a stream, which does not know. */
export function lengthOf(data: Dataset | DatasetStream): number | undefined {
  return data instanceof Dataset ? data.length : undefined;
}
