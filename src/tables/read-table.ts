// Tables as datasets.

import { wrongKind } from "../checks.js";
import type { RereadableSource } from "../data/byte-stream.js";
import { MOST_UNZIPPED } from "../data/gzip.js";
import type { Source } from "../data/source.js";
import { Dataset } from "../dataset.js";
import type { DatasetOptions } from "../dataset-options.js";
import type { Chunk, DatasetStream } from "../dataset-stream.js";
import { FormatError } from "../formats/errors.js";
import { inferSchema } from "./infer-schema.js";
import { type OpenTable, openTable, rereadable } from "./open-table.js";
import { RowEncoder } from "./row-encoder.js";
import type { Schema } from "./schema.js";
import { nameOf } from "./source-name.js";
import type { TableFile } from "./table-file.js";
import { type ResolvedTable, resolveTable, type TableOptions, type TableStreamOptions } from "./table-options.js";

/**
 * A dataset of a table, and the schema that says how its rows became numbers.
 *
 *     const { dataset, schema } = await readTable("iris.csv", { target: "species" });
 *
 * What a column is comes from all of its values. Inputs are numeric where all are numbers; boolean where all are true and
 * false, or yes and no; categorical where they are some few words: at most 10, or half as many as there are rows, and at most
 * 1,024. A column of other text is refused, unless `ignore` or `columns` names it. So it is with a target: numbers are
 * regressed on, words are classes. Whole numbers are classes only where they are exactly 0 … k − 1 or 1 … k, with k ≤ 20 and
 * at least 2k rows, as labels are numbered; `columns: { y: "categorical" }` or `"numeric"` decides otherwise.
 *
 * Rows are counted from 1 in errors, without the header.
 *
 * @param source a path (where there is a file system), URL, Blob or File, Response, stream, or the bytes; gzipped or not
 * @throws FormatError for a file that isn't what it should be, with the row and column; RangeError or TypeError for options
 *   that can't be used
 */
export async function readTable(
  source: Source,
  tableOptions?: TableOptions,
): Promise<{ dataset: Dataset; schema: Schema }> {
  const resolved = resolveTable(tableOptions, "readTable");
  const name = nameOf(source);
  const bounded = { ...resolved, mostUnzipped: MOST_UNZIPPED };
  const table = await openTable(await rereadable(source, name ?? "the table"), name, bounded);
  try {
    const { schema, rows } = await schemaOf(table, resolved);
    return { dataset: await readAll(table.file, schema, rows), schema };
  } finally {
    await table.close();
  }
}

/**
 * As `readTable`, for a table larger than memory: it is read once for the schema (unless that is given), and anew in each
 * epoch, `bufferRows` rows at a time. A Parquet file's row groups are each read whole. A .npy or .npz is read whole, so
 * `readTable` is for it.
 *
 * @param source a path, URL, Blob or File, or the bytes; gzipped or not
 * @throws as `readTable`; a fit is rejected with the FormatError of a row
 */
export async function readTableStream(
  source: RereadableSource,
  tableOptions?: TableStreamOptions,
): Promise<{ dataset: DatasetStream; schema: Schema }> {
  const resolved = resolveTable(tableOptions, "readTableStream", ["bufferRows"]);
  if ((source as unknown) instanceof Response || (source as unknown) instanceof ReadableStream) {
    wrongKind("source", "a path, URL, Blob or bytes, which can be read again in each epoch", source);
  }
  const open = () => openTable(source, nameOf(source), resolved);
  const table = await open();
  let schema: Schema;
  try {
    ({ schema } = await schemaOf(table, resolved));
  } finally {
    await table.close();
  }
  async function* chunks() {
    const { file, close } = await open();
    try {
      yield* chunksOf(file, schema);
    } finally {
      await close();
    }
  }
  const { bufferRows } = resolved;
  const buffer = bufferRows === undefined ? {} : { bufferRows };
  return { dataset: Dataset.stream({ chunks, inputSize: schema.inputs, ...targetsOf(schema), ...buffer }), schema };
}

/** The schema that was given, or what the rows say; then it is known how many there are. */
async function schemaOf(
  { file, targets }: OpenTable,
  resolved: ResolvedTable,
): Promise<{ schema: Schema; rows?: number }> {
  if (resolved.schema !== undefined) return { schema: resolved.schema };
  return inferSchema(file, resolved.targets ?? targets, resolved);
}

/** The columns that needn't be read. */
function ignoredBy({ columns, inputColumns, targetColumns }: Schema, file: TableFile): ReadonlySet<string> {
  const read = new Set([...inputColumns, ...targetColumns].map(({ name }) => name));
  return new Set([...file.columns, ...columns.map(({ name }) => name)].filter((name) => !read.has(name)));
}

async function* chunksOf(file: TableFile, schema: Schema): AsyncGenerator<Chunk> {
  const encoder = new RowEncoder(schema, file);
  for await (const rows of file.pass(ignoredBy(schema, file))) {
    if (rows.length === 0) continue;
    const inputs = new Float32Array(rows.length * schema.inputs);
    const targets = new Float32Array(rows.length * encoder.targetSize);
    encoder.encode(rows, inputs, targets, 0);
    yield { inputs, targets };
  }
  assertRows(encoder, file);
}

/** All rows in one dataset; `count` is how many there probably are. */
async function readAll(file: TableFile, schema: Schema, count = 1024): Promise<Dataset> {
  const encoder = new RowEncoder(schema, file);
  const { inputs: inputSize } = schema;
  const { targetSize } = encoder;
  let inputs = zeros(count * inputSize);
  let targets = zeros(count * targetSize);
  for await (const rows of file.pass(ignoredBy(schema, file))) {
    const needed = encoder.rows + rows.length;
    if (needed * inputSize > inputs.length) {
      inputs = grown(inputs, 2 * needed * inputSize);
      targets = grown(targets, 2 * needed * targetSize);
    }
    encoder.encode(rows, inputs, targets, encoder.rows);
  }
  assertRows(encoder, file);
  const { rows } = encoder;
  return Dataset.from({
    inputs: part(inputs, rows * inputSize),
    targets: part(targets, rows * targetSize),
    inputSize,
    ...targetsOf(schema),
  });
}

function assertRows({ rows }: RowEncoder, { place }: TableFile): void {
  if (rows === 0) throw new FormatError(`${place} must have at least one row, got none`);
}

/** What a dataset is told of its targets. */
function targetsOf({ classes, outputs }: Schema): Pick<DatasetOptions, "classes" | "outputSize"> {
  return { outputSize: outputs, ...(classes && { classes }) };
}

function zeros(length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch {
    throw new RangeError(`a table of ${length} numbers doesn't fit into memory: read it with readTableStream`);
  }
}

function grown(numbers: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const more = zeros(length);
  more.set(numbers);
  return more;
}

/** The first `length` numbers, without the room behind them. */
function part(numbers: Float32Array<ArrayBuffer>, length: number): Float32Array<ArrayBuffer> {
  return length === numbers.length ? numbers : numbers.slice(0, length);
}
