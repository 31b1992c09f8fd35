// Trains a job: in a process of its own, but nothing here knows of that.

import { OutOfMemoryError } from "../engine/memory.js";
import type { EpochRow } from "../fit-result.js";
import { FormatError } from "../formats/errors.js";
import { historyToJson } from "../history.js";
import { Network } from "../network.js";
import { Seldom } from "../seldom.js";
import { foldOf } from "../selection/folds.js";
import { fitAndMeasure } from "../selection/trial.js";
import { type ReferencedTable, readReference, type TableReference } from "../tables/table-reference.js";
import { Trainer } from "../trainer.js";
import { tell } from "./told-error.js";
import { sha256, type TrialConfiguration, type TrialJob, type TrialResult, trialKey } from "./trial-job.js";

export interface Trained {
  result: TrialResult;
  /** Where the job keeps it, and the network could be measured. */
  checkpoint?: Uint8Array;
  /** Likewise. */
  model?: Uint8Array;
}

/** Is given checkpoints, and awaited: the fit pauses until each is where it goes. */
export type OnCheckpoint = (checkpoint: Uint8Array) => unknown;

/** Between two checkpoints at least; they are taken at the end of an epoch. */
const CHECKPOINT_MS = 10_000;

/** Tables that stay in memory. */
const KEPT = 4;
const tables = new Map<string, Promise<ReferencedTable>>();

/**
 * Trains and measures. What the trial itself throws is its result; what is wrong with this machine is thrown.
 *
 * @param checkpoint that which the job goes on from; without it, or where it is damaged, the trial is begun anew
 * @param onCheckpoint is given one that it can go on from now and then, while it is under way, and awaited
 * @throws Error for a key that this version doesn't make, HashMismatchError for other data, OutOfMemoryError
 */
export async function runJob(job: TrialJob, checkpoint?: Uint8Array, onCheckpoint?: OnCheckpoint): Promise<Trained> {
  const { key, trial, keep = [] } = job;
  const own = trialKey(trial);
  if (own !== key) {
    throw new Error(`this version of nablanet makes the key ${own} of a trial that is called ${key}: use the same one`);
  }
  const table = await tableOf(trial.data);
  const begin = performance.now();
  const secondsOf = () => (performance.now() - begin) / 1000;
  try {
    const { result, history, trainer } = await train(trial, table, checkpoint, onCheckpoint);
    try {
      const { network } = trainer;
      const parametersHash = hashOf(network.parameters());
      const trained: Trained = { result: { key, ...result, seconds: secondsOf(), parametersHash } };
      if (keep.includes("history")) trained.result.history = historyToJson(history);
      if (result.evaluation === undefined) return trained;
      if (keep.includes("checkpoint")) trained.checkpoint = trainer.checkpoint();
      if (keep.includes("model")) trained.model = await network.encode();
      return trained;
    } finally {
      dispose(trainer);
    }
  } catch (error) {
    if (error instanceof OutOfMemoryError) throw error;
    return { result: { key, status: "failed", epochs: 0, seconds: secondsOf(), error: tell(error) } };
  }
}

async function train(
  trial: TrialConfiguration,
  table: ReferencedTable,
  checkpoint?: Uint8Array,
  onCheckpoint?: OnCheckpoint,
) {
  const { fit, fold, until } = trial;
  const { training, heldOut } = table;
  const parts = fold === undefined ? { train: training, validation: heldOut } : foldOf(training, fold);
  const trainer = await begin(trial, parts.train, checkpoint);
  try {
    // one that there is no room for costs time, and only if the process is lost
    const seldom = new Seldom(CHECKPOINT_MS);
    const keep = onCheckpoint && (() => onCheckpoint(trainer.checkpoint()));
    const onEpoch = async ({ epoch }: EpochRow) => {
      if (epoch === until) return false;
      if (keep !== undefined) await seldom.do(keep).catch(() => {});
      return true;
    };
    const task = { ...parts, threads: 1, signal: new AbortController().signal };
    const { status, history, evaluation } = await fitAndMeasure(trainer, { ...fit, onEpoch }, task);
    const measured = evaluation !== undefined && Number.isFinite(evaluation.loss) && { evaluation };
    return { trainer, history, result: { status, epochs: history.length, ...measured } };
  } catch (error) {
    dispose(trainer);
    throw error;
  }
}

/** A new trainer, or one as it was left. */
async function begin({ network, trainer }: TrialConfiguration, data: ReferencedTable["training"], from?: Uint8Array) {
  if (from !== undefined) {
    try {
      return await Trainer.resume(from, data);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
    }
  }
  return new Trainer(await Network.create(network), trainer);
}

function dispose(trainer: Trainer): void {
  trainer.dispose();
  trainer.network.dispose();
}

function hashOf(parameters: Float32Array<ArrayBuffer>): string {
  return sha256(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength));
}

/** The rows of a reference, those of the last ones from memory. */
function tableOf(reference: TableReference): Promise<ReferencedTable> {
  const name = JSON.stringify(reference);
  const table = tables.get(name) ?? readReference(reference);
  tables.delete(name);
  tables.set(name, table);
  // what couldn't be read may be there the next time
  table.catch(() => tables.delete(name));
  for (const [oldest] of tables) {
    if (tables.size <= KEPT) break;
    tables.delete(oldest);
  }
  return table;
}
