// Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", MLSys), with
// decisions that don't depend on time.

import type { AshaOptions } from "../selection/backend.js";
import type { Schedule, Turn } from "./schedule.js";

/** Trials that were trained up to the same epoch. */
class Rung {
  /** In the order in which they came to it. */
  readonly entries: number[] = [];
  /** By trial: undefined for those that don't go on. */
  readonly values = new Map<number, number | undefined>();
  readonly promoted = new Set<number>();
  /** How many of the entries, from the first on, were decided upon. */
  taken = 0;
  /** How many were handed out. */
  begun = 0;
}

/**
 * A trial goes on as soon as it is among the best ⌊k/η⌋ of the first k that came to its rung, for any k: as in ASHA, but results
 * are taken in the order in which trials came to the rung, and not in that in which they ended. So the same trials go on
 * whatever the number of workers, and nobody waits but where a decision hangs on a trial that is still trained.
 */
export class Asha implements Schedule {
  readonly #factor: number;
  readonly #isBetter: (value: number, than: number) => boolean;
  /** The epochs at which it is decided; the last one is the end. */
  readonly #epochs: readonly number[];
  readonly #rungs: readonly Rung[];

  constructor(count: number, asha: Required<AshaOptions>, isBetter: (value: number, than: number) => boolean) {
    this.#factor = asha.reductionFactor;
    this.#isBetter = isBetter;
    this.#epochs = rungsOf(asha);
    this.#rungs = this.#epochs.map(() => new Rung());
    this.#rungs[0]?.entries.push(...Array.from({ length: count }, (_, number) => number));
  }

  /** Those that came furthest go first. */
  next(): Turn | undefined {
    for (let i = this.#rungs.length - 1; i >= 0; i--) {
      const rung = this.#rungs[i] as Rung;
      const number = rung.entries[rung.begun];
      if (number === undefined) continue;
      rung.begun += 1;
      return { number, until: this.#epochs[i] as number, isOpen: i < this.#rungs.length - 1 };
    }
    return undefined;
  }

  report({ number, until }: Turn, value: number | undefined): void {
    const i = this.#epochs.indexOf(until as number);
    const [rung, above] = [this.#rungs[i] as Rung, this.#rungs[i + 1]];
    rung.values.set(number, value);
    if (above === undefined) return;
    while (rung.taken < rung.entries.length && rung.values.has(rung.entries[rung.taken] as number)) {
      rung.taken += 1;
      above.entries.push(...this.#promote(rung));
    }
  }

  /** Those among the best of the trials taken so far that don't go on yet; of equal ones, the first. */
  #promote({ entries, values, promoted, taken }: Rung): number[] {
    const measured = entries.slice(0, taken).filter((number) => values.get(number) !== undefined);
    const value = (number: number) => values.get(number) as number;
    const order = (a: number, b: number) =>
      Number(this.#isBetter(value(b), value(a))) - Number(this.#isBetter(value(a), value(b)));
    const best = measured.sort(order).slice(0, Math.floor(taken / this.#factor));
    const more = best.filter((number) => !promoted.has(number));
    for (const number of more) promoted.add(number);
    return more;
  }
}

/** min, min·η, min·η², … and the end. */
function rungsOf({ minEpochs, maxEpochs, reductionFactor }: Required<AshaOptions>): number[] {
  const epochs: number[] = [];
  for (let epoch = minEpochs; epoch < maxEpochs; epoch *= reductionFactor) epochs.push(epoch);
  return [...epochs, maxEpochs];
}
