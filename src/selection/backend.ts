// What a search hands to a backend, which has its trials trained by other processes or machines.

import { boolean, wrongKind } from "../checks.js";
import type { Evaluation } from "../evaluation.js";
import type { EpochRow } from "../fit-result.js";
import type { TableReference } from "../tables/table-reference.js";
import type { FoldChoice } from "./folds.js";
import type { LanesStatus } from "./lanes.js";
import type { Trial } from "./search.js";
import type { TrialOptions } from "./trial.js";

/** Successive halving: how long trials are trained before the best of them go on. */
export interface AshaOptions {
  /** What every trial is trained for, 1 or more. Default 1. */
  minEpochs?: number;
  /** What the best are trained for: every trial's `fit.epochs`. */
  maxEpochs: number;
  /** One trial in so many goes on, for so many times as many epochs. 2 or more; default 3. */
  reductionFactor?: number;
}

/** A trial before it is trained. */
export interface DrawnTrial {
  parameters: unknown;
  /** Of its network. */
  seed: number;
  /** What `build` gives for the parameters, or throws. */
  build: () => TrialOptions;
  /** Which fold of the training rows it is measured on; without it, the reference's held-out rows. */
  fold?: FoldChoice;
}

/** What may be kept of a trial besides what it is worth. */
export type Kept = "model" | "history";

/** A search as a backend carries it out. */
export interface SearchPlan {
  data: TableReference;
  count: number;
  trial: (number: number) => DrawnTrial;
  /** What the metric makes of an evaluation. */
  scoreOf: (evaluation: Evaluation) => number;
  isBetter: (value: number, than: number) => boolean;
  /** The value of trials without an evaluation. */
  worst: number;
  keep: readonly Kept[];
  /** The options that were given, of which only those that every search has are checked. */
  given: Record<string, unknown>;
}

/** A trial that a backend has trained, with what was kept. */
export interface TrainedTrial extends Trial<unknown> {
  history?: EpochRow[];
}

/** Made by `local` and `bullmq` of `nablanet/backends`, or by `backendOf` from a queue of one's own. */
export interface SearchBackend {
  /** Carries a search out. The rows are by number; those that were never begun are missing. */
  run(plan: SearchPlan): Promise<{ status: LanesStatus; trials: TrainedTrial[] }>;
  /**
   * The network of a trial, as its training left it: a model file for `Network.load`. For searches and cross-validations
   * with `keepModels`.
   *
   * @throws Error for a trial without a `modelHash`, and where the model isn't there any more.
   */
  model(trial: { modelHash?: string }): Promise<Uint8Array<ArrayBuffer>>;
}

export interface BackendOptions {
  /**
   * Has the trials trained by processes of this machine, or of others: `local` and `bullmq` of `nablanet/backends`. The
   * networks have `math: "deterministic"` then, and trials must be such as JSON can hold: without callbacks, metrics, datasets.
   * The same seed gives the same trials, with the same bits, on any backend and any number of workers.
   */
  backend?: SearchBackend;
  /** With a backend: keep each trained network, which its `model(trial)` gives. Default false. */
  keepModels?: boolean;
}

/** The backend that was given, if any, and what it is to keep. */
export function resolveBackend({ backend, keepModels = false }: Record<string, unknown>) {
  const keep: Kept[] = boolean(keepModels, "keepModels") ? ["model"] : [];
  if (backend === undefined && keepModels) throw new RangeError("keepModels needs a backend, got none");
  if (backend !== undefined && typeof (backend as Partial<SearchBackend> | null)?.run !== "function") {
    wrongKind("backend", "a backend, such as local()", backend);
  }
  return { backend: backend as SearchBackend | undefined, keep };
}
