// nablanet evaluate: what a model is worth on a table.

import { type Command, Option } from "commander";
import { Loss } from "../abi.js";
import { got, namesOf, outOfRange } from "../checks.js";
import type { LossName } from "../losses.js";
import { readTableStream } from "../tables/read-table.js";
import type { Schema } from "../tables/schema.js";
import { Trainer } from "../trainer.js";
import { threads } from "./arguments.js";
import { helpText } from "./help.js";
import { pathOf, STDIN } from "./input.js";
import { measure, measuresJson } from "./measures.js";
import { loadNetwork } from "./models.js";
import type { ExitCode } from "./program.js";
import { addColumnOptions, type ColumnArguments, sameColumns, tableOptions } from "./table-arguments.js";
import { showMeasures } from "./tables-text.js";
import { Terminal } from "./terminal.js";

interface EvaluateArguments extends ColumnArguments {
  loss?: LossName;
  threads: "auto" | "worker" | number;
  json?: boolean;
}

const help = `
The targets are those of the model's schema. For a model without one, --target names them; all other columns are inputs.

Examples:
  nablanet evaluate iris.nabla test.csv
  nablanet evaluate digits.onnx digits.csv --target label --column label=categorical --json`;

export function addEvaluate(program: Command, done: (code?: ExitCode) => void): Command {
  const command = program
    .command("evaluate")
    .summary("measure a model on a table")
    .description("Measures a model on a table that has the targets: metrics, and the confusion matrix of classes.")
    .argument("<model>", "the model file")
    .argument("<data>", 'the table: a path, a URL, or "-" for standard input');
  return addColumnOptions(command)
    .addOption(new Option("--loss <name>", "default: by the output layer").choices(namesOf(Loss)))
    .option("--threads <number>", '"auto", "worker" or how many; the result is the same', threads, "auto")
    .option("--json", "write the metrics to stdout as JSON")
    .addHelpText("after", helpText(help))
    .action(async (model: string, data: string, told: EvaluateArguments) => {
      await evaluate(model, data, told);
      done();
    });
}

async function evaluate(model: string, data: string, told: EvaluateArguments): Promise<void> {
  if (model === STDIN && data === STDIN) throw new RangeError('only one of model and data may be "-", got both');
  const terminal = new Terminal(told);
  const { network, schema: own } = await loadNetwork(model);
  if (own !== undefined) assertAgrees(own, told, model);
  const reading = own === undefined ? tableOptions(told) : sameColumns(own, told);
  const { dataset, schema } = await readTableStream(await pathOf(data), reading);
  const trainer = new Trainer(network, told.loss && { loss: told.loss });
  const targets = schema.targetColumns.map(({ name }) => name);
  const measures = await measure(trainer, dataset, targets, told.threads);
  showMeasures(measures, terminal);
  terminal.result({ model, data, lossName: trainer.loss, ...measuresJson(measures) });
}

/** @throws RangeError where columns are told of that the model's schema knows otherwise. */
function assertAgrees({ targetColumns }: Schema, { target, ignore, column, missing }: ColumnArguments, model: string) {
  const targets = targetColumns.map(({ name }) => name);
  if (target !== undefined && target.join() !== targets.join()) {
    outOfRange("--target", `${targets.map(got).join(", ")}, as ${model} was trained on, or left out`, target.join());
  }
  for (const [option, value] of Object.entries({ "--ignore": ignore, "--column": column, "--missing": missing })) {
    if (value !== undefined) throw new RangeError(`${option} must be left out, as ${model} knows what its columns are`);
  }
}
