// Synaptic. It has steps of one sample, no softmax, and no optimizer but SGD.

import synaptic from "synaptic";
import { randomFrom, shuffle } from "../../data.mjs";
import { layersOf } from "../task.mjs";

export const packageName = "synaptic";
export const batchSize = 1;
export const loss = "quadratic";

export function differs({ loss, optimizer }) {
  const mathematics = loss === "crossEntropy" ? "; sigmoid outputs, squared error" : "";
  return `batch 1${mathematics}${optimizer.kind === "adam" ? "; SGD instead of Adam" : ""}`;
}

const { Neuron, Network, Layer } = synaptic;
const { LOGISTIC, TANH, RELU } = Neuron.squash;
const squashes = { sigmoid: LOGISTIC, softmax: LOGISTIC, tanh: TANH, relu: RELU };
/** That a single sample's gradient stands. */
const RATES = { tanh: 0.05, sigmoid: 0.05, relu: 0.002 };
/**
 * Up to so many parameters, it unrolls the network into one function, a line an arithmetic operation: four times as fast
 * as its objects (A, B). For C, that source would be longer than V8's longest string.
 */
const MOST_UNROLLED = 200_000;

export default class Synaptic {
  static create(task) {
    return new Synaptic(task);
  }

  #random = randomFrom(5);

  constructor(task) {
    const { work, data, start } = task;
    Object.assign(this, { work, layers: layersOf(task), unrolled: start.length <= MOST_UNROLLED });
    const outputs = work.layers.at(-1).units;
    this.samples = Array.from({ length: data.inputs.length / work.inputs }, (_, i) => ({
      input: Array.from(data.inputs.subarray(i * work.inputs, (i + 1) * work.inputs)),
      target: Array.from(data.targets.subarray(i * outputs, (i + 1) * outputs)),
    }));
  }

  /** Layers of neurons, all connected. */
  #build() {
    const sizes = [this.work.inputs, ...this.work.layers.map(({ units }) => units)];
    const [input, ...layers] = sizes.map((size) => new Layer(size));
    layers.reduce((from, to) => {
      from.project(to);
      return to;
    }, input);
    this.neurons = layers.map(({ list }) => list);
    this.network = new Network({ input, hidden: layers.slice(0, -1), output: layers.at(-1) });
    this.network.setOptimize(false);
    this.#setParameters();
    if (!this.unrolled) return;
    this.network.optimize();
    this.firstMemory = this.network.optimized.memory.slice();
  }

  #setParameters() {
    this.layers.forEach(({ weights, biases, activation, inputs }, i) => {
      this.neurons[i].forEach((neuron, j) => {
        neuron.squash = squashes[activation];
        neuron.bias = biases[j];
        Object.values(neuron.connections.inputs).forEach((connection, k) => {
          connection.weight = weights[j * inputs + k];
        });
      });
    });
  }

  /** Building it again would take many seconds. */
  reset() {
    if (!this.network) this.#build();
    else if (this.unrolled) this.network.optimized.memory.set(this.firstMemory);
    else this.#setParameters();
  }

  train({ epochs, order, shuffled }) {
    const rate = RATES[this.work.layers[0].activation];
    for (let epoch = 0; epoch < epochs; epoch++) {
      if (shuffled) shuffle(order, this.#random);
      for (const row of order) {
        this.network.activate(this.samples[row].input);
        this.network.propagate(rate, this.samples[row].target);
      }
    }
  }

  outputs(inputs) {
    const width = this.work.inputs;
    const rows = Array.from({ length: inputs.length / width }, (_, i) =>
      Array.from(inputs.subarray(i * width, (i + 1) * width)),
    );
    return Float32Array.from(rows.flatMap((row) => this.network.activate(row)));
  }
}
