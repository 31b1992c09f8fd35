// Rows of a table as the arrays that a dataset is made of.

import { got } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { type EncodedColumn, NumericColumn } from "./columns.js";
import type { Schema } from "./schema.js";
import { type Cells, placeOf, type TableFile } from "./table-file.js";

/** Encodes the rows of one pass, in their order. */
export class RowEncoder {
  readonly #schema: Schema;
  readonly #file: TableFile;
  readonly #targetColumns: Schema["targetColumns"];
  /** Where in a row the cells of the inputs and of the targets are. */
  #inputs: Int32Array<ArrayBuffer> = new Int32Array(0);
  #targets: Int32Array<ArrayBuffer> = new Int32Array(0);
  #columns = -1;
  /** The rows so far. */
  rows = 0;

  /**
   * @param targetColumns those of the schema; none for rows whose targets aren't asked for
   * @throws FormatError for a file that hasn't the schema's columns.
   */
  constructor(schema: Schema, file: TableFile, targetColumns = schema.targetColumns) {
    this.#schema = schema;
    this.#file = file;
    this.#targetColumns = targetColumns;
    this.#find();
  }

  /** The numbers in a row of targets, where a class is one, its index. */
  get targetSize(): number {
    return this.#targetColumns.length;
  }

  /** Writes rows behind those of the calls before, to where in `inputs` and `targets` the row `at` is; there are zeros. */
  encode(rows: readonly Cells[], inputs: Float32Array, targets: Float32Array, at: number): void {
    const { inputs: inputSize, inputColumns } = this.#schema;
    const targetColumns = this.#targetColumns;
    if (this.#columns !== this.#file.columns.length) this.#find();
    for (let i = 0; i < rows.length; i++) {
      const cells = rows[i];
      this.rows += 1;
      let out = (at + i) * inputSize;
      for (let k = 0; k < inputColumns.length; k++) {
        const column = inputColumns[k];
        const cell = cells[this.#inputs[k]];
        if (!column.write(cell, inputs, out)) this.#write(column, cell, inputs, out);
        out += column.width;
      }
      for (let k = 0; k < targetColumns.length; k++) {
        const column = targetColumns[k];
        const cell = cells[this.#targets[k]];
        const place = (at + i) * targetColumns.length + k;
        if (column instanceof NumericColumn) {
          if (!column.write(cell, targets, place)) this.#refuse(column, cell);
        } else {
          targets[place] = column.indexOf(cell);
          if (targets[place] < 0) this.#refuse(column, cell);
        }
      }
    }
  }

  /** Finds the schema's columns by name. */
  #find(): void {
    const { columns, grows, place } = this.#file;
    const places = new Map(columns.map((name, i) => [name, i]));
    const find = ({ name }: EncodedColumn) => {
      const found = places.get(name) ?? -1;
      if (found < 0 && !grows)
        throw new FormatError(`${place} must have the column ${got(name)} of the schema, got none`);
      return found;
    };
    this.#inputs = Int32Array.from(this.#schema.inputColumns, find);
    this.#targets = Int32Array.from(this.#targetColumns, find);
    this.#columns = columns.length;
  }

  #write(column: EncodedColumn, cell: unknown, out: Float32Array, at: number): void {
    if (!this.#schema.write(column, cell, out, at)) this.#refuse(column, cell);
  }

  #refuse(column: EncodedColumn, cell: unknown): never {
    const { place } = this.#file;
    throw new FormatError(this.#schema.refusal(placeOf(place, this.rows, column.name), column, cell));
  }
}
