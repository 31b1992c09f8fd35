// nablanet, by its public API.

import { Dataset, Network, Trainer } from "nablanet";

export const packageName = "nablanet";

export default class Nablanet {
  static async create(task) {
    const { inputs, layers } = task.work;
    return new Nablanet(task, await Network.create({ inputs, layers, seed: 1 }));
  }

  #sets = new Map();
  #trainer;

  constructor({ work, threads, data, start }, network) {
    Object.assign(this, { work, threads, data, start, network });
  }

  reset() {
    const { loss, optimizer, batchSize } = this.work;
    this.#trainer?.dispose();
    this.network.setParameters(this.start);
    this.#trainer = new Trainer(this.network, { loss, optimizer, batchSize });
  }

  async train({ epochs, rows, shuffled }) {
    const options = { epochs, shuffle: shuffled, threads: this.threads };
    const { status, threads } = await this.#trainer.fit(this.#first(rows), options);
    if (status !== "completed") throw new Error(`fit ended with status "${status}"`);
    if (threads.used !== this.threads) throw new Error(`${threads.used} threads were used: ${threads.reason}`);
  }

  /** A dataset of the first rows. */
  #first(rows) {
    if (!this.#sets.has(rows)) {
      const { inputs, targets, labels, classes } = this.data;
      const told = labels ? { targets: labels, classes } : { targets, outputSize: this.work.layers.at(-1).units };
      const all = Dataset.from({ inputs, inputSize: this.work.inputs, ...told });
      this.#sets.set(rows, all.take(rows));
    }
    return this.#sets.get(rows);
  }

  outputs(inputs) {
    return this.network.predict(inputs);
  }
}
