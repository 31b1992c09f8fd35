// Something is done now and then, so that it takes little of the time.

/** It is done again after so many times as long as it took. */
const SHARE = 50;

export class Seldom {
  #due: number;
  #doing: Promise<void> | undefined;

  /** @param least ms that go by before it is done, and before it is done again */
  constructor(readonly least: number) {
    this.#due = performance.now() + least;
  }

  /** Does it if it is due, and not being done. Resolved when it isn't being done any more. @throws what it throws */
  async do(act: () => unknown): Promise<void> {
    const begin = performance.now();
    if (this.#doing === undefined && begin >= this.#due) {
      this.#doing = this.#do(act, begin).finally(() => {
        this.#doing = undefined;
      });
    }
    await this.#doing;
  }

  /** Waits until it isn't being done. */
  async done(): Promise<void> {
    await this.#doing;
  }

  async #do(act: () => unknown, begin: number): Promise<void> {
    try {
      await act();
    } finally {
      const end = performance.now();
      this.#due = end + Math.max(this.least, SHARE * (end - begin));
    }
  }
}
