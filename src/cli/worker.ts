// nablanet worker: trains the trials of searches on other machines.

import type { Command } from "commander";
import { integer } from "./arguments.js";
import { Complaints } from "./complaints.js";
import { helpText } from "./help.js";
import { interruptible } from "./interrupt.js";
import { epochsText, short } from "./numbers.js";
import type { ExitCode } from "./program.js";
import { addQueueOptions, type QueueArguments } from "./search-backend.js";
import { Terminal } from "./terminal.js";

interface WorkerArguments extends QueueArguments {
  concurrency?: number;
  quiet?: boolean;
}

const help = `
Trains what nablanet search --redis, or a search with the backend bullmq, puts into the queue, until Ctrl-C; what is under way
then goes back to the queue. Tables are read from where the search names them, a relative path from this folder, and refused
where their bytes are other ones. The packages bullmq and ioredis must be installed beside nablanet.

Whoever can write to that Redis can have this machine read files and compute: let nobody else reach it.

Examples:
  nablanet worker --redis redis://10.0.0.5:6379
  nablanet worker --redis redis://:secret@10.0.0.5:6379/1 --concurrency 4`;

export function addWorker(program: Command, done: (code?: ExitCode) => void): Command {
  const command = program
    .command("worker")
    .summary("train trials for searches on other machines")
    .description("Trains the trials that searches put into a queue in Redis.")
    .option(
      "--concurrency <number>",
      "trials at a time, each in a process (default: one a processor)",
      integer(1, 256),
    );
  return addQueueOptions(command)
    .option("-q, --quiet", "say nothing but what goes wrong")
    .addHelpText("after", helpText(help))
    .action(async (told: WorkerArguments) => {
      await work(told);
      done();
    });
}

async function work({ redis, queue, concurrency, quiet = false }: WorkerArguments): Promise<void> {
  if (redis === undefined) throw new RangeError("--redis must be the URL of a Redis, got none");
  const terminal = new Terminal({ quiet });
  const { startWorker } = await import("../backends.js");
  await interruptible(async (signal) => {
    const complaints = new Complaints();
    const worker = await startWorker({
      connection: redis,
      queue,
      ...(concurrency !== undefined && { concurrency }),
      onResult: ({ key, status, evaluation, epochs, seconds }) => {
        const loss = evaluation === undefined ? "" : `, loss ${short(evaluation.loss)}`;
        terminal.note(`${key.slice(0, 12)}  ${status}, ${epochsText(epochs)} in ${seconds.toFixed(1)} s${loss}`);
      },
      onError: ({ message }) => complaints.tell(message),
    });
    terminal.note(`Waits for trials in the queue ${queue}. Ctrl-C ends it.`);
    const ended = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      process.once("SIGTERM", resolve);
    });
    await ended;
    await worker.close();
  });
}
