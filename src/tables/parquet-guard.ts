// What hyparquet takes on trust, checked before it reads a column: the lengths of pages and runs, which it would allocate
// for as they are forged. https://parquet.apache.org/docs/file-format/data-pages and …/encodings

import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { readVarInt } from "hyparquet/src/thrift.js";
import type { AsyncBuffer, ColumnMetaData, DataReader, PageHeader } from "hyparquet/src/types.js";
import { crc32 } from "../formats/crc32.js";
import { guardStruct } from "./thrift-guard.js";

/** What Snappy can make of a byte: copies of up to 64 bytes take 3. */
const MOST_EXPANSION = 22;
/** The most cells of a row group that are decoded at a time. */
const MOST_CELLS = 2 ** 27;

/** One column of a row group. */
export interface Chunk {
  meta: ColumnMetaData;
  /** Whether values may be missing. */
  optional: boolean;
  /** Bytes of a value of a fixed length. */
  typeLength: number | undefined;
}

/** @throws Error for metadata, at the file's end, that can't be read. */
export async function guardMetadata(file: AsyncBuffer): Promise<void> {
  const end = file.byteLength - 8;
  const tail = new DataView(await file.slice(Math.max(0, end), file.byteLength));
  const length = tail.byteLength === 8 ? tail.getUint32(0, true) : Number.POSITIVE_INFINITY;
  if (length > end) refuse(`its metadata must be at most ${Math.max(0, end)} bytes`, length);
  guardStruct(new Uint8Array(await file.slice(end - length, end)), 0);
}

/** @throws Error for a group that is too large to be decoded. */
export function guardGroup(rows: number, columns: number): void {
  if (rows >= 0 && rows * columns <= MOST_CELLS) return;
  refuse(`the cells of a row group must be at most ${MOST_CELLS} (columns can be ignored)`, rows * columns);
}

/** @throws Error for a column whose pages don't hold what they say. */
export async function guardChunk(
  file: AsyncBuffer,
  { meta, optional, typeLength }: Chunk,
  rows: number,
): Promise<void> {
  if (Number(meta.num_values) !== rows)
    refuse(`a column must have a value for each of the ${rows} rows`, meta.num_values);
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
  const end = start + Number(meta.total_compressed_size);
  if (!(start >= 0 && end >= start && end <= file.byteLength))
    refuse("a column must lie within the file", `${start}–${end}`);
  const bytes = new Uint8Array(await file.slice(start, end));
  const reader: DataReader = { view: new DataView(bytes.buffer), offset: 0 };
  let left = rows;
  while (left > 0 && reader.offset < bytes.length - 1) {
    guardStruct(bytes, reader.offset);
    const header = parquetHeader(reader);
    const packed = bytes.subarray(reader.offset, reader.offset + header.compressed_page_size);
    if (packed.length !== header.compressed_page_size)
      refuse("a page must lie within its column", header.compressed_page_size);
    if (header.crc !== undefined && crc32(packed) !== header.crc >>> 0)
      refuse("a page must have its checksum", "another");
    reader.offset += packed.length;
    const page = new Page(header, packed, meta, optional, typeLength);
    page.check(left);
    if (header.type !== "DICTIONARY_PAGE") left -= page.values;
  }
  if (left !== 0) refuse(`a column's pages must have ${rows} values`, rows - left);
}

class Page {
  readonly values: number;
  readonly #encoding: string;
  readonly #bytes: Uint8Array;
  readonly #optional: boolean;
  readonly #width: number;
  readonly #isBoolean: boolean;
  readonly #isDictionary: boolean;
  /** Bytes of the levels that stand before the values of a page of version 2. */
  readonly #levels: number | undefined;

