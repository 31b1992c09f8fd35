// How well a network learns a kind of data, with each row validated on once.

import { options, wholeNumber, wrongKind } from "../checks.js";
import { Dataset } from "../dataset.js";
import type { EpochRow, FitStatus } from "../fit-result.js";
import { randomSeed } from "../random.js";
import { type FoldOptions, kFold } from "./folds.js";
import { type LaneOptions, resolveLanes, runInLanes } from "./lanes.js";
import { resolveTrial, seedOf, type TrialOptions, train } from "./trial.js";

export interface CrossValidationOptions
  extends TrialOptions,
    LaneOptions<FoldTrial>,
    Pick<FoldOptions, "folds" | "stratified"> {
  data: Dataset;
  /** Decides the folds and each fold's network; the same seed gives the same bits. Default: random, and in the result. */
  seed?: number;
}

/** What training on all folds but one is worth on that one. */
export interface FoldTrial {
  /** As `kFold` has it, from 0. */
  fold: number;
  /** Of its network. */
  seed: number;
  /** The mean over the fold's samples, of the network as the fit left it; infinite where that diverged. */
  loss: number;
  /** The share of its samples whose class was met; where the dataset has classes and the fit didn't diverge. */
  accuracy?: number;
  /** With the fold as validation. */
  history: EpochRow[];
  status: FitStatus;
  /** Of training and measuring. */
  seconds: number;
}

/** A number for the loss and, where all trials have one, for the accuracy. */
export interface Measures {
  loss: number;
  accuracy?: number;
}

export interface CrossValidation {
  /** By fold. */
  trials: FoldTrial[];
  /** Over folds, each counting the same. */
  mean: Measures;
  /** The standard deviation over folds, √(Σ(x − x̄)² / (n − 1)); NaN where a fold diverged. */
  deviation: Measures;
  seed: number;
}

/**
 * k-fold cross-validation: for each fold, a new network is trained on all others and measured on it. Several folds are worked
 * on at a time.
 *
 * Fold i's parts are `kFold(data, { folds, stratified, seed })[i]`, and its network is that of `Network.create` with the
 * seed in its row: the same fit by hand gives the same bits.
 *
 * @throws RangeError or TypeError for options that can't be used; the signal's reason where it is aborted, and an Error where
 *   `onTrial` returned false, as means over some of the folds say little; whatever `onTrial` and `onEpoch` throw.
 */
export async function crossValidate(crossValidationOptions: CrossValidationOptions): Promise<CrossValidation> {
  const keys = ["network", "trainer", "fit", "data", "folds", "stratified", "seed", "concurrency", "signal", "onTrial"];
  const given = options(crossValidationOptions, "crossValidate", keys);
  const setup = resolveTrial(given);
  const lanes = resolveLanes<FoldTrial>(given);
  const { data } = given;
  if (!(data instanceof Dataset)) wrongKind("data", "a Dataset", data);
  const seed = given.seed === undefined ? randomSeed() : wholeNumber(given.seed, "seed", 0);
  const folds = kFold(data, { folds: given.folds, stratified: given.stratified, seed } as FoldOptions);
  lanes.signal?.throwIfAborted();
  const { status, trials } = await runInLanes(folds.length, lanes, async (fold, lane): Promise<FoldTrial> => {
    const begin = performance.now();
    const own = seedOf(setup, seed, fold);
    const parts = folds[fold] as (typeof folds)[number];
    const { evaluation, ...rest } = await train(setup, { ...parts, ...lane, seed: own });
    const seconds = (performance.now() - begin) / 1000;
    const trial: FoldTrial = { fold, seed: own, loss: evaluation?.loss ?? Number.POSITIVE_INFINITY, ...rest, seconds };
    if (evaluation?.accuracy !== undefined) trial.accuracy = evaluation.accuracy;
    return trial;
  });
  if (status === "aborted") lanes.signal?.throwIfAborted();
  if (status === "stopped") throw new Error("onTrial ended the cross-validation before all folds were done");
  return { trials, mean: measure(trials, meanOf), deviation: measure(trials, deviationOf), seed };
}

function measure(trials: readonly FoldTrial[], of: (numbers: number[]) => number): Measures {
  const measures: Measures = { loss: of(trials.map(({ loss }) => loss)) };
  const accuracies = trials.flatMap(({ accuracy }) => accuracy ?? []);
  if (accuracies.length === trials.length) measures.accuracy = of(accuracies);
  return measures;
}

export function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function deviationOf(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.sqrt(numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / (numbers.length - 1));
}
