// Long work in slices, so that the thread is never held for more than about 10 ms.

import { nextTurn } from "./engine/platform.js";

/** Who does a slice: this thread, workers, or workers that are only tried. */
export type Pace = "here" | "workers" | "trial";

/**
 * How long a slice should take, in ms. One that workers do doesn't hold this thread: it is longer, as each costs a message to
 * and fro, but soon aborted. A trial may turn out many times as slow as it was the last time, so it is short.
 */
const SLICE: Record<Pace, number> = { here: 4, workers: 12, trial: 2 };

/** After how long others get their turn, in ms. */
const TURN = 6;

/** When others last had their turn, whoever's work it was between. */
let lastTurn = performance.now();

/** Knows how long one kind of work takes at each pace; each kind of work needs a pacer of its own. */
export class Pacer {
  /** How many units a slice is to have. */
  readonly #units: Record<Pace, number> = { here: 1, workers: 1, trial: 1 };

  /**
   * Calls `work(from, to)` for one stretch of from..total after the other; stretches start at multiples of `unit` and are
   * of the length that SLICE says. Stops early, and returns where, if `work` returns false, or `between` does, which is
   * called after each and whose time doesn't count.
   */
  async over(
    from: number,
    total: number,
    unit: number,
    work: Work,
    paceOf: () => Pace = () => "here",
    between?: () => Promise<boolean>,
  ): Promise<number> {
    let at = from;
    while (at < total) {
      const pace = paceOf();
      const units = this.#units[pace];
      const to = Math.min(total, at + units * unit);
      const start = performance.now();
      const working = work(at, to);
      const goesOn = working instanceof Promise ? await working : working;
      const end = performance.now();
      const share = (end - start) / SLICE[pace];
      if (share < 0.5 && to - at === units * unit) this.#units[pace] *= 2;
      else if (share > 1) this.#units[pace] = Math.max(1, Math.floor(units / share));
      at = to;
      if (!goesOn || (between !== undefined && !(await between()))) return at;
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
