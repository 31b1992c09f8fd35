// The learning rates of a fit's mini-batches, where the kernels read them.

import type { Block } from "./engine/engine.js";
import type { Pointer } from "./engine/exports.js";
import type { TrainerBlock } from "./engine/trainer-block.js";
import type { EpochRow, Progress } from "./fit-result.js";
import { nextPlateau, rateAt } from "./learning-rate.js";
import type { ResolvedSchedule } from "./schedules.js";

export class ScheduledRates {
  readonly #block: Block;
  /** The rate of the mini-batch that was laid out last. */
  #last: number | undefined;

  /** `mostRows`: the most rows that are laid out at a time. */
  constructor(
    readonly trainer: TrainerBlock,
    readonly schedule: ResolvedSchedule,
    readonly progress: Progress,
    readonly epochs: number,
    mostRows: number,
  ) {
    this.#block = trainer.network.engine.allocate(Math.ceil(mostRows / trainer.batchSize) * 8);
  }

  /**
   * Where the rates of the mini-batches of rows from..to are, counted from row `start` of the epoch. A stream doesn't know how
   * long an epoch is, so its rates change from one to the next.
   */
  layOut(start: number, from: number, to: number): Pointer {
    const { trainer, schedule, progress, epochs } = this;
    const { batchSize, optimizer, network } = trainer;
    const { epoch, rows, plateau } = progress;
    const count = Math.ceil((to - from) / batchSize);
    const rates = new Float64Array(network.engine.buffer, this.#block.pointer, count);
    for (let i = 0; i < count; i++) {
      const row = start + from + i * batchSize;
      const done = rows === 0 ? 0 : row / rows;
      const share = rows === 0 ? 1 : Math.min(batchSize, rows - row) / rows;
      rates[i] = rateAt(schedule, optimizer.learningRate, epoch + done, epochs, share, plateau);
    }
    this.#last = rates[count - 1];
    return this.#block.pointer;
  }

  /** The rate of the epoch's last mini-batch, which an earlier fit may have trained. */
  get last(): number {
    const { row } = this.progress;
    const { batchSize, optimizer } = this.trainer;
    if (this.#last === undefined) this.layOut(0, Math.floor((row - 1) / batchSize) * batchSize, row);
    return this.#last ?? optimizer.learningRate;
  }

  /** Looks at an epoch that is done. */
  close(row: EpochRow): void {
    const { schedule, progress } = this;
    if (schedule.kind !== "reduceOnPlateau") return;
    const value = (row as unknown as Record<string, number>)[schedule.metric] as number;
    progress.plateau = nextPlateau(schedule, progress.plateau, value);
  }

  free(): void {
    this.#block.free();
  }
}
