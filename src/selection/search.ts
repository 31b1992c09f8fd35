// Looks for good hyperparameters: many trials of one space.

import { options } from "../checks.js";
import type { Evaluation } from "../evaluation.js";
import type { Data } from "../feed.js";
import type { FitStatus } from "../fit-result.js";
import type { TableReference } from "../tables/table-reference.js";
import type { AshaOptions, BackendOptions } from "./backend.js";
import { type Lane, type LaneOptions, type LanesStatus, runInLanes } from "./lanes.js";
import { type Measured, meanOfFolds } from "./mean-of-folds.js";
import { type ResolvedSearch, resolveSearch } from "./resolved-search.js";
import type { ParametersOf, Space } from "./space.js";
import { resolveTrial, seedOf, type TrialOptions, train } from "./trial.js";

/**
 * What is to be made best: the validation's loss (the least) or accuracy (the most), or the least of any number made of an
 * evaluation, as `({ confusionMatrix }) => 1 - recall(confusionMatrix)`, or of what the fit's `metrics` say of it,
 * `({ metrics }) => metrics.error`: losses of networks that scale targets differently can't be compared.
 */
export type SearchMetric = "loss" | "accuracy" | ((evaluation: Evaluation) => number);

export interface SearchOptions<S extends Space> extends LaneOptions<Trial<ParametersOf<S>>>, BackendOptions {
  /** Named parameters: `{ learningRate: logUniform(1e-4, 1e-1), units: choice(32, 64, 128) }`. */
  space: S;
  /** The network, trainer and fit for one choice of parameters. Called once a trial. */
  build: (parameters: ParametersOf<S>) => TrialOptions;
  /** What is trained on; with a backend, `tableReference` of `nablanet/tables`, which may have held-out rows, too. */
  data: Data | TableReference;
  /** What trials are measured on; or else `folds`. With a backend, they are the reference's held-out rows. */
  validation?: Data;
  /**
   * Measures by cross-validation on so many folds of `data`, the same for all trials; each counts the same. With a backend,
   * of the reference's training rows, each fold trained by itself.
   */
  folds?: number;
  /** As in `kFold`. */
  stratified?: boolean;
  /**
   * "random" (default) draws each trial's parameters; "grid" takes every combination, the last parameter changing fastest,
   * for which dimensions need few values: choice, integer, or a range with `steps`. "asha" draws as "random" does, but trains
   * only those further that are among the best so far, as `asha` says; it needs a backend, and has no folds.
   */
  method?: "random" | "grid" | "asha";
  /** Of the method "asha". */
  asha?: AshaOptions;
  /** How many. Default: 20 at random, all of a grid. */
  trials?: number;
  /** Default "loss". */
  metric?: SearchMetric;
  /** Decides parameters, folds and networks; the same seed gives the same bits. Default: random, and in the result. */
  seed?: number;
}

/** A row of a search. */
export interface Trial<P> {
  /** From 0. */
  number: number;
  parameters: P;
  /** Of its network; with folds, what the seeds of its networks are made from. */
  seed: number;
  /** The fit's; "failed" where anything threw. With folds, that of the first that was not "completed", if any. */
  status: FitStatus | "failed";
  /** Of the validation, the mean over folds; infinite where the trial failed, diverged or was aborted. */
  loss: number;
  /** Likewise, where there are classes; left out where `loss` is infinite. */
  accuracy?: number;
  /** What the metric gives; ±Infinity, the worst, where `loss` is infinite. */
  value: number;
  seconds: number;
  /** What was thrown. */
  error?: unknown;
  /** On a backend: SHA-256 of all that decides the trial's bits, in hexadecimal digits. */
  key?: string;
  /** On a backend: for how many epochs it was trained. */
  epochs?: number;
  /** On a backend: SHA-256 of its network's parameters, float32 in the order of `network.parameters()`. */
  parametersHash?: string;
  /** With `keepModels`: SHA-256 of its model file, for the backend's `model(trial)`. */
  modelHash?: string;
  /** On a backend, with folds: what each gave. Keys, epochs and hashes are theirs, the trial has none. */
  folds?: TrialFold[];
}

/** A trial on one fold. */
export interface TrialFold extends Omit<Trial<unknown>, "number" | "parameters" | "folds"> {
  /** As `kFold` has it, from 0. */
  fold: number;
}

