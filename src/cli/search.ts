// nablanet search: the best of many trainings.

import { createHash } from "node:crypto";
import type { Command } from "commander";
import { writeFile } from "../engine/whole-file.js";
import type { EpochRow } from "../fit-result.js";
import { progress } from "../progress.js";
import { search, type Trial } from "../selection/search.js";
import { integer } from "./arguments.js";
import { startTraining } from "./checkpoints.js";
import { conclude } from "./conclusion.js";
import { showBestSoFar } from "./curves-text.js";
import { EXIT } from "./failure.js";
import { helpText } from "./help.js";
import { interruptible } from "./interrupt.js";
import { short } from "./numbers.js";
import { assertWritable, outputOf } from "./output.js";
import type { ExitCode } from "./program.js";
import { addBackendOptions, type BackendArguments, searchData } from "./search-backend.js";
import { Terminal } from "./terminal.js";
import { addDataOptions, addFitOptions, type TrainingArguments } from "./training-arguments.js";
import { noteColumns, type TrainingData } from "./training-data.js";
import { countOf, OPTIMIZER, type Parameters, spaces, trialOf } from "./trial-space.js";
import { type SearchTrial, TrialTable, trialJson, trialsCsv } from "./trial-table.js";

type SearchArguments = TrainingArguments & BackendArguments & { trials?: number; csv?: string };

const { random, grid } = spaces;
const listed = (values: readonly unknown[] = [], between = ", ") => values.join(between);

const help = `
Each trial draws hidden layers of ${listed(random.layers.values, " ")} units, a learning rate from 0.0003 to 0.03 (each order of
magnitude as likely as another), a dropout from 0 to 0.4 and mini-batches of ${listed(random.batchSize.values)} rows, and trains
with ${OPTIMIZER}. The one with the smallest loss of the held-out rows is trained again and written. As its loss was the smallest of
many, it is somewhat better on the held-out rows than it will be on new ones: measure it with nablanet evaluate on others.

With --method grid, the trials are all ${countOf("grid", undefined)} combinations of layers of ${listed(grid.layers.values, " ")} units, learning rates of
${listed(grid.learningRate.values)} and dropouts of ${listed(grid.dropout.values)}, in mini-batches of ${listed(grid.batchSize.values)} rows; with --trials, the first of these.

With --folds 5, a trial is what five trainings give on average, each measured on another fifth of the training rows: a better
guess where rows are few, for five times the time. The held-out rows have no part in the choice then.

With --redis, the trials are trained by nablanet worker on any number of machines. What they found stays in Redis for a week, so
an interrupted search goes on where it was. With --method asha, all trials are trained for 1/27 of the epochs, and of those that
were trained as long, the best third goes on for three times as many, up to --epochs.

Examples:
  nablanet search iris.csv --target species --trials 20
  nablanet search iris.csv --target species --method grid --csv trials.csv
  nablanet search iris.csv --target species --trials 20 --folds 5
  nablanet search iris.csv --target species --trials 200 --method asha --epochs 200
  nablanet search data.csv --target y --trials 500 --redis redis://10.0.0.5:6379 --csv trials.csv
  nablanet search houses.csv --target price --trials 50 --epochs 100 --json > trials.json`;

export function addSearch(program: Command, done: (code?: ExitCode) => void): Command {
  const command = program
    .command("search")
    .summary("find good settings for a table")
    .description("Trains many networks with other settings on a table, and writes the best one.")
    .argument("<data>", 'the table: a path, a URL, or "-" for standard input')
    .option("--trials <number>", "how many networks (default: 20, all of a grid)", integer(1));
  addFitOptions(addBackendOptions(addDataOptions(command)), 100)
    .option("--csv <file>", "write the table of trials as CSV")
    .addHelpText("after", helpText(help))
    .action(async (data: string, told: SearchArguments) => done(await searchFor(data, told)));
  return command;
}

async function searchFor(file: string, told: SearchArguments): Promise<ExitCode> {
  const terminal = new Terminal(told);
  const output = await outputOf(told.output, file);
  for (const other of [told.report, told.csv]) {
    if (other !== undefined) await assertWritable(other, [file, told.validation]);
  }
  const { data, searched } = await searchData(file, told);
  noteColumns(data, terminal);
  const isElsewhere = "backend" in searched;
  // which a backend's trials have
  const trained = isElsewhere ? { ...told, deterministic: true } : told;
  const { seed, method } = told;
  const trials = countOf(method, told.trials);
  const display = new TrialTable(trials, isElsewhere && told.folds === undefined, terminal);
  const {
    best,
    trials: rows,
    status,
  } = await interruptible((signal) =>
    search({
      space: spaces[method],
      build: (parameters) => trialOf(parameters, data, trained),
      ...searched,
      method,
      trials,
      seed,
      signal,
      onTrial: (trial) => display.add(trial),
    }),
  );
  if (told.csv !== undefined) await writeFile(told.csv, new TextEncoder().encode(trialsCsv(rows)));
  const found = { trials: rows.map(trialJson), ...(best && { best: trialJson(best) }) };
  if (status === "aborted") {
    const sofar =
      best === undefined ? "" : `, the best of them trial ${best.number + 1} with a loss of ${short(best.value)}`;
    const kept = told.redis === undefined ? "" : " Redis has what was found: the same command goes on.";
    terminal.note(`Interrupted after ${display.count} of ${trials} trials${sofar}. No model was written.${kept}`);
    terminal.result({ status, search: found });
    return EXIT.interrupted;
  }
  if (best === undefined) throw new Error(`all ${trials} trials diverged, and no model was written`);
  showBestSoFar(rows, terminal);
  const on = told.folds === undefined ? "" : ", on all training rows";
  terminal.note(`Trains trial ${best.number + 1} again${on}.`);
  return retrain(file, output, best, data, trained, { trials: rows, found }, terminal);
}

/** The same fit once more, with the same bits. */
async function retrain(
  file: string,
  output: string,
  { number, parameters, seed, epochs: last, parametersHash }: Trial<Parameters>,
  data: TrainingData,
  told: SearchArguments,
  { trials, found }: { trials: readonly SearchTrial[]; found: object },
  terminal: Terminal,
): Promise<ExitCode> {
  const { network, trainer: trainerOptions = {}, fit } = trialOf(parameters, data, told);
  const trainer = await startTraining({ network: { ...network, seed }, trainer: trainerOptions });
  const { epochs } = told;
  // where successive halving left it
  const onEpoch = ({ epoch }: EpochRow) => epoch !== last || epoch === epochs;
  const result = await interruptible((signal) =>
    trainer.fit(data.training, {
      ...fit,
      validation: data.heldOut,
      threads: told.threads,
      signal,
      ...(terminal.quiet ? { onEpoch } : progress({ epochs, onEpoch })),
    }),
  );
  if (result.status === "aborted") {
    terminal.note("Interrupted. No model was written.");
    return EXIT.interrupted;
  }
  const hash = createHash("sha256").update(trainer.network.parameters()).digest("hex");
  if (parametersHash !== undefined && hash !== parametersHash) {
    throw new Error(
      `trial ${number + 1} must have parameters with the SHA-256 ${parametersHash}, as its worker said, got ${hash}: no model was written`,
    );
  }
  const ended = { file, output, trainer, data, result, optimizer: OPTIMIZER, trials, told } as const;
  await conclude(ended, terminal, { search: found });
  return EXIT.done;
}
