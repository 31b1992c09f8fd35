// What a search may choose from: one dimension a parameter.

import { finite, options, outOfRange, plainObject, wholeNumber, wrongKind } from "../checks.js";
import { exp, log } from "../exact.js";
import { Random, Stream } from "../random.js";

/** The values that one parameter may take; made by `uniform`, `logUniform`, `integer` and `choice`. */
export class Dimension<T> {
  /** @internal */
  constructor(
    /** @internal One of the values, at random. */
    readonly draw: (random: Random) => T,
    /** All of them, where there are so few that a grid can have them. */
    readonly values: readonly T[] | undefined,
  ) {}

  get [Symbol.toStringTag](): string {
    return "Dimension";
  }
}

/** Named parameters, and what each may be. */
export type Space = Readonly<Record<string, Dimension<unknown>>>;

/** One value for each parameter of a space. */
export type ParametersOf<S extends Space> = { [Name in keyof S]: S[Name] extends Dimension<infer T> ? T : never };

export interface RangeOptions {
  /** So many values only, 2 or more, evenly spaced from the first bound to the second: what a grid needs. */
  steps?: number;
}

/** Numbers from `from` to `to`, each as likely as another. */
export function uniform(from: number, to: number, rangeOptions?: RangeOptions): Dimension<number> {
  const [least, most, steps] = resolveRange("uniform", from, to, {}, rangeOptions);
  return ranging((share) => least + share * (most - least), least, most, steps);
}

/**
 * Positive numbers from `from` to `to`, each order of magnitude as likely as another: e^u with u uniform from ln `from` to
 * ln `to`. For learning rates and weight decay.
 */
export function logUniform(from: number, to: number, rangeOptions?: RangeOptions): Dimension<number> {
  // subnormal bounds have no exact logarithm
  const [least, most, steps] = resolveRange("logUniform", from, to, { least: 2 ** -1022 }, rangeOptions);
  const [low, high] = [log(least), log(most)];
  return ranging((share) => exp(low + share * (high - low)), least, most, steps);
}

/** Whole numbers from `from` to `to`, both included. */
export function integer(from: number, to: number): Dimension<number> {
  const least = wholeNumber(from, "integer's from", Number.MIN_SAFE_INTEGER);
  const most = wholeNumber(to, "integer's to", least);
  const count = most - least + 1;
  if (count > 2 ** 32) outOfRange("integer's to", `at most ${least + 2 ** 32 - 1}`, to);
  const values = count <= MOST_VALUES ? Array.from({ length: count }, (_, i) => least + i) : undefined;
  return new Dimension((random) => least + random.below(count), values);
}

/** One of these values, of any type, each as likely as another. */
export function choice<const T extends readonly unknown[]>(...values: T): Dimension<T[number]> {
  if (values.length === 0) throw new RangeError("choice must have at least one value, got none");
  return new Dimension<T[number]>((random) => values[random.below(values.length)], values);
}

/** Values of a dimension, and points of a grid, that there may be at most. */
const MOST_VALUES = 1e6;

function resolveRange(
  place: string,
  from: unknown,
  to: unknown,
  bounds: { least?: number },
  rangeOptions: unknown,
): [least: number, most: number, steps: number | undefined] {
  const least = finite(from, `${place}'s from`, bounds);
  const most = finite(to, `${place}'s to`, { above: least });
  const { steps } = options(rangeOptions, place, ["steps"]);
  return [least, most, steps === undefined ? undefined : wholeNumber(steps, `${place}'s steps`, 2, MOST_VALUES)];
}

/** The dimension whose value is `at(share)` for a share from 0 to 1; roundings don't lead out of it. */
function ranging(
  at: (share: number) => number,
  least: number,
  most: number,
  steps: number | undefined,
): Dimension<number> {
  const inside = (share: number) =>
    share === 1 ? most : share === 0 ? least : Math.min(most, Math.max(least, at(share)));
  if (steps === undefined) return new Dimension((random) => inside(random.uniform()), undefined);
  const values = Array.from({ length: steps }, (_, i) => inside(i / (steps - 1)));
  return new Dimension((random) => values[random.below(steps)] as number, values);
}

export function resolveSpace(space: unknown): Space {
  if (space === undefined) wrongKind("space", "an object of dimensions", space);
  const dimensions = plainObject(space, "space");
  if (Object.keys(dimensions).length === 0) throw new RangeError("space must have at least one parameter, got none");
  for (const [name, dimension] of Object.entries(dimensions)) {
    if (dimension instanceof Dimension) continue;
    wrongKind(`space.${name}`, "made by uniform, logUniform, integer or choice", dimension);
  }
  return dimensions as Space;
}

/** Trial `number`'s parameters: each has a stream of its own, so that one more leaves the ones before it as they are. */
export function drawParameters(space: Space, seed: number, number: number): Record<string, unknown> {
  const draw = ([name, dimension]: [string, Dimension<unknown>], i: number) =>
    [name, dimension.draw(new Random(seed, Stream.trials, number, 1, i))] as const;
  return Object.fromEntries(Object.entries(space).map(draw));
}

/** Every combination, as nested loops would go over the parameters: the last one changes fastest. */
export function gridOf(space: Space): { size: number; at(number: number): Record<string, unknown> } {
  const axes = Object.entries(space).map(([name, { values }]) => {
    if (values !== undefined) return { name, values };
    throw new RangeError(`space.${name} must have few values for a grid: choice, integer, or a range with { steps }`);
  });
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (size > MOST_VALUES) outOfRange("the grid", `of at most ${MOST_VALUES} combinations`, size);
  const at = (number: number) => {
    let left = number;
    const chosen = [...axes].reverse().map(({ name, values }) => {
      const value = values[left % values.length];
      left = Math.floor(left / values.length);
      return [name, value] as const;
    });
    return Object.fromEntries(chosen.reverse());
  };
  return { size, at };
}
