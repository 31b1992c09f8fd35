// nablanet predict: a model's answers to the rows of a table, or to one row.

import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { got } from "../checks.js";
import { writeFile } from "../engine/whole-file.js";
import type { Network } from "../network.js";
import type { Numbers } from "../samples.js";
import type { Row } from "../schema.js";
import type { Schema } from "../tables/schema.js";
import { type AnswerLines, csvLines, jsonLines } from "./answers.js";
import { threads } from "./arguments.js";
import { helpText } from "./help.js";
import { pathOf, STDIN } from "./input.js";
import { loadNetwork } from "./models.js";
import { assertWritable } from "./output.js";
import type { ExitCode } from "./program.js";
import { openRows } from "./rows.js";
import { addTextOptions, sameColumns, type TextArguments, textOptions } from "./table-arguments.js";

interface PredictArguments extends TextArguments {
  row?: string;
  keep?: boolean;
  json?: boolean;
  output: string;
  threads: "auto" | "worker" | number;
}

const help = `
Columns are found by their names in the model's schema; others may be there. A model without a schema takes a table whose columns
are its inputs, all numbers, in their order. Rows are read and answered some at a time, in memory that doesn't depend on how
many there are. CSV has the columns label, probability_<class>, … for classes, predicted_<target> for numbers, and output_1, …
without a schema; JSON has { "label", "probabilities" }, the targets by name, or { "outputs" }, and with --keep the row as "input".

Examples:
  nablanet predict iris.nabla new.csv > answers.csv
  cat new.csv | nablanet predict iris.nabla - --keep | head
  nablanet predict iris.nabla new.parquet --json --output answers.jsonl
  nablanet predict iris.nabla --json --row '{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}'`;

export function addPredict(program: Command, done: (code?: ExitCode) => void): Command {
  const command = program
    .command("predict")
    .summary("answer the rows of a table")
    .description("Writes a model's answers to the rows of a table, or to one row.")
    .argument("<model>", "the model file")
    .argument("[rows]", 'the table: a path, a URL, or "-" for standard input')
    .option("--row <json>", "one row instead of a table: an object by the columns' names, or an array of the inputs")
    .option("--keep", "write the table's own columns, too, before the answers")
    .option("--json", "a JSON object a line, instead of CSV")
    .option("-o, --output <file>", 'where answers go; "-" is standard output', STDIN)
    .option("--threads <number>", '"auto", "worker" or how many', threads, "auto");
  return addTextOptions(command)
    .addHelpText("after", helpText(help))
    .action(async (model: string, rows: string | undefined, told: PredictArguments) => {
      await predict(model, rows, told);
      done();
    });
}

async function predict(model: string, rows: string | undefined, told: PredictArguments): Promise<void> {
  if ((rows === undefined) === (told.row === undefined)) {
    throw new RangeError(`predict needs rows or --row, got ${rows === undefined ? "neither" : "both"}`);
  }
  if (model === STDIN && rows === STDIN) throw new RangeError('only one of model and rows may be "-", got both');
  if (told.output !== STDIN) await assertWritable(told.output, [model, rows]);
  const { network, schema } = await loadNetwork(model);
  const lines =
    rows === undefined
      ? answerRow(network, schema, told)
      : answerRows(network, schema, { ...told, path: await pathOf(rows) });
  if (told.output === STDIN) await pipeline(lines, process.stdout, { end: false });
  else await writeFile(told.output, lines);
}

async function* answerRow(
  network: Network,
  schema: Schema | undefined,
  { row, json = false, keep = false }: PredictArguments,
): AsyncGenerator<string> {
  if (keep) throw new RangeError("--keep is for the rows of a table, got --row");
  let parsed: unknown;
  try {
    parsed = JSON.parse(row as string);
  } catch (error) {
    throw new RangeError(`--row must be JSON, got ${got(row)}: ${(error as Error).message}`, { cause: error });
  }
  if (!Array.isArray(parsed) && schema === undefined) {
    throw new RangeError(
      `--row must be an array of ${network.inputs} numbers, as the model has no schema, got ${got(parsed)}`,
    );
  }
  const inputs = Array.isArray(parsed) ? (parsed as Numbers) : (schema as Schema).encode(parsed as Row);
  const lines = json ? jsonLines(schema) : csvLines(schema, network.outputs);
  yield lines.head() + lines.line(network.predict(inputs));
}

async function* answerRows(
  network: Network,
  schema: Schema | undefined,
  { path, json = false, keep = false, threads, ...told }: PredictArguments & { path: string },
): AsyncGenerator<string> {
  const { outputs } = network;
  const reading = schema === undefined ? textOptions(told) : sameColumns(schema, told);
  const open = await openRows(path, reading, schema, network.inputs, keep);
  let lines: AnswerLines | undefined;
  let columns: readonly string[] = [];
  try {
    for await (const { cells, inputs } of open.rows) {
      if (cells.length === 0) continue;
      if (lines === undefined) {
        columns = [...open.columns];
        lines = json
          ? jsonLines(schema, keep ? open.columns : undefined)
          : csvLines(schema, outputs, keep ? columns : []);
        yield lines.head();
      }
      if (keep && !json && open.columns.length > columns.length) {
        const found = got(open.columns[columns.length]);
        throw new Error(`the first rows must have all columns for --keep in CSV, got ${found} later; --json takes it`);
      }
      const answers = await network.predictAsync(inputs, { threads });
      const text = cells.map((row, i) =>
        (lines as AnswerLines).line(answers.subarray(i * outputs, (i + 1) * outputs), row),
      );
      yield text.join("");
    }
    // a table of no rows has no answers, under the same head
    if (lines === undefined && !json) yield csvLines(schema, outputs, keep ? open.columns : []).head();
  } finally {
    await open.close();
  }
}
