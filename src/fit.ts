// The loop over epochs: slices of mini-batches, metrics, and every way to end.

import { boolean, options, outOfRange, wholeNumber, wrongKind } from "./checks.js";
import { Dataset } from "./dataset.js";
import { DatasetStream } from "./dataset-stream.js";
import type { Block } from "./engine/engine.js";
import { Metrics, type TrainerBlock } from "./engine/trainer-block.js";
import { type Evaluation, evaluateFeed } from "./evaluation.js";
import { type Check, type Data, type Feed, openFeed, type Stretch } from "./feed.js";
import { Pacer } from "./pacer.js";
import { Random, Stream, shuffleStretch } from "./random.js";
import { resolveThreads, type ThreadChoice, Threads, type ThreadsUsed } from "./threads.js";

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
  validation?: Data;
  /** Take the rows in a new random order in each epoch; the network's seed decides it. Default true. */
  shuffle?: boolean;
  /** Ends the fit, between two mini-batches, with status "aborted". */
  signal?: AbortSignal;
  /** Called after each epoch, and awaited. Returning false ends the fit with status "stopped". */
  onEpoch?: (row: EpochRow) => unknown;
  /** How many threads may be used. Default "auto". `result.threads` says how many were, and why. */
  threads?: ThreadChoice;
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
}

export interface ResolvedFit {
  epochs: number;
  validation: Data | undefined;
  shuffle: boolean;
  signal: AbortSignal | undefined;
  onEpoch: ((row: EpochRow) => unknown) | undefined;
  threads: ThreadChoice;
}

