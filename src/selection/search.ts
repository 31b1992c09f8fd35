// Looks for good hyperparameters: many trials of one space.

import { finite, oneOf, options, wholeNumber, wrongKind } from "../checks.js";
import type { Evaluation } from "../evaluation.js";
import type { Data } from "../feed.js";
import type { FitStatus } from "../fit-result.js";
import { randomSeed } from "../random.js";
import type { TableReference } from "../tables/table-reference.js";
import type { AshaOptions, SearchBackend, SearchPlan } from "./backend.js";
import { meanOf } from "./cross-validation.js";
import { type Lane, type LaneOptions, type LanesStatus, resolveLanes, runInLanes } from "./lanes.js";
import { type Part, resolveParts } from "./parts.js";
import { drawParameters, gridOf, type ParametersOf, resolveSpace, type Space } from "./space.js";
import { type Outcome, resolveTrial, seedOf, type TrialOptions, train } from "./trial.js";

/**
 * What is to be made best: the validation's loss (the least) or accuracy (the most), or the least of any number made of an
 * evaluation, as `({ confusionMatrix }) => 1 - recall(confusionMatrix)`, or of what the fit's `metrics` say of it,
 * `({ metrics }) => metrics.error`: losses of networks that scale targets differently can't be compared.
 */
export type SearchMetric = "loss" | "accuracy" | ((evaluation: Evaluation) => number);

