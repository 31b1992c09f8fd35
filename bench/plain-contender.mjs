// A baseline as the benchmark sees it: plain loops, or tuned.

import { once } from "node:events";
import { Worker } from "node:worker_threads";

/**
 * Runs in a worker, because V8 compiles all plain JavaScript worse as soon as an ArrayBuffer of the same engine is detached
 * once, and growing a WebAssembly memory does that: typed arrays' addresses aren't constants any more (A: 51,000 samples/s
 * alone, 38,000 beside nablanet). One of the two works at a time, so both have the machine to themselves.
 */
export class PlainContender {
  #worker;

  /** For a work, from these parameters; `name` is "loops" or "tuned". */
  constructor(name, work, parameters) {
    this.name = name;
    const workerData = { name, work: work.name, parameters };
    this.#worker = new Worker(new URL("plain-worker.mjs", import.meta.url), { workerData });
  }

  async #call(call, argument) {
    this.#worker.postMessage({ call, argument });
    const [answer] = await once(this.#worker, "message");
    return answer;
  }

  steps(count) {
    return this.#call("steps", count);
  }

  train(epochs) {
    return this.#call("train", epochs);
  }

  predict(calls) {
    return this.#call("predict", calls);
  }

  async dispose() {
    await this.#worker.terminate();
  }
}
