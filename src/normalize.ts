// What a network is told of its inputs' and targets' scaling. How it is learned is in scaling.ts, which is loaded when that
// happens.

import { finite, oneOf, options, plainObject, wrongKind } from "./checks.js";
import type { Scaling } from "./engine/network-block.js";

/**
 * - "minMax": each column to 0..1
 * - "standard": to mean 0 and standard deviation 1
 * - "robust": to median 0 and interquartile range 1
 */
export type NormalizeKind = "minMax" | "standard" | "robust";

/** By name; or as it was learned, (x − center)·factor with a number for each input, or output. */
export type NormalizeOptions = NormalizeKind | ({ kind: NormalizeKind } & Scaling);

export interface ResolvedNormalize {
  kind: NormalizeKind;
  scaling: Scaling | undefined;
}

const kinds: readonly NormalizeKind[] = ["minMax", "standard", "robust"];

/** `columns` of them, each an `each`. */
export function resolveNormalize(
  value: unknown,
  place: string,
  columns: number,
  each: "input" | "output",
): ResolvedNormalize | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object") return { kind: oneOf(value, place, kinds), scaling: undefined };
  const given = plainObject(value, place);
  options(given, place, ["kind", "center", "factor"]);
  const kind = oneOf(given.kind, `${place}.kind`, kinds);
  const numbersOf = (name: "center" | "factor", bound: object) => {
    const numbers = given[name];
    if (!Array.isArray(numbers)) wrongKind(`${place}.${name}`, `an array of ${columns} numbers`, numbers);
    if (numbers.length !== columns) {
      throw new RangeError(
        `${place}.${name} must have ${columns} numbers, one for each ${each}, got ${numbers.length}`,
      );
    }
    return Array.from(numbers, (number: unknown, k) => Math.fround(finite(number, `${place}.${name}[${k}]`, bound)));
  };
  return { kind, scaling: { center: numbersOf("center", {}), factor: numbersOf("factor", { above: 0 }) } };
}

/** What a network says of it: the name until it is learned. */
export function normalizeOptions(
  kind: NormalizeKind | undefined,
  scaling: Scaling | undefined,
): NormalizeOptions | undefined {
  if (kind === undefined || scaling === undefined) return kind;
  return { kind, center: [...scaling.center], factor: [...scaling.factor] };
}