export interface SearchOptions<S extends Space> extends LaneOptions<Trial<ParametersOf<S>>> {
  /** Named parameters: `{ learningRate: logUniform(1e-4, 1e-1), units: choice(32, 64, 128) }`. */
  space: S;
  /** The network, trainer and fit for one choice of parameters. Called once a trial. */
  build: (parameters: ParametersOf<S>) => TrialOptions;
  /** What is trained on; with a backend, `tableReference` of `nablanet/tables`, which has held-out rows, too. */
  data: Data | TableReference;
  /** What trials are measured on; or else `folds`. */
  validation?: Data;
  /** Measures by cross-validation on so many folds of `data`, the same for all trials; each counts the same. */
  folds?: number;
  /** As in `kFold`. */
  stratified?: boolean;
  /**
   * "random" (default) draws each trial's parameters; "grid" takes every combination, the last parameter changing fastest,
   * for which dimensions need few values: choice, integer, or a range with `steps`. "asha" draws as "random" does, but trains
   * only those further that are among the best so far, as `asha` says; it needs a backend.
   */
  method?: "random" | "grid" | "asha";
  /** Of the method "asha". */
  asha?: AshaOptions;
  /**
   * Has the trials trained by processes of this machine, or of others: `local` and `bullmq` of `nablanet/backends`. The
   * networks have `math: "deterministic"` then, and trials must be such as JSON can hold: without callbacks, metrics, datasets.
   * The same seed gives the same trials, with the same bits, on any backend and any number of workers.
   */
  backend?: SearchBackend;
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
 * `seed` for the network.
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
  const { build, lanes, metric, seed, parametersOf, count, parts, backend, given } = resolve<S>(searchOptions);
  const worst = metric === "accuracy" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const isBetter = (value: number, than: number) => (metric === "accuracy" ? value > than : value < than);
  const setupOf = (parameters: ParametersOf<S>) =>
    resolveTrial(options(build({ ...parameters }), "build's result", ["network", "trainer", "fit"]));
  const run = async (number: number, lane: Lane): Promise<Row> => {
    const begin = performance.now();
    const parameters = parametersOf(number);
    const row: Row = {
      number,
      parameters,
      seed: seedOf(undefined, seed, number),
      status: "failed",
      loss: Infinity,
      value: worst,
      seconds: 0,
    };
    try {
      const setup = setupOf(parameters);
      row.seed = seedOf(setup, seed, number);
      Object.assign(row, await measure(setup, parts, row.seed, lane, metric));
    } catch (error) {
      row.error = error;
    }
    row.seconds = (performance.now() - begin) / 1000;
    return row;
  };
  const trial: SearchPlan["trial"] = (number) => {
    const parameters = parametersOf(number);
    return { parameters, seed: seedOf(undefined, seed, number), build: () => setupOf(parameters) };
  };
  const { status, trials } =
    backend === undefined
      ? await runInLanes(count, lanes, run)
      : ((await backend.run({ count, trial, scoreOf: (one) => scoreOf(metric, one), isBetter, worst, given })) as {
          status: LanesStatus;
          trials: Row[];
        });
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

/** Trains and measures on each part in turn, until one can't be measured. */
async function measure(
  setup: TrialOptions,
  parts: readonly Part[],
  seed: number,
  lane: Lane,
  metric: SearchMetric,
): Promise<Pick<Trial<unknown>, "status"> & Partial<Pick<Trial<unknown>, "loss" | "accuracy" | "value">>> {
  const evaluations: Evaluation[] = [];
  let status: FitStatus = "completed";
  for (const [i, part] of parts.entries()) {
    const own = parts.length === 1 ? seed : seedOf(setup, seed, i);
    const outcome: Outcome = await train(setup, { ...part, ...lane, seed: own });
    if (outcome.evaluation === undefined) return { status: outcome.status };
    if (status === "completed") status = outcome.status;
    evaluations.push(outcome.evaluation);
  }
  const loss = meanOf(evaluations.map((evaluation) => evaluation.loss));
  const value = meanOf(evaluations.map((evaluation) => scoreOf(metric, evaluation)));
  const accuracies = evaluations.flatMap(({ accuracy }) => accuracy ?? []);
  return { status, loss, value, ...(accuracies.length > 0 ? { accuracy: meanOf(accuracies) } : {}) };
}

function scoreOf(metric: SearchMetric, evaluation: Evaluation): number {
  if (typeof metric === "function") return finite(metric(evaluation), "metric's result");
  return evaluation[metric] as number;
}

function resolve<S extends Space>(searchOptions: unknown) {
  const what = ["space", "build", "data", "validation", "folds", "stratified"];
  const how = ["method", "asha", "trials", "metric", "seed", "backend", "concurrency", "signal", "onTrial"];
  const given = options(searchOptions, "search", [...what, ...how]);
  const lanes = resolveLanes<Trial<ParametersOf<S>>>(given);
  const space = resolveSpace(given.space);
  if (typeof given.build !== "function") wrongKind("build", "a function", given.build);
  const seed = given.seed === undefined ? randomSeed() : wholeNumber(given.seed, "seed", 0);
  const method = given.method === undefined ? "random" : oneOf(given.method, "method", ["random", "grid", "asha"]);
  if (method === "asha" && given.backend === undefined) throw new RangeError('method "asha" needs a backend, got none');
  const wanted = given.trials === undefined ? undefined : wholeNumber(given.trials, "trials", 1);
  const grid = method === "grid" ? gridOf(space) : undefined;
  const parametersOf = grid?.at ?? ((number: number) => drawParameters(space, seed, number));
  const backend = resolveBackend(given.backend);
  const parts = backend === undefined ? resolveParts(given, seed) : [];
  const measured = backend === undefined ? parts[0]?.validation : (given.data as TableReference | undefined);
  return {
    build: given.build as SearchOptions<S>["build"],
    lanes,
    metric: resolveMetric(given.metric, measured),
    seed,
    parametersOf: parametersOf as (number: number) => ParametersOf<S>,
    count: grid === undefined ? (wanted ?? 20) : Math.min(wanted ?? grid.size, grid.size),
    parts,
    backend,
    given,
  };
}

function resolveBackend(backend: unknown): SearchBackend | undefined {
  if (backend === undefined || typeof (backend as SearchBackend).run === "function") return backend as undefined;
  return wrongKind("backend", "a backend, such as local()", backend);
}

function resolveMetric(
  metric: unknown,
  measured: { readonly classNames?: readonly string[] | undefined } | undefined,
): SearchMetric {
  if (metric === undefined) return "loss";
  if (typeof metric === "function") return metric as SearchMetric;
  const name = oneOf(metric, "metric", ["loss", "accuracy"]);
  if (name === "accuracy" && measured?.classNames === undefined) {
    throw new RangeError('metric "accuracy" needs a dataset with classes');
  }
  return name;
}
