// The source text of what a stand-alone JavaScript module is put together from. Formulas: assembly/activations.ts.

import type { ActivationName } from "../../network-options.js";

const functions: Record<string, string> = {
  dense: `/** W·x + b, the rows of W one for each unit. */
function dense(weights, biases) {
  return (x) => {
    const z = new Float64Array(biases.length);
    for (let j = 0, at = 0; j < z.length; j++) {
      let sum = biases[j];
      for (let k = 0; k < x.length; k++, at++) sum += weights[at] * x[k];
      z[j] = sum;
    }
    return z;
  };
}`,
  scale: `/** (x − center)·factor */
function scale(center, factor) {
  return (x) => x.map((each, k) => (each - center[k]) * factor[k]);
}`,
  unscale: `/** factor·x + offset */
function unscale(factor, offset) {
  return (x) => x.map((each, k) => factor[k] * each + offset[k]);
}`,
  batchNormalization: `/** By running means and variances. */
function batchNormalization(epsilon, gamma, beta, mean, variance) {
  return (x) => x.map((each, j) => (gamma[j] * (each - mean[j])) / Math.sqrt(variance[j] + epsilon) + beta[j]);
}`,
  layerNormalization: `/** By the mean and variance of x itself. */
function layerNormalization(epsilon, gamma, beta) {
  return (x) => {
    const mean = x.reduce((sum, each) => sum + each, 0) / x.length;
    const variance = x.reduce((sum, each) => sum + (each - mean) ** 2, 0) / x.length;
    return x.map((each, j) => (gamma[j] * (each - mean)) / Math.sqrt(variance + epsilon) + beta[j]);
  };
}`,
  softmax: `function softmax() {
  return (x) => {
    const top = x.reduce((most, each) => Math.max(most, each), -Infinity);
    const exps = x.map((each) => Math.exp(each - top));
    const sum = exps.reduce((total, each) => total + each, 0);
    return exps.map((each) => each / sum);
  };
}`,
  each: `function each(activation) {
  return (x) => x.map(activation);
}`,
  decode: `/** Gives away little-endian float32 in base64, so many at a time. */
function decode(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  return (count) => Float32Array.from({ length: count }, () => view.getFloat32((at += 4) - 4, true));
}`,
};

/** σ of one number z. */
const activations: Record<Exclude<ActivationName, "softmax">, string> = {
  identity: "(z) => z",
  sigmoid: "(z) => 1 / (1 + Math.exp(-z))",
  tanh: "(z) => Math.tanh(z)",
  relu: "(z) => Math.max(z, 0)",
  leakyRelu: "(z) => (z > 0 ? z : 0.01 * z)",
  elu: "(z) => (z > 0 ? z : Math.expm1(z))",
  selu: "(z) => 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * Math.expm1(z))",
  // z·sigmoid(2u) = ½z(1 + tanh u), which doesn't cancel below 0
  gelu: "(z) => z / (1 + Math.exp(-1.5957691216057308 * (z + 0.044715 * z ** 3)))",
  swish: "(z) => z / (1 + Math.exp(-z))",
  mish: "(z) => z * Math.tanh(Math.log1p(Math.exp(z)))",
  softplus: "(z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))",
  softsign: "(z) => z / (1 + Math.abs(z))",
  relu6: "(z) => Math.min(Math.max(z, 0), 6)",
  hardSigmoid: "(z) => Math.min(Math.max(z + 3, 0), 6) / 6",
  hardSwish: "(z) => (z * Math.min(Math.max(z + 3, 0), 6)) / 6",
};

export const activationCode = (activation: Exclude<ActivationName, "softmax">): string => activations[activation];

/** The functions of these names, and what reads the numbers. */
export function functionsCode(names: readonly string[]): string {
  return [...names, "decode"].map((name) => `${functions[name]}\n`).join("\n");
}
