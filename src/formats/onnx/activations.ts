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

/** Beyond this, exponentials in formulas overflow that are right in what they mean, and in float32 long before. */
const OVERFLOWS = 100;

const onBothSides = (...distances: number[]) => distances.flatMap((each) => [-each, each]);

/** Where functions are compared: near 0, where they bend, very near, and so far out that a bound would show. */
const fixed = Float64Array.of(
  ...[0, -FAR, FAR],
  ...Array.from({ length: 97 }, (_, i) => (i - 48) / 6 + 1 / 97),
  ...onBothSides(9, 12, 15, 30, 50, OVERFLOWS, 1e3, 1e4, 1e6),
  ...onBothSides(1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
);
/** Nearer to 0, what constants leave of each other counts for more than a line's rounding. */
const NEAR = 0.01;

const MOST_FLOAT32 = 2 ** 128 - 2 ** 104;

/** At the constants of an expression, where it may bend, and on either side of them. */
function around(constants: readonly number[]): number[] {
  const both = constants.flatMap((each) => [each, -each]);
  return [...new Set(both.flatMap((each) => [each, each * 0.999, each * 1.001]))].filter(
    (each) => Math.abs(each) <= MOST_FLOAT32,
  );
}

/** Constants in float32 are off by 6e-8 of themselves, and an expression of a few of them by somewhat more. */
function isSame(x: Float64Array, values: Float64Array, other: Float64Array | number): boolean {
  return values.every((value, i) => {
    if (!Number.isFinite(value) && Math.abs(x[i]) > OVERFLOWS) return true;
    return typeof other === "object" && Math.abs(value - other[i]) <= 1e-7 + 1e-6 * Math.abs(other[i]);
  });
}

const compared = <T extends string>([name, term]: readonly [T, Term]) => ({ name, term, known: valuesOf(term, fixed) });
type Compared = ReturnType<typeof compared>;

/** Identity is a line. */
const lanewise = Object.entries(activations)
  .filter(([name]) => name !== "softmax" && name !== "identity")
  .map(([name, term]) => compared([name as ActivationName, term]));
const others = foreign.map(compared);

/** The values of an expression, one operator after another. */
export class Probe {
  readonly #x: Float64Array;
  readonly #values: Map<string, Float64Array>;

  /**
   * @param start the name of the variable
   * @param constants those in the expression
   */
  constructor(start: string, constants: readonly number[]) {
    this.#x = Float64Array.of(...fixed, ...around(constants));
    this.#values = new Map([[start, this.#x]]);
  }

  /** @param inputs names of values, or numbers */
  apply(
    operation: { operator: string; attributes: Attributes; output: string },
    inputs: readonly (string | number | undefined)[],
  ): void {
    // a value from elsewhere makes the whole no function of the variable
    const known = (name: string) => this.#values.get(name) ?? Number.NaN;
    const given = inputs.map((input) => (typeof input === "string" ? known(input) : input));
    this.#values.set(operation.output, evaluated(operation, given, this.#x.length));
  }

  #get(name: string): Float64Array {
    return this.#values.get(name) as Float64Array;
  }

  #is(name: string, { term, known }: Compared): boolean {
    const values = this.#get(name);
    const [x, rest] = [this.#x.subarray(fixed.length), values.subarray(fixed.length)];
    return isSame(fixed, values.subarray(0, fixed.length), known) && isSame(x, rest, valuesOf(term, x));
  }

  /** The activation that a value is of the variable. */
  activation(name: string): ActivationName | undefined {
    return lanewise.find((each) => this.#is(name, each))?.name;
  }

  /** Factor and offset, where a value is a·x + b. */
  line(name: string): { factor: number; offset: number } | undefined {
    const values = this.#get(name);
    const [offset = Number.NaN, low = Number.NaN, high = Number.NaN] = values;
    const factor = (high - low) / (2 * FAR);
    const isLine = values.every((value, i) => {
      const x = this.#x[i] as number;
      // computed in float64, with a few roundings
      const rounding = 1e-12 * (Math.abs(factor * x) + Math.abs(offset));
      return (x !== 0 && Math.abs(x) < NEAR) || Math.abs(value - (factor * x + offset)) <= rounding;
    });
    return isLine ? { factor, offset } : undefined;
  }

  /** What a value is called that isn't ours. */
  foreign(name: string): string | undefined {
    return others.find((each) => this.#is(name, each))?.name;
  }
}