export function resolveFit(fitOptions: unknown): ResolvedFit {
  const keys = ["epochs", "validation", "shuffle", "signal", "onEpoch", "threads"];
  const given = options(fitOptions, "fit", keys);
  const { validation, signal, onEpoch, threads } = given;
  if (validation !== undefined && !(validation instanceof Dataset || validation instanceof DatasetStream)) {
    wrongKind("validation", "a Dataset", validation);
  }
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
  /** Whether a mini-batch of the epoch under way was begun. */
  #touched = false;
  /** Whether the optimizer's memory was lost, with parameters put back: what was there can't be gone on with. */
  forgot = false;

  constructor(
    readonly block: TrainerBlock,
    readonly seed: number,
    readonly progress: Progress,
    readonly data: Data,
    readonly check: Check,
    readonly options: ResolvedFit,
  ) {}

  async run(): Promise<FitResult> {
    const { block, data, check } = this;
    const { network, batchSize } = block;
    const { engine } = network;
    const owned: { free(): void }[] = [];
    const own = <T extends { free(): void }>(thing: T): T => {
      owned.push(thing);
      return thing;
    };
    try {
      const { validation, signal } = this.options;
      if (signal?.aborted) return this.#result("aborted");
      const feed = own(await openFeed(engine, data, batchSize, check, signal));
      if (data instanceof DatasetStream) this.#assertStretch(feed.mostRows);
      const order = own(engine.allocate(feed.mostRows * 4));
      const backup = own(engine.allocate(network.blockBytes));
      const metrics = own(new Metrics(engine, data.classNames?.length ?? 0));
      const validationFeed = validation && own(await openFeed(engine, validation, block.evaluationRows, check, signal));
      this.#threads = own(await Threads.start(network, batchSize, this.options.threads));
      if (signal?.aborted) return this.#result("aborted");
      return this.#result(await this.#epochs(feed, order, backup, metrics, this.#threads, validationFeed));
    } finally {
      for (const thing of owned) thing.free();
    }
  }

  /** A stream's rows are where they were only if it is cut as it was. */
  #assertStretch(rows: number): void {
    const { progress } = this;
    if (progress.row > 0 && progress.stretch !== undefined && progress.stretch !== rows) {
      outOfRange("bufferRows, in whole mini-batches,", `${progress.stretch}, as when the checkpoint was taken`, rows);
    }
    progress.stretch = rows;
  }

  #result(status: FitStatus): FitResult {
    const threads = this.#threads?.used ?? { used: 0, reason: "nothing was trained" };
    return { status, history: this.progress.history.map((row) => ({ ...row })), threads };
  }

  async #epochs(
    feed: Feed,
    order: Block,
    backup: Block,
    metrics: Metrics,
    threads: Threads,
    validation: Feed | undefined,
  ): Promise<FitStatus> {
    const { progress, options } = this;
    while (progress.epoch < options.epochs) {
      const start = { ...progress };
      this.#copyParameters(backup.pointer, this.block.network.parameters);
      const putBack = () => {
        this.#copyParameters(this.block.network.parameters, backup.pointer);
        this.block.optimizer.reset();
        this.forgot = true;
        Object.assign(progress, { row: start.row, seconds: start.seconds, measured: start.measured });
      };
      this.#touched = false;
      let ended: "aborted" | "diverged" | undefined;
      try {
        ended = await this.#epoch(feed, order, metrics, threads);
      } catch (error) {
        // a thread was lost in the middle of a step, or a stream broke off
        if (this.#touched) putBack();
        throw error;
      }
      if (!this.#allFinite()) ended = "diverged";
      if (ended === "diverged") putBack();
      if (ended !== undefined) return ended;
      const row = await this.#closeEpoch(metrics, threads, validation);
      if (row === undefined) return "aborted";
      if ((await options.onEpoch?.(row)) === false) return "stopped";
    }
    return "completed";
  }

  /** The rest of the epoch under way. Returns why it ended early, if it did. */
  async #epoch(
    feed: Feed,
    order: Block,
    metrics: Metrics,
    threads: Threads,
  ): Promise<"aborted" | "diverged" | undefined> {
    const { progress } = this;
    metrics.measured = progress.measured ?? { lossSum: 0, correct: 0 };
    for await (const stretch of feed.stretches(progress.row)) {
      const ended = await this.#stretch(stretch, order, metrics, threads);
      if (ended !== undefined) return ended;
    }
    return feed.ended ? undefined : "aborted";
  }

  /** The rest of the epoch's rows that are staged. */
  async #stretch(
    { table, rows, start, index }: Stretch,
    order: Block,
    metrics: Metrics,
    threads: Threads,
  ): Promise<"aborted" | "diverged" | undefined> {
    const { progress, options, block } = this;
    const { network } = block;
    // a dataset that is all in one stretch has the shuffle of its epoch
    const which = index === 0 ? [progress.epoch] : [progress.epoch, index];
    const random = new Random(this.seed, Stream.shuffle, progress.run, ...which);
    const orderOf = () => new Uint32Array(network.engine.buffer, order.pointer, rows);
    const done = progress.row - start;
    if (options.shuffle) await this.#layOutOrder(orderOf, rows, done, random);
    let diverged = false;
    if (options.signal?.aborted) return "aborted";
    const work = (from: number, to: number): boolean | Promise<boolean> => {
      if (network.working !== undefined) return network.working.then(() => work(from, to));
      if (options.signal?.aborted) return false;
      this.#touched = true;
      const { team } = threads;
      const begin = performance.now();
      let open = true;
      const close = () => {
        if (!open) return !diverged;
        open = false;
        const ms = performance.now() - begin;
        progress.seconds += ms / 1000;
        progress.row = start + to;
        progress.measured = metrics.measured;
        threads.took(team, to - from, ms, this.#rowsLeft());
        diverged = !Number.isFinite(progress.measured.lossSum);
        return !diverged;
      };
      if (options.shuffle) shuffleStretch(orderOf(), from, to, random);
      const working = block.train(team, metrics, table, options.shuffle ? order.pointer : 0, from, to);
      if (working === undefined) return close();
      const settle = () => {
        team.settle();
        close();
      };
      return network.occupy(working, settle).then(close);
    };
    await this.#trainerPacer.over(done, rows, block.batchSize, work, () => threads.pace);
    if (diverged) return "diverged";
    return progress.row < start + rows ? "aborted" : undefined;
  }

  /** Rows that the fit has before it; Infinity where nobody knows. */
  #rowsLeft(): number {
    const { epoch, row, rows } = this.progress;
    return rows === 0 ? Number.POSITIVE_INFINITY : rows * (this.options.epochs - epoch) - row;
  }

  /** The rows in order, then shuffled as far as the stretch is done; both in slices. */
  async #layOutOrder(orderOf: () => Uint32Array, rows: number, done: number, random: Random): Promise<void> {
    await this.#orderPacer.over(0, rows, ORDER_UNIT, (from, to) => {
      const order = orderOf();
      for (let i = from; i < to; i++) order[i] = i;
      return true;
    });
    await this.#orderPacer.over(0, done, ORDER_UNIT, (from, to) => {
      shuffleStretch(orderOf(), from, to, random);
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
  async #closeEpoch(metrics: Metrics, threads: Threads, validation: Feed | undefined): Promise<EpochRow | undefined> {
    const { progress, block } = this;
    const { lossSum, correct } = metrics.measured;
    const row: EpochRow = {
      epoch: progress.epoch + 1,
      loss: lossSum / progress.row,
      learningRate: block.optimizer.learningRate,
      seconds: progress.seconds,
      samplesPerSecond: progress.row / progress.seconds,
    };
    if (metrics.classes > 0) row.accuracy = correct / progress.row;
    if (validation !== undefined) {
      const evaluation = await this.#validate(threads, validation);
      if (evaluation === undefined) return undefined;
      row.validationLoss = evaluation.loss;
      if (evaluation.accuracy !== undefined) row.validationAccuracy = evaluation.accuracy;
    }
    progress.history.push({ ...row });
    Object.assign(progress, { epoch: row.epoch, row: 0, seconds: 0, measured: undefined });
    return row;
  }

  async #validate(threads: Threads, feed: Feed): Promise<Evaluation | undefined> {
    const { block, options } = this;
    const wanted = { signal: options.signal, metrics: undefined };
    const classes = options.validation?.classNames?.length ?? 0;
    const metrics = new Metrics(block.network.engine, classes);
    // what an evaluation takes says nothing of training
    const team = {
      get team() {
        return threads.team;
      },
      get pace() {
        return threads.pace;
      },
      took() {},
    };
    try {
      return await evaluateFeed(block, team, feed, metrics, this.#validationPacer, wanted);
    } finally {
      metrics.free();
    }
  }

  #copyParameters(target: number, source: number): void {
    const { engine, blockBytes } = this.block.network;
    new Uint8Array(engine.buffer).copyWithin(target, source, source + blockBytes);
  }
}
