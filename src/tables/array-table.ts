// numpy's arrays as tables.

import { got } from "../checks.js";
import { nextTurn } from "../engine/platform.js";
import { FormatError } from "../formats/errors.js";
import type { NumpyArray } from "./npy.js";
import { type Cells, checkedColumns, type TableFile } from "./table-file.js";

/** An array whose first dimension are the rows; the columns have its name in front of their numbers. */
interface Part extends NumpyArray {
  name: string;
}

/** Cells between two turns of the event loop. */
const TURN = 2 ** 16;

/** One array, whose columns are called "0", "1", … */
export function arrayTable(array: NumpyArray, place: string): TableFile {
  return joined([{ name: "", ...array }], place);
}

/**
 * Two arrays of an archive: the columns "x0", "x1", … of the one called x, and those of y; where that has a number a row,
 * its column is called "y".
 */
export function archiveTable(
  arrays: ReadonlyMap<string, NumpyArray>,
  place: string,
  inputs: string,
  targets: string,
): { file: TableFile; targets: string[] } {
  const parts = [inputs, targets].map((name) => {
    const array = arrays.get(name);
    if (array !== undefined) return { name, ...array };
    throw new FormatError(
      `${place} must have an array called ${got(name)}, got ${[...arrays.keys()].map(got).join(", ")}`,
    );
  });
  return { file: joined(parts, place), targets: columnsOf(parts[1]) };
}

function joined(parts: readonly Part[], place: string): TableFile {
  for (const { name, shape } of parts) {
    const what = name === "" ? place : `${place}: the array ${got(name)}`;
    if (shape.length === 0) throw new FormatError(`${what} must have rows, got a single number`);
    if (shape[0] !== parts[0].shape[0]) {
      throw new FormatError(`${what} must have ${parts[0].shape[0]} rows as ${got(parts[0].name)}, got ${shape[0]}`);
    }
  }
  const columns = checkedColumns(parts.flatMap(columnsOf), place);
  const [rows] = parts[0].shape;
  const batch = Math.max(1, Math.floor(TURN / Math.max(1, columns.length)));
  async function* pass(): AsyncGenerator<Cells[]> {
    for (let from = 0; from < rows; from += batch) {
      yield Array.from({ length: Math.min(batch, rows - from) }, (_, i) => cellsOf(parts, from + i));
      await nextTurn();
    }
  }
  return { place, columns, grows: false, pass };
}

function widthOf({ shape }: NumpyArray): number {
  return shape.slice(1).reduce((product, length) => product * length, 1);
}

function columnsOf(part: Part): string[] {
  if (part.shape.length === 1 && part.name !== "") return [part.name];
  // more would be refused, and needn't be named before
  return Array.from({ length: Math.min(widthOf(part), 2 ** 16 + 1) }, (_, i) => `${part.name}${i}`);
}

function cellsOf(parts: readonly Part[], row: number): Cells {
  const cells: number[] = [];
  for (const part of parts) {
    const width = widthOf(part);
    for (let i = row * width; i < (row + 1) * width; i++) cells.push(part.data[i]);
  }
  return cells;
}
