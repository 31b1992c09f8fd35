// Where a fit goes back to when a thread was lost in the middle of a mini-batch: what training has changed up to there, so that
// the mini-batches since then can be trained again, to the same bits.

import type { Block } from "./engine/engine.js";
import type { Pointer } from "./engine/exports.js";
import type { Measured, TrainerBlock } from "./engine/trainer-block.js";

/** A point is left behind for a nearer one after so many ms, and after so many times what it took. */
const REACH_MS = 2000;
const SHARE = 100;

export class RestorePoint {
  readonly #trainer: TrainerBlock;
  readonly #block: Block;
  #counters = new Float64Array(0);
  #learningRate = 0;
  #measured: Measured | undefined;
  /** Rows of the stretch that were done; undefined where there is no point in it. */
  #row: number | undefined;
  /** Until when it is near enough. */
  #until = 0;

  /** Takes as much memory as parameters and optimizer. */
  constructor(trainer: TrainerBlock) {
    const { network, optimizer } = trainer;
    this.#trainer = trainer;
    this.#block = network.engine.allocate(network.blockBytes + optimizer.stateBytes);
  }

  /** Another stretch begins, in which nothing can be put back to what was before. */
  forget(): void {
    this.#row = undefined;
  }

  /** Whether there is a point near enough from which all was trained with the learning rate of now. */
  get isNear(): boolean {
    const { learningRate } = this.#trainer.optimizer;
    return this.#row !== undefined && this.#learningRate === learningRate && performance.now() < this.#until;
  }

  /** At row `row` of the stretch, of whose epoch so much was measured. */
  take(row: number, measured: Measured): void {
    const begin = performance.now();
    const { network, optimizer } = this.#trainer;
    const bytes = new Uint8Array(network.engine.buffer);
    for (const [own, copy, length] of this.#parts) bytes.copyWithin(copy, own, own + length);
    this.#counters = optimizer.counters.slice();
    this.#learningRate = optimizer.learningRate;
    this.#measured = measured;
    this.#row = row;
    const end = performance.now();
    this.#until = end + Math.max(REACH_MS, SHARE * (end - begin));
  }

  /** Makes all what it was there. */
  putBack(): { row: number; measured: Measured } {
    const { network, optimizer } = this.#trainer;
    const bytes = new Uint8Array(network.engine.buffer);
    for (const [own, copy, length] of this.#parts) bytes.copyWithin(own, copy, copy + length);
    optimizer.counters.set(this.#counters);
    return { row: this.#row as number, measured: this.#measured as Measured };
  }

  /** What lies where, where its copy does, and its bytes. */
  get #parts(): [own: Pointer, copy: Pointer, bytes: number][] {
    const { network, optimizer } = this.#trainer;
    const { pointer } = this.#block;
    return [
      [network.parameters, pointer, network.blockBytes],
      [optimizer.state, pointer + network.blockBytes, optimizer.stateBytes],
    ];
  }

  free(): void {
    this.#block.free();
  }
}
