// A table as its rows can be read, again and again, whatever the format.

import { got } from "../checks.js";
import { FormatError } from "../formats/errors.js";

/** Cells in the order of the columns; those that a row ends before are missing. */
export type Cells = readonly unknown[];

export interface TableFile {
  /** What it is called in errors. */
  readonly place: string;
  /** The columns' names, all different. Where `grows`, columns found in a pass are added at the end. */
  readonly columns: readonly string[];
  readonly grows: boolean;
  /** One pass over all rows, some at a time. The columns called `ignored` need not be read. */
  pass(ignored: ReadonlySet<string>): AsyncIterable<readonly Cells[]>;
}

/** The most columns that a table may have. */
export const MOST_COLUMNS = 2 ** 16;

/** Refuses names of columns that aren't all different. */
export function checkedColumns(names: readonly string[], place: string): readonly string[] {
  if (names.length > MOST_COLUMNS) {
    throw new FormatError(`${place} must have at most ${MOST_COLUMNS} columns, got ${names.length}`);
  }
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      throw new FormatError(`${place} must have columns of different names, got two called ${got(name)}`);
    seen.add(name);
  }
  return names;
}

/** A cell's place in errors; rows are counted from 1, without the header. */
export function placeOf(place: string, row: number, column: string): string {
  return `${place}: row ${row}, column ${JSON.stringify(column)}`;
}
