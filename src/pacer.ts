// Long work in slices, so that the thread is never held for more than about 10 ms.

import { nextTurn } from "./engine/platform.js";

/** How long a slice should take that holds the thread, and after how long others get their turn, in ms. */
const SLICE = 4;
const TURN = 6;
/** How long one should take that workers do: longer, as each costs a message to and fro, but soon aborted. */
const WORKERS_SLICE = 12;

/** When others last had their turn, whoever's work it was between. */
let lastTurn = performance.now();

/** Knows how long one kind of work takes, by this thread and by workers; each kind needs a pacer of its own. */
export class Pacer {
  readonly #here = { units: 1, ms: SLICE };
  readonly #workers = { units: 1, ms: WORKERS_SLICE };

  /**
   * Calls `work(from, to)` for one stretch of from..total after the other; stretches start at multiples of `unit` and are
   * of the length that takes about 4 ms, or 12 where workers do it (`byWorkers`), as that doesn't hold this thread. Stops
   * early, and returns where, if `work` returns false.
   */
  async over(from: number, total: number, unit: number, work: Work, byWorkers = () => false): Promise<number> {
    let at = from;
    while (at < total) {
      const slice = byWorkers() ? this.#workers : this.#here;
      const to = Math.min(total, at + slice.units * unit);
      const start = performance.now();
      const working = work(at, to);
      const goesOn = working instanceof Promise ? await working : working;
      const end = performance.now();
      const share = (end - start) / slice.ms;
      if (share < 0.5 && to - at === slice.units * unit) slice.units *= 2;
      else if (share > 1) slice.units = Math.max(1, Math.floor(slice.units / share));
      at = to;
      if (!goesOn) return at;
      // a message from workers comes after everything else that waited; a clock may be set back
      if (working instanceof Promise) lastTurn = end;
      else if (Math.abs(end - lastTurn) > TURN) await turn();
    }
    return at;
  }
}

/** Whether to go on. */
type Work = (from: number, to: number) => boolean | Promise<boolean>;

async function turn(): Promise<void> {
  await nextTurn();
  lastTurn = performance.now();
}
