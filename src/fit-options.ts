// What a fit is told, checked.

import { boolean, options, outOfRange, wholeNumber, wrongKind } from "./checks.js";
import { Dataset } from "./dataset.js";
import { DatasetStream } from "./dataset-stream.js";
import {
  assertSameStopping,
  type EarlyStoppingOptions,
  type ResolvedEarlyStopping,
  resolveEarlyStopping,
} from "./early-stopping.js";
import { type Metric, resolveMetrics, type Wanted } from "./evaluation.js";
import { type Data, rowsOf } from "./feed.js";
import type { EpochRow, FitResult, Progress } from "./fit-result.js";
import { resolveThreads, type ThreadChoice } from "./threads.js";

/** How far an epoch has come. */
export interface BatchRow {
  /** The epoch under way, from 1. */
  epoch: number;
  /** Its finished mini-batches. */
  batch: number;
  /** All it has; absent where the dataset is a stream, which doesn't know. */
  batches?: number;
  /** The mean over its samples so far, each as it was when its turn came. */
  loss: number;
}

export interface FitOptions {
  /** Passes over the dataset, 1 or more. */
  epochs: number;
  /** Evaluated after each epoch. */
  validation?: Data;
  /**
   * Measured on the validation dataset after each epoch: `{ f1: metrics.f1, mine: (predictions, targets) => … }` are the
   * history's columns `validationF1` and `validationMine`. See `EvaluateOptions.metrics`.
   */
  metrics?: Readonly<Record<string, Metric>>;
  /** Take the rows in a new random order in each epoch; the network's seed decides it. Default true. */
  shuffle?: boolean;
  /**
   * End the fit when it makes no progress any more, and restore the best parameters; true for all defaults. Default false.
   */
  earlyStopping?: boolean | EarlyStoppingOptions;
  /**
   * Go on with this trainer's last fit, up to `epochs` in all: with the same dataset and options to the bits of a fit that
   * never ended, on any number of threads. One that diverged or failed goes on from the parameters that were put back.
   * Default: false, but true for the first fit after `Trainer.resume`.
   */
  resume?: boolean;
  /** Ends the fit, between two mini-batches, with status "aborted". */
  signal?: AbortSignal;
  /**
   * Called between two slices of an epoch and after its last, and awaited. A slice is as many mini-batches as take some
   * milliseconds, so it costs no speed, and isn't called for each of them. Returning false ends the fit with status "stopped".
   */
  onBatch?: (row: BatchRow) => unknown;
  /** Called after each epoch, and awaited. Returning false ends the fit with status "stopped". */
  onEpoch?: (row: EpochRow) => unknown;
  /** Called with the result before `fit` gives it, when the network may be changed again, and awaited. */
  onTrainEnd?: (result: FitResult) => unknown;
  /**
   * How many threads may be used. Default "auto". `result.threads` says how many were, and why: where one was lost, the calling
   * thread went on, to the same bits.
   */
  threads?: ThreadChoice;
  /**
   * Train in a worker, which needs no shared memory: data, parameters and the optimizer's memory are copied there, and come
   * back, with the same bits as without. The calling thread is left with callbacks, metrics and a stream's chunks, which are
   * called there; meanwhile it sees network and trainer as they were after the last epoch that was told (within `onEpoch`, the
   * one it is about). Where no worker can be started, or it is lost, the fit runs on the calling thread, to the same bits, and
   * `result.threads` says why. Default false.
   */
  worker?: boolean;
}

export interface ResolvedFit {
  epochs: number;
  validation: Data | undefined;
  metrics: Wanted["metrics"];
  shuffle: boolean;
  earlyStopping: ResolvedEarlyStopping | undefined;
  resume: boolean | undefined;
  signal: AbortSignal | undefined;
  onBatch: FitOptions["onBatch"] | undefined;
  onEpoch: FitOptions["onEpoch"] | undefined;
  onTrainEnd: FitOptions["onTrainEnd"] | undefined;
  threads: ThreadChoice;
  worker: boolean;
  /** Those of the history that tell how good the network is. */
  columns: readonly string[];
}

const CALLBACKS = ["onBatch", "onEpoch", "onTrainEnd"] as const;

export function resolveFit(fitOptions: unknown, dataset: Data): ResolvedFit {
  const given = options(fitOptions, "fit", [
    "epochs",
    "validation",
    "metrics",
    "shuffle",
    "earlyStopping",
    "resume",
    "signal",
    ...CALLBACKS,
    "threads",
    "worker",
  ]);
  const { validation, signal, shuffle = true, resume, threads, worker = false } = given;
  if (validation !== undefined && !(validation instanceof Dataset || validation instanceof DatasetStream)) {
    wrongKind("validation", "a Dataset", validation);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  for (const name of CALLBACKS) {
    if (given[name] !== undefined && typeof given[name] !== "function") wrongKind(name, "a function", given[name]);
  }
  const epochs = wholeNumber(given.epochs, "epochs", 1);
  const metrics = resolveMetrics(given.metrics);
  if (metrics !== undefined && validation === undefined) {
    throw new RangeError("metrics are measured on validation, which must be given with them");
  }
  const columns = columnsOf(dataset, validation, Object.keys(metrics ?? {}));
  const { onBatch, onEpoch, onTrainEnd } = given as Pick<ResolvedFit, (typeof CALLBACKS)[number]>;
  return {
    epochs,
    validation,
    metrics,
    shuffle: boolean(shuffle, "shuffle"),
    earlyStopping: resolveEarlyStopping(given.earlyStopping, columns),
    resume: resume === undefined ? undefined : boolean(resume, "resume"),
    signal,
    onBatch,
    onEpoch,
    onTrainEnd,
    threads: resolveThreads(threads),
    worker: boolean(worker, "worker"),
    columns,
  };
}

/** The history's columns that tell how good the network is. */
function columnsOf(dataset: Data, validation: Data | undefined, metrics: readonly string[]): string[] {
  const columns = ["loss"];
  // whether it is a dataset at all is checked elsewhere
  if (dataset?.classNames !== undefined) columns.push("accuracy");
  if (validation === undefined) return columns;
  const taken = ["validationLoss", "validationAccuracy"];
  columns.push(...taken.slice(0, validation.classNames === undefined ? 1 : 2));
  for (const name of metrics) {
    const column = columnOf(name);
    if (taken.includes(column))
      throw new RangeError(`metrics.${name} needs another name: there is a ${column} already`);
    taken.push(column);
    columns.push(column);
  }
  return columns;
}

export function columnOf(metric: string): `validation${string}` {
  return `validation${metric.slice(0, 1).toUpperCase()}${metric.slice(1)}`;
}

/** Refuses data and options with which a fit can't be gone on with. */
export function assertGoesOn(before: Progress, dataset: Data, { epochs, shuffle, earlyStopping }: ResolvedFit): void {
  assertAsManyRows(before, dataset);
  if (epochs < before.epoch) {
    const done = `${before.epoch}, the epochs that the resumed fit has done (epochs counts them all)`;
    outOfRange("epochs", `at least ${done}`, epochs);
  }
  if (before.shuffle !== shuffle) outOfRange("shuffle", `${before.shuffle}, as in the fit that is resumed`, shuffle);
  if (before.stopping !== undefined && earlyStopping !== undefined) assertSameStopping(before.stopping, earlyStopping);
}

export function assertAsManyRows({ rows }: Progress, dataset: Data): void {
  if (rows === rowsOf(dataset)) return;
  outOfRange("dataset.length", `${rows}, as in the fit that is resumed`, rowsOf(dataset));
}
