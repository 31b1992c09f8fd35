// The columns of a table, before anything is decided about them.

import type { Source } from "../data/source.js";
import { openTable, rereadable } from "./open-table.js";
import { nameOf } from "./source-name.js";
import { resolveTable, type TableOptions } from "./table-options.js";

/**
 * The names of a table's columns, in the order of the table: what `readTable` can be told a target of. Of JSON lines all rows
 * are read, as any may have a column more.
 *
 * @param source as that of `readTable`
 * @throws FormatError for a file that isn't what it should be; RangeError or TypeError for options that can't be used
 */
export async function readColumns(
  source: Source,
  tableOptions?: Pick<TableOptions, "format" | "header" | "delimiter" | "decimal" | "inputs" | "targets">,
): Promise<readonly string[]> {
  const resolved = resolveTable(tableOptions, "readColumns");
  const name = nameOf(source);
  const { file, close } = await openTable(await rereadable(source, name ?? "the table"), name, resolved);
  try {
    if (file.grows) for await (const _ of file.pass(new Set()));
    return [...file.columns];
  } finally {
    await close();
  }
}
