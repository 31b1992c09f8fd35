// One that races, in a worker of its own.

export interface Turn {
  samples: number;
  seconds: number;
  /** Of the last epoch. */
  loss: number;
}

/** Its worker answers a start with true, and then milliseconds with a Turn of whole epochs, at least one. */
export class Contender {
  readonly #worker: Worker;
  readonly #ready: Promise<unknown>;

  constructor(worker: Worker, start: unknown) {
    this.#worker = worker;
    this.#ready = this.#ask(start);
  }

  /** @throws Error where the worker can't be started or fails; the signal's reason. */
  async train(milliseconds: number, signal: AbortSignal): Promise<Turn> {
    await this.#ready;
    signal.throwIfAborted();
    const turn = await this.#ask(milliseconds);
    signal.throwIfAborted();
    return turn as Turn;
  }

  #ask(message: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = ({ message }) => reject(new Error(message || "a worker can't be started here"));
      this.#worker.postMessage(message);
    });
  }

  dispose(): void {
    // what is still under way ends without an answer
    this.#ready.catch(() => {});
    this.#worker.terminate();
  }
}
