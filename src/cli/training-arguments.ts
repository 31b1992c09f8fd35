// The options of the commands that train.

import { type Command, Option } from "commander";
import { Activation, Loss, Optimizer } from "../abi.js";
import { namesOf } from "../checks.js";
import { integer, layerSizes, number, threads } from "./arguments.js";
import type { PlanArguments } from "./plan.js";
import { addColumnOptions } from "./table-arguments.js";
import type { DataArguments } from "./training-data.js";

export interface FitArguments {
  epochs: number;
  patience: number;
  threads: "auto" | "worker" | number;
}

export interface OutputArguments {
  output?: string;
  report?: string;
  json?: boolean;
  quiet?: boolean;
}

export type TrainingArguments = DataArguments & PlanArguments & FitArguments & OutputArguments;

/** Those that say what is read and held out. */
export function addDataOptions(command: Command): Command {
  return addColumnOptions(command)
    .option(
      "--split <share>",
      "the share of rows that is held out, of each class alike",
      number({ above: 0, below: 1 }),
      0.2,
    )
    .option("--validation <file>", "rows that are held out, in a file of their own; all others are then trained on")
    .option("--stream", "read rows anew in each epoch, as they may be more than fit into memory; needs --validation");
}

/** Those that say what is made of them. */
export function addPlanOptions(command: Command): Command {
  return command
    .option(
      "--layers <units>",
      'units of the hidden layers, such as 64,32, or "none" (default: by the data, see below)',
      layerSizes,
    )
    .addOption(choice("--activation <name>", "of the hidden layers", namesOf(Activation)).default("relu"))
    .option(
      "--dropout <share>",
      "the share of hidden units that each mini-batch drops",
      number({ least: 0, below: 1 }),
      0,
    )
    .addOption(choice("--optimizer <name>", "how weights are updated", namesOf(Optimizer)).default("adam"))
    .option(
      "--learning-rate <number>",
      "the size of a step (default: 0.003 for adam, else the optimizer's usual one)",
      number({ above: 0 }),
    )
    .option("--batch-size <rows>", "rows in a mini-batch (default: 32, or all for rProp and lbfgs)", integer(1))
    .addOption(
      choice(
        "--loss <name>",
        "what is made small (default: crossEntropy, binaryCrossEntropy for a target of true and false, meanSquaredError for numbers)",
        namesOf(Loss),
      ),
    );
}

/** Those that say how long, and what comes of it. */
export function addFitOptions(command: Command, epochs: number): Command {
  return command
    .option("--epochs <number>", "passes over the rows, at most", integer(1), epochs)
    .option(
      "--patience <epochs>",
      "end after so many epochs without a smaller loss of the held-out rows, and take the best epoch's network; 0 for neither",
      integer(0),
      20,
    )
    .option(
      "--seed <number>",
      "decides the split, the first weights and the order of rows: the same seed gives the same network",
      integer(0),
      1,
    )
    .option("--threads <number>", '"auto", "worker" or how many; the result is the same', threads, "auto")
    .option("--deterministic", "the same bits on every machine and engine")
    .option(
      "-o, --output <file>",
      "where the model goes; its ending tells the format (default: named after the data, .nabla)",
    )
    .option("--report <file>", "write a report, an HTML page that needs nothing else")
    .option("--json", "write what came of it to stdout as JSON")
    .option("-q, --quiet", "say nothing but what goes wrong");
}

function choice(flags: string, description: string, names: readonly string[]): Option {
  // the names are told where they are wrong, and with the command's help
  return new Option(flags, description).choices(names);
}