  constructor(header: PageHeader, packed: Uint8Array, meta: ColumnMetaData, optional: boolean, typeLength = 1) {
    const v2 = header.data_page_header_v2;
    const told = header.data_page_header ?? v2 ?? header.dictionary_page_header;
    if (told === undefined) throw new Error("a page must say how many values it has");
    this.values = told.num_values;
    this.#encoding = told.encoding;
    this.#isDictionary = header.type === "DICTIONARY_PAGE";
    this.#optional = optional;
    this.#isBoolean = meta.type === "BOOLEAN";
    this.#width =
      { BOOLEAN: 1 / 8, INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8, INT96: 12 }[meta.type as string] ?? typeLength;
    this.#levels = undefined;
    const { uncompressed_page_size: size } = header;
    if (!(size >= 0 && size <= packed.length * MOST_EXPANSION + 64)) {
      refuse(`a page of ${packed.length} packed bytes can't have as many`, size);
    }
    if (v2 === undefined) {
      this.#bytes = decompressPage(packed, size, meta.codec, undefined);
      return;
    }
    this.#levels = v2.definition_levels_byte_length;
    if (v2.repetition_levels_byte_length !== 0) refuse("a page must have no repetition levels", "some");
    if (!(this.#levels >= 0 && this.#levels <= size && this.#levels <= packed.length)) {
      refuse("levels must lie within their page", this.#levels);
    }
    if (!(v2.num_nulls >= 0 && v2.num_nulls <= this.values)) refuse("a page must have as many nulls", v2.num_nulls);
    const rest = packed.subarray(this.#levels);
    const values = v2.is_compressed === false ? rest : decompressPage(rest, size - this.#levels, meta.codec, undefined);
    this.#bytes = new Uint8Array(this.#levels + values.length);
    this.#bytes.set(packed.subarray(0, this.#levels));
    this.#bytes.set(values, this.#levels);
  }

  /** Refuses a page that says to have more than `most` values, or of which hyparquet would make more than it says. */
  check(most: number): void {
    if (this.#isDictionary) {
      this.#checkPlain(this.#bytes.length);
      return;
    }
    if (!(this.values > 0 && this.values <= most)) refuse(`a page must have from 1 to ${most} values`, this.values);
    const { byteLength, byteOffset, buffer } = this.#bytes;
    const view = new DataView(buffer, byteOffset, byteLength);
    const at = this.#levels ?? (this.#optional ? 4 + view.getUint32(0, true) : 0);
    if (at > byteLength) refuse("levels must lie within their page", at);
    if (this.#optional) this.#checkRuns(view, this.#levels === undefined ? 4 : 0, 1);
    this.#checkValues(view, at);
  }

  #checkValues(view: DataView, at: number): void {
    switch (this.#encoding) {
      case "PLAIN":
      case "BYTE_STREAM_SPLIT":
        // how many of them are there isn't known where some are missing; reading ends with the bytes
        if (!this.#optional) this.#checkPlain(view.byteLength - at);
        break;
      case "RLE":
        if (!this.#isBoolean) refuse("the encoding of a column that isn't boolean must be another", this.#encoding);
        this.#checkRuns(view, at + 4, 1);
        break;
      case "PLAIN_DICTIONARY":
      case "RLE_DICTIONARY": {
        const width = at < view.byteLength ? view.getUint8(at) : 0;
        if (width > 32) refuse("indices must have at most 32 bits", width);
        if (width > 0) this.#checkRuns(view, at + 1, width);
        break;
      }
      case "DELTA_BINARY_PACKED":
      case "DELTA_LENGTH_BYTE_ARRAY":
        break;
      default:
        refuse("the encoding must be one that is read", this.#encoding);
    }
  }

  /** Values one behind the other; those of any length have 4 bytes at least. */
  #checkPlain(bytes: number): void {
    if (!(this.values >= 0 && this.values * this.#width <= bytes)) {
      refuse(`a page of ${bytes} bytes can't have as many values`, this.values);
    }
  }

  /** Runs of equal numbers and stretches of packed ones, of `width` bits: no more than there are values. */
  #checkRuns(view: DataView, from: number, width: number): void {
    const reader: DataReader = { view, offset: from };
    let seen = 0;
    while (seen < this.values && reader.offset < view.byteLength) {
      const header = readVarInt(reader);
      const packed = (header & 1) === 1;
      const count = packed ? (header >>> 1) * 8 : header >>> 1;
      // packed numbers come in eights
      if (count > this.values - seen + (packed ? 7 : 0)) refuse(`a run must be one of ${this.values} values`, count);
      reader.offset += packed ? (header >>> 1) * width : Math.ceil(width / 8);
      seen += count;
    }
  }
}

function refuse(expected: string, got: unknown): never {
  throw new Error(`${expected}, got ${got}`);
}
