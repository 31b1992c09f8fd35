// A search on a table, whose trials any backend can train.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { choice, integer, logUniform, Network, type SearchOptions, Trainer, type Trial } from "../src/index.js";
import { readReference, type TableReference, tableReference } from "../src/tables.js";

export const iris = fileURLToPath(new URL("fixtures/iris.csv", import.meta.url));
export const reference: TableReference = await tableReference(iris, { target: "species", seed: 5 });

export const space = {
  learningRate: logUniform(1e-3, 1e-1),
  units: choice(4, 8, 16),
  dropout: choice(0, 0.2),
  batchSize: integer(5, 40),
};
export type Parameters = { learningRate: number; units: number; dropout: number; batchSize: number };

export const build = ({ learningRate, units, dropout, batchSize }: Parameters, epochs = 6) => ({
  network: {
    schema: reference.schema,
    normalize: "standard" as const,
    layers: [
      { units, activation: "tanh" as const, dropout },
      { units: 3, activation: "softmax" as const },
    ],
  },
  trainer: { optimizer: { kind: "adam" as const, learningRate }, batchSize },
  fit: { epochs },
});

export const options = {
  space,
  build: (parameters) => build(parameters),
  data: reference,
  seed: 3,
} satisfies SearchOptions<typeof space>;

/** Trials that take a second or so each. */
export const long = { ...options, build: (parameters: Parameters) => build(parameters, 2500), trials: 6 };

/** Without what a clock says. */
export const untimed = (trials: readonly Trial<unknown>[]) => trials.map(({ seconds: _, ...row }) => row);

/** SHA-256 of the parameters of a trial that is trained here, by hand, to its end. */
export async function hashByHand(setup: ReturnType<typeof build>, seed: number): Promise<string> {
  const { training, heldOut } = await readReference(reference);
  const network = await Network.create({ ...setup.network, seed, math: "deterministic" });
  const trainer = new Trainer(network, setup.trainer);
  await trainer.fit(training, { ...setup.fit, validation: heldOut });
  const digest = await crypto.subtle.digest("SHA-256", network.parameters());
  return Buffer.from(digest).toString("hex");
}

/** The processes that train for the process `parent`. */
export function trialProcessesOf(parent: number): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, ppid] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, "utf8")) ?? [];
      const isOne = readFileSync(`/proc/${name}/cmdline`, "utf8").includes("trial-process");
      return Number(ppid) === parent && isOne ? [Number(name)] : [];
    } catch {
      // it has ended meanwhile
      return [];
    }
  });
}
