// Trains an epoch's mini-batches in slices, with whatever threads there are. What a lost thread leaves unfinished is trained again,
// from a point before it.

import type { Team } from "./engine/team.js";
import { ThreadError } from "./engine/thread-error.js";
import type { Metrics } from "./engine/trainer-block.js";
import type { EpochOrder } from "./epoch-order.js";
import type { Feed, Stretch } from "./feed.js";
import type { Fit } from "./fit.js";
import type { BatchRow, FitOptions } from "./fit-options.js";
import { Pacer } from "./pacer.js";
import { Random, Stream } from "./random.js";
import type { RestorePoint } from "./restore-point.js";
import type { ScheduledRates } from "./scheduled-rates.js";
import type { Threads } from "./threads.js";

/** Why an epoch ended early. */
export type Ended = "aborted" | "diverged" | "stopped";

/** What a fit trains with, beside its data. */
interface Equipment {
  order: EpochOrder;
  metrics: Metrics;
  threads: Threads;
  /** Undefined where the optimizer's own rate holds throughout. */
  rates: ScheduledRates | undefined;
  /** Undefined where no thread can be lost. */
  point: RestorePoint | undefined;
}

export class MiniBatches {
  readonly #fit: Pick<Fit, "block" | "seed" | "progress" | "options" | "told">;
  readonly #equipment: Equipment;
  readonly #pacer = new Pacer();
  /** Whether a mini-batch of the epoch under way was begun. */
  touched = false;
  /** Whether the user's code is running between two slices. */
  isTelling = false;
  /** The rows that were trained on last. */
  lastStretch: Stretch | undefined;
  /** Whether the user's code ended the fit. */
  #isStopped = false;
  /** Whether the loss is no longer finite. */
  #isDiverged = false;
  /** Whether a thread was lost in the slice at hand. */
  #isLost = false;

  constructor(fit: Pick<Fit, "block" | "seed" | "progress" | "options" | "told">, equipment: Equipment) {
    this.#fit = fit;
    this.#equipment = equipment;
  }

  /** The rest of the epoch under way. Returns why it ended early, if it did. */
  async epoch(feed: Feed): Promise<Ended | undefined> {
    const { progress } = this.#fit;
    const { metrics } = this.#equipment;
    this.touched = false;
    this.isTelling = false;
    metrics.measured = progress.measured ?? { lossSum: 0, correct: 0 };
    for await (const stretch of feed.stretches(progress.row)) {
      this.lastStretch = stretch;
      const ended = await this.#stretch(stretch);
      if (ended !== undefined) return ended;
    }
    return feed.ended ? undefined : "aborted";
  }

