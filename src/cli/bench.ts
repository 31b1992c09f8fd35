// nablanet bench: what this machine and engine can do.

import type { Command } from "commander";
import { capabilities } from "../engine/variants.js";
import { number } from "./arguments.js";
import { helpText } from "./help.js";
import { whole } from "./numbers.js";
import type { ExitCode } from "./program.js";
import { contestants, measureSpeeds, type Speed, sizesOf } from "./speed.js";
import { table } from "./tables-text.js";
import { Terminal } from "./terminal.js";

interface BenchArguments {
  seconds: number;
  json?: boolean;
}

const help = `
Figures are samples per second, on random rows, with Adam; predicting is of 2,048 rows at a time.

Examples:
  nablanet bench
  nablanet bench --seconds 30 --json > this-machine.json`;

export function addBench(program: Command, done: (code?: ExitCode) => void): Command {
  return program
    .command("bench")
    .summary("measure this machine")
    .description("Says what this machine and engine can do, and how fast they train and predict.")
    .option("--seconds <number>", "how long to measure in all, about", number({ above: 0 }), 5)
    .option("--json", "write the figures to stdout as JSON")
    .addHelpText("after", helpText(help))
    .action(async (told: BenchArguments) => {
      await bench(told);
      done();
    });
}

async function bench(told: BenchArguments): Promise<void> {
  const terminal = new Terminal(told);
  const able = await capabilities();
  const engine = `${process.release.name} ${process.version}, ${process.platform} ${process.arch}`;
  terminal.show(`${engine}, ${able.cores} processors`);
  terminal.show(`threads: ${able.threads.available ? "yes" : "no"}, ${able.threads.reason}`);
  terminal.show(
    `fused multiply-add: ${able.fusedMultiplyAdd.available ? "yes" : "no"}, ${able.fusedMultiplyAdd.reason}`,
  );
  terminal.show(`kernels: ${able.kernels.fast}, deterministic ${able.kernels.deterministic}\n`);
  const counts = able.threads.available && able.cores > 1 ? [1, able.cores] : [1];
  // training and predicting each
  const seconds = told.seconds / (contestants.length * counts.length * 2);
  const networks: { network: string; batchSize: number; speeds: Speed[] }[] = [];
  for (const contestant of contestants) {
    const network = sizesOf(contestant);
    terminal.note(`measuring ${network} …`);
    const speeds = await measureSpeeds(contestant, counts, seconds);
    networks.push({ network, batchSize: contestant.batchSize, speeds });
  }
  const rows = networks.flatMap(({ network, batchSize, speeds }) =>
    speeds.map(({ threads, training, predicting }) => {
      return [network, whole(batchSize), whole(threads), whole(training), whole(predicting)];
    }),
  );
  terminal.show(table(["network", "batch", "threads", "training", "predicting"], rows, terminal.colours));
  terminal.result({ engine, capabilities: able, networks });
}
