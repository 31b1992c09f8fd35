// How well a network learns a kind of data, with each row validated on once.

import { options, wholeNumber, wrongKind } from "../checks.js";
import { Dataset } from "../dataset.js";
import type { EpochRow, FitStatus } from "../fit-result.js";
import { randomSeed } from "../random.js";
import type { TableReference } from "../tables/table-reference.js";
import { type BackendOptions, type Kept, resolveBackend, type SearchBackend, type TrainedTrial } from "./backend.js";
import { type FoldOptions, kFold } from "./folds.js";
import { type LaneOptions, type LanesStatus, resolveLanes, runInLanes } from "./lanes.js";
import { meanOf } from "./mean-of-folds.js";
import { resolveChoices, resolveReference } from "./parts.js";
import { resolveTrial, seedOf, type TrialOptions, train } from "./trial.js";

export interface CrossValidationOptions
  extends TrialOptions,
    LaneOptions<FoldTrial>,
    BackendOptions,
    Pick<FoldOptions, "folds" | "stratified"> {
  /** With a backend, `tableReference` of `nablanet/tables`, whose training rows are cut into folds. */
  data: Dataset | TableReference;
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
  /** On a backend: SHA-256 of all that decides the fold's bits, in hexadecimal digits. */
  key?: string;
  /** On a backend: SHA-256 of its network's parameters, float32 in the order of `network.parameters()`. */
  parametersHash?: string;
  /** With `keepModels`: SHA-256 of its model file, for the backend's `model(trial)`. */
  modelHash?: string;
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
 * seed in its row: the same fit by hand gives the same bits. So it does on a backend, where the network's `math` is
 * "deterministic".
 *
 * @throws RangeError or TypeError for options that can't be used; what a fold throws; the signal's reason where it is aborted, and an Error where
 *   `onTrial` returned false, as means over some of the folds say little; whatever `onTrial` and `onEpoch` throw.
 */
export async function crossValidate(crossValidationOptions: CrossValidationOptions): Promise<CrossValidation> {
  const own = ["network", "trainer", "fit", "data", "folds", "stratified", "seed"];
  const how = ["backend", "keepModels", "concurrency", "signal", "onTrial"];
  const given = options(crossValidationOptions, "crossValidate", [...own, ...how]);
  const setup = resolveTrial(given);
  const { signal } = resolveLanes(given);
  const seed = given.seed === undefined ? randomSeed() : wholeNumber(given.seed, "seed", 0);
  const { backend, keep } = resolveBackend(given);
  const { status, trials } =
    backend === undefined ? await trainHere(setup, given, seed) : await trainOn(backend, keep, setup, given, seed);
  if (status === "aborted") signal?.throwIfAborted();
  if (status === "stopped") throw new Error("onTrial ended the cross-validation before all folds were done");
  return { trials, mean: measure(trials, meanOf), deviation: measure(trials, deviationOf), seed };
}

interface Trained {
  status: LanesStatus;
  trials: FoldTrial[];
}

async function trainHere(setup: TrialOptions, given: Record<string, unknown>, seed: number): Promise<Trained> {
  const { data, folds: count, stratified } = given;
  if (!(data instanceof Dataset)) wrongKind("data", "a Dataset", data);
  const folds = kFold(data, { folds: count, stratified, seed } as FoldOptions);
  const lanes = resolveLanes<FoldTrial>(given);
  lanes.signal?.throwIfAborted();
  return runInLanes(folds.length, lanes, async (fold, lane) => {
    const begin = performance.now();
    const own = seedOf(setup, seed, fold);
    const parts = folds[fold] as (typeof folds)[number];
    const { evaluation, ...rest } = await train(setup, { ...parts, ...lane, seed: own });
    const seconds = (performance.now() - begin) / 1000;
    const trial: FoldTrial = { fold, seed: own, loss: evaluation?.loss ?? Number.POSITIVE_INFINITY, ...rest, seconds };
    if (evaluation?.accuracy !== undefined) trial.accuracy = evaluation.accuracy;
    return trial;
  });
}

/** A search of one trial a fold. */
async function trainOn(
  backend: SearchBackend,
  keep: readonly Kept[],
  setup: TrialOptions,
  given: Record<string, unknown>,
  seed: number,
): Promise<Trained> {
  const data = resolveReference(given.data);
  const choices = resolveChoices(data, given, seed);
  const { onTrial } = resolveLanes<FoldTrial>(given);
  const { status, trials } = await backend.run({
    data,
    count: choices.length,
    trial: (number) => {
      const own = seedOf(setup, seed, number);
      return { parameters: {}, seed: own, build: () => setup, fold: choices[number] as (typeof choices)[number] };
    },
    scoreOf: ({ loss }) => loss,
    isBetter: (loss, than) => loss < than,
    worst: Number.POSITIVE_INFINITY,
    keep: ["history", ...keep],
    given: {
      ...given,
      onTrial(trial: TrainedTrial) {
        if (trial.status === "failed") throw trial.error;
        return onTrial?.(foldTrialOf(trial));
      },
    },
  });
  return { status, trials: trials.map(foldTrialOf) };
}

function foldTrialOf({
  number,
  parameters: _,
  value: __,
  epochs: ___,
  history = [],
  ...rest
}: TrainedTrial): FoldTrial {
  return { fold: number, ...rest, history } as FoldTrial;
}

function measure(trials: readonly FoldTrial[], of: (numbers: number[]) => number): Measures {
  const measures: Measures = { loss: of(trials.map(({ loss }) => loss)) };
  const accuracies = trials.flatMap(({ accuracy }) => accuracy ?? []);
  if (accuracies.length === trials.length) measures.accuracy = of(accuracies);
  return measures;
}

function deviationOf(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.sqrt(numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / (numbers.length - 1));
}
