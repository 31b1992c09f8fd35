// jax-js on its WebAssembly backend: a whole step, the optimizer included, in one jit.

import { defaultDevice, grad, init, jit, nn, numpy as np, tree } from "@jax-js/jax";
import { randomFrom } from "../../data.mjs";
import { gathered, layersOf, miniBatches, transposed } from "../task.mjs";

export const packageName = "@jax-js/jax";

const activations = { identity: (z) => z, relu: nn.relu, sigmoid: nn.sigmoid, tanh: np.tanh, softmax: nn.softmax };

const losses = {
  crossEntropy: (y, z) => mean(nn.logSoftmax(z).mul(y).sum().mul(-1), y.shape[0]),
  quadratic: (y, a) => mean(np.square(a.sub(y)).sum().mul(0.5), y.shape[0]),
  meanSquaredError: (y, a) => mean(np.square(a.sub(y)).sum(), y.size),
};

function mean(sum, count) {
  return sum.mul(1 / count);
}

/** Both take ownership of their arguments, as everything in jax-js does. `scale` is what Adam's step depends on t by. */
const optimizers = {
  sgd: (rate) => (parameters, state, gradients) => [
    tree.map((p, g) => p.sub(g.mul(rate)), parameters, gradients),
    state,
  ],
  adam:
    () =>
    (parameters, state, gradients, [step, scale]) => {
      const m = tree.map((m, g) => m.mul(0.9).add(g.mul(0.1)), state.m, tree.ref(gradients));
      const v = tree.map((v, g) => v.mul(0.999).add(np.square(g).mul(0.001)), state.v, gradients);
      const move = (p, m, v) => p.sub(m.mul(step.ref).div(np.sqrt(v).mul(scale.ref).add(1e-8)));
      const moved = tree.map(move, parameters, tree.ref(m), tree.ref(v));
      tree.dispose([step, scale]);
      return [moved, { m, v }];
    },
};

export default class Jax {
  static async create(task) {
    await init("wasm");
    defaultDevice("wasm");
    return new Jax(task);
  }

  #random = randomFrom(5);

  constructor(task) {
    Object.assign(this, { work: task.work, data: task.data, layers: layersOf(task) });
    const { work } = this;
    const loss = (parameters, x, y) => losses[work.loss](y, this.#forward(parameters, x, true));
    const update = optimizers[work.optimizer.kind](work.optimizer.learningRate);
    this.step = jit((parameters, state, x, y, scales) => {
      const gradients = grad(loss)(tree.ref(parameters), x, y);
      return update(parameters, state, gradients, scales);
    });
    this.answer = jit((parameters, x) => this.#forward(parameters, x, false));
  }

  #forward(parameters, x, logits) {
    return parameters.reduce((a, { w, b }, i) => {
      const { activation } = this.layers[i];
      const z = np.dot(a, w).add(b);
      return logits && activation === "softmax" ? z : activations[activation](z);
    }, x);
  }

  reset() {
    if (this.parameters) tree.dispose([this.parameters, this.state]);
    const zeros = () =>
      this.layers.map(({ inputs, units }) => ({ w: np.zeros([inputs, units]), b: np.zeros([units]) }));
    this.parameters = this.layers.map((layer) => ({
      w: np.array(transposed(layer)).reshape([layer.inputs, layer.units]),
      b: np.array(layer.biases.slice()),
    }));
    this.state = this.work.optimizer.kind === "adam" ? { m: zeros(), v: zeros() } : {};
    this.t = 0;
  }

  train(amount) {
    for (const { from, count } of miniBatches(amount, this.work.batchSize, this.#random)) {
      this.#step(amount.order, from, count);
    }
  }

  #step(order, from, count) {
    const { inputs, targets } = this.data;
    const x = batch(inputs, this.work.inputs, order, from, count);
    const y = batch(targets, this.work.layers.at(-1).units, order, from, count);
    [this.parameters, this.state] = this.step(this.parameters, this.state, x, y, this.#scales());
    // What isn't run is queued, and each later call copies the queue. Reading a bias runs the step at once; waiting for all
    // by blockUntilReady costs a promise for each array (D: 72,000 samples/s instead of 90,000).
    this.parameters.at(-1).b.ref.dataSync();
  }

  /** Adam's bias corrections: η/(1 − β₁ᵗ) and 1/√(1 − β₂ᵗ). */
  #scales() {
    const { kind, learningRate } = this.work.optimizer;
    if (kind !== "adam") return [];
    this.t++;
    return [np.array(learningRate / (1 - 0.9 ** this.t)), np.array(1 / Math.sqrt(1 - 0.999 ** this.t))];
  }

  async outputs(inputs) {
    const x = np.array(inputs.slice()).reshape([inputs.length / this.work.inputs, this.work.inputs]);
    return this.answer(tree.ref(this.parameters), x).data();
  }
}

/** Gathered in JavaScript, as gathering on the backend is no faster. */
function batch(rows, width, order, from, count) {
  return np.array(gathered(rows, width, order, from, count)).reshape([count, width]);
}
