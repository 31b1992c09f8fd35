// Errors on the way that don't end the work, such as those of a connection that is lost: told, but not again and again.

/** Between two that are alike. */
const PAUSE_MS = 10_000;

export class Complaints {
  #last = "";
  #told = 0;

  tell(message: string): void {
    const now = performance.now();
    if (message === this.#last && now - this.#told < PAUSE_MS) return;
    [this.#last, this.#told] = [message, now];
    process.stderr.write(`nablanet: ${message}\n`);
  }
}
