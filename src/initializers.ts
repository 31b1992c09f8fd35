// How parameters start.

import type { Activation } from "./abi.js";
import { finite, oneOf, options, wrongKind } from "./checks.js";
import type { Random } from "./random.js";

/**
 * How a layer's weights or biases start; n is the number of inputs, m the number of units.
 *
 * - `small`: N(0, 0.1²), "small and random" as textbooks say
 * - `normal`: N(0, deviation²), deviation 1 (Nielsen, Neural Networks and Deep Learning, ch. 1)
 * - `uniform`: U(−limit, limit), limit 0.05
 * - `glorotUniform`, `glorotNormal`: variance 2/(n + m) (Glorot & Bengio 2010)
 * - `heUniform`, `heNormal`: variance 2/n (He et al. 2015)
 * - `lecunUniform`, `lecunNormal`: variance 1/n (LeCun et al. 1998)
 * - `zeros`; `constant`: value
 *
 * Normal distributions are not truncated (as in PyTorch; Keras cuts them off at two deviations).
 */
export type InitializerOptions =
  | { kind: "normal" /** Default 1. */; deviation?: number }
  | { kind: "uniform" /** Default 0.05. */; limit?: number }
  | { kind: "constant"; value: number }
  | { kind: Exclude<InitializerName, "normal" | "uniform" | "constant"> };

export type InitializerName =
  | "small"
  | "normal"
  | "uniform"
  | "glorotUniform"
  | "glorotNormal"
  | "heUniform"
  | "heNormal"
  | "lecunUniform"
  | "lecunNormal"
  | "zeros"
  | "constant";

/** A name, where its options may keep their defaults, or the options. */
export type Initializer = Exclude<InitializerName, "constant"> | InitializerOptions;

type Draw = (random: Random) => number;
type Sizes = { inputs: number; units: number };

const normal =
  (deviation: number): Draw =>
  (random) =>
    random.normal() * deviation;
const uniform =
  (limit: number): Draw =>
  (random) =>
    (2 * random.uniform() - 1) * limit;
// U(−l, l) has variance l²/3
const normalOf = (variance: number) => normal(Math.sqrt(variance));
const uniformOf = (variance: number) => uniform(Math.sqrt(3 * variance));

/** The one list: what draws a parameter, from the initializer's option (if it has one) and the layer's sizes. */
const initializers: Record<
  InitializerName,
  { option?: string; default?: number; draw: (sizes: Sizes, option: number) => Draw }
> = {
  small: { draw: () => normal(0.1) },
  normal: { option: "deviation", default: 1, draw: (_, deviation) => normal(deviation) },
  uniform: { option: "limit", default: 0.05, draw: (_, limit) => uniform(limit) },
  glorotUniform: { draw: ({ inputs, units }) => uniformOf(2 / (inputs + units)) },
  glorotNormal: { draw: ({ inputs, units }) => normalOf(2 / (inputs + units)) },
  heUniform: { draw: ({ inputs }) => uniformOf(2 / inputs) },
  heNormal: { draw: ({ inputs }) => normalOf(2 / inputs) },
  lecunUniform: { draw: ({ inputs }) => uniformOf(1 / inputs) },
  lecunNormal: { draw: ({ inputs }) => normalOf(1 / inputs) },
  zeros: { draw: () => () => 0 },
  constant: { option: "value", draw: (_, value) => () => value },
};

/**
 * What suits an activation when nothing is said: rectifiers lose half of their input's variance and get He's, `selu`
 * is derived for LeCun's, all others get Glorot's.
 */
const rectifiers: ReadonlySet<keyof typeof Activation> = new Set([
  "relu",
  "leakyRelu",
  "elu",
  "gelu",
  "swish",
  "mish",
  "relu6",
  "hardSwish",
] as const);

export function defaultInitializer(activation: keyof typeof Activation): InitializerOptions {
  if (activation === "selu") return { kind: "lecunNormal" };
  return { kind: rectifiers.has(activation) ? "heNormal" : "glorotUniform" };
}

/** An initializer as given, checked, with its option filled in. */
export function resolveInitializer(value: unknown, place: string): InitializerOptions {
  const names = Object.keys(initializers) as InitializerName[];
  if (typeof value !== "string" && (typeof value !== "object" || value === null)) {
    wrongKind(place, "an initializer's name or its options", value);
  }
  const given = typeof value === "string" ? { kind: value } : (value as Record<string, unknown>);
  const kind = oneOf(given.kind, typeof value === "string" ? place : `${place}.kind`, names);
  const { option, default: fallback } = initializers[kind];
  options(given, `${place} "${kind}"`, option === undefined ? ["kind"] : ["kind", option]);
  if (option === undefined) return { kind } as InitializerOptions;
  const bounds = kind === "constant" ? {} : { least: 0 };
  const number = finite(given[option] === undefined ? fallback : given[option], `${place}.${option}`, bounds);
  return { kind, [option]: number } as unknown as InitializerOptions;
}

/** What draws the parameters of one layer. */
export function drawer(initializer: InitializerOptions, sizes: Sizes): Draw {
  const { option, draw } = initializers[initializer.kind];
  return draw(sizes, option === undefined ? 0 : ((initializer as Record<string, unknown>)[option] as number));
}
