// The tuned baseline: feed-forward networks in plain JavaScript, trained and run as fast as V8 gets them to. The same mathematics
// as nablanet's, float32 in memory, any layer sizes, the activations, losses and optimizers of works.mjs.
//
// What was tried (Node 20.20, one core of an AMD EPYC of Zen 4, GFLOP/s; V8 computes in float64, whatever the arrays hold).
// The matrix product alone, 24 x 784 by 784 x 120:
//   textbook loop: a dot product, one accumulator             1.2
//   a dot product, 4 accumulators                             2.0
//   a row of the target += x times a row of W, 1 or 4 rows    1.1, 2.0
//   tiles of rows x columns, arrays as arguments              2x2 3.3, 2x3 4.3, 2x4 4.5, 3x3 4.7, 4x4 4.4
//   the same on one global array                              2x2 5.9, 2x3 6.8, 2x4 4.9, 3x3 5.5, 3x4 6.2, 4x4 6.0
//   the same, 2 or 4 terms a turn                             2x3 6.7, 4.4; 3x3 6.4, 4.7; 4x4 5.0, 4.1
//   W packed in panels                                        2x3 6.3, 4x4 6.2
//   indices masked rather than checked                        2x3 5.9
//   Math.fround around each operation                         half: V8 converts, but still computes in float64
//   a Float64Array                                            2x3 8.0
// Six accumulators, five operands and six products are as many as the registers hold; beyond that, sums go through memory.
//
// Whole works, samples/s                                      A         B         C        D
//   textbook loops, sample by sample                     13,400     3,000       410      447,000
//   this baseline                                        53,000    12,600     1,840    1,720,000
//   with the array in a module's constant                32,000     7,800     1,120    1,120,000
//   with Math.fround                                     23,000     5,300       715      948,000
//   with Math.tanh and Math.exp in activations           52,400                        1,070,000
//   without packing columns (tuned-kernels.mjs)                               1,760
//   with SGD applied where the gradient is summed        52,200                        1,560,000
//   with SGD unrolled by 4                               53,700                        1,710,000
//   with a Float64Array                                  57,800    13,600     1,950    1,900,000
//
// It is dense, as nablanet is. Skipping the zeros among the inputs, five sixths of these images, would make the first
// layer of A and B about three times as fast.

import { activations } from "./tuned-activations.mjs";
import { allocate, multiply, read, sumRows, write } from "./tuned-kernels.mjs";
import { losses } from "./tuned-losses.mjs";
import { createOptimizer } from "./tuned-optimizers.mjs";

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

export class TunedNetwork {
  /** `parameters` as network.parameters() of nablanet orders them: w1, b1, w2, b2, …, each W row-major [to][from]. */
  constructor({ inputs, layers, loss, optimizer, batchSize }, parameters) {
    this.inputs = inputs;
    this.loss = losses[loss];
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

  /** Starts over from these parameters. */
  reset(parameters) {
    write(this.parametersAt, parameters);
    this.optimizer.reset();
  }

  /** ∂C/∂w and ∂C/∂b of the last step, ordered as the parameters are. */
  gradients() {
    return read(this.gradientsAt, this.parameterCount);
  }

  predict(sample) {
    if (this.inputs > WIDE) write(this.x, sample);
    else for (let i = 0; i < this.inputs; i++) tunedMemory[(this.x + i) | 0] = sample[i];
    this.#forward(1);
    const answer = new Float32Array(this.outputs);
    for (let j = 0; j < answer.length; j++) answer[j] = tunedMemory[(this.output.a + j) | 0];
    return answer;
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
    const loss = this.loss(this.output, this.y, rows);
    this.optimizer.beginStep();
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const layer = this.layers[l];
      this.#backward(layer, this.layers[l - 1], rows);
      this.optimizer.update(layer.weights, layer.gradients, layer.weights - this.parametersAt, layer.parameterCount);
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
}

function copyRow(target, targetRow, source, sourceRow, width) {
  const to = target + targetRow * width;
  const from = source + sourceRow * width;
  if (width > WIDE) tunedMemory.copyWithin(to, from, from + width);
  else for (let i = 0; i < width; i++) tunedMemory[(to + i) | 0] = tunedMemory[(from + i) | 0];
}

/** A dataset in the baseline's memory; targets as rows of numbers. */
export function stage({ inputs, targets }) {
  const staged = { inputs: allocate(inputs.length), targets: allocate(targets.length) };
  write(staged.inputs, inputs);
  write(staged.targets, targets);
  return staged;
}
