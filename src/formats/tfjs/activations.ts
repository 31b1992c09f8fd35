// The names that Keras and TensorFlow.js have for activations, and what they mean by them.

import type { ActivationName } from "../../network-options.js";
import { FormatError } from "../errors.js";
import type { AffineStep, Step } from "../sequence.js";

/** Those of Keras that compute what one of ours does; in writing, the first name of each is taken. */
const named = new Map<string, ActivationName>([
  ["linear", "identity"],
  ["sigmoid", "sigmoid"],
  ["tanh", "tanh"],
  ["relu", "relu"],
  ["elu", "elu"],
  ["selu", "selu"],
  ["swish", "swish"],
  ["silu", "swish"],
  ["mish", "mish"],
  ["softplus", "softplus"],
  ["softsign", "softsign"],
  ["relu6", "relu6"],
  ["softmax", "softmax"],
  // TensorFlow.js writes this name and can't read it, see `written`
  ["gelu_new", "gelu"],
  // Keras 3's
  ["hard_silu", "hardSwish"],
  ["hard_swish", "hardSwish"],
]);

/**
 * Keras 2 and TensorFlow.js take hard_sigmoid as min(max(z/5 + ½, 0), 1); ours, PyTorch's and Keras 3's is
 * min(max(z/6 + ½, 0), 1): the one of z is the other of 6z/5.
 */
export const HARD_SIGMOID = 6 / 5;

/** What a layer's `activation` does to its sums, of which there are `units`. */
export function activationSteps(value: unknown, place: string, units: () => number, keras3: boolean): Step[] {
  if (value === undefined || value === null) return [];
  const name = typeof value === "string" ? value.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : undefined;
  if (name === "hard_sigmoid") {
    const activation: Step = { place, kind: "activation", activation: "hardSigmoid" };
    return keras3 ? [activation] : [{ place, ...scaledBy(HARD_SIGMOID, units()) }, activation];
  }
  const activation = name === undefined ? undefined : named.get(name);
  if (activation === undefined) {
    const why = name === "gelu" ? " (by the error function; here it is the tanh form, gelu_new)" : "";
    const called = typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : "one with a configuration";
    throw new FormatError(`${place}: its activation must be one that networks here have, got ${called}${why}`);
  }
  return [{ place, kind: "activation", activation }];
}

function scaledBy(by: number, units: number): AffineStep {
  return { kind: "affine", factor: new Float64Array(units).fill(by), offset: new Float64Array(units) };
}

/** What TensorFlow.js calls one of ours; leakyRelu is a layer of its own there. */
export function written(activation: ActivationName, place: string): string {
  // 4.22 turns "gelu_new" into "geluNew" as it reads a file, and then knows no such activation; it has no hard_silu
  if (activation === "gelu" || activation === "hardSwish") {
    throw new RangeError(`${place}.activation must be one that TensorFlow.js can load, got "${activation}"`);
  }
  if (activation === "hardSigmoid") return "hard_sigmoid";
  return [...named].find(([, ours]) => ours === activation)?.[0] as string;
}
