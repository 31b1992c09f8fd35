// What `npm run reproduce` is told.

import { parseArgs } from "node:util";
import { runs } from "./runs.mjs";

export const usage = `usage: npm run reproduce -- [name ...] [--data FOLDER] [--seeds N] [--threads N] [--long] [--render]
  name       what to train; the beginning of a name stands for all that begin with it. Default: all
  --data     the folder with MNIST's four files; or MNIST_DIR=FOLDER
  --seeds    train with the seeds 1 to N. Default 1
  --threads  default: as many as pay. The accuracies don't depend on it
  --long     also what takes hours
  --render   train nothing, write the tables of docs/reproduction.md
names: ${runs.map(({ name }) => name).join(" ")}`;

/** @throws Error that says what is wrong. */
export function readCommandLine(args, env) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: { type: "string" },
      seeds: { type: "string", default: "1" },
      threads: { type: "string" },
      long: { type: "boolean", default: false },
      render: { type: "boolean", default: false },
    },
  });
  const chosen = choose(positionals).filter(({ long }) => values.long || !long);
  if (chosen.length === 0) throw new Error(`this takes hours: add --long to train ${positionals.join(" ")}`);
  const seeds = Array.from({ length: count(values.seeds, "--seeds") }, (_, i) => i + 1);
  const threads = values.threads === undefined ? "auto" : count(values.threads, "--threads");
  const folder = values.data ?? (env.MNIST_DIR || undefined);
  return { chosen, seeds, threads, folder, render: values.render };
}

function choose(names) {
  for (const name of names) {
    if (!runs.some((run) => run.name.startsWith(name))) throw new Error(`there is no run named "${name}"`);
  }
  return names.length === 0 ? runs : runs.filter((run) => names.some((name) => run.name.startsWith(name)));
}

function count(text, option) {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${option} must be a whole number of at least 1, got "${text}"`);
  return Number(text);
}
