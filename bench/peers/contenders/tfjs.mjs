// TensorFlow.js as fast as its CPU backends were brought to run these works; which backend is the caller's choice.

import { createRequire } from "node:module";
import { randomFrom } from "../../data.mjs";
import { gathered, layersOf, miniBatches, transposed } from "../task.mjs";

const require = createRequire(import.meta.url);
export const tf = require("@tensorflow/tfjs");

/**
 * x·W, where the gradients' products get their transposed operand as a tensor of its own: the wasm backend runs
 * products of plain operands in XNNPACK, and products with a transpose flag in naive loops (C: 5,100 samples/s against 600).
 */
const product = tf.customGrad((x, w, save) => {
  save([x, w]);
  const gradFunc = (dy, [x, w]) => [tf.matMul(dy, tf.transpose(w)), tf.matMul(tf.transpose(x), dy)];
  return { value: tf.matMul(x, w), gradFunc };
});
/** The same for the first layer, whose inputs need no gradient. */
function firstProduct(x, w) {
  return tf.customGrad((w, save) => {
    save([x]);
    return { value: tf.matMul(x, w), gradFunc: (dy, [x]) => tf.matMul(tf.transpose(x), dy) };
  })(w);
}

const losses = {
  crossEntropy: (targets, outputs) => tf.losses.softmaxCrossEntropy(targets, outputs),
  quadratic: (targets, outputs) => tf.mul(tf.sum(tf.squaredDifference(outputs, targets)), 0.5 / targets.shape[0]),
  meanSquaredError: (targets, outputs) => tf.mean(tf.squaredDifference(outputs, targets)),
};

export class TensorFlow {
  #random = randomFrom(5);

  /** `transposes`: whether gradients are to be computed as above; plain loops, as the cpu backend's, gain nothing. */
  constructor(task, transposes) {
    const { work, data } = task;
    const plain = (x, w) => tf.matMul(x, w);
    Object.assign(this, { work, data, products: transposes ? [firstProduct, product] : [plain, plain] });
    this.layers = layersOf(task).map((layer) => {
      const { inputs, units } = layer;
      return { ...layer, w: tf.variable(tf.zeros([inputs, units])), b: tf.variable(tf.zeros([units])) };
    });
    this.lossOf = losses[work.loss];
  }

  reset() {
    const { kind, learningRate } = this.work.optimizer;
    this.optimizer?.dispose();
    this.optimizer = kind === "adam" ? tf.train.adam(learningRate, 0.9, 0.999, 1e-8) : tf.train.sgd(learningRate);
    for (const { w, b, biases, ...layer } of this.layers) {
      tf.tidy(() => w.assign(tf.tensor2d(transposed(layer), w.shape)));
      tf.tidy(() => b.assign(tf.tensor1d(biases)));
    }
  }

  /** The last layer's z where the loss wants logits, else its activation. */
  #forward(x, logits) {
    return this.layers.reduce((a, { w, b, activation }, i) => {
      const z = tf.add(this.products[Math.min(i, 1)](a, w), b);
      if (activation === "identity" || (logits && activation === "softmax")) return z;
      return tf[activation](z);
    }, x);
  }

  train(amount) {
    for (const { from, count } of miniBatches(amount, this.work.batchSize, this.#random)) {
      this.#step(amount.order, from, count);
    }
  }

  #step(order, from, count) {
    const { inputs, targets } = this.data;
    tf.tidy(() => {
      const x = batch(inputs, this.work.inputs, order, from, count);
      const y = batch(targets, this.work.layers.at(-1).units, order, from, count);
      this.optimizer.minimize(() => this.lossOf(y, this.#forward(x, true)));
    });
  }

  outputs(inputs) {
    return tf.tidy(() => {
      const x = tf.tensor2d(inputs, [inputs.length / this.work.inputs, this.work.inputs]);
      return this.#forward(x, false).dataSync();
    });
  }
}

/** Gathered in JavaScript and copied over: faster than tf.gather, on both backends. */
function batch(rows, width, order, from, count) {
  return tf.tensor2d(gathered(rows, width, order, from, count), [count, width]);
}
