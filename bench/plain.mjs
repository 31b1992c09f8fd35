import { activations } from "./plain-activations.mjs";
import { allocate, multiply, read, sumRows, write } from "./plain-kernels.mjs";
import { createOptimizer } from "./plain-optimizers.mjs";

/** Rows wider than this are gathered by copyWithin, which costs a call; narrower ones by a loop. */
const WIDE = 32;

class Layer {
  /** Operands of the layer's three products, W's rows being outputs; `batch` rows of activations and deltas. */
  constructor({ inputs, units, activation }, { parameters, gradients, x, dx }, batch) {
    Object.assign(this, { inputs, units, activation: activations[activation] });
    this.weightCount = units * inputs;
    this.parameterCount = units * (inputs + 1);
    this.weights = parameters;
    this.biases = parameters + this.weightCount;
    this.gradients = gradients;
    this.a = allocate(batch * units);
    this.d = allocate(batch * units);
    // z[row][unit] = Σ_input x[row][input] w[unit][input]
    this.forward = {
      target: { at: this.a, row: units, column: 1 },
      left: { at: x, row: inputs, sum: 1 },
      right: { at: this.weights, row: inputs, sum: 1 },
    };
    // ∂C/∂w[unit][input] = Σ_row d[row][unit] x[row][input]
    this.weightGradient = {
      target: { at: gradients, row: inputs, column: 1 },
      left: { at: this.d, row: 1, sum: units },
      right: { at: x, row: 1, sum: inputs },
    };
    // ∂C/∂x[row][input] = Σ_unit d[row][unit] w[unit][input]
    this.inputGradient = {
      target: { at: dx, row: inputs, column: 1 },
      left: { at: this.d, row: units, sum: 1 },
      right: { at: this.weights, row: 1, sum: inputs },
    };
  }
}

export class PlainNetwork {
  /** `parameters` as network.parameters() of nablanet orders them: w1, b1, w2, b2, …, each W row-major [to][from]. */
  constructor({ inputs, layers, loss, optimizer, batchSize }, parameters) {
    this.inputs = inputs;
    this.loss = loss;
    this.batchSize = batchSize;
    this.parameterCount = parameters.length;
    this.parametersAt = allocate(parameters.length);
    this.gradientsAt = allocate(parameters.length);
    write(this.parametersAt, parameters);
    this.x = allocate(batchSize * inputs);
    this.layers = [];
    let place = { parameters: this.parametersAt, gradients: this.gradientsAt, x: this.x, dx: 0 };
    let below = inputs;
    for (const { units, activation } of layers) {
      const layer = new Layer({ inputs: below, units, activation }, place, batchSize);
      this.layers.push(layer);
      place = {
        parameters: place.parameters + layer.parameterCount,
        gradients: place.gradients + layer.parameterCount,
        x: layer.a,
        dx: layer.d,
      };
      below = units;
    }
    this.output = this.layers.at(-1);
    this.outputs = below;
    this.y = allocate(batchSize * this.outputs);
    this.optimizer = createOptimizer(optimizer, parameters.length);
  }

  parameters() {
    return read(this.parametersAt, this.parameterCount);
  }

  /** ∂C/∂w and ∂C/∂b of the last step, ordered as the parameters are. */
  gradients() {
    return read(this.gradientsAt, this.parameterCount);
  }

  predict(sample) {
    write(this.x, sample);
    this.#forward(1);
    return read(this.output.a, this.outputs);
  }

  /** One update on these rows, at most a mini-batch. Returns their mean loss before it. */
  step(inputs, targets) {
    write(this.x, inputs);
    write(this.y, targets);
    const rows = inputs.length / this.inputs;
    return this.#train(rows) / rows;
  }

  /** One pass over staged rows in the given order. Returns the mean loss. */
  epoch({ inputs, targets }, order) {
    let loss = 0;
    for (let from = 0; from < order.length; from += this.batchSize) {
      const rows = Math.min(this.batchSize, order.length - from);
      for (let row = 0; row < rows; row++) {
        copyRow(this.x, row, inputs, order[from + row], this.inputs);
        copyRow(this.y, row, targets, order[from + row], this.outputs);
      }
      loss += this.#train(rows);
    }
    return loss / order.length;
  }

  /** Forward, loss, backward and update on the rows in x and y. Returns their summed loss. */
  #train(rows) {
    this.#forward(rows);
    const loss = this.loss === "crossEntropy" ? this.#crossEntropy(rows) : this.#quadratic(rows);
    this.optimizer.beginStep();
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const layer = this.layers[l];
      this.#backward(layer, this.layers[l - 1], rows);
      this.optimizer.update(
        layer.weights,
        layer.gradients,
        layer.weights - this.parametersAt,
        layer.parameterCount,
      );
    }
    return loss;
  }

  #forward(rows) {
    for (const { forward, activation, a, biases, inputs, units } of this.layers) {
      multiply(forward.target, forward.left, forward.right, rows, units, inputs);
      activation.activate(a, biases, rows, units);
    }
  }

  #backward(layer, below, rows) {
    const { weightGradient, inputGradient, inputs, units } = layer;
    if (below !== undefined) {
      multiply(inputGradient.target, inputGradient.left, inputGradient.right, rows, inputs, units);
      below.activation.differentiate(below.d, below.a, rows * inputs);
    }
    multiply(weightGradient.target, weightGradient.left, weightGradient.right, units, inputs, rows);
    sumRows(layer.gradients + layer.weightCount, layer.d, rows, units);
  }

  /** −Σ y ln a per row; δ = a − y for softmax. Both averaged over the rows by δ's scale. */
  #crossEntropy(rows) {
    const { a, d, units } = this.output;
    const y = this.y;
    const scale = 1 / rows;
    let loss = 0;
    for (let i = 0; i < rows * units; i++) {
      const activation = plainMemory[(a + i) | 0];
      const target = plainMemory[(y + i) | 0];
      if (target !== 0) loss -= target * Math.log(Math.max(activation, 1.2e-38));
      plainMemory[(d + i) | 0] = (activation - target) * scale;
    }
    return loss;
  }

  /** ½ Σ (a − y)² per row; ∂C/∂a = a − y */
  #quadratic(rows) {
    const { a, d, units, activation } = this.output;
    const y = this.y;
    const scale = 1 / rows;
    let loss = 0;
    for (let i = 0; i < rows * units; i++) {
      const difference = plainMemory[(a + i) | 0] - plainMemory[(y + i) | 0];
      loss += 0.5 * difference * difference;
      plainMemory[(d + i) | 0] = difference * scale;
    }
    activation.differentiate(d, a, rows * units);
    return loss;
  }
}

function copyRow(target, targetRow, source, sourceRow, width) {
  const to = target + targetRow * width;
  const from = source + sourceRow * width;
  if (width > WIDE) plainMemory.copyWithin(to, from, from + width);
  else for (let i = 0; i < width; i++) plainMemory[(to + i) | 0] = plainMemory[(from + i) | 0];
}

/** A dataset in the baseline's memory; targets as rows of numbers. */
export function stage(inputs, targets) {
  const staged = { inputs: allocate(inputs.length), targets: allocate(targets.length) };
  write(staged.inputs, inputs);
  write(staged.targets, targets);
  return staged;
}
