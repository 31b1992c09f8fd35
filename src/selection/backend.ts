// What a search hands to a backend, which has its trials trained by other processes or machines.

import type { Evaluation } from "../evaluation.js";
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
}

/** A search as a backend carries it out. */
export interface SearchPlan {
  count: number;
  trial: (number: number) => DrawnTrial;
  /** What the metric makes of an evaluation. */
  scoreOf: (evaluation: Evaluation) => number;
  isBetter: (value: number, than: number) => boolean;
  /** The value of trials without an evaluation. */
  worst: number;
  /** The options that were given, of which only those that every search has are checked. */
  given: Record<string, unknown>;
}

/** Made by `local` and `bullmq` of `nablanet/backends`, or by `backendOf` from a queue of one's own. */
export interface SearchBackend {
  /** Carries a search out. The rows are by number; those that were never begun are missing. */
  run(plan: SearchPlan): Promise<{ status: LanesStatus; trials: Trial<unknown>[] }>;
}
