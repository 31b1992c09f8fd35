// nablanet, doing a work as the benchmark asks.

import { Dataset, Network, Trainer } from "nablanet";
import { samplesOf, timePredictions } from "./predicting.mjs";
import { dataOf, miniBatch } from "./works.mjs";

export class NablanetContender {
  static async create(work, seed) {
    const { inputs, layers } = work;
    return new NablanetContender(work, await Network.create({ inputs, layers, seed }));
  }

  name = "nablanet";

  constructor(work, network) {
    this.work = work;
    this.network = network;
    this.start = network.parameters();
    this.data = dataOf(work);
    const { inputs, targets, labels, classes } = this.data;
    const told = labels === undefined ? { targets } : { targets: labels, classes };
    this.dataset = Dataset.from({ inputs, inputSize: work.inputs, ...told });
    this.samples = samplesOf(this.data, work.inputs);
  }

  #createTrainer() {
    const { loss, optimizer, batchSize } = this.work;
    return new Trainer(this.network, { loss, optimizer, batchSize });
  }

  /** One update on each of the first mini-batches. Returns their losses and the parameters after them. */
  steps(count) {
    this.network.setParameters(this.start);
    const trainer = this.#createTrainer();
    const losses = [];
    for (let n = 0; n < count; n++) {
      const { inputs, targets } = miniBatch(this.work, this.data, n);
      losses.push(trainer.step(inputs, targets));
    }
    trainer.dispose();
    return { losses, parameters: this.network.parameters() };
  }

  /** Trains from the first parameters. Returns wall time around fit, and the epochs' losses. */
  async train(epochs) {
    this.network.setParameters(this.start);
    const trainer = this.#createTrainer();
    const begin = performance.now();
    // one thread, as the baseline has
    const { status, history } = await trainer.fit(this.dataset, { epochs, threads: 1 });
    const seconds = (performance.now() - begin) / 1000;
    if (status !== "completed") throw new Error(`work ${this.work.name}: fit ended with status "${status}"`);
    trainer.dispose();
    return { seconds, losses: history.map(({ loss }) => loss) };
  }

  predict(calls) {
    return timePredictions(this.network, this.samples, calls);
  }

  dispose() {
    this.network.dispose();
  }
}
