// The schema of a table, from one pass over its rows.

import { got } from "../checks.js";
import { FormatError } from "../formats/errors.js";
import { ColumnProfile } from "./inference.js";
import { Schema } from "./schema.js";
import type { TableFile } from "./table-file.js";
import { assertColumns, type ResolvedTable } from "./table-options.js";

/** The schema, and how many rows there are. @throws FormatError for rows and columns that make none. */
export async function inferSchema(
  file: TableFile,
  targets: readonly string[] | undefined,
  told: ResolvedTable,
): Promise<{ schema: Schema; rows: number }> {
  const { place, columns, grows } = file;
  if (targets === undefined) {
    const some = columns.slice(0, 10).map(got).join(", ");
    throw new RangeError(`target must be the name of a column${grows ? "" : `, one of ${some}`}, got none`);
  }
  if (!grows) assertColumns(told, targets, columns);
  const profiles: ColumnProfile[] = [];
  const ignored = new Set([
    ...told.ignore,
    ...[...told.kinds].filter(([, kind]) => kind === "ignored").map(([name]) => name),
  ]);
  let rows = 0;
  for await (const batch of file.pass(ignored)) {
    for (let k = profiles.length; k < columns.length; k++) {
      const name = columns[k];
      const kind = ignored.has(name) ? "ignored" : told.kinds.get(name);
      profiles.push(new ColumnProfile(place, name, { target: targets.includes(name), kind }, told.missing));
      // a column that is first met here was missing before
      if (rows > 0) profiles[k].add(undefined, 1);
    }
    for (const cells of batch) {
      rows += 1;
      for (let k = 0; k < profiles.length; k++) profiles[k].add(cells[k], rows);
    }
  }
  if (rows === 0) throw new FormatError(`${place} must have at least one row, got none`);
  if (grows) assertColumns(told, targets, columns);
  const found = profiles.map((profile) => profile.resolve());
  return { schema: schemaOf(found, targets, told, place), rows };
}

function schemaOf(
  found: ConstructorParameters<typeof Schema>[0],
  targets: readonly string[],
  { missing }: ResolvedTable,
  place: string,
): Schema {
  try {
    return new Schema(found, targets, missing);
  } catch (error) {
    throw new FormatError(`${place}: ${(error as Error).message}`, { cause: error });
  }
}
