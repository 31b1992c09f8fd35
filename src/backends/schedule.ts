// In which order trials are trained, and how far.

/** One trial, up to an epoch. */
export interface Turn {
  number: number;
  /** Undefined for the last. */
  until?: number;
  /** Whether the trial may go on later. */
  isOpen: boolean;
}

export interface Schedule {
  /** What is to be trained now; undefined where nothing is, or nothing is known before others have ended. */
  next(): Turn | undefined;
  /** What a turn gave; undefined for a trial that has no value, and doesn't go on. */
  report(turn: Turn, value: number | undefined): void;
}

/** Each trial once, to its end. */
export class EachOnce implements Schedule {
  #next = 0;

  constructor(readonly count: number) {}

  next(): Turn | undefined {
    return this.#next < this.count ? { number: this.#next++, isOpen: false } : undefined;
  }

  report(): void {}
}
