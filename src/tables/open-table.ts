// Finds out a table's format, and opens it. A format is added by a line here.

import type { AsyncBuffer } from "hyparquet/src/types.js";
import { outOfRange } from "../checks.js";
import { ByteStream, type RereadableSource } from "../data/byte-stream.js";
import { isFile, isWeb, readRaw, readSource, type Source } from "../data/source.js";
import { openParts } from "../engine/platform.js";
import { archiveTable, arrayTable } from "./array-table.js";
import { type Decimal, openCsv } from "./csv.js";
import { openJsonLines } from "./json-lines.js";
import { decodeNpy, NPY_MAGIC } from "./npy.js";
import { decodeNpz } from "./npz.js";
import { endingOf } from "./source-name.js";
import type { TableFile } from "./table-file.js";

export type TableFormat = "csv" | "tsv" | "jsonLines" | "parquet" | "npy" | "npz";
export const tableFormats: readonly TableFormat[] = ["csv", "tsv", "jsonLines", "parquet", "npy", "npz"];

const endings: ReadonlyMap<string, TableFormat> = new Map([
  ["csv", "csv"],
  ["tsv", "tsv"],
  ["tab", "tsv"],
  ["jsonl", "jsonLines"],
  ["ndjson", "jsonLines"],
  ["parquet", "parquet"],
  ["npy", "npy"],
  ["npz", "npz"],
]);

/** How files begin, where that tells what they are; all else is text. */
const beginnings: readonly (readonly [readonly number[], TableFormat])[] = [
  [[0x50, 0x41, 0x52, 0x31], "parquet"],
  [NPY_MAGIC, "npy"],
  [[0x50, 0x4b, 0x03, 0x04], "npz"],
];

export interface OpenOptions {
  format: TableFormat | undefined;
  header: boolean;
  delimiter: string | undefined;
  decimal?: Decimal | undefined;
  /** The arrays of an archive that are inputs and targets. */
  arrays: { inputs: string; targets: string };
  /** The most bytes that gzipped text may be unzipped to. Default: any number, as it is read a piece at a time. */
  mostUnzipped?: number | undefined;
}

/** An open table, which must be closed; `targets` are the columns that are targets, where the format tells. */
export interface OpenTable {
  file: TableFile;
  targets: readonly string[] | undefined;
  close(): Promise<void>;
}

/** Opens a table whose text is read anew in each pass; files that need all bytes at once are read or opened once. */
export async function openTable(
  source: RereadableSource,
  name: string | undefined,
  given: OpenOptions,
): Promise<OpenTable> {
  const place = name ?? "the table";
  const format = given.format ?? endings.get(endingOf(name)) ?? (await formatOf(source, place));
  const { header, decimal, mostUnzipped } = given;
  const text = { source, place, mostUnzipped };
  const opened = (file: TableFile, targets?: readonly string[]) => ({ file, targets, close: async () => {} });
  switch (format) {
    case "csv":
      return opened(await openCsv(text, { header, decimal, delimiter: given.delimiter }));
    case "tsv":
      return opened(await openCsv(text, { header, decimal, delimiter: given.delimiter ?? "\t" }));
    case "jsonLines":
      return opened(openJsonLines(text));
    case "npy":
      return opened(arrayTable(decodeNpy(await readSource(source, place), place), place));
    case "npz": {
      const { inputs, targets } = given.arrays;
      const arrays = await decodeNpz(await readSource(source, place), place);
      const table = archiveTable(arrays, place, inputs, targets);
      return opened(table.file, table.targets);
    }
    case "parquet":
      return openParquetFile(source, place);
    default:
      outOfRange("format", `one of ${tableFormats.join(", ")}`, format);
  }
}

async function formatOf(source: RereadableSource, place: string): Promise<TableFormat> {
  const bytes = await ByteStream.open(source, place);
  try {
    const start = await bytes.take(1024);
    for (const [beginning, format] of beginnings) if (beginning.every((byte, i) => start[i] === byte)) return format;
    // an array of objects is refused there
    return /^\s*(\{|\[\s*\{)/.test(new TextDecoder().decode(start)) ? "jsonLines" : "csv";
  } finally {
    await bytes.close();
  }
}

async function openParquetFile(source: RereadableSource, place: string): Promise<OpenTable> {
  const { openParquet } = await import("./parquet.js");
  // a path's file is read as its parts are needed, unless it is gzipped
  if (isName(source) && !isWeb(source) && !/\.gz$/i.test(String(source))) {
    const parts = await openParts(isFile(source) ? new URL(source) : source).catch((error: Error) => {
      throw new Error(`${place} can't be read: ${error.message}`, { cause: error });
    });
    try {
      return { file: await openParquet(parts, place), targets: undefined, close: () => parts.close() };
    } catch (error) {
      await parts.close();
      throw error;
    }
  }
  const bytes = await readSource(source, place);
  const whole: AsyncBuffer = {
    byteLength: bytes.length,
    slice: (from, to) => bytes.slice(from, to).buffer as ArrayBuffer,
  };
  return { file: await openParquet(whole, place), targets: undefined, close: async () => {} };
}

/** A source that can be read again: what can be read but once is kept, zipped as it is. */
export async function rereadable(source: Source, place: string): Promise<RereadableSource> {
  const isOnce = source instanceof Response || source instanceof ReadableStream || (isName(source) && isWeb(source));
  if (!isOnce) return source as RereadableSource;
  return new Blob([(await readRaw(source, place)) as Uint8Array<ArrayBuffer>]);
}

function isName(source: unknown): source is string | URL {
  return typeof source === "string" || source instanceof URL;
}
