// ConvNetJS, with the same mathematics but for Adam, which its last release doesn't have.

import convnet from "convnetjs";
import { randomFrom, shuffle } from "../../data.mjs";
import { layersOf } from "../task.mjs";

export const packageName = "convnetjs";

export function differs({ optimizer }) {
  return optimizer.kind === "adam" ? "SGD instead of Adam" : undefined;
}

/** Where it takes Adam's place. */
const RATE = 0.1;

export default class ConvNet {
  static create(task) {
    return new ConvNet(task);
  }

  #random = randomFrom(5);

  constructor(task) {
    const { work, data } = task;
    const { inputs, targets } = data;
    const labels = work.loss === "crossEntropy" ? data.labels : undefined;
    Object.assign(this, { work, layers: layersOf(task) });
    const outputs = work.layers.at(-1).units;
    this.samples = Array.from({ length: inputs.length / work.inputs }, (_, row) => ({
      volume: volume(inputs.subarray(row * work.inputs, (row + 1) * work.inputs)),
      target: labels?.[row] ?? Array.from(targets.subarray(row * outputs, (row + 1) * outputs)),
    }));
  }

  reset() {
    const { optimizer, batchSize } = this.work;
    this.net = this.#build();
    const dense = this.net.layers.filter(({ layer_type }) => layer_type === "fc");
    this.layers.forEach(({ weights, biases, inputs }, i) => {
      for (const [j, { w }] of dense[i].filters.entries()) w.set(weights.subarray(j * inputs, (j + 1) * inputs));
      dense[i].biases.w.set(biases);
    });
    const learning_rate = optimizer.kind === "sgd" ? optimizer.learningRate : RATE;
    this.trainer = new convnet.Trainer(this.net, { method: "sgd", learning_rate, momentum: 0, batch_size: batchSize });
  }

  #build() {
    const net = new convnet.Net();
    const hidden = this.work.layers.slice(0, -1);
    const { units, activation } = this.work.layers.at(-1);
    const dense = ({ units, activation }) => ({ type: "fc", num_neurons: units, activation });
    const input = { type: "input", out_sx: 1, out_sy: 1, out_depth: this.work.inputs };
    if (activation === "softmax") {
      net.makeLayers([input, ...hidden.map(dense), { type: "softmax", num_classes: units }]);
    } else {
      // a "regression" in the list would bring a dense layer of its own, without activation
      net.makeLayers([input, ...this.work.layers.map(dense)]);
      net.layers.push(new convnet.RegressionLayer({ in_sx: 1, in_sy: 1, in_depth: units }));
    }
    return net;
  }

  train({ epochs, order, shuffled }) {
    for (let epoch = 0; epoch < epochs; epoch++) {
      if (shuffled) shuffle(order, this.#random);
      for (const row of order) this.trainer.train(this.samples[row].volume, this.samples[row].target);
    }
  }

  outputs(inputs) {
    const width = this.work.inputs;
    const rows = Array.from({ length: inputs.length / width }, (_, i) => inputs.subarray(i * width, (i + 1) * width));
    return Float32Array.from(rows.flatMap((row) => Array.from(this.net.forward(volume(row)).w)));
  }
}

function volume(numbers) {
  const result = new convnet.Vol(1, 1, numbers.length, 0);
  result.w.set(numbers);
  return result;
}
