// The loop over epochs: slices of mini-batches, metrics, and every way to end.

import { boolean, options, wholeNumber, wrongKind } from "./checks.js";
import { Dataset } from "./dataset.js";
import type { Block } from "./engine/engine.js";
import { Table } from "./engine/table.js";
import { Metrics, type TrainerBlock } from "./engine/trainer-block.js";
import { type Evaluation, evaluateTable } from "./evaluation.js";
import { Pacer } from "./pacer.js";
import { Random, Stream, shuffleStretch } from "./random.js";
import { resolveThreads, Threads, type ThreadsUsed } from "./threads.js";

/** One epoch. Accuracies are fractions, losses means over samples, times seconds. */
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
  learningRate: number;
  /** Of training, without validation and callbacks. */
  seconds: number;
  /** Infinity where the epoch took less than a tick of the clock, which is coarse in browsers. */
  samplesPerSecond: number;
}

export interface FitOptions {
  /** Passes over the dataset, 1 or more. */
  epochs: number;
  /** Evaluated after each epoch. */
  validation?: Dataset;
  /** Take the rows in a new random order in each epoch; the network's seed decides it. Default true. */
  shuffle?: boolean;
  /** Ends the fit, between two mini-batches, with status "aborted". */
  signal?: AbortSignal;
  /** Called after each epoch, and awaited. Returning false ends the fit with status "stopped". */
  onEpoch?: (row: EpochRow) => unknown;
  /** How many threads may be used, or "auto" (default). `result.threads` says how many were, and why. */
  threads?: "auto" | number;
}

/**
 * - `completed`: all epochs done
 * - `stopped`: `onEpoch` returned false
 * - `aborted`: by the signal; the parameters are those after the last finished mini-batch
 * - `diverged`: the loss or a parameter was no longer finite; the parameters are those from before that epoch (or from
 *   where it was resumed in its middle), and the optimizer's memory is cleared
 * - `converged`: nothing left to gain (not reported yet)
 */
export type FitStatus = "completed" | "converged" | "stopped" | "diverged" | "aborted";

export interface FitResult {
  status: FitStatus;
  /** One row an epoch. */
  history: EpochRow[];
  threads: ThreadsUsed;
}

/** Where a fit stands, as far as it can't be had from its dataset and options. */
export interface Progress {
  /** Which of the trainer's fits this is. */
  run: number;
  /** The dataset's length. */
  rows: number;
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
}

export interface ResolvedFit {
  epochs: number;
  validation: Dataset | undefined;
  shuffle: boolean;
  signal: AbortSignal | undefined;
  onEpoch: ((row: EpochRow) => unknown) | undefined;
  threads: "auto" | number;
}

export function resolveFit(fitOptions: unknown): ResolvedFit {
  const keys = ["epochs", "validation", "shuffle", "signal", "onEpoch", "threads"];
  const given = options(fitOptions, "fit", keys);
  const { validation, signal, onEpoch, threads } = given;
  if (validation !== undefined && !(validation instanceof Dataset)) wrongKind("validation", "a Dataset", validation);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  if (onEpoch !== undefined && typeof onEpoch !== "function") wrongKind("onEpoch", "a function", onEpoch);
  return {
    epochs: wholeNumber(given.epochs, "epochs", 1),
    validation,
    shuffle: given.shuffle === undefined ? true : boolean(given.shuffle, "shuffle"),
    signal,
    onEpoch: onEpoch as ResolvedFit["onEpoch"],
    threads: resolveThreads(threads),
  };
}

/** Rows of an epoch's order that are laid out between two looks at the clock. */
const ORDER_UNIT = 4096;

export class Fit {
  readonly #trainerPacer = new Pacer();
  readonly #validationPacer = new Pacer();
  readonly #orderPacer = new Pacer();
  #threads: Threads | undefined;

  constructor(
    readonly block: TrainerBlock,
    readonly seed: number,
    readonly progress: Progress,
    readonly dataset: Dataset,
    readonly options: ResolvedFit,
  ) {}

  async run(): Promise<FitResult> {
    const { engine } = this.block.network;
    const owned: { free(): void }[] = [];
    const own = <T extends { free(): void }>(thing: T): T => {
      owned.push(thing);
      return thing;
    };
    try {
      const { validation, signal } = this.options;
      if (signal?.aborted) return this.#result("aborted");
      const order = own(engine.allocate(this.dataset.length * 4));
      const backup = own(engine.allocate(this.block.network.blockBytes));
      const metrics = own(new Metrics(engine, this.dataset.classNames?.length ?? 0));
      const table = own(await Table.stage(engine, this.dataset, signal));
      const validationTable = validation && own(await Table.stage(engine, validation, signal));
      this.#threads = own(await Threads.start(this.block.network, this.block.batchSize, this.options.threads));
      if (signal?.aborted) return this.#result("aborted");
      return this.#result(await this.#epochs(table, order, backup, metrics, this.#threads, validationTable));
    } finally {
      for (const thing of owned) thing.free();
    }
  }

