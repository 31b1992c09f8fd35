import type { Settings } from "./runs.mjs";

export interface Result {
  name: string;
  seed: number;
  epochs: number;
  /** Accuracies, as fractions. */
  first: number;
  last: number;
  best: number;
  bestEpoch: number;
  /** Of training, without the evaluations. */
  seconds: number;
  threads: number;
  machine: Record<string, unknown>;
  settings: Settings;
}

export function readResults(): Result[];
export function saveResult(result: Result): void;
