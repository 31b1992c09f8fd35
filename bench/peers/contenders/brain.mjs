// brain.js, on the CPU. It knows one activation for all layers, squared error, and steps of one sample.

import brain from "brain.js";
import { randomFrom, shuffle } from "../../data.mjs";
import { layersOf } from "../task.mjs";

export const packageName = "brain.js";
export const batchSize = 1;
export const loss = "quadratic";

/** By a work's hidden activation. With "relu", outputs of 0 would learn no more. */
const ACTIVATIONS = { sigmoid: "sigmoid", tanh: "tanh", relu: "leaky-relu" };
/** Rates that a single sample's gradient stands; those of the works are for means over mini-batches. */
const RATES = { sigmoid: 0.5, tanh: 0.05, "leaky-relu": 0.0002 };

export function differs({ layers, loss }) {
  const activation = ACTIVATIONS[layers[0].activation];
  if (loss === "crossEntropy") return `batch 1; ${activation} everywhere, squared error`;
  return activation === layers.at(-1).activation ? "batch 1" : `batch 1; ${activation} everywhere`;
}

export default class Brain {
  static create(task) {
    return new Brain(task);
  }

  #random = randomFrom(5);

  constructor(task) {
    const { work, data } = task;
    Object.assign(this, { work, layers: layersOf(task) });
    const outputs = work.layers.at(-1).units;
    const rows = data.inputs.length / work.inputs;
    this.samples = Array.from({ length: rows }, (_, i) => ({
      input: data.inputs.slice(i * work.inputs, (i + 1) * work.inputs),
      output: data.targets.slice(i * outputs, (i + 1) * outputs),
    }));
  }

  reset() {
    const activation = ACTIVATIONS[this.work.layers[0].activation];
    this.network = new brain.NeuralNetwork({
      inputSize: this.work.inputs,
      hiddenLayers: this.work.layers.slice(0, -1).map(({ units }) => units),
      outputSize: this.work.layers.at(-1).units,
      activation,
      learningRate: RATES[activation],
      ...(this.work.optimizer.kind === "adam" && { praxis: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
    });
    this.network.initialize();
    this.layers.forEach(({ weights, biases, inputs }, i) => {
      for (const [j, row] of this.network.weights[i + 1].entries()) {
        row.set(weights.subarray(j * inputs, (j + 1) * inputs));
      }
      this.network.biases[i + 1].set(biases);
    });
  }

  train({ epochs, order, shuffled }) {
    for (let epoch = 0; epoch < epochs; epoch++) {
      if (shuffled) shuffle(order, this.#random);
      for (const row of order) this.network.trainPattern(this.samples[row]);
    }
  }

  outputs(inputs) {
    const width = this.work.inputs;
    const rows = Array.from({ length: inputs.length / width }, (_, i) => inputs.subarray(i * width, (i + 1) * width));
    return Float32Array.from(rows.flatMap((row) => Array.from(this.network.run(row))));
  }
}
