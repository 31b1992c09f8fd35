// The loop over epochs: mini-batches, validation, and every way to end.

import { Activation } from "./abi.js";
import { outOfRange } from "./checks.js";
import { DatasetStream } from "./dataset-stream.js";
import { EarlyStopping, setRestored } from "./early-stopping.js";
import type { Block } from "./engine/engine.js";
import { OutOfMemoryError } from "./engine/memory.js";
import { Metrics, type TrainerBlock } from "./engine/trainer-block.js";
import { EpochOrder } from "./epoch-order.js";
import { type Evaluation, evaluateFeed } from "./evaluation.js";
import { type Check, type Data, type Feed, openFeed } from "./feed.js";
import { type BatchRow, columnOf, type ResolvedFit } from "./fit-options.js";
import type { EpochRow, FitResult, FitStatus, Progress } from "./fit-result.js";
import { thresholdOf } from "./losses.js";
import { type Ended, MiniBatches } from "./mini-batches.js";
import { Pacer } from "./pacer.js";
import type { RestorePoint } from "./restore-point.js";
import type { Unlearned } from "./scaling.js";
import type { ScheduledRates } from "./scheduled-rates.js";
import { isConstant, type ResolvedSchedule } from "./schedules.js";
import { Threads } from "./threads.js";

/**
 * A mean loss so many times as large as the first epoch's, or as 1 where that was less, has exploded: no training that is
 * worth going on with comes back from there, and sums in float32 may stay finite for many epochs more.
 */
const EXPLOSION = 1000;

/** Activations whose units may be 0 for all samples. */
const DYING: readonly number[] = [Activation.relu, Activation.relu6];

/** Between two looks whether evaluations under way have ended. */
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

export class Fit {
  readonly #validationPacer = new Pacer();
  #threads: Threads | undefined;
  /** Undefined where the optimizer's own rate holds throughout. */
  #rates: ScheduledRates | undefined;
  #miniBatches: MiniBatches | undefined;
  #stopping: EarlyStopping | undefined;
  /** The parameters with which the fit diverged, as they lay in memory. */
  #exploded: { parameters: Float32Array; loss: number } | undefined;
  /** The mini-batch that the user's code was told last. */
  told: Pick<BatchRow, "epoch" | "batch"> = { epoch: 0, batch: 0 };
  /** Whether the optimizer's memory was lost, with parameters put back: what was there can't be gone on with. */
  forgot = false;

  constructor(
    readonly block: TrainerBlock,
    readonly seed: number,
    readonly progress: Progress,
    readonly data: Data,
    readonly check: Check,
    readonly options: ResolvedFit,
    readonly schedule: ResolvedSchedule,
    readonly unlearned: Unlearned | undefined,
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
      if (this.unlearned !== undefined) {
        const { learnScaling } = await import("./scaling.js");
        const learned = await learnScaling(this.unlearned, data, signal);
        // those who read already have staged their targets as they are
        while (network.readers > 0 && !signal?.aborted) await (network.working ?? pause());
        if (signal?.aborted) return this.#result("aborted");
        Object.assign(network, learned);
      }
      const feed = own(await openFeed(network, data, batchSize, check, signal));
      if (data instanceof DatasetStream) this.#assertStretch(feed.mostRows);
      const order = own(new EpochOrder(engine, feed.mostRows));
      if (!isConstant(this.schedule)) {
        const { ScheduledRates } = await import("./scheduled-rates.js");
        this.#rates = own(new ScheduledRates(block, this.schedule, this.progress, this.options.epochs, feed.mostRows));
      }
      const backup = own(engine.allocate(network.blockBytes));
      const metrics = own(new Metrics(engine, data.classNames?.length ?? 0, thresholdOf(block.loss)));
      const measured = this.options.metrics !== undefined;
      const validationFeed =
        validation && own(await openFeed(network, validation, block.evaluationRows, check, signal, measured));
      const threads = own(await Threads.start(network, batchSize, this.options.threads));
      this.#threads = threads;
      const point = threads.mayBeWorkers ? await this.#restorePoint(threads, own) : undefined;
      if (signal?.aborted) return this.#result("aborted");
      await this.#beginStopping();
      const miniBatches = new MiniBatches(this, { order, metrics, threads, rates: this.#rates, point });
      this.#miniBatches = miniBatches;
      try {
        const status = await this.#epochs(feed, miniBatches, backup, metrics, threads, validationFeed);
        const diagnosis = await this.#diagnose(status);
        return this.#result(status, diagnosis);
      } finally {
        await this.#setRestored(true);
      }
    } finally {
      for (const thing of owned) thing.free();
    }
  }

  /** A stream's rows are where they were only if it is cut as it was. */
  #assertStretch(rows: number): void {
    const { progress } = this;
    if (progress.row > 0 && progress.stretch !== undefined && progress.stretch !== rows) {
      outOfRange("bufferRows, in whole mini-batches,", `${progress.stretch}, as in the fit that is resumed`, rows);
    }
    progress.stretch = rows;
  }