  #result(status: FitStatus): FitResult {
    const threads = this.#threads?.used ?? { used: 0, reason: "nothing was trained" };
    return { status, history: this.progress.history.map((row) => ({ ...row })), threads };
  }

  async #epochs(
    table: Table,
    order: Block,
    backup: Block,
    metrics: Metrics,
    threads: Threads,
    validationTable: Table | undefined,
  ): Promise<FitStatus> {
    const { progress, options } = this;
    while (progress.epoch < options.epochs) {
      const start = { ...progress };
      this.#copyParameters(backup.pointer, this.block.network.parameters);
      const putBack = () => {
        this.block.network.settle = undefined;
        this.#copyParameters(this.block.network.parameters, backup.pointer);
        this.block.resetOptimizer();
        Object.assign(progress, { row: start.row, seconds: start.seconds, measured: start.measured });
      };
      let ended: "aborted" | "diverged" | undefined;
      try {
        ended = await this.#epoch(table, order, metrics, threads);
      } catch (error) {
        // a thread was lost in the middle of a step
        putBack();
        throw error;
      }
      if (!this.#allFinite()) ended = "diverged";
      if (ended === "diverged") putBack();
      if (ended !== undefined) return ended;
      const row = await this.#closeEpoch(metrics, threads, validationTable);
      if (row === undefined) return "aborted";
      if ((await options.onEpoch?.(row)) === false) return "stopped";
    }
    return "completed";
  }

  /** The rest of the epoch under way. Returns why it ended early, if it did. */
  async #epoch(
    table: Table,
    order: Block,
    metrics: Metrics,
    threads: Threads,
  ): Promise<"aborted" | "diverged" | undefined> {
    const { progress, options, block } = this;
    const { network } = block;
    const { length } = this.dataset;
    const random = new Random(this.seed, Stream.shuffle, progress.run, progress.epoch);
    const rows = () => new Uint32Array(block.network.engine.buffer, order.pointer, length);
    if (options.shuffle) await this.#layOutOrder(rows, random);
    metrics.measured = progress.measured ?? { lossSum: 0, correct: 0 };
    let diverged = false;
    const start = progress.row;
    if (options.signal?.aborted) return "aborted";
    const work = (from: number, to: number) => {
      if (options.signal?.aborted) return false;
      const { team } = threads;
      const begin = performance.now();
      let open = true;
      const done = () => {
        if (!open) return !diverged;
        open = false;
        network.settle = undefined;
        const ms = performance.now() - begin;
        progress.seconds += ms / 1000;
        progress.row = to;
        progress.measured = metrics.measured;
        threads.took(team, to - from, ms, length * (options.epochs - progress.epoch) - to);
        diverged = !Number.isFinite(progress.measured.lossSum);
        return !diverged;
      };
      if (options.shuffle) shuffleStretch(rows(), from, to, random);
      const working = block.train(team, metrics, table, options.shuffle ? order.pointer : 0, from, to);
      if (working === undefined) return done();
      network.settle = () => {
        team.settle();
        done();
      };
      return working.then(done);
    };
    await this.#trainerPacer.over(start, length, block.batchSize, work, () => threads.team.size > 1);
    if (diverged) return "diverged";
    return progress.row < length ? "aborted" : undefined;
  }

  /** The rows in order, then shuffled as far as the epoch has come; both in slices. */
  async #layOutOrder(rows: () => Uint32Array, random: Random): Promise<void> {
    await this.#orderPacer.over(0, this.dataset.length, ORDER_UNIT, (from, to) => {
      const order = rows();
      for (let i = from; i < to; i++) order[i] = i;
      return true;
    });
    await this.#orderPacer.over(0, this.progress.row, ORDER_UNIT, (from, to) => {
      shuffleStretch(rows(), from, to, random);
      return true;
    });
  }

  #allFinite(): boolean {
    const { engine, pointer } = this.block.network;
    return engine.exports.allFinite(pointer) !== 0;
  }

  /**
   * Writes the epoch's row of the history, and begins the next. Where an abort ends the validation, the epoch stays open
   * behind its last mini-batch, and is closed when the fit is resumed.
   */
  async #closeEpoch(
    metrics: Metrics,
    threads: Threads,
    validationTable: Table | undefined,
  ): Promise<EpochRow | undefined> {
    const { progress, dataset, block, options } = this;
    const { lossSum, correct } = metrics.measured;
    const row: EpochRow = {
      epoch: progress.epoch + 1,
      loss: lossSum / dataset.length,
      learningRate: block.learningRate,
      seconds: progress.seconds,
      samplesPerSecond: dataset.length / progress.seconds,
    };
    if (metrics.classes > 0) row.accuracy = correct / dataset.length;
    if (validationTable !== undefined && options.validation !== undefined) {
      const evaluation = await this.#validate(threads, validationTable, options.validation);
      if (evaluation === undefined) return undefined;
      row.validationLoss = evaluation.loss;
      if (evaluation.accuracy !== undefined) row.validationAccuracy = evaluation.accuracy;
    }
    progress.history.push({ ...row });
    Object.assign(progress, { epoch: row.epoch, row: 0, seconds: 0, measured: undefined });
    return row;
  }

  async #validate(threads: Threads, table: Table, dataset: Dataset): Promise<Evaluation | undefined> {
    const metrics = new Metrics(this.block.network.engine, dataset.classNames?.length ?? 0);
    try {
      return await evaluateTable(
        this.block,
        // what evaluations take says nothing of training
        {
          get team() {
            return threads.team;
          },
          took() {},
        },
        table,
        dataset.length,
        metrics,
        this.#validationPacer,
        this.options.signal,
      );
    } finally {
      metrics.free();
    }
  }

  #copyParameters(target: number, source: number): void {
    const { engine, blockBytes } = this.block.network;
    new Uint8Array(engine.buffer).copyWithin(target, source, source + blockBytes);
  }
}
