// The oracle: feed-forward networks in plain float64 TypeScript, written for reading, checked by finite differences.
// Matrices are number[][]; W[j][k] goes to neuron j from neuron k.

import type { Activation, Loss } from "../src/abi.js";

export type ActivationName = keyof typeof Activation;
export type LossName = keyof typeof Loss;

/** σ and σ' of every activation that works number by number. */
type Lanewise = { f: (z: number) => number; df: (z: number) => number };

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const lambda = 1.0507009873554805;
const alpha = 1.6732632423543772;
export const geluInner = (z: number) => Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3);

export const activations: Record<Exclude<ActivationName, "softmax">, Lanewise> = {
  identity: { f: (z) => z, df: () => 1 },
  sigmoid: { f: sigmoid, df: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { f: Math.tanh, df: (z) => 1 - Math.tanh(z) ** 2 },
  relu: { f: (z) => Math.max(z, 0), df: (z) => (z > 0 ? 1 : 0) },
  leakyRelu: { f: (z) => (z > 0 ? z : 0.01 * z), df: (z) => (z > 0 ? 1 : 0.01) },
  elu: { f: (z) => (z > 0 ? z : Math.expm1(z)), df: (z) => (z > 0 ? 1 : Math.exp(z)) },
  selu: {
    f: (z) => (z > 0 ? lambda * z : lambda * alpha * Math.expm1(z)),
    df: (z) => (z > 0 ? lambda : lambda * alpha * Math.exp(z)),
  },
  // ½(1 + tanh u) = sigmoid 2u, which doesn't cancel
  gelu: {
    f: (z) => z * sigmoid(2 * geluInner(z)),
    df: (z) => {
      const u = geluInner(z);
      const slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z);
      return sigmoid(2 * u) + (Number.isFinite(u) ? z * sigmoid(2 * u) * sigmoid(-2 * u) * 2 * slope : 0);
    },
  },
  swish: { f: (z) => z * sigmoid(z), df: (z) => sigmoid(z) * (1 + z * sigmoid(-z)) },
  mish: {
    f: (z) => z * Math.tanh(softplus(z)),
    df: (z) => {
      const t = Math.tanh(softplus(z));
      return t + z * (1 - t * t) * sigmoid(z);
    },
  },
  softplus: { f: softplus, df: sigmoid },
  softsign: { f: (z) => z / (1 + Math.abs(z)), df: (z) => 1 / (1 + Math.abs(z)) ** 2 },
  relu6: { f: (z) => Math.min(Math.max(z, 0), 6), df: (z) => (z > 0 && z < 6 ? 1 : 0) },
  hardSigmoid: { f: (z) => Math.min(Math.max(z + 3, 0), 6) / 6, df: (z) => (z > -3 && z < 3 ? 1 / 6 : 0) },
  hardSwish: {
    f: (z) => (z * Math.min(Math.max(z + 3, 0), 6)) / 6,
    df: (z) => (z < -3 ? 0 : z > 3 ? 1 : z / 3 + 0.5),
  },
};

export const activationNames = [...Object.keys(activations), "softmax"] as ActivationName[];

/** a = σ(z) for one sample's layer. */
export function activate(name: ActivationName, z: number[]): number[] {
  if (name !== "softmax") return z.map(activations[name].f);
  const top = Math.max(...z);
  const e = z.map((value) => Math.exp(value - top));
  const sum = e.reduce((total, value) => total + value, 0);
  return e.map((value) => value / sum);
}

/** δ from ∂C/∂a: ⊙ σ'(z), or softmax's Jacobian. */
export function differentiate(name: ActivationName, z: number[], d: number[]): number[] {
  if (name !== "softmax") return z.map((value, j) => (d[j] as number) * activations[name].df(value));
  const a = activate(name, z);
  const dot = a.reduce((sum, value, j) => sum + value * (d[j] as number), 0);
  return a.map((value, j) => value * ((d[j] as number) - dot));
}

