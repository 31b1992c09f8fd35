// Rows of numbers as statistics read them: checked, and in float64, as a float32 copy would lose what tells 1e8 + 1 from 1e8.

import { finite, got, outOfRange, wrongKind } from "../checks.js";
import { countRows, isNumbers, isRows, isTyped, type Numbers, viewOf } from "../samples.js";

/** `rows` rows of `columns` numbers, one behind the other. */
export interface Table {
  readonly values: Numbers;
  readonly rows: number;
  readonly columns: number;
  /** Whether they were given as an array of rows. */
  readonly nested: boolean;
}

type Shape = Omit<Table, "values">;

/** The largest number in float32. Squares, sums and differences of such numbers don't overflow float64. */
const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;

/**
 * An array of rows or a flat array of rows of `columns` numbers. Flat typed arrays are read where they are, others copied.
 * Where `columns` is undefined, the first row of nested rows says it.
 */
export function readTable(source: unknown, columns: number | undefined): Table {
  const nested = isRows(source);
  if (!nested && !isNumbers(source)) wrongKind("rows", "an array of rows or a flat array of numbers", source);
  if (source.length === 0) throw new RangeError("rows must have at least one row, got none");
  const width = columns ?? (nested ? source[0].length : undefined);
  if (width === undefined) throw new RangeError("columns must be told where the rows lie in one flat array");
  if (width === 0) throw new RangeError("rows[0] must have at least one number, got none");
  const given = nested ? source : isTyped(source) ? viewOf(source) : source;
  const rows = countRows(given, width, "rows");
  const shape = { rows, columns: width, nested };
  return { ...shape, values: nested ? nestedValues(source, shape) : flatValues(given as Numbers, shape) };
}

function nestedValues(source: readonly Numbers[], shape: Shape): Numbers {
  const { rows, columns } = shape;
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const numbers = source[row];
    const given = isTyped(numbers) ? viewOf(numbers) : numbers;
    for (let k = 0; k < columns; k++) {
      const value = given[k];
      if (!fits(value)) refuse(placeOf(row * columns + k, shape), value);
      values[row * columns + k] = value;
    }
  }
  return values;
}

function flatValues(source: Numbers, shape: Shape): Numbers {
  const { rows, columns } = shape;
  const values = isTyped(source) ? source : new Float64Array(rows * columns);
  for (let i = 0; i < rows * columns; i++) {
    const value = source[i];
    if (!fits(value)) refuse(placeOf(i, shape), value);
    if (values !== source) values[i] = value;
  }
  return values;
}

/** The name of the i-th number, for errors. */
function placeOf(i: number, { columns, nested }: Shape): string {
  const [row, column] = [Math.floor(i / columns), i % columns];
  return nested ? `rows[${row}][${column}]` : `rows[${i}] (row ${row}, column ${column})`;
}

function fits(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= FLOAT32_MAX;
}

function refuse(place: string, value: unknown): never {
  outOfRange(place, "finite in float32", finite(value, place));
}

/** x·factor[k] + offset[k] for each number x of column k, or its inverse, rounded once to float32. */
export function mapColumns(
  table: Table,
  { factor, offset }: { factor: Float64Array; offset: Float64Array },
  inverse: boolean,
): Float32Array<ArrayBuffer> {
  const { values, rows, columns } = table;
  const out = new Float32Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0; k < columns; k++, i++) {
      out[i] = inverse ? (values[i] - offset[k]) / factor[k] : values[i] * factor[k] + offset[k];
      if (!Number.isFinite(out[i])) {
        const what = inverse ? "unscaled" : "scaled";
        throw new RangeError(`${placeOf(i, table)} must be finite in float32 once ${what}, got ${got(values[i])}`);
      }
    }
  }
  return out;
}
