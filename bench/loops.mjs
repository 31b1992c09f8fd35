// The plain baseline: feed-forward networks in plain JavaScript as one writes them down from the book, sample by sample, with
// Float32Arrays, loops that run along memory, and nothing allocated. The same mathematics as nablanet's; interchangeable with
// tuned.mjs.

const activations = {
  sigmoid: {
    activate(a) {
      for (let j = 0; j < a.length; j++) a[j] = 1 / (1 + Math.exp(-a[j]));
    },
    differentiate(d, a) {
      for (let j = 0; j < a.length; j++) d[j] *= a[j] * (1 - a[j]);
    },
  },
  tanh: {
    activate(a) {
      for (let j = 0; j < a.length; j++) a[j] = Math.tanh(a[j]);
    },
    differentiate(d, a) {
      for (let j = 0; j < a.length; j++) d[j] *= 1 - a[j] * a[j];
    },
  },
  relu: {
    activate(a) {
      for (let j = 0; j < a.length; j++) a[j] = Math.max(a[j], 0);
    },
    differentiate(d, a) {
      for (let j = 0; j < a.length; j++) if (a[j] === 0) d[j] = 0;
    },
  },
  softmax: {
    activate(a) {
      let most = a[0];
      for (let j = 1; j < a.length; j++) if (a[j] > most) most = a[j];
      let sum = 0;
      for (let j = 0; j < a.length; j++) {
        a[j] = Math.exp(a[j] - most);
        sum += a[j];
      }
      for (let j = 0; j < a.length; j++) a[j] /= sum;
    },
  },
};

class Layer {
  constructor({ inputs, units, activation }, parameters, gradients, at) {
    const end = at + units * inputs;
    Object.assign(this, { inputs, units, end: end + units, ...activations[activation] });
    this.weights = parameters.subarray(at, end);
    this.biases = parameters.subarray(end, this.end);
    this.weightGradients = gradients.subarray(at, end);
    this.biasGradients = gradients.subarray(end, this.end);
    this.a = new Float32Array(units);
    this.d = new Float32Array(units);
  }

  /** a = σ(W·x + b) */
  forward(x) {
    const { weights, biases, inputs, units, a } = this;
    for (let j = 0, at = 0; j < units; j++) {
      let sum = biases[j];
      for (let k = 0; k < inputs; k++, at++) sum += weights[at] * x[k];
      a[j] = sum;
    }
    this.activate(a);
  }

  /** ∂C/∂w += δ·xᵀ, ∂C/∂b += δ */
  addGradients(x) {
    const { weightGradients, biasGradients, inputs, units, d } = this;
    for (let j = 0, at = 0; j < units; j++) {
      const delta = d[j];
      biasGradients[j] += delta;
      for (let k = 0; k < inputs; k++, at++) weightGradients[at] += delta * x[k];
    }
  }

  /** ∂C/∂x = Wᵀ·δ */
  inputGradient(dx) {
    const { weights, inputs, units, d } = this;
    dx.fill(0);
    for (let j = 0, at = 0; j < units; j++) {
      const delta = d[j];
      for (let k = 0; k < inputs; k++, at++) dx[k] += weights[at] * delta;
    }
  }
}

/** w ← w − ηg */
class Sgd {
  constructor({ learningRate }) {
    this.learningRate = learningRate;
  }

  reset() {}

  update(w, g) {
    const { learningRate } = this;
    for (let i = 0; i < w.length; i++) w[i] -= learningRate * g[i];
  }
}

/** Kingma & Ba 2015, algorithm 1 */
class Adam {
  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }, count) {
    Object.assign(this, { learningRate, beta1, beta2, epsilon, steps: 0 });
    this.m = new Float32Array(count);
    this.v = new Float32Array(count);
  }

  reset() {
    this.steps = 0;
    this.m.fill(0);
    this.v.fill(0);
  }

  /** v̂ */
  secondMoments() {
    return this.v.map((v) => v / (1 - this.beta2 ** this.steps));
  }

  update(w, g) {
    const { m, v, beta1, beta2, epsilon } = this;
    this.steps += 1;
    const rate = this.learningRate / (1 - beta1 ** this.steps);
    const correction = 1 / (1 - beta2 ** this.steps);
    for (let i = 0; i < w.length; i++) {
      m[i] = beta1 * m[i] + (1 - beta1) * g[i];
      v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
      w[i] -= (rate * m[i]) / (Math.sqrt(v[i] * correction) + epsilon);
    }
  }
}

