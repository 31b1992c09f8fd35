// Values as JSON holds them exactly, and in the one way that is hashed.

import { finite, wrongKind } from "../checks.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A copy of a value that is the same after it went through JSON: what is undefined is left out, a `toJSON` is called.
 *
 * @throws TypeError or RangeError for what JSON can't hold, by its place.
 */
export function plainJson(value: unknown, place: string): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  // JSON writes -0 as 0
  if (typeof value === "number") return finite(value, place) + 0;
  if (Array.isArray(value)) return Array.from(value, (each, i) => plainJson(each, `${place}[${i}]`));
  if (typeof value !== "object") wrongKind(place, "what JSON can hold", value);
  const { toJSON } = value as { toJSON?: () => unknown };
  if (typeof toJSON === "function") return plainJson(toJSON.call(value), place);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) wrongKind(place, "what JSON can hold", value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, plainJson(each, `${place}.${key}`)]));
}

/** JSON without blanks, the keys of every object sorted by their UTF-16 units. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, Json>)[key] as Json)}`).join(",")}}`;
}
