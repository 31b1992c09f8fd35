// Long work in slices, so that the thread is never held for more than about 10 ms.

import { nextTurn } from "./engine/platform.js";

/** How long a slice should take, and after how long others get their turn, in ms. */
const SLICE = 4;
const TURN = 6;

/** When others last had their turn, whoever's work it was between. */
let lastTurn = performance.now();

/** Knows how long one kind of work takes; each kind needs a pacer of its own. */
export class Pacer {
  #units = 1;

  /**
   * Calls `work(from, to)` for one stretch of from..total after the other; stretches start at multiples of `unit` and are
   * of the length that takes about 4 ms. Stops early, and returns where, if `work` returns false.
   */
  async over(from: number, total: number, unit: number, work: (from: number, to: number) => boolean): Promise<number> {
    let at = from;
    while (at < total) {
      const to = Math.min(total, at + this.#units * unit);
      const start = performance.now();
      const goesOn = work(at, to);
      const end = performance.now();
      const share = (end - start) / SLICE;
      if (share < 0.5 && to - at === this.#units * unit) this.#units *= 2;
      else if (share > 1) this.#units = Math.max(1, Math.floor(this.#units / share));
      at = to;
      if (!goesOn) return at;
      // either way, as a clock may be set back
      if (Math.abs(end - lastTurn) > TURN) await turn();
    }
    return at;
  }
}

async function turn(): Promise<void> {
  await nextTurn();
  lastTurn = performance.now();
}
