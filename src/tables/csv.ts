// Values between delimiters, RFC 4180: quotes, newlines within them, LF, CRLF or CR, a BOM. Papa Parse reads the records: unlike
// uDSV it tells ragged rows, and unlike csv-parse it needs no Buffer in browsers and reads some 60 MB a second.

import { Parser } from "papaparse";
import { got, outOfRange, wrongKind } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { hasDecimalComma, numberOf } from "./cells.js";
import { checkedColumns, placeOf, type TableFile } from "./table-file.js";
import { LONGEST_ROW, type TextSource, textPieces } from "./text-pieces.js";

export type Decimal = "." | ",";
export const decimals: readonly Decimal[] = [".", ","];

export interface CsvOptions {
  header: boolean;
  /** What separates values; undefined to find it out. */
  delimiter: string | undefined;
  /** What comes before the decimals of numbers. Default: a point. */
  decimal?: Decimal | undefined;
  /** Bytes that are read at a time. */
  pieceBytes?: number;
}

/** What a delimiter may be, where it isn't told: in this order, the first that the first line has. */
const DELIMITERS = [",", "\t", ";", "|"];
/** Where commas stand in numbers. */
const OTHERS_FIRST = ["\t", ";", "|", ","];

export function checkDelimiter(value: unknown): string {
  if (typeof value !== "string") wrongKind("delimiter", "a string", value);
  if (value === "" || /["\r\n\ufeff]/.test(value)) {
    outOfRange("delimiter", "at least one character, without quotes and newlines", value);
  }
  return value;
}

export function checkDecimal(value: unknown): Decimal {
  return decimals.find((each) => each === value) ?? outOfRange("decimal", '"." or ","', value);
}

/**
 * A column without a name has its number for one, from 0.
 *
 * @throws FormatError naming the text's place for a file without columns, or with two of one name.
 */
export async function openCsv(text: TextSource, csvOptions: CsvOptions): Promise<TableFile> {
  const { header, delimiter, decimal = ".", pieceBytes } = csvOptions;
  const { place } = text;
  const records = () => recordsOf(textPieces(text, pieceBytes), place, { delimiter, decimal });
  let first: readonly string[] | undefined;
  for await (const batch of records()) {
    first = batch[0];
    break;
  }
  if (first === undefined) throw new FormatError(`${place} must have at least one row, got none`);
  const columns = checkedColumns(
    first.map((name, i) => (header && name.trim()) || String(i)),
    place,
  );
  const rows = () => rowsOf(records(), place, columns.length, header ? 1 : 0);
  const pass =
    decimal === "," ? (ignored: ReadonlySet<string>) => withPoints(rows(), { place, columns }, ignored) : rows;
  return { place, columns, grows: false, pass };
}

async function* rowsOf(records: AsyncIterable<string[][]>, place: string, columns: number, skip: number) {
  let row = -skip;
  for await (const batch of records) {
    const rows = row < 0 ? batch.slice(1) : batch;
    row += batch.length - rows.length;
    for (const cells of rows) {
      row += 1;
      if (cells.length !== columns) {
        throw new FormatError(`${place}: row ${row} must have ${columns} values, got ${cells.length}`);
      }
    }
    yield rows;
  }
}

/** Numbers whose decimals come after a comma as they are read everywhere. */
async function* withPoints(
  batches: AsyncIterable<string[][]>,
  { place, columns }: Pick<TableFile, "place" | "columns">,
  ignored: ReadonlySet<string>,
): AsyncGenerator<string[][]> {
  let row = 0;
  for await (const rows of batches) {
    yield rows.map((cells) => {
      row += 1;
      return cells.map((cell, k) => {
        if (hasDecimalComma(cell)) return cell.replace(",", ".");
        // it may part thousands
        if (!cell.includes(".") || Number.isNaN(numberOf(cell)) || ignored.has(columns[k])) return cell;
        const where = placeOf(place, row, columns[k]);
        throw new FormatError(`${where} must have decimals after a comma, as decimal says, got ${got(cell)}`);
      });
    });
  }
}

/** The records of a file, those of blank lines left out; never an empty batch. */
async function* recordsOf(
  pieces: AsyncIterable<string>,
  place: string,
  cutting: Pick<CsvOptions, "delimiter" | "decimal">,
): AsyncGenerator<string[][]> {
  let rest = "";
  let parser: Parser | undefined;
  let count = 0;
  const refuse = (index: number, expected: string, came: string): never => {
    throw new FormatError(`${place}: record ${index + 1} of the file must have ${expected}, got ${came}`);
  };
  const parse = (text: string, isLast: boolean): string[][] => {
    parser ??= parserOf(text, isLast, cutting);
    const { data, errors, meta }: Parsed = parser?.parse(text, 0, !isLast) ?? NOTHING;
    // what is wrong with a row that isn't over yet may be what is to come
    const error = errors.find(({ row }) => isLast || row < data.length);
    if (error !== undefined) refuse(count + error.row, "quotes as RFC 4180 has them", error.message);
    rest = isLast ? "" : text.slice(meta.cursor);
    if (rest.length > LONGEST_ROW) refuse(count + data.length, `at most ${LONGEST_ROW} characters`, "more");
    count += data.length;
    // a table has two columns at least: one blank value is a blank line
    return data.some(isBlank) ? data.filter((record) => !isBlank(record)) : data;
  };
  for await (const piece of pieces) {
    const records = parse(rest + piece, false);
    if (records.length > 0) yield records;
  }
  const records = parse(rest, true);
  if (records.length > 0) yield records;
}

/** What Papa Parse's Parser gives, whose type says nothing. */
interface Parsed {
  data: string[][];
  errors: { message: string; row: number }[];
  meta: { cursor: number };
}

const NOTHING: Parsed = { data: [], errors: [], meta: { cursor: 0 } };

function isBlank(record: readonly string[]): boolean {
  return record.length === 1 && record[0].trim() === "";
}

/** A parser for a file that begins like this; undefined where that doesn't show yet how its lines end. */
function parserOf(
  text: string,
  isWhole: boolean,
  { delimiter: told, decimal }: Pick<CsvOptions, "delimiter" | "decimal">,
): Parser | undefined {
  const bare = text.replace(/^[\r\n]+/, "").replace(/"[^"]*("|$)/g, "");
  const end = bare.search(/[\r\n]/);
  const isCr = bare[end] === "\r" && bare[end + 1] !== "\n";
  if (!isWhole && (end < 0 || (isCr && end === bare.length - 1))) return undefined;
  const line = end < 0 ? bare : bare.slice(0, end);
  const delimiter = told ?? (decimal === "," ? OTHERS_FIRST : DELIMITERS).find((each) => line.includes(each)) ?? ",";
  // the CR of a CRLF stays at the row's last value, where blanks don't count
  return new Parser({ delimiter, newline: isCr ? "\r" : "\n" });
}
