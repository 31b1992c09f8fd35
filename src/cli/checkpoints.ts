// The file that an interrupted training goes on from.

import { readFile, rm } from "node:fs/promises";
import { writeFile } from "../engine/whole-file.js";
import type { Data } from "../feed.js";
import { decodeCheckpoint } from "../formats/checkpoint-reader.js";
import { Network } from "../network.js";
import type { NormalizeOptions } from "../normalize.js";
import { Seldom } from "../seldom.js";
import { Trainer } from "../trainer.js";
import type { Plan } from "./plan.js";

/** Between two checkpoints at least that are written while training goes on. */
const PAUSE_MS = 10_000;

export class CheckpointFile {
  readonly path: string;
  /** Whether the user named it: then it is written now and then, and stays when all is done. */
  readonly #isKept: boolean;
  readonly #seldom = new Seldom(PAUSE_MS);

  constructor(told: string | undefined, output: string) {
    this.path = told ?? `${output}.checkpoint`;
    this.#isKept = told !== undefined;
  }

  /** Written whole or not at all. */
  async write(trainer: Trainer): Promise<void> {
    await writeFile(this.path, trainer.checkpoint());
  }

  /** To be called after each epoch. */
  async writeSometimes(trainer: Trainer): Promise<void> {
    if (this.#isKept) await this.#seldom.do(() => this.write(trainer));
  }

  /** To be called when the training has come to its end. */
  async close(trainer: Trainer): Promise<void> {
    if (this.#isKept) await this.write(trainer);
    else await rm(this.path, { force: true });
  }

  /**
   * The trainer as it was saved.
   *
   * @throws RangeError where the plan is another one than then
   */
  async resume(plan: Plan, data: Data): Promise<Trainer> {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(this.path);
    } catch (error) {
      throw new Error(`--resume needs a checkpoint, and it can't be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
    const saved = describe(bytes);
    const asked = describe((await startTraining(plan)).checkpoint());
    const differing = Object.keys(asked).filter((key) => saved[key] !== asked[key]);
    if (differing.length > 0) {
      throw new RangeError(
        `--resume needs the options of the interrupted training, got other ones for ${differing.join(", ")} (${this.path})`,
      );
    }
    return Trainer.resume(bytes, data);
  }
}

export async function startTraining({ network, trainer }: Plan): Promise<Trainer> {
  return new Trainer(await Network.create(network), trainer);
}

/** The options in a checkpoint, each as JSON. */
function describe(bytes: Uint8Array): Record<string, string> {
  const { network, trainer } = decodeCheckpoint(bytes);
  // what was learned from the data is no option
  const kindOf = (normalize: NormalizeOptions | undefined) =>
    typeof normalize === "object" ? normalize.kind : normalize;
  const options = {
    ...network,
    ...trainer,
    normalize: kindOf(network.normalize),
    normalizeTargets: kindOf(network.normalizeTargets),
  };
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, JSON.stringify(value)]));
}
