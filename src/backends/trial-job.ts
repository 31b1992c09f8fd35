// A trial as data: all that decides its bits, the key that this has, and what came of it.

import { createHash } from "node:crypto";
import { version } from "../../package.json";
import { outOfRange } from "../checks.js";
import type { Evaluation } from "../evaluation.js";
import type { FitStatus } from "../fit-result.js";
import type { NetworkOptions } from "../network-options.js";
import type { Kept } from "../selection/backend.js";
import type { FoldChoice } from "../selection/folds.js";
import type { TrialFitOptions, TrialOptions } from "../selection/trial.js";
import type { FileReference, TableReference } from "../tables/table-reference.js";
import type { TrainerOptions } from "../trainer-options.js";
import { canonicalJson, type Json, plainJson } from "./plain-json.js";
import type { ToldError } from "./told-error.js";

/** What is trained. JSON holds it exactly. */
export interface TrialConfiguration {
  /** With its seed, and `math: "deterministic"`. */
  network: NetworkOptions & { seed: number };
  trainer: TrainerOptions;
  fit: TrialFitOptions;
  data: TableReference;
  /** Which fold of the training rows is held out, instead of the reference's held-out rows. */
  fold?: FoldChoice;
  /** The epoch that the fit is stopped after, of the `fit.epochs` that its schedules are made for; by default the last. */
  until?: number;
}

/** A trial as it is handed to those who train. */
export interface TrialJob {
  /** `trialKey(trial)`. */
  key: string;
  trial: TrialConfiguration;
  /** A checkpoint of the same trial at an earlier epoch, by its SHA-256. Without it, the trial is begun anew, to the same bits. */
  from?: string;
  /** What the result is to have besides; a checkpoint is what a later job can go on from. */
  keep?: readonly (Kept | "checkpoint")[];
}

/** What came of a trial. JSON holds it exactly. */
export interface TrialResult {
  key: string;
  /** The fit's; "failed" where something threw. */
  status: FitStatus | "failed";
  /** Undefined where the trial failed, diverged or was measured as no finite number. */
  evaluation?: Evaluation;
  /** How many were trained in all. */
  epochs: number;
  /** Of training and measuring, since it was begun or gone on with. */
  seconds: number;
  /** SHA-256 of the parameters: float32, little-endian, in the order of `network.parameters()`. */
  parametersHash?: string;
  /** The checkpoint that was kept, by its SHA-256. */
  checkpoint?: string;
  /** The model file that was kept, by its SHA-256. */
  modelHash?: string;
  /** As `historyToJson` writes it, where it was to be kept. */
  history?: string;
  /** What was thrown. */
  error?: ToldError;
}

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/**
 * The SHA-256, in hexadecimal digits, of all that decides a trial's bits: its configuration in canonical JSON, with the data's
 * hash but not where they are, which fold is held out, and nablanet's version.
 */
export function trialKey({ network, trainer, fit, data, fold, until }: TrialConfiguration): string {
  const identity = { version, network, trainer, fit, data: identityOf(data), fold, until };
  return sha256(canonicalJson(plainJson(identity, "trial")));
}

function identityOf({ sha256, schema, reading, heldOut }: TableReference) {
  const unplaced = "sha256" in heldOut ? { sha256: (heldOut as FileReference).sha256 } : heldOut;
  return { sha256, schema, reading, heldOut: unplaced };
}

/** The configuration of a trial. @throws TypeError or RangeError for what JSON can't hold, by its place. */
export function configure(
  { network, trainer = {}, fit }: TrialOptions,
  seed: number,
  data: TableReference,
  { fold, until }: Pick<TrialConfiguration, "fold" | "until"> = {},
): TrialConfiguration {
  if (network.math === "fast") outOfRange("network.math", '"deterministic", as there is a backend', network.math);
  const trial: Record<string, Json> = {
    network: plainJson({ ...network, seed, math: "deterministic" }, "network"),
    trainer: plainJson(trainer, "trainer"),
    fit: plainJson(fit, "fit"),
    data: plainJson(data, "data"),
  };
  if (fold !== undefined) trial.fold = plainJson(fold, "fold");
  if (until !== undefined && until < fit.epochs) trial.until = until;
  return trial as unknown as TrialConfiguration;
}