export interface SearchResult<P> {
  /** The first of those with the best value; undefined where no trial has one. */
  best: Trial<P> | undefined;
  /** By number. Trials that were never begun are missing. */
  trials: Trial<P>[];
  status: LanesStatus;
  seed: number;
}

/**
 * Random search (Bergstra & Bengio 2012, "Random search for hyper-parameter optimization", JMLR 13) or grid search. Each trial
 * trains networks of its own, which are disposed of; the best is had again by the same fit: its `build(parameters)`, and its
 * `seed` for the network; or from a backend that keeps it: `Network.load(await backend.model(best))`.
 *
 * A trial that throws, or diverges, is a row that says so. Where all throw, the search is rejected. An abort ends the trials
 * under way, whose status is then "aborted", and the search is resolved with what is done.
 *
 * @throws RangeError or TypeError for options that can't be used; Error where every trial failed, with the first's as its
 *   cause; whatever `onTrial` throws.
 */
export async function search<const S extends Space>(
  searchOptions: SearchOptions<S>,
): Promise<SearchResult<ParametersOf<S>>> {
  type Row = Trial<ParametersOf<S>>;
  const resolved = resolveSearch<S>(searchOptions);
  const { status, trials } = (await (resolved.elsewhere === undefined
    ? trainHere(resolved)
    : trainElsewhere(resolved))) as {
    status: LanesStatus;
    trials: Row[];
  };
  const { count, isBetter, seed } = resolved;
  const [first] = trials;
  if (status === "completed" && trials.every((trial) => trial.status === "failed")) {
    const { error } = first as Row;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`all ${count} trials failed, the first with: ${reason}`, { cause: error });
  }
  const best = trials
    .filter(({ loss }) => loss < Infinity)
    .reduce<Row | undefined>((best, trial) => {
      if (best === undefined) return trial;
      return isBetter(trial.value, best.value) ? trial : best;
    }, undefined);
  return { best, trials, status, seed };
}

function trainHere<S extends Space>(resolved: ResolvedSearch<S>) {
  const { count, lanes, parametersOf, seed, worst } = resolved;
  return runInLanes(count, lanes, async (number, lane): Promise<Trial<ParametersOf<S>>> => {
    const begin = performance.now();
    const parameters = parametersOf(number);
    const row: Trial<ParametersOf<S>> = {
      number,
      parameters,
      seed: seedOf(undefined, seed, number),
      status: "failed",
      loss: Infinity,
      value: worst,
      seconds: 0,
    };
    try {
      const setup = setupOf(resolved, parameters);
      row.seed = seedOf(setup, seed, number);
      Object.assign(row, await measure(setup, row.seed, lane, resolved));
    } catch (error) {
      row.error = error;
    }
    row.seconds = (performance.now() - begin) / 1000;
    return row;
  });
}

/** Trains and measures on each part in turn, until one can't be measured. */
async function measure<S extends Space>(
  setup: TrialOptions,
  seed: number,
  lane: Lane,
  { parts, scoreOf }: ResolvedSearch<S>,
): Promise<Measured> {
  const folds: Measured[] = [];
  for (const [i, part] of parts.entries()) {
    const own = parts.length === 1 ? seed : seedOf(setup, seed, i);
    const { status, evaluation } = await train(setup, { ...part, ...lane, seed: own });
    if (evaluation === undefined) return { status };
    const { loss, accuracy } = evaluation;
    folds.push({ status, loss, value: scoreOf(evaluation), ...(accuracy !== undefined && { accuracy }) });
  }
  return meanOfFolds(folds);
}

async function trainElsewhere<S extends Space>(resolved: ResolvedSearch<S>) {
  const { count, parametersOf, seed, scoreOf, isBetter, worst, given } = resolved;
  const { backend, folds, data, keep } = resolved.elsewhere as NonNullable<ResolvedSearch<S>["elsewhere"]>;
  const trial = (number: number) => {
    const parameters = parametersOf(number);
    return { parameters, seed: seedOf(undefined, seed, number), build: () => setupOf(resolved, parameters) };
  };
  const plan = { data, count, trial, scoreOf, isBetter, worst, keep, given };
  if (folds === undefined) return backend.run(plan);
  const { runFolded } = await import("./folded-trials.js");
  return runFolded(backend, plan, folds);
}

function setupOf<S extends Space>({ build }: ResolvedSearch<S>, parameters: ParametersOf<S>): TrialOptions {
  return resolveTrial(options(build({ ...parameters }), "build's result", ["network", "trainer", "fit"]));
}
