// One trial: a network that lives as long as it is trained and measured.

import { outOfRange, plainObject, wrongKind } from "../checks.js";
import type { Evaluation } from "../evaluation.js";
import type { Data } from "../feed.js";
import type { FitOptions } from "../fit-options.js";
import type { EpochRow, FitStatus } from "../fit-result.js";
import { Network } from "../network.js";
import type { NetworkOptions } from "../network-options.js";
import { Random, Stream } from "../random.js";
import type { ThreadChoice } from "../threads.js";
import { Trainer } from "../trainer.js";
import type { TrainerOptions } from "../trainer-options.js";

/** A fit's options but those that each trial has its own of. */
export type TrialFitOptions = Omit<FitOptions, "validation" | "resume" | "signal" | "threads" | "worker">;

/** What is trained, and how. */
export interface TrialOptions {
  /** Its `seed`, where there is one, is every trial's. */
  network: NetworkOptions;
  trainer?: TrainerOptions;
  /** `onEpoch` sees the validation's loss, and may end a hopeless trial by returning false. */
  fit: TrialFitOptions;
}

export interface Outcome {
  status: FitStatus;
  history: EpochRow[];
  /** Of the trained network; undefined where the fit diverged or was aborted. */
  evaluation: Evaluation | undefined;
}

/** What a trial works on. */
export interface Task {
  train: Data;
  validation: Data;
  seed: number;
  threads: ThreadChoice;
  signal: AbortSignal;
}

const OWN = ["validation", "resume", "signal", "threads", "worker"];

export function resolveTrial({ network, trainer, fit }: Record<string, unknown>): TrialOptions {
  if (network === undefined) wrongKind("network", "the options of a network", network);
  if (fit === undefined) wrongKind("fit", "the options of a fit", fit);
  const given = plainObject(fit, "fit");
  for (const key of OWN) {
    if (given[key] !== undefined) outOfRange(`fit.${key}`, "left out, as each trial has its own", given[key]);
  }
  return { network: plainObject(network, "network"), trainer, fit: given } as unknown as TrialOptions;
}

/** The seed of a trial's network, unless `build` or the user has one. */
export function seedOf(setup: TrialOptions | undefined, seed: number, number: number): number {
  return setup?.network.seed ?? new Random(seed, Stream.trials, number, 0).uint32();
}

/** Makes a network, trains it, measures it, and gives its memory back. */
export async function train(
  { network: networkOptions, trainer: trainerOptions, fit }: TrialOptions,
  { seed, ...task }: Task,
): Promise<Outcome> {
  const network = await Network.create({ ...networkOptions, seed });
  try {
    const trainer = new Trainer(network, trainerOptions);
    try {
      return await fitAndMeasure(trainer, fit, task);
    } finally {
      trainer.dispose();
    }
  } finally {
    network.dispose();
  }
}

/** Trains, and measures what came of it. */
export async function fitAndMeasure(
  trainer: Trainer,
  fit: TrialFitOptions,
  { train, validation, threads, signal }: Omit<Task, "seed">,
): Promise<Outcome> {
  const { status, history } = await trainer.fit(train, { ...fit, validation, signal, threads });
  if (status === "diverged" || status === "aborted") return { status, history, evaluation: undefined };
  const { metrics } = fit;
  const evaluating = trainer.evaluate(validation, { signal, threads, ...(metrics && { metrics }) });
  const evaluation = await unlessAborted(evaluating, signal);
  return { status: evaluation === undefined ? "aborted" : status, history, evaluation };
}

/** What an evaluation gives; undefined where it was rejected because of the signal. */
async function unlessAborted<T>(evaluating: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await evaluating;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
