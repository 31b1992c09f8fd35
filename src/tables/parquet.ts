// Parquet, read by hyparquet: plain or Snappy, columns that aren't nested, a row group at a time.

import { parquetMetadataAsync, parquetSchema } from "hyparquet/src/metadata.js";
import { parquetReadColumn } from "hyparquet/src/read.js";
import type { AsyncBuffer, FileMetaData, RowGroup, SchemaTree } from "hyparquet/src/types.js";
import { nextTurn } from "../engine/platform.js";
import { FormatError } from "../formats/errors.js";
import { guardChunk, guardGroup, guardMetadata } from "./parquet-guard.js";
import { type Cells, checkedColumns, type TableFile } from "./table-file.js";

/** Rows that are handed on at a time. */
const BATCH = 2 ** 13;

/** @throws FormatError naming `place` for a file that isn't Parquet. */
export async function openParquet(file: AsyncBuffer, place: string): Promise<TableFile> {
  const metadata = await reading(place, async () => {
    await guardMetadata(file);
    return parquetMetadataAsync(file, { geoparquet: false });
  });
  const { children } = await reading(place, async () => parquetSchema(metadata));
  const columns = checkedColumns(
    children.map(({ element }) => element.name),
    place,
  );
  async function* pass(ignored: ReadonlySet<string>): AsyncGenerator<Cells[]> {
    const wanted = children.filter(({ element }) => !ignored.has(element.name));
    for (const { children: inner, element } of wanted) {
      if (inner.length === 0 && element.repetition_type !== "REPEATED") continue;
      throw new FormatError(`${place}: column ${JSON.stringify(element.name)} must not be nested; it can be ignored`);
    }
    let start = 0;
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      const values = await reading(place, () => readGroup(file, metadata, group, wanted, start));
      const cells = columns.map((name) => values.get(name) ?? []);
      for (let from = 0; from < rows; from += BATCH) {
        yield Array.from({ length: Math.min(BATCH, rows - from) }, (_, i) => cells.map((column) => column[from + i]));
        await nextTurn();
      }
      start += rows;
    }
  }
  return { place, columns, grows: false, pass };
}

/** The values of columns in the rows of a group, which is the one that begins with row `start`. */
async function readGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { columns: chunks, num_rows }: RowGroup,
  wanted: readonly SchemaTree[],
  start: number,
): Promise<Map<string, ArrayLike<unknown>>> {
  const rows = Number(num_rows);
  guardGroup(rows, wanted.length);
  const values = new Map<string, ArrayLike<unknown>>();
  for (const { element } of wanted) {
    const { name, repetition_type, type_length } = element;
    const meta = chunks.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data;
    if (meta === undefined) throw new Error(`each row group must have the column ${JSON.stringify(name)}, got none`);
    await guardChunk(file, { meta, optional: repetition_type === "OPTIONAL", typeLength: type_length }, rows);
    const column = await parquetReadColumn({ file, metadata, columns: [name], rowStart: start, rowEnd: start + rows });
    if (column.length !== rows)
      throw new Error(`column ${JSON.stringify(name)} must have ${rows} values, got ${column.length}`);
    values.set(name, column);
  }
  return values;
}

/** What `read` gives; whatever it throws is what is wrong with the file. */
async function reading<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new FormatError(`${place} is no Parquet file that can be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
