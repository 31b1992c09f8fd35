// Rows that a network is asked about, some at a time, as the file has them and as the network's inputs.

import { got } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { NumericColumn } from "../tables/columns.js";
import { type OpenTable, openTable } from "../tables/open-table.js";
import { RowEncoder } from "../tables/row-encoder.js";
import type { Schema } from "../tables/schema.js";
import { nameOf } from "../tables/source-name.js";
import { type Cells, placeOf, type TableFile } from "../tables/table-file.js";
import { resolveTable, type TableOptions } from "../tables/table-options.js";

/** Some rows: their cells in the order of the file's columns, and the inputs that they become, flat. */
export interface SomeRows {
  cells: readonly Cells[];
  inputs: Float32Array<ArrayBuffer>;
}

/** An open table of rows; must be closed. */
export interface OpenRows {
  /** Of JSON lines, those met so far. */
  columns: readonly string[];
  rows: AsyncIterable<SomeRows>;
  close(): Promise<void>;
}

/**
 * @param schema without it, all columns are numbers, `inputs` of them
 * @param isWhole whether cells that aren't inputs are wanted, too
 * @throws FormatError for a file that hasn't the columns, and for a row by its number
 */
export async function openRows(
  path: string,
  told: TableOptions,
  schema: Schema | undefined,
  inputs: number,
  isWhole: boolean,
): Promise<OpenRows> {
  const table: OpenTable = await openTable(path, nameOf(path), resolveTable(told, "predict"));
  const { file } = table;
  const rows = schema === undefined ? numericRows(file, inputs) : schemaRows(file, schema, isWhole);
  return {
    get columns() {
      return file.columns;
    },
    rows,
    close: () => table.close(),
  };
}

async function* schemaRows(file: TableFile, schema: Schema, isWhole: boolean): AsyncGenerator<SomeRows> {
  const needed = new Set(schema.inputColumns.map(({ name }) => name));
  const ignored = new Set(isWhole ? [] : file.columns.filter((name) => !needed.has(name)));
  const encoder = new RowEncoder(schema, file, []);
  for await (const cells of file.pass(ignored)) {
    const inputs = new Float32Array(cells.length * schema.inputs);
    encoder.encode(cells, inputs, new Float32Array(0), 0);
    yield { cells, inputs };
  }
}

async function* numericRows(file: TableFile, width: number): AsyncGenerator<SomeRows> {
  let row = 0;
  let columns: NumericColumn[] = [];
  for await (const cells of file.pass(new Set())) {
    if (columns.length !== file.columns.length) columns = file.columns.map((name) => new NumericColumn(name, 0));
    if (columns.length !== width) {
      throw new FormatError(
        `${file.place} must have ${width} columns, one for each input, as the model has no schema, got ${columns.length}`,
      );
    }
    const inputs = new Float32Array(cells.length * width);
    cells.forEach((each, i) => {
      row += 1;
      columns.forEach((column, k) => {
        if (column.write(each[k], inputs, i * width + k)) return;
        throw new FormatError(
          `${placeOf(file.place, row, column.name)} must be ${column.expected}, got ${got(each[k])}`,
        );
      });
    });
    yield { cells, inputs };
  }
}
