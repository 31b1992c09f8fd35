// What a network is told of its inputs' scaling. How it is learned is in input-scaling.ts, which is loaded when that happens.

import { finite, oneOf, options, plainObject, wrongKind } from "./checks.js";
import type { InputScaling } from "./engine/network-block.js";

/**
 * - "minMax": each column to 0..1
 * - "standard": to mean 0 and standard deviation 1
 * - "robust": to median 0 and interquartile range 1
 */
export type NormalizeKind = "minMax" | "standard" | "robust";

/** By name; or as it was learned, (x − center)·factor with a number for each input. */
export type NormalizeOptions = NormalizeKind | ({ kind: NormalizeKind } & InputScaling);

export interface ResolvedNormalize {
  kind: NormalizeKind;
  scaling: InputScaling | undefined;
}

const kinds: readonly NormalizeKind[] = ["minMax", "standard", "robust"];

export function resolveNormalize(value: unknown, inputs: number): ResolvedNormalize | undefined {
  if (value === undefined) return undefined;
  const place = "normalize";
  if (typeof value !== "object") return { kind: oneOf(value, place, kinds), scaling: undefined };
  const given = plainObject(value, place);
  options(given, place, ["kind", "center", "factor"]);
  const kind = oneOf(given.kind, `${place}.kind`, kinds);
  const numbersOf = (name: "center" | "factor", bound: object) => {
    const numbers = given[name];
    if (!Array.isArray(numbers)) wrongKind(`${place}.${name}`, `an array of ${inputs} numbers`, numbers);
    if (numbers.length !== inputs) {
      throw new RangeError(`${place}.${name} must have ${inputs} numbers, one for each input, got ${numbers.length}`);
    }
    return Array.from(numbers, (each: unknown, k) => Math.fround(finite(each, `${place}.${name}[${k}]`, bound)));
  };
  return { kind, scaling: { center: numbersOf("center", {}), factor: numbersOf("factor", { above: 0 }) } };
}
