// The options that say how a table is read.

import { type Command, Option } from "commander";
import type { ColumnKind } from "../tables/columns.js";
import { type Decimal, decimals } from "../tables/csv.js";
import type { Schema } from "../tables/schema.js";
import type { TableOptions } from "../tables/table-options.js";
import { columnKind, delimiter, names } from "./arguments.js";

/** How the text of a file is cut into cells. */
export interface TextArguments {
  delimiter?: string;
  decimal?: Decimal;
  /** False with --no-header. */
  header: boolean;
}

/** What is said of the columns. */
export interface ColumnArguments extends TextArguments {
  target?: string[];
  ignore?: string[];
  column?: Record<string, ColumnKind>;
  missing?: "impute" | "refuse";
}

export function addTextOptions(command: Command): Command {
  return command
    .option(
      "--delimiter <text>",
      'what separates values; "tab" is a tab (default: found out from the first line)',
      delimiter,
    )
    .addOption(new Option("--decimal <mark>", "what comes before the decimals of numbers, . or ,").choices(decimals))
    .option("--no-header", 'the first row has values, and the columns are called "0", "1", …');
}

export function addColumnOptions(command: Command): Command {
  const missing = new Option(
    "--missing <policy>",
    "what is done where a value is missing: refuse the row (default), or put the mean or the most frequent word there",
  );
  command
    .option(
      "--target <names>",
      "the columns to predict, between commas or one by one; a name with a comma in it between quotes: '\"a,b\"'",
      names,
    )
    .option("--ignore <names>", "columns that are left out", names)
    .option(
      "--column <name=kind>",
      "what a column is, where it would be found out wrongly: numeric, categorical, boolean or ignored",
      columnKind,
    )
    .addOption(missing.choices(["refuse", "impute"]));
  return addTextOptions(command);
}

/** The same for `readTable`. */
export const textOptions = ({ delimiter, decimal, header }: TextArguments) => ({
  header,
  ...(decimal !== undefined && { decimal }),
  ...(delimiter !== undefined && { delimiter }),
});

/** The table's own options. @throws RangeError where no target was named. */
export function tableOptions(told: ColumnArguments): TableOptions {
  const { target = [], ignore, column, missing } = told;
  const [first, ...others] = target;
  return {
    ...textOptions(told),
    ...(first !== undefined && (others.length === 0 ? { target: first } : { targets: target })),
    ...(ignore && { ignore }),
    ...(column && { columns: column }),
    ...(missing && { missing }),
  };
}

/** Those of another table with the same columns. */
export function sameColumns(schema: Schema, told: TextArguments): TableOptions {
  return { schema, ...textOptions(told) };
}