export class LoopsNetwork {
  /** `parameters` as network.parameters() of nablanet orders them: w1, b1, w2, b2, …, each W row-major [to][from]. */
  constructor({ inputs, layers, loss, optimizer, batchSize }, parameters) {
    Object.assign(this, { inputs, loss, batchSize });
    this.vector = parameters.slice();
    this.gradient = new Float32Array(parameters.length);
    let below = { units: inputs, end: 0 };
    this.layers = layers.map(({ units, activation }) => {
      below = new Layer({ inputs: below.units, units, activation }, this.vector, this.gradient, below.end);
      return below;
    });
    this.optimizer = optimizer.kind === "adam" ? new Adam(optimizer, parameters.length) : new Sgd(optimizer);
  }

  parameters() {
    return this.vector.slice();
  }

  gradients() {
    return this.gradient.slice();
  }

  reset(parameters) {
    this.vector.set(parameters);
    this.optimizer.reset();
  }

  predict(sample) {
    this.#forward(sample);
    return this.layers.at(-1).a.slice();
  }

  /** One update on these rows. Returns their mean loss before it. */
  step(inputs, targets) {
    const rows = inputs.length / this.inputs;
    const outputs = targets.length / rows;
    const samples = Array.from({ length: rows }, (_, i) => ({
      input: inputs.subarray(i * this.inputs, (i + 1) * this.inputs),
      target: targets.subarray(i * outputs, (i + 1) * outputs),
    }));
    return this.#train(samples, undefined, 0, rows) / rows;
  }

  /** One pass over staged samples in the given order. Returns the mean loss. */
  epoch(samples, order) {
    let loss = 0;
    for (let from = 0; from < order.length; from += this.batchSize) {
      loss += this.#train(samples, order, from, Math.min(order.length, from + this.batchSize));
    }
    return loss / order.length;
  }

  #train(samples, order, from, to) {
    const { layers, gradient } = this;
    const scale = 1 / (to - from);
    gradient.fill(0);
    let loss = 0;
    for (let i = from; i < to; i++) {
      const { input, target } = samples[order === undefined ? i : order[i]];
      this.#forward(input);
      loss += this.#outputDelta(target, scale);
      for (let l = layers.length - 1; l > 0; l--) {
        layers[l].addGradients(layers[l - 1].a);
        layers[l].inputGradient(layers[l - 1].d);
        layers[l - 1].differentiate(layers[l - 1].d, layers[l - 1].a);
      }
      layers[0].addGradients(input);
    }
    this.optimizer.update(this.vector, gradient);
    return loss;
  }

  #forward(input) {
    let x = input;
    for (const layer of this.layers) {
      layer.forward(x);
      x = layer.a;
    }
  }

  /** δ(L), scaled to the mean over the mini-batch; returns the sample's loss. */
  #outputDelta(target, scale) {
    const layer = this.layers.at(-1);
    const { a, d } = layer;
    let loss = 0;
    for (let j = 0; j < a.length; j++) {
      const error = a[j] - target[j];
      d[j] = error * scale;
      if (this.loss === "quadratic") loss += 0.5 * error * error;
      else if (target[j] !== 0) loss -= target[j] * Math.log(Math.max(a[j], 1.2e-38));
    }
    // with softmax and cross-entropy, a − y is δ at once
    if (this.loss === "quadratic") layer.differentiate(d, a);
    return loss;
  }
}

/** A dataset as this baseline takes it: an object a sample. */
export function stage({ inputs, targets }, width) {
  const rows = inputs.length / width;
  const outputs = targets.length / rows;
  return Array.from({ length: rows }, (_, i) => ({
    input: inputs.slice(i * width, (i + 1) * width),
    target: targets.slice(i * outputs, (i + 1) * outputs),
  }));
}
