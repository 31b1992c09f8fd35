// The order in which an epoch takes a stretch's rows, laid out in linear memory as far as it is needed.

import type { Block, Engine } from "./engine/engine.js";
import type { Pointer } from "./engine/exports.js";
import { Pacer } from "./pacer.js";
import { type Random, shuffleStretch } from "./random.js";

/** Rows that are laid out between two looks at the clock. */
const UNIT = 4096;

export class EpochOrder {
  readonly #engine: Engine;
  readonly #block: Block;
  readonly #pacer = new Pacer();
  #rows = 0;

  constructor(engine: Engine, mostRows: number) {
    this.#engine = engine;
    this.#block = engine.allocate(mostRows * 4);
  }

  get pointer(): Pointer {
    return this.#block.pointer;
  }

  /** 0..rows in order, then shuffled as far as `done`; both in slices. */
  async layOut(rows: number, done: number, random: Random): Promise<void> {
    this.#rows = rows;
    await this.#pacer.over(0, rows, UNIT, (from, to) => {
      const order = this.#order;
      for (let i = from; i < to; i++) order[i] = i;
      return true;
    });
    await this.#pacer.over(0, done, UNIT, (from, to) => {
      this.shuffle(from, to, random);
      return true;
    });
  }

  /** Draws rows from..to from those that are left. */
  shuffle(from: number, to: number, random: Random): void {
    shuffleStretch(this.#order, from, to, random);
  }

  /** A view made anew, as the memory may have grown. */
  get #order(): Uint32Array {
    return new Uint32Array(this.#engine.buffer, this.pointer, this.#rows);
  }

  free(): void {
    this.#block.free();
  }
}
