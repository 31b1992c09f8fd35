// The operators that take each number by itself, as functions of numbers. Formulas and defaults are those of
// https://github.com/onnx/onnx/blob/main/docs/Operators.md.

import { Attributes } from "./attributes.js";
import type { Attribute } from "./schema.js";

type Formula = (...x: number[]) => number;

const relu: Formula = (x) => Math.max(x, 0);
const sigmoid: Formula = (x) => 1 / (1 + Math.exp(-x));
const softplus: Formula = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const linearUnit =
  (positive: number, negative: Formula): Formula =>
  (x) =>
    x < 0 ? negative(x) : positive * x;

/** Abramowitz & Stegun 7.1.26, within 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - polynomial * Math.exp(-x * x));
}

const gelus: Record<string, Formula> = {
  none: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
  tanh: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** By name: what the attributes make of it. */
const operators = new Map<string, (attributes: Attributes) => Formula>(
  Object.entries({
    Abs: () => Math.abs,
    Add: () => (x, y) => x + y,
    Celu: (a) => linearUnit(1, (x) => a.float("alpha", 1) * Math.expm1(x / a.float("alpha", 1))),
    // until opset 10 the bounds are attributes, from 11 on inputs
    Clip: (a) => {
      const [least, most] = [a.float("min", Number.NEGATIVE_INFINITY), a.float("max", Number.POSITIVE_INFINITY)];
      return (x, low = least, high = most) => Math.min(Math.max(x, low), high);
    },
    Div: () => (x, y) => x / y,
    Elu: (a) => linearUnit(1, (x) => a.float("alpha", 1) * Math.expm1(x)),
    Erf: () => erf,
    Exp: () => Math.exp,
    Gelu: (a) => gelus[a.text("approximate", "none")] ?? (() => Number.NaN),
    HardSigmoid: (a) => (x) => Math.min(relu(a.float("alpha", 0.2) * x + a.float("beta", 0.5)), 1),
    HardSwish: () => (x) => x * Math.min(relu(x / 6 + 0.5), 1),
    LeakyRelu: (a) => linearUnit(1, (x) => a.float("alpha", 0.01) * x),
    Log: () => Math.log,
    Max: () => Math.max,
    Min: () => Math.min,
    Mish: () => (x) => x * Math.tanh(softplus(x)),
    Mul: () => (x, y) => x * y,
    Neg: () => (x) => -x,
    PRelu: () => (x, slope) => (x < 0 ? slope * x : x),
    Pow: () => (x, y) => x ** y,
    Reciprocal: () => (x) => 1 / x,
    Relu: () => relu,
    Selu: (a) => {
      const gamma = a.float("gamma", 1.0507010221481323);
      return linearUnit(gamma, (x) => gamma * a.float("alpha", 1.6732631921768188) * Math.expm1(x));
    },
    Sigmoid: () => sigmoid,
    Softplus: () => softplus,
    Softsign: () => (x) => x / (1 + Math.abs(x)),
    Sqrt: () => Math.sqrt,
    Sub: () => (x, y) => x - y,
    Sum:
      () =>
      (...x) =>
        x.reduce((sum, each) => sum + each),
    Tanh: () => Math.tanh,
    ThresholdedRelu: (a) => (x) => (x > a.float("alpha", 1) ? x : 0),
  } satisfies Record<string, (attributes: Attributes) => Formula>),
);

export const isLanewise = (operator: string) => operators.has(operator);

/** An operator's outputs at several places: an input is a number for each place, one for all, or left out. */
export function evaluated(
  { operator, attributes }: { operator: string; attributes: Attributes },
  inputs: readonly (Float64Array | number | undefined)[],
  places: number,
): Float64Array {
  const f = operators.get(operator)?.(attributes) ?? (() => Number.NaN);
  const at = (input: (typeof inputs)[number], i: number) => (typeof input === "object" ? input[i] : input);
  return Float64Array.from({ length: places }, (_, i) => f(...inputs.map((input) => at(input, i) as number)));
}

/** An expression of one variable: what `activations.ts` writes, and readers compare with. */
export type Term = "x" | number | { operator: string; inputs: readonly Term[]; attributes: readonly Attribute[] };

/** A term's values at several x. */
export function valuesOf(term: Term, x: Float64Array): Float64Array | number {
  if (term === "x") return x;
  if (typeof term === "number") return term;
  const { operator, inputs, attributes } = term;
  return evaluated(
    { operator, attributes: new Attributes(operator, attributes) },
    inputs.map((input) => valuesOf(input, x)),
    x.length,
  );
}
