// nablanet train: a model from a table.

import type { Command } from "commander";
import type { FitResult } from "../fit-result.js";
import { progress } from "../progress.js";
import type { Trainer } from "../trainer.js";
import { CheckpointFile, startTraining } from "./checkpoints.js";
import { conclude } from "./conclusion.js";
import { EXIT } from "./failure.js";
import { helpText } from "./help.js";
import { interruptible } from "./interrupt.js";
import { whole } from "./numbers.js";
import { assertWritable, outputOf } from "./output.js";
import { ARCHITECTURE_RULE, planOf } from "./plan.js";
import type { ExitCode } from "./program.js";
import { printableList } from "./tables-text.js";
import { Terminal } from "./terminal.js";
import { addDataOptions, addFitOptions, addPlanOptions, type TrainingArguments } from "./training-arguments.js";
import { lengthOf, noteColumns, readTrainingData, type TrainingData } from "./training-data.js";

type TrainArguments = TrainingArguments & { checkpoint?: string; resume?: boolean };

const help = `
${ARCHITECTURE_RULE}

Inputs are scaled to mean 0 and deviation 1, targets that are numbers, too; the model has the scaling in it. The held-out rows
tell when to stop, and are what the metrics at the end are of.

Ctrl-C saves a checkpoint beside the model; the same command with --resume goes on from there, with the same result as if
nothing had happened. With --checkpoint one is saved now and then, too, and when training ends: --resume with more --epochs
then trains on. A second Ctrl-C ends at once.

Examples:
  nablanet train iris.csv --target species
  nablanet train houses.parquet --target price --ignore id --layers 128,64 --dropout 0.1 --report houses.html
  nablanet train big.csv --target y --stream --validation held-out.csv --output big.json
  cat rows.csv | nablanet train - --target y --output y.nabla --json > result.json`;

export function addTrain(program: Command, done: (code?: ExitCode) => void): Command {
  const command = program
    .command("train")
    .summary("train a network on a table")
    .description(
      "Trains a network on a table (CSV, TSV, JSON lines, Parquet, .npy, .npz; gzipped or not) and writes the model.",
    )
    .argument("<data>", 'the table: a path, a URL, or "-" for standard input');
  addFitOptions(addPlanOptions(addDataOptions(command)), 300)
    .option("--checkpoint <file>", "where training can be gone on from (default: the model's name and .checkpoint)")
    .option("--resume", "go on from the checkpoint")
    .addHelpText("after", helpText(help))
    .action(async (data: string, told: TrainArguments) => done(await train(data, told)));
  return command;
}

async function train(file: string, told: TrainArguments): Promise<ExitCode> {
  const terminal = new Terminal(told);
  const output = await outputOf(told.output, file);
  for (const other of [told.report, told.checkpoint]) {
    if (other !== undefined) await assertWritable(other, [file, told.validation]);
  }
  const checkpoint = new CheckpointFile(told.checkpoint, output);
  const data = await readTrainingData(file, told);
  noteColumns(data, terminal);
  const plan = planOf(data.schema, lengthOf(data.training), told);
  const { resume = false } = told;
  const trainer = await (resume ? checkpoint.resume(plan, data.training) : startTraining(plan));
  terminal.note(introduction(trainer, data));
  const result = await interruptible(async (signal) => {
    const ended = await trained(trainer, data, told, checkpoint, signal);
    // a second Ctrl-C doesn't wait for it
    if (ended.status === "aborted") await checkpoint.write(trainer);
    return ended;
  });
  if (result.status === "aborted") {
    const epochs = result.history.length;
    terminal.note(
      `Interrupted after ${epochs} of ${told.epochs} epochs. The same command with --resume goes on: ${checkpoint.path}`,
    );
    terminal.result({ status: result.status, epochs, checkpoint: checkpoint.path });
    return EXIT.interrupted;
  }
  await conclude({ file, output, trainer, data, result, optimizer: told.optimizer, told }, terminal);
  await checkpoint.close(trainer);
  return EXIT.done;
}

function trained(
  trainer: Trainer,
  { training, heldOut }: TrainingData,
  { epochs, patience, threads, quiet = false }: TrainArguments,
  checkpoint: CheckpointFile,
  signal: AbortSignal,
): Promise<FitResult> {
  const display = quiet ? undefined : progress({ epochs });
  return trainer.fit(training, {
    epochs,
    validation: heldOut,
    earlyStopping: patience > 0 && { patience },
    threads,
    signal,
    onEpoch: async (row) => {
      await checkpoint.writeSometimes(trainer);
      await display?.onEpoch(row);
    },
  });
}

/** What is trained on what. */
function introduction({ network }: Trainer, { training, heldOut, schema }: TrainingData): string {
  const sizes = [network.inputs, ...network.layers.map(({ units }) => units)].join("-");
  const [rows, others] = [training, heldOut].map((data) => {
    const count = lengthOf(data);
    return count === undefined ? "a stream of rows" : `${whole(count)} rows`;
  });
  const targets = schema.targetColumns.map(({ name }) => name);
  const kind = schema.classes === undefined ? "numbers" : `${schema.classes.length} classes`;
  return `${sizes}, ${whole(network.parameterCount)} parameters; ${rows}, ${others} held out; target ${printableList(targets)} (${kind})`;
}
