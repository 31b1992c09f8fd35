// Something that is done now and then, so that it takes little of the time.

/** It is done again after so many times as long as it took. */
const SHARE = 50;

export class Seldom {
  #due: number;
  #doing: Promise<void> | undefined;

  /** @param least ms that go by before it is done, and before it is done again */
  constructor(readonly least: number) {
    this.#due = performance.now() + least;
  }

  /** Does it if it is due, and not being done. */
  do(act: () => void | Promise<void>): void {
    const begin = performance.now();
    if (this.#doing !== undefined || begin < this.#due) return;
    const ended = () => {
      const end = performance.now();
      this.#due = end + Math.max(this.least, SHARE * (end - begin));
      this.#doing = undefined;
    };
    const doing = act();
    if (doing instanceof Promise) this.#doing = doing.finally(ended);
    else ended();
  }

  /** Waits until it isn't being done. */
  async done(): Promise<void> {
    await this.#doing;
  }
}