  /** The rest of the epoch's rows that are staged. */
  async #stretch(stretch: Stretch): Promise<Ended | undefined> {
    const { progress, options, block } = this.#fit;
    const { order, point, threads } = this.#equipment;
    const { rows, start } = stretch;
    const { onBatch } = options;
    const between = onBatch && (() => this.#tell(onBatch));
    point?.forget();
    do {
      this.#isLost = false;
      const done = progress.row - start;
      const random = this.#randomOf(stretch);
      if (options.shuffle) await order.layOut(rows, done, random);
      if (options.signal?.aborted) return "aborted";
      const work = (from: number, to: number) => this.#slice(stretch, random, from, to);
      await this.#pacer.over(done, rows, block.batchSize, work, () => threads.pace, between);
    } while (this.#isLost);
    if (this.#isDiverged) return "diverged";
    if (this.#isStopped) return "stopped";
    return progress.row < start + rows ? "aborted" : undefined;
  }

  #randomOf({ index }: Stretch): Random {
    const { seed, progress } = this.#fit;
    // a dataset that is all in one stretch has the shuffle of its epoch
    const which = index === 0 ? [progress.epoch] : [progress.epoch, index];
    return new Random(seed, Stream.shuffle, progress.run, ...which);
  }

  /** Trains rows from..to of a stretch. Whether to go on behind them. */
  #slice(stretch: Stretch, random: Random, from: number, to: number): boolean | Promise<boolean> {
    const { block, options } = this.#fit;
    const { order, metrics, threads, rates, point } = this.#equipment;
    const { network } = block;
    if (network.working !== undefined) return network.working.then(() => this.#slice(stretch, random, from, to));
    if (options.signal?.aborted) return false;
    this.touched = true;
    const { team } = threads;
    if (team.onWorkers && point?.isNear === false) point.take(from, metrics.measured);
    const begin = performance.now();
    const { shuffle } = options;
    if (shuffle) order.shuffle(from, to, random);
    const { table, start } = stretch;
    const steps = [rates?.layOut(start, from, to) ?? 0, from, to] as const;
    const working = block.train(team, metrics, table, shuffle ? order.pointer : 0, ...steps);
    const close = () => this.#close(team, start + to, to - from, performance.now() - begin);
    if (working !== undefined) return this.#onWorkers(working, team, close, start);
    close();
    return !this.#isDiverged;
  }

  /** A slice that workers train, of a stretch that begins at row `start`. Whether to go on behind it. */
  async #onWorkers(working: Promise<void>, team: Team, close: () => void, start: number): Promise<boolean> {
    const { threads } = this.#equipment;
    let isOpen = true;
    const end = (isWhole: boolean) => {
      isOpen = false;
      if (isWhole) close();
      else this.#putBack(start);
    };
    const settle = () => {
      if (isOpen) end(team.settle());
    };
    try {
      await this.#fit.block.network.occupy(working, settle);
      if (this.#isLost) throw new ThreadError("a thread gave no sign of life");
      if (isOpen) end(true);
    } catch (error) {
      // also where that was done: a thread that was taken for lost may have written since
      end(false);
      threads.lose(error as Error, ` in epoch ${this.#fit.progress.epoch + 1}`);
    }
    return !this.#isDiverged && !this.#isLost;
  }

  /** A slice of so many rows, up to row `row` of the epoch, is done. */
  #close(team: Team, row: number, rows: number, ms: number): void {
    const { progress } = this.#fit;
    const { metrics, threads } = this.#equipment;
    progress.seconds += ms / 1000;
    progress.row = row;
    progress.measured = metrics.measured;
    threads.took(team, rows, ms, this.#rowsLeft());
    this.#isDiverged = !Number.isFinite(progress.measured.lossSum);
  }

  /** A slice was left in its middle, of a stretch that begins at row `start`. */
  #putBack(start: number): void {
    const { progress } = this.#fit;
    const { metrics, point } = this.#equipment;
    const { row, measured } = (point as RestorePoint).putBack();
    metrics.measured = measured;
    Object.assign(progress, { row: start + row, measured });
    this.#isLost = true;
  }

  /** Whether to go on. */
  async #tell(onBatch: NonNullable<FitOptions["onBatch"]>): Promise<boolean> {
    const { progress, block, told: last } = this.#fit;
    const { epoch, row, rows } = progress;
    const told: BatchRow = {
      epoch: epoch + 1,
      batch: Math.ceil(row / block.batchSize),
      loss: (progress.measured?.lossSum as number) / row,
    };
    // mini-batches that are trained again were told
    if (told.epoch === last.epoch && told.batch <= last.batch) return true;
    this.#fit.told = told;
    if (rows > 0) told.batches = Math.ceil(rows / block.batchSize);
    // what is thrown from here leaves a fit that can be gone on with
    this.isTelling = true;
    this.#isStopped = (await onBatch(told)) === false;
    this.isTelling = false;
    return !this.#isStopped;
  }

  /** Rows that the fit has before it; Infinity where nobody knows. */
  #rowsLeft(): number {
    const { progress, options } = this.#fit;
    const { epoch, row, rows } = progress;
    return rows === 0 ? Number.POSITIVE_INFINITY : rows * (options.epochs - epoch) - row;
  }
}
