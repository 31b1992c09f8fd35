// The baseline's optimizers, over `count` parameters w and their gradients g in the kernels' memory.

import { allocate, clear, read } from "./tuned-kernels.mjs";

/** w ← w − ηg */
class Sgd {
  constructor({ learningRate }) {
    this.learningRate = learningRate;
  }

  reset() {}

  beginStep() {}

  update(w, g, _offset, count) {
    const rate = this.learningRate;
    for (let i = 0; i < count; i = (i + 1) | 0) {
      tunedMemory[(w + i) | 0] -= rate * tunedMemory[(g + i) | 0];
    }
  }
}

/**
 * Added to a moment and taken away again in float64: what float32 would keep as a subnormal number, below 1.2e-38, becomes
 * 0. Some processors take a hundred times as long over those (the one measured on does not, and loses 5 % of the update).
 */
const FLUSH = 1e-22;

/** Kingma & Ba 2015: w ← w − η·m̂/(√v̂ + ε), the moments' corrections folded into η and ε as at the end of their §2. */
class Adam {
  constructor({ learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }, parameterCount) {
    Object.assign(this, { learningRate, beta1, beta2, epsilon, parameterCount, steps: 0, rate: 0, floor: 0 });
    this.first = allocate(parameterCount);
    this.second = allocate(parameterCount);
  }

  reset() {
    this.steps = 0;
    clear(this.first, this.parameterCount);
    clear(this.second, this.parameterCount);
  }

  /** v̂ */
  secondMoments() {
    const correction = 1 - this.beta2 ** this.steps;
    return read(this.second, this.parameterCount).map((v) => v / correction);
  }

  beginStep() {
    this.steps += 1;
    const root = Math.sqrt(1 - this.beta2 ** this.steps);
    this.rate = (this.learningRate * root) / (1 - this.beta1 ** this.steps);
    this.floor = this.epsilon * root;
  }

  update(w, g, offset, count) {
    const { rate, floor } = this;
    const first = this.first + offset;
    const second = this.second + offset;
    const addFirst = 1 - this.beta1;
    const addSecond = 1 - this.beta2;
    for (let i = 0; i < count; i = (i + 1) | 0) {
      const gradient = tunedMemory[(g + i) | 0];
      let m = tunedMemory[(first + i) | 0];
      let v = tunedMemory[(second + i) | 0];
      m = m + addFirst * (gradient - m) + FLUSH - FLUSH;
      v = v + addSecond * (gradient * gradient - v) + FLUSH - FLUSH;
      tunedMemory[(first + i) | 0] = m;
      tunedMemory[(second + i) | 0] = v;
      tunedMemory[(w + i) | 0] -= (rate * m) / (Math.sqrt(v) + floor);
    }
  }
}

export function createOptimizer(options, parameterCount) {
  return options.kind === "adam" ? new Adam(options, parameterCount) : new Sgd(options);
}