  /** What a lost thread's work is done again from; without memory for it, there are no threads to be lost. */
  async #restorePoint(threads: Threads, own: (point: RestorePoint) => RestorePoint): Promise<RestorePoint | undefined> {
    const { RestorePoint } = await import("./restore-point.js");
    try {
      return own(new RestorePoint(this.block));
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      threads.giveUp(`threads need memory for the case that one is lost: ${error.message}`);
      return undefined;
    }
  }

  async #beginStopping(): Promise<void> {
    const { progress, options, block } = this;
    await this.#setRestored(false);
    const { earlyStopping } = options;
    this.#stopping = earlyStopping && new EarlyStopping(block.network, earlyStopping, progress.stopping);
    progress.stopping = this.#stopping?.state;
  }

  /** Whether the network has the best parameters, or those that the fit goes on from. */
  async #setRestored(restored: boolean): Promise<void> {
    const { stopping } = this.progress;
    if (stopping === undefined) return;
    await this.#unread();
    setRestored(this.block.network, stopping, restored);
  }

  /** Waits for evaluations under way, which are to see one state of the parameters. */
  async #unread(): Promise<void> {
    const { network } = this.block;
    while (network.working !== undefined) await network.working;
  }

  #result(status: FitStatus, diagnosis?: string): FitResult {
    const threads = this.#threads?.used ?? { used: 0, reason: "nothing was trained" };
    const result: FitResult = { status, history: this.progress.history.map((row) => ({ ...row })), threads };
    const best = this.progress.stopping?.best;
    if (best !== undefined) result.best = { ...best };
    if (diagnosis !== undefined) result.diagnosis = diagnosis;
    return result;
  }

  async #epochs(
    feed: Feed,
    miniBatches: MiniBatches,
    backup: Block,
    metrics: Metrics,
    threads: Threads,
    validation: Feed | undefined,
  ): Promise<FitStatus> {
    const { progress, options } = this;
    for (;;) {
      if (this.#stopping?.isOver || this.block.optimizer.hasConverged) return "converged";
      if (progress.epoch >= options.epochs) return "completed";
      const start = { ...progress };
      this.#copyParameters(backup.pointer, this.block.network.parameters);
      const putBack = () => {
        this.#copyParameters(this.block.network.parameters, backup.pointer);
        this.block.optimizer.reset();
        this.forgot = true;
        Object.assign(progress, { row: start.row, seconds: start.seconds, measured: start.measured });
      };
      let ended: Ended | undefined;
      try {
        ended = await miniBatches.epoch(feed);
      } catch (error) {
        // a stream broke off; or a callback ended what had diverged already
        if (miniBatches.touched && (!miniBatches.isTelling || !this.#allFinite())) {
          await this.#unread();
          putBack();
        }
        throw error;
      }
      if (!this.#allFinite() || (ended === undefined && this.#hasExploded(metrics))) ended = "diverged";
      if (ended === "diverged") {
        await this.#unread();
        this.#exploded = { parameters: this.#parameters().slice(), loss: metrics.measured.lossSum / progress.row };
        putBack();
      }
      if (ended !== undefined) return ended;
      const row = await this.#closeEpoch(metrics, threads, validation);
      if (row === undefined) return "aborted";
      if ((await options.onEpoch?.(row)) === false) return "stopped";
    }
  }

  #hasExploded({ measured }: Metrics): boolean {
    const { history, row } = this.progress;
    return history.length > 0 && measured.lossSum / row > EXPLOSION * Math.max(1, (history[0] as EpochRow).loss);
  }

  /** Why the fit diverged, or doesn't learn; undefined where nobody can tell. */
  async #diagnose(status: FitStatus): Promise<string | undefined> {
    const { history, epoch } = this.progress;
    const stretch = this.#miniBatches?.lastStretch;
    const [before, last] = history.slice(-2);
    // only then it can pay to look for layers that don't learn
    const stands = last !== undefined && before !== undefined && last.loss > 0.999 * before.loss;
    if (stretch === undefined || status === "aborted" || (status !== "diverged" && !stands)) return undefined;
    const { network, optimizer } = this.block;
    // a standstill is told only of layers that may be dead
    const mayBeDead = network.layers.some(({ activation }) => DYING.includes(activation));
    if (status !== "diverged" && !mayBeDead) return undefined;
    const { learningRate } = optimizer;
    const found = { network, lossName: this.block.loss, stretch, history, epoch: epoch + 1, learningRate };
    try {
      const { diagnoseDivergence, diagnoseStandstill } = await import("./diagnosis.js");
      if (this.#exploded === undefined) return diagnoseStandstill(found);
      return diagnoseDivergence({ ...found, ...this.#exploded, before: this.#parameters().slice() });
    } catch {
      // a page may have gone offline, or memory be full: the fit's result is worth more
      return undefined;
    }
  }

  #parameters(): Float32Array {
    const { engine, parameters, blockBytes } = this.block.network;
    return engine.floats.subarray(parameters / 4, (parameters + blockBytes) / 4);
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
    const { progress } = this;
    const { lossSum, correct } = metrics.measured;
    const row: EpochRow = {
      epoch: progress.epoch + 1,
      loss: lossSum / progress.row,
      learningRate: this.#rates?.last ?? this.block.optimizer.learningRate,
      seconds: progress.seconds,
      samplesPerSecond: progress.row / progress.seconds,
    };
    if (metrics.classes > 0) row.accuracy = correct / progress.row;
    if (validation !== undefined) {
      const evaluation = await this.#validate(threads, validation);
      if (evaluation === undefined) return undefined;
      row.validationLoss = evaluation.loss;
      if (evaluation.accuracy !== undefined) row.validationAccuracy = evaluation.accuracy;
      for (const name in evaluation.metrics) row[columnOf(name)] = evaluation.metrics[name];
    }
    this.#rates?.close(row);
    this.#stopping?.look(row);
    progress.history.push({ ...row });
    Object.assign(progress, { epoch: row.epoch, row: 0, seconds: 0, measured: undefined });
    return row;
  }

  async #validate(threads: Threads, feed: Feed): Promise<Evaluation | undefined> {
    const { block, options } = this;
    const classes = options.validation?.classNames?.length ?? 0;
    const metrics = new Metrics(block.network.engine, classes, thresholdOf(block.loss));
    // what an evaluation takes says nothing of training
    const team = {
      get team() {
        return threads.team;
      },
      get pace() {
        return threads.pace;
      },
      took() {},
      lose: (error: Error) => threads.lose(error, ` in epoch ${this.progress.epoch + 1}`),
    };
    try {
      return await evaluateFeed(block, team, feed, metrics, this.#validationPacer, options);
    } finally {
      metrics.free();
    }
  }

  #copyParameters(target: number, source: number): void {
    const { engine, blockBytes } = this.block.network;
    new Uint8Array(engine.buffer).copyWithin(target, source, source + blockBytes);
  }
}
