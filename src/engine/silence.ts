// Notices that nothing happens any more where something should: a message that got lost, a worker that ended without a word.

/** Seconds without a sign of life after which a worker counts as lost. */
export const PATIENCE = 30;

export class Silence {
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * Calls `broken` once the pulse hasn't changed for as many seconds; while it is undefined, nobody can tell. Seconds in which
   * this thread slept don't count.
   */
  constructor(broken: () => unknown, pulse: () => string | undefined = () => "") {
    let last: string | undefined;
    let silent = 0;
    this.#timer = setInterval(() => {
      const now = pulse();
      silent = now !== undefined && now === last ? silent + 1 : 0;
      last = now;
      if (silent < PATIENCE) return;
      this.end();
      broken();
    }, 1000);
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