/** A loss of one sample and ∂C/∂a. The cross-entropies and their like are exact in costAndDelta where a comes from softmax or sigmoid. */
const CLIP = 2 ** -23;

interface SampleLoss {
  value: (a: number[], y: number[]) => number;
  gradient: (a: number[], y: number[]) => number[];
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const over = (a: number[], y: number[], f: (a: number, y: number) => number) =>
  a.map((value, j) => f(value, y[j] as number));
const mean = (a: number[], y: number[], f: (a: number, y: number) => number) => sum(over(a, y, f)) / a.length;

/** A target of a hinge, where 0 counts as −1. */
const signed = (y: number) => (y === 0 ? -1 : y);
const norm = (values: number[]) => Math.sqrt(Math.max(1e-12, sum(values.map((value) => value ** 2))));
const entropy = (y: number) => (y > 0 ? y * Math.log(y) : 0);
const GAMMA = 2;

/** Whether the pair is computed from z. */
export function isFused(loss: LossName, activation: ActivationName): boolean {
  const names = ["crossEntropy", "binaryCrossEntropy", "klDivergence", "focal"];
  return (activation === "softmax" || activation === "sigmoid") && names.includes(loss);
}

/** Whether a trainer takes the pair. */
export function isPair(loss: LossName, activation: ActivationName): boolean {
  if (loss === "focal") return isFused(loss, activation);
  const neverNegative = ["sigmoid", "relu", "softplus", "relu6", "hardSigmoid", "softmax"];
  return loss !== "poisson" || neverNegative.includes(activation);
}

export const losses: Record<LossName, SampleLoss> = {
  meanSquaredError: {
    value: (a, y) => mean(a, y, (a, y) => (a - y) ** 2),
    gradient: (a, y) => over(a, y, (v, t) => (2 * (v - t)) / a.length),
  },
  quadratic: {
    value: (a, y) => 0.5 * sum(over(a, y, (a, y) => (a - y) ** 2)),
    gradient: (a, y) => over(a, y, (a, y) => a - y),
  },
  meanAbsoluteError: {
    value: (a, y) => mean(a, y, (a, y) => Math.abs(a - y)),
    gradient: (a, y) => over(a, y, (v, t) => Math.sign(v - t) / a.length),
  },
  huber: {
    value: (a, y) => mean(a, y, (a, y) => (Math.abs(a - y) <= 1 ? 0.5 * (a - y) ** 2 : Math.abs(a - y) - 0.5)),
    gradient: (a, y) => over(a, y, (v, t) => Math.min(Math.max(v - t, -1), 1) / a.length),
  },
  crossEntropy: {
    value: (a, y) => -sum(over(a, y, (a, y) => y * Math.log(Math.min(Math.max(a, CLIP), 1)))),
    gradient: (a, y) => over(a, y, (a, y) => (a >= CLIP && a <= 1 ? -y / a : 0)),
  },
  binaryCrossEntropy: {
    value: (a, y) =>
      -mean(a, y, (a, y) => {
        const p = Math.min(Math.max(a, CLIP), 1 - CLIP);
        return y * Math.log(p) + (1 - y) * Math.log1p(-p);
      }),
    gradient: (a, y) => over(a, y, (v, t) => (v >= CLIP && v <= 1 - CLIP ? (v - t) / (v * (1 - v)) / a.length : 0)),
  },
  hinge: {
    value: (a, y) => mean(a, y, (a, y) => Math.max(0, 1 - signed(y) * a)),
    gradient: (a, y) => over(a, y, (v, t) => (1 - signed(t) * v > 0 ? -signed(t) / a.length : 0)),
  },
  squaredHinge: {
    value: (a, y) => mean(a, y, (a, y) => Math.max(0, 1 - signed(y) * a) ** 2),
    gradient: (a, y) => over(a, y, (v, t) => (-2 * signed(t) * Math.max(0, 1 - signed(t) * v)) / a.length),
  },
  logCosh: {
    value: (a, y) => mean(a, y, (a, y) => Math.abs(a - y) + Math.log1p(Math.exp(-2 * Math.abs(a - y))) - Math.LN2),
    gradient: (a, y) => over(a, y, (v, t) => Math.tanh(v - t) / a.length),
  },
  poisson: {
    value: (a, y) => mean(a, y, (a, y) => a - y * Math.log(a + 1e-8)),
    gradient: (a, y) => over(a, y, (v, t) => (1 - t / (v + 1e-8)) / a.length),
  },
  klDivergence: {
    value: (a, y) => losses.crossEntropy.value(a, y) + sum(y.map(entropy)),
    gradient: (a, y) => losses.crossEntropy.gradient(a, y),
  },
  cosineSimilarity: {
    value: (a, y) => -sum(over(a, y, (a, y) => a * y)) / (norm(a) * norm(y)),
    gradient: (a, y) => {
      const cosine = sum(over(a, y, (a, y) => a * y)) / (norm(a) * norm(y));
      return over(a, y, (v, t) => (cosine * v) / norm(a) ** 2 - t / (norm(a) * norm(y)));
    },
  },
  // always fused, see costAndDelta
  focal: { value: () => Number.NaN, gradient: (a) => a.map(() => Number.NaN) },
};

export const lossNames = Object.keys(losses) as LossName[];

/**
 * Loss and δ of one sample's output layer. Where the cross-entropies meet softmax or sigmoid, ln a and ln(1 − a) are
 * taken from z, so that nothing is clipped.
 */
export function costAndDelta(
  loss: LossName,
  activation: ActivationName,
  z: number[],
  y: number[],
): { cost: number; delta: number[] } {
  if (!isFused(loss, activation)) {
    const a = activate(activation, z);
    return { cost: losses[loss].value(a, y), delta: differentiate(activation, z, losses[loss].gradient(a, y)) };
  }
  const logSumExp = (values: number[]) => {
    const top = Math.max(...values);
    return top + Math.log(sum(values.map((value) => Math.exp(value - top))));
  };
  const others = (j: number) => z.filter((_, k) => k !== j);
  const logA = z.map((value) => (activation === "sigmoid" ? -softplus(-value) : value - logSumExp(z)));
  const logRest = z.map((value, j) =>
    activation === "sigmoid" ? -softplus(value) : logSumExp(others(j)) - logSumExp(z),
  );
  const binary = loss === "binaryCrossEntropy" || (loss === "focal" && activation === "sigmoid");
  const n = binary ? z.length : 1;
  const gamma = loss === "focal" ? GAMMA : 0;
  // C = −Σ (y·(1 − a)^γ·ln a + (1 − y)·a^γ·ln(1 − a))/n, the second term for binary losses only; and its derivatives by
  // ln a and ln(1 − a)
  const terms = z.map((_, j) => {
    const [target, other] = [y[j] as number, binary ? 1 - (y[j] as number) : 0];
    const [log, rest] = [logA[j] as number, logRest[j] as number];
    const [power, otherPower] = [Math.exp(gamma * rest), Math.exp(gamma * log)];
    return {
      cost: -(target * power * log + (other === 0 ? 0 : other * otherPower * rest)) / n,
      byLog: -(target * power + (other === 0 ? 0 : other * gamma * otherPower * rest)) / n,
      byRest: -(target * gamma * power * log + other * otherPower) / n,
    };
  });
  const cost = sum(terms.map((term) => term.cost)) + (loss === "klDivergence" ? sum(y.map(entropy)) : 0);
  // ∂ ln aⱼ/∂zᵢ and ∂ ln(1 − aⱼ)/∂zᵢ, each from its own formula
  const delta = z.map((_, i) => {
    let d = 0;
    for (let j = 0; j < z.length; j++) {
      const same = i === j ? 1 : 0;
      const restJ = Math.exp(logRest[j] as number);
      const aI = Math.exp(logA[i] as number);
      let dLogA: number;
      let dLogRest: number;
      if (activation === "sigmoid") {
        dLogA = same * restJ;
        dLogRest = -same * Math.exp(logA[j] as number);
      } else {
        dLogA = same - aI;
        // ln(1 − aⱼ) = lse(others of j) − lse(all)
        const share = same ? 0 : Math.exp((z[i] as number) - logSumExp(others(j)));
        dLogRest = share - aI;
      }
      const { byLog, byRest } = terms[j] as { byLog: number; byRest: number };
      d += byLog * dLogA + (byRest === 0 ? 0 : byRest * dLogRest);
    }
    return d;
  });
  return { cost, delta };
}

export interface ReferenceLayer {
  activation: ActivationName;
  weights: number[][];
  biases: number[];
}

/** A network from its sizes, activations and a parameter vector in the API's order. */
export function unpack(
  inputs: number,
  layers: readonly { units: number; activation: ActivationName }[],
  vector: ArrayLike<number>,
): ReferenceLayer[] {
  let at = 0;
  let below = inputs;
  return layers.map(({ units, activation }) => {
    const row = () => Array.from({ length: below }, () => vector[at++] as number);
    const weights = Array.from({ length: units }, row);
    const biases = Array.from({ length: units }, () => vector[at++] as number);
    below = units;
    return { activation, weights, biases };
  });
}

export interface ReferencePass {
  z: number[][];
  a: number[][];
}

/** z(l) and a(l) for l = 1..L. */
export function forward(layers: readonly ReferenceLayer[], x: number[]): ReferencePass {
  const z: number[][] = [];
  const a: number[][] = [];
  let below = x;
  for (const { activation, weights, biases } of layers) {
    const sums = weights.map((row, j) =>
      row.reduce((total, w, k) => total + w * (below[k] as number), biases[j] as number),
    );
    below = activate(activation, sums);
    z.push(sums);
    a.push(below);
  }
  return { z, a };
}

/** Mean loss over a batch, its gradient in the API's order, and for each sample δ(l). */
export function gradients(
  layers: readonly ReferenceLayer[],
  loss: LossName,
  inputs: number[][],
  targets: number[][],
): { loss: number; vector: number[]; deltas: number[][][] } {
  const weightGradients = layers.map(({ weights }) => weights.map((row) => row.map(() => 0)));
  const biasGradients = layers.map(({ biases }) => biases.map(() => 0));
  let total = 0;
  const deltas = inputs.map((x, sample) => {
    const { z, a } = forward(layers, x);
    const last = layers.length - 1;
    const output = costAndDelta(
      loss,
      (layers[last] as ReferenceLayer).activation,
      z[last] as number[],
      targets[sample] as number[],
    );
    total += output.cost / inputs.length;
    const delta: number[][] = [];
    delta[last] = output.delta;
    for (let l = last; l > 0; l--) {
      const { weights } = layers[l] as ReferenceLayer;
      const d = (z[l - 1] as number[]).map((_, k) =>
        sum(weights.map((row, j) => (row[k] as number) * (delta[l]?.[j] as number))),
      );
      delta[l - 1] = differentiate((layers[l - 1] as ReferenceLayer).activation, z[l - 1] as number[], d);
    }
    for (let l = 0; l <= last; l++) {
      const below = l === 0 ? x : (a[l - 1] as number[]);
      (delta[l] as number[]).forEach((d, j) => {
        below.forEach((value, k) => {
          (weightGradients[l]?.[j] as number[])[k]! += (d * value) / inputs.length;
        });
        (biasGradients[l] as number[])[j]! += d / inputs.length;
      });
    }
    return delta;
  });
  const vector = layers.flatMap((_, l) => [
    ...(weightGradients[l] as number[][]).flat(),
    ...(biasGradients[l] as number[]),
  ]);
  return { loss: total, vector, deltas };
}
