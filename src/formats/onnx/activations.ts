// Our activations in ONNX's operators (opset 17). A reader knows an activation by its values, whatever operators it is made of, so
// that what other libraries write instead of one operator is read, too.

import type { ActivationName } from "../../network-options.js";
import { type Attributes, float, int } from "./attributes.js";
import { evaluated, type Term, valuesOf } from "./lanewise.js";
import type { Attribute } from "./schema.js";

function term(operator: string, inputs: readonly Term[], ...attributes: Attribute[]): Term {
  return { operator, inputs, attributes };
}

/** Hendrycks & Gimpel 2016: √(2/π)·2 and the cubic's factor, as in assembly/activations.ts. */
const GELU_SCALE = 2 * Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;
const cube = term("Mul", [term("Mul", ["x", "x"]), "x"]);
const geluInner = term("Add", ["x", term("Mul", [cube, GELU_CUBIC])]);

/** a from x. */
export const activations: Readonly<Record<ActivationName, Term>> = {
  identity: "x",
  sigmoid: term("Sigmoid", ["x"]),
  tanh: term("Tanh", ["x"]),
  relu: term("Relu", ["x"]),
  leakyRelu: term("LeakyRelu", ["x"], float("alpha", 0.01)),
  elu: term("Elu", ["x"]),
  selu: term("Selu", ["x"]),
  gelu: term("Mul", ["x", term("Sigmoid", [term("Mul", [geluInner, GELU_SCALE])])]),
  swish: term("Mul", ["x", term("Sigmoid", ["x"])]),
  mish: term("Mul", ["x", term("Tanh", [term("Softplus", ["x"])])]),
  softplus: term("Softplus", ["x"]),
  softsign: term("Softsign", ["x"]),
  relu6: term("Clip", ["x", 0, 6]),
  hardSigmoid: term("HardSigmoid", ["x"], float("alpha", 1 / 6), float("beta", 0.5)),
  hardSwish: term("HardSwish", ["x"]),
  softmax: term("Softmax", ["x"], int("axis", -1)),
};

/** What isn't ours and is likely to come: what errors say of it. */
const foreign: readonly [string, Term][] = [
  ["gelu in its erf form; only the tanh form is known here", term("Gelu", ["x"])],
  ["Keras' older hard sigmoid, 0.2·x + 0.5; only x/6 + 0.5 is known here", term("HardSigmoid", ["x"])],
];

/** So far out that what a straight line has at 0 takes no digit of its slope. */
const FAR = 2 ** 40;

/** Where functions are compared: near 0, where they bend, and so far out that a bound would show; lines also at 0 and afar. */
const x = Float64Array.from([
  ...Array.from({ length: 97 }, (_, i) => (i - 48) / 6 + 1 / 97),
  ...[-100, -50, -30, -15, -12, -9, 9, 12, 15, 30, 50, 100],
  ...[0, -FAR, FAR],
]);
const ZERO = x.length - 3;

/** Constants in float32 are off by 6e-8 of themselves, and an expression of a few of them by somewhat more. */
const isSame = (values: Float64Array, other: Float64Array | number) =>
  typeof other === "object" &&
  values.subarray(0, ZERO).every((value, i) => Math.abs(value - other[i]) <= 1e-7 + 1e-6 * Math.abs(other[i]));

/** Identity is a line. */
const lanewise = Object.entries(activations)
  .filter(([name]) => name !== "softmax" && name !== "identity")
  .map(([name, each]) => [name as ActivationName, valuesOf(each, x)] as const);
const others = foreign.map(([name, each]) => [name, valuesOf(each, x)] as const);

/** The values of an expression, one operator after another. */
export class Probe {
  readonly #values: Map<string, Float64Array>;

  /** @param start the name of the variable */
  constructor(start: string) {
    this.#values = new Map([[start, x]]);
  }

  /** @param inputs names of values, or numbers */
  apply(
    operation: { operator: string; attributes: Attributes; output: string },
    inputs: readonly (string | number | undefined)[],
  ): void {
    // a value from elsewhere makes the whole no function of the variable
    const known = (name: string) => this.#values.get(name) ?? Number.NaN;
    const given = inputs.map((input) => (typeof input === "string" ? known(input) : input));
    this.#values.set(operation.output, evaluated(operation, given, x.length));
  }

  #get(name: string): Float64Array {
    return this.#values.get(name) as Float64Array;
  }

  /** The activation that a value is of the variable. */
  activation(name: string): ActivationName | undefined {
    return lanewise.find(([, values]) => isSame(this.#get(name), values))?.[0];
  }

  /** Factor and offset, where a value is a·x + b. */
  line(name: string): { factor: number; offset: number } | undefined {
    const values = this.#get(name);
    const offset = values[ZERO];
    const factor = (values[ZERO + 2] - values[ZERO + 1]) / (2 * FAR);
    const isLine = values.every((value, i) => {
      // computed in float64, with a few roundings
      const rounding = 1e-12 * (Math.abs(factor * x[i]) + Math.abs(offset));
      return Math.abs(value - (factor * x[i] + offset)) <= rounding;
    });
    return isLine ? { factor, offset } : undefined;
  }

  /** What a value is called that isn't ours. */
  foreign(name: string): string | undefined {
    return others.find(([, values]) => isSame(this.#get(name), values))?.[0];
  }
}
