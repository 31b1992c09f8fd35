// JSON lines: an object of numbers, strings, booleans and nulls on each line. https://jsonlines.org

import { got } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { type Cells, MOST_COLUMNS, type TableFile } from "./table-file.js";
import { LONGEST_ROW, type TextSource, textPieces } from "./text-pieces.js";

/** The columns are the keys, as they are met. */
export function openJsonLines(text: TextSource): TableFile {
  const { place } = text;
  const columns: string[] = [];
  const places = new Map<string, number>();
  const placeOfKey = (key: string, row: number): number => {
    const found = places.get(key);
    if (found !== undefined) return found;
    if (columns.length === MOST_COLUMNS) {
      throw new FormatError(
        `${place}: row ${row} must bring the keys to no more than ${MOST_COLUMNS}, got ${got(key)}`,
      );
    }
    places.set(key, columns.length);
    return columns.push(key) - 1;
  };
  async function* pass(): AsyncGenerator<Cells[]> {
    let row = 0;
    for await (const lines of linesOf(text)) {
      const rows: Cells[] = [];
      for (const line of lines) {
        if (line.trim() === "") continue;
        row += 1;
        const cells: unknown[] = new Array(columns.length).fill(undefined);
        for (const [key, value] of entriesOf(line, `${place}: row ${row}`)) cells[placeOfKey(key, row)] = value;
        rows.push(cells);
      }
      yield rows;
    }
  }
  return { place, columns, grows: true, pass };
}

function entriesOf(line: string, place: string): [string, unknown][] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new FormatError(`${place} must be JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatError(`${place} must be an object, got ${got(value)}`);
  }
  const entries = Object.entries(value);
  for (const [key, cell] of entries) {
    if (typeof cell !== "object" || cell === null) continue;
    throw new FormatError(`${place}, column ${JSON.stringify(key)} must not be nested, got ${got(cell)}`);
  }
  return entries;
}

/** Whole lines, some at a time. */
async function* linesOf(text: TextSource): AsyncGenerator<string[]> {
  let rest = "";
  let isFirst = true;
  for await (const piece of textPieces(text)) {
    if (isFirst && piece.trimStart().startsWith("[")) {
      throw new FormatError(
        `${text.place} must have an object a line, got an array: write each of its objects in a line`,
      );
    }
    isFirst = false;
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_ROW) {
      throw new FormatError(`${text.place} must have lines of at most ${LONGEST_ROW} characters, got a longer one`);
    }
    yield lines;
  }
  yield [rest];
}
