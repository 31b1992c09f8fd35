// The commands, a file each, and what they have in common: help, version, errors, exit codes.

import { Command, CommanderError } from "commander";
import { version } from "../../package.json";
import { addBench } from "./bench.js";
import { addConvert } from "./convert.js";
import { addEvaluate } from "./evaluate.js";
import { EXIT, failureOf } from "./failure.js";
import { helpText } from "./help.js";
import { addInspect } from "./inspect.js";
import { listenForInterrupt } from "./interrupt.js";
import { addPlayground } from "./playground.js";
import { addPredict } from "./predict.js";
import { addSearch } from "./search.js";
import { addTrain } from "./train.js";
import { addWorker } from "./worker.js";

/** What a command ends with, where that isn't 0. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const commands = [
  addTrain,
  addPredict,
  addEvaluate,
  addInspect,
  addConvert,
  addSearch,
  addWorker,
  addBench,
  addPlayground,
];

const exitCodes = `
Exit codes: ${EXIT.done} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.interrupted} interrupted (Ctrl-C).`;

const about = `
Results go to stdout; progress and remarks go to stderr. With --json, stdout has JSON and nothing else. "-" as a file is
standard input. Colours are left out where there is no terminal, or NO_COLOR is set.

Examples:
  nablanet train iris.csv --target species        writes iris.nabla
  nablanet predict iris.nabla new.csv > answers.csv
  nablanet evaluate iris.nabla test.csv
  nablanet inspect iris.nabla`;

/** Runs the command that the arguments name. @returns the exit code; errors are told in a line on stderr. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  endQuietly();
  listenForInterrupt();
  let code: ExitCode = EXIT.done;
  const program = new Command("nablanet")
    .description("Trains and runs feed-forward neural networks on tables.")
    .version(version, "-V, --version")
    .addHelpText("after", helpText(about))
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  program.addHelpText("after", exitCodes);
  const done = (ended: ExitCode | undefined) => {
    code = ended ?? EXIT.done;
  };
  for (const add of commands) {
    add(program, done).addHelpText("after", exitCodes);
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const failure = failureOf(error);
    process.stderr.write(`nablanet: ${failure.message}\n`);
    return failure.code;
  }
  return code;
}

/** Who reads the output may stop reading: `nablanet … | head`. */
function endQuietly(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(process.exitCode ?? EXIT.done);
    });
  }
}
