// nablanet search: the best of many trainings.

import type { Command } from "commander";
import { progress } from "../progress.js";
import { search, type Trial } from "../selection/search.js";
import { choice, logUniform, type ParametersOf, uniform } from "../selection/space.js";
import type { TrialOptions } from "../selection/trial.js";
import { integer } from "./arguments.js";
import { startTraining } from "./checkpoints.js";
import { conclude } from "./conclusion.js";
import { EXIT } from "./failure.js";
import { helpText } from "./help.js";
import { interruptible } from "./interrupt.js";
import { short } from "./numbers.js";
import { assertWritable, outputOf } from "./output.js";
import { type Plan, planOf } from "./plan.js";
import type { ExitCode } from "./program.js";
import { Terminal } from "./terminal.js";
import { addDataOptions, addFitOptions, type TrainingArguments } from "./training-arguments.js";
import { lengthOf, readTrainingData, type TrainingData } from "./training-data.js";
import { TrialTable, trialJson } from "./trial-table.js";

export const space = {
  layers: choice("16", "32", "64", "128", "32,16", "64,32", "128,64", "256,128", "64,64,32"),
  learningRate: logUniform(3e-4, 3e-2),
  dropout: uniform(0, 0.4),
  batchSize: choice(16, 32, 64, 128),
};

export type Parameters = ParametersOf<typeof space>;

const OPTIMIZER = "adam";

type SearchArguments = TrainingArguments & { trials: number };

const help = `
Each trial draws hidden layers of ${space.layers.values?.join(" ")} units, a learning rate from 0.0003 to 0.03 (each order of
magnitude as likely as another), a dropout from 0 to 0.4 and mini-batches of ${space.batchSize.values?.join(", ")} rows, and trains
with ${OPTIMIZER}. The one with the smallest loss of the held-out rows is trained again and written. As its loss was the smallest of
many, it is somewhat better on the held-out rows than it will be on new ones: measure it with nablanet evaluate on others.

Examples:
  nablanet search iris.csv --target species --trials 20
  nablanet search houses.csv --target price --trials 50 --epochs 100 --json > trials.json`;

export function addSearch(program: Command, done: (code?: ExitCode) => void): Command {
  const command = program
    .command("search")
    .summary("find good settings for a table")
    .description("Trains many networks with other settings on a table, and writes the best one.")
    .argument("<data>", 'the table: a path, a URL, or "-" for standard input')
    .option("--trials <number>", "how many networks", integer(1), 20);
  addFitOptions(addDataOptions(command), 100)
    .addHelpText("after", helpText(help))
    .action(async (data: string, told: SearchArguments) => done(await searchFor(data, told)));
  return command;
}

async function searchFor(file: string, told: SearchArguments): Promise<ExitCode> {
  const terminal = new Terminal(told);
  const output = await outputOf(told.output, file);
  if (told.report !== undefined) await assertWritable(told.report);
  const data = await readTrainingData(file, told);
  const { trials, seed } = told;
  const display = new TrialTable(trials, terminal);
  const {
    best,
    trials: rows,
    status,
  } = await interruptible((signal) =>
    search({
      space,
      build: (parameters) => trialOf(parameters, data, told),
      data: data.training,
      validation: data.heldOut,
      trials,
      seed,
      signal,
      onTrial: (trial) => display.add(trial),
    }),
  );
  const found = { trials: rows.map(trialJson), ...(best && { best: trialJson(best) }) };
  if (status === "aborted") {
    const sofar =
      best === undefined ? "" : `, the best of them trial ${best.number + 1} with a loss of ${short(best.value)}`;
    terminal.note(`Interrupted after ${display.count} of ${trials} trials${sofar}. No model was written.`);
    terminal.result({ status, search: found });
    return EXIT.interrupted;
  }
  if (best === undefined) throw new Error(`all ${trials} trials diverged, and no model was written`);
  terminal.note(`Trains trial ${best.number + 1} again.`);
  return retrain(file, output, best, data, told, found, terminal);
}

/** The same fit once more, with the same bits. */
async function retrain(
  file: string,
  output: string,
  { parameters, seed }: Trial<Parameters>,
  data: TrainingData,
  told: SearchArguments,
  found: object,
  terminal: Terminal,
): Promise<ExitCode> {
  const { network, trainer: trainerOptions = {}, fit } = trialOf(parameters, data, told);
  const trainer = await startTraining({ network: { ...network, seed }, trainer: trainerOptions });
  const { epochs } = told;
  const result = await interruptible((signal) =>
    trainer.fit(data.training, {
      ...fit,
      validation: data.heldOut,
      threads: told.threads,
      signal,
      ...(!terminal.quiet && progress({ epochs })),
    }),
  );
  if (result.status === "aborted") {
    terminal.note("Interrupted. No model was written.");
    return EXIT.interrupted;
  }
  await conclude({ file, output, trainer, data, result, optimizer: OPTIMIZER, told }, terminal, { search: found });
  return EXIT.done;
}

function trialOf(parameters: Parameters, data: TrainingData, told: SearchArguments): TrialOptions {
  const { layers, ...rest } = parameters;
  const plan = planOf(data.schema, lengthOf(data.training), {
    ...rest,
    layers: layers.split(",").map(Number),
    activation: "relu",
    optimizer: OPTIMIZER,
    seed: told.seed,
    ...(told.deterministic && { deterministic: true }),
  });
  const { epochs, patience } = told;
  return { ...withoutSeed(plan), fit: { epochs, earlyStopping: patience > 0 && { patience } } };
}

/** Each trial has weights of its own. */
function withoutSeed({ network: { seed: _, ...network }, trainer }: Plan): Plan {
  return { network, trainer };
}
