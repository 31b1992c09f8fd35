// What a search is told, checked.

import { finite, oneOf, options, outOfRange, wholeNumber, wrongKind } from "../checks.js";
import type { Evaluation } from "../evaluation.js";
import { randomSeed } from "../random.js";
import type { TableReference } from "../tables/table-reference.js";
import { type Kept, resolveBackend, type SearchBackend } from "./backend.js";
import type { FoldChoice } from "./folds.js";
import { type ResolvedLanes, resolveLanes } from "./lanes.js";
import { type Part, resolveParts, resolveReference, resolveReferredFolds } from "./parts.js";
import type { SearchMetric, SearchOptions, Trial } from "./search.js";
import { drawParameters, gridOf, type ParametersOf, resolveSpace, type Space } from "./space.js";

export interface ResolvedSearch<S extends Space> {
  build: SearchOptions<S>["build"];
  parametersOf: (number: number) => ParametersOf<S>;
  count: number;
  seed: number;
  lanes: ResolvedLanes<Trial<ParametersOf<S>>>;
  scoreOf: (evaluation: Evaluation) => number;
  isBetter: (value: number, than: number) => boolean;
  /** The value of trials without an evaluation. */
  worst: number;
  /** Where there is no backend. */
  parts: Part[];
  /** Where there is one. */
  elsewhere: Elsewhere | undefined;
  given: Record<string, unknown>;
}

interface Elsewhere {
  backend: SearchBackend;
  keep: readonly Kept[];
  data: TableReference;
  /** Without them, trials are measured on the reference's held-out rows. */
  folds: FoldChoice[] | undefined;
}

export function resolveSearch<S extends Space>(searchOptions: unknown): ResolvedSearch<S> {
  const what = ["space", "build", "data", "validation", "folds", "stratified"];
  const how = [
    "method",
    "asha",
    "trials",
    "metric",
    "seed",
    "backend",
    "keepModels",
    "concurrency",
    "signal",
    "onTrial",
  ];
  const given = options(searchOptions, "search", [...what, ...how]);
  const lanes = resolveLanes<Trial<ParametersOf<S>>>(given);
  const space = resolveSpace(given.space);
  if (typeof given.build !== "function") wrongKind("build", "a function", given.build);
  const seed = given.seed === undefined ? randomSeed() : wholeNumber(given.seed, "seed", 0);
  const method = resolveMethod(given);
  const wanted = given.trials === undefined ? undefined : wholeNumber(given.trials, "trials", 1);
  const grid = method === "grid" ? gridOf(space) : undefined;
  const parametersOf = grid?.at ?? ((number: number) => drawParameters(space, seed, number));
  const elsewhere = resolveElsewhere(given, seed);
  const parts = elsewhere === undefined ? resolveParts(given, seed) : [];
  return {
    build: given.build as SearchOptions<S>["build"],
    parametersOf: parametersOf as (number: number) => ParametersOf<S>,
    count: grid === undefined ? (wanted ?? 20) : Math.min(wanted ?? grid.size, grid.size),
    seed,
    lanes,
    ...resolveMetric(given.metric, elsewhere?.data ?? parts[0]?.validation),
    parts,
    elsewhere,
    given,
  };
}

function resolveMethod({ method = "random", backend, folds }: Record<string, unknown>) {
  const name = oneOf(method, "method", ["random", "grid", "asha"]);
  if (name !== "asha") return name;
  if (backend === undefined) {
    throw new RangeError('method "asha" needs a backend, such as local() of nablanet/backends, got none');
  }
  if (folds !== undefined) outOfRange("folds", 'left out, as method is "asha"', folds);
  return name;
}

function resolveElsewhere(given: Record<string, unknown>, seed: number): Elsewhere | undefined {
  const { backend, keep } = resolveBackend(given);
  if (backend === undefined) return undefined;
  const data = resolveReference(given.data);
  return { backend, keep, data, folds: resolveReferredFolds(data, given, seed) };
}

function resolveMetric(
  given: unknown,
  measured: { readonly classNames?: readonly string[] | undefined } | undefined,
): Pick<ResolvedSearch<Space>, "scoreOf" | "isBetter" | "worst"> {
  const metric = namedOrOwn(given);
  if (metric === "accuracy" && measured?.classNames === undefined) {
    throw new RangeError('metric "accuracy" needs a dataset with classes');
  }
  const scoreOf = (evaluation: Evaluation) =>
    typeof metric === "function" ? finite(metric(evaluation), "metric's result") : (evaluation[metric] as number);
  if (metric === "accuracy") return { scoreOf, isBetter: (value, than) => value > than, worst: -Infinity };
  return { scoreOf, isBetter: (value, than) => value < than, worst: Infinity };
}

function namedOrOwn(metric: unknown = "loss"): SearchMetric {
  if (typeof metric === "function") return metric as SearchMetric;
  return oneOf<"loss" | "accuracy">(metric, "metric", ["loss", "accuracy"]);
}
