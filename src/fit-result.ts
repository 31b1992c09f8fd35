// What a fit tells, and what has to be known to go on with it.

import type { Stopping } from "./early-stopping.js";
import type { Plateau } from "./learning-rate.js";
import type { ThreadsUsed } from "./threads.js";

/** One epoch. Accuracies are fractions, losses means over samples (of scaled targets, where the network scales them), times seconds. */
export interface EpochRow {
  /** From 1. */
  epoch: number;
  /** Each sample's loss as it was when its turn came, before the update. */
  loss: number;
  /** Likewise; where the dataset has classes. */
  accuracy?: number;
  /** After the epoch; where there is a validation dataset. */
  validationLoss?: number;
  validationAccuracy?: number;
  /** What the fit's `metrics` say of the validation dataset: `metrics: { f1 }` is the column `validationF1`. */
  [metric: `validation${string}`]: number | undefined;
  learningRate: number;
  /** Of training, without validation and callbacks. */
  seconds: number;
  /** Infinity where the epoch took less than a tick of the clock, which is coarse in browsers. */
  samplesPerSecond: number;
}

/**
 * - `completed`: all epochs done
 * - `converged`: `earlyStopping` saw no progress any more
 * - `stopped`: `onBatch` or `onEpoch` returned false
 * - `aborted`: by the signal
 * - `diverged`: the loss or a parameter was no longer finite, or an epoch's mean loss was above 1,000 times that of the fit's
 *   first epoch (and above 1,000); the parameters are put back to those from before that epoch (or from where it was resumed
 *   in its middle), and the optimizer's memory is cleared
 *
 * Where an epoch is left in its middle, the parameters are those after the last finished mini-batch. Where `earlyStopping`
 * restores the best parameters, it does so in the end, whatever the status.
 */
export type FitStatus = "completed" | "converged" | "stopped" | "diverged" | "aborted";

export interface FitResult {
  status: FitStatus;
  /** One row an epoch. */
  history: EpochRow[];
  threads: ThreadsUsed;
  /** With `earlyStopping`: the epoch that was best by its metric, and the metric then. Absent where none was looked at. */
  best?: { epoch: number; value: number };
  /**
   * Where the fit diverged: in which epoch, and the probable cause, as far as it can be measured: inputs or targets that
   * weren't scaled, or the learning rate. Also where a whole layer of relu units is 0 and the loss stands still.
   */
  diagnosis?: string;
}

/** Where a fit stands, as far as it can't be had from its dataset and options. */
export interface Progress {
  /** Which of the trainer's fits this is. */
  run: number;
  /** The dataset's length; 0 for a stream. */
  rows: number;
  /** Of a stream: the rows that are shuffled among each other. */
  stretch?: number;
  shuffle: boolean;
  /** Finished epochs. */
  epoch: number;
  /** Finished rows of the epoch under way. */
  row: number;
  /** Of training in the epoch under way. */
  seconds: number;
  history: EpochRow[];
  /** Of the epoch under way; undefined at its start. */
  measured?: { lossSum: number; correct: number } | undefined;
  stopping?: Stopping | undefined;
  plateau?: Plateau;
}
