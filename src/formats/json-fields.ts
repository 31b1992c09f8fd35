// Fields of parsed JSON that may come from a stranger, checked.

import { finite, got, inFloat32, oneOf, wrongKind } from "../checks.js";
import { FormatError } from "./errors.js";

/** The object's own fields; a Map, as an object would also answer with what it inherits. */
export type Fields = ReadonlyMap<string, unknown>;

/**
 * What `read` makes of an object with the fields "kind" (of the value `kind`) and `keys`, no more and no fewer.
 *
 * @throws FormatError for another object, and in place of the RangeError or TypeError of a check that `read` makes.
 */
export function readFields<T>(value: unknown, kind: string, keys: readonly string[], read: (fields: Fields) => T): T {
  try {
    const fields = fieldsOf(value, ["kind", ...keys]);
    oneOf(fields.get("kind"), "kind", [kind]);
    return read(fields);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new FormatError(`this is no ${kind} that can be read: ${error.message}`);
  }
}

function fieldsOf(value: unknown, keys: readonly string[]): Fields {
  const fields = record(value, "it", "an object that toJSON() gave");
  for (const key of fields.keys()) {
    if (!keys.includes(key)) throw new RangeError(`it must have the fields ${keys.join(", ")}, got ${got(key)}`);
  }
  for (const key of keys) {
    if (!fields.has(key)) throw new RangeError(`it must have the fields ${keys.join(", ")}, got none called "${key}"`);
  }
  return fields;
}

/** An object's own fields, whatever they are called. */
export function record(value: unknown, place: string, expected = "an object"): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) wrongKind(place, expected, value);
  return new Map<string, unknown>(Object.entries(value));
}

export function text(value: unknown, place: string): string {
  if (typeof value !== "string") wrongKind(place, "a string", value);
  return value;
}

/** An array that isn't empty. */
export function list(value: unknown, place: string): unknown[] {
  if (!Array.isArray(value)) wrongKind(place, "an array", value);
  if (value.length === 0) throw new RangeError(`${place} must have at least one entry, got none`);
  return value;
}

/** An array of finite numbers within bounds; of `length` numbers, where that is given. */
export function numberList(
  value: unknown,
  place: string,
  bounds: Parameters<typeof finite>[2],
  length?: number,
): Float64Array<ArrayBuffer> {
  const entries = list(value, place);
  if (length !== undefined && entries.length !== length) {
    throw new RangeError(`${place} must have ${length} numbers, got ${entries.length}`);
  }
  return Float64Array.from(entries, (entry, i) => finite(entry, `${place}[${i}]`, bounds) + 0);
}

/** An array of `length` finite float32. */
export function float32List(value: unknown, place: string, length: number): number[] {
  const numbers = list(value, place);
  if (numbers.length !== length) throw new RangeError(`${place} must have ${length} numbers, got ${numbers.length}`);
  return Array.from(numbers, (each, i) => inFloat32(each, `${place}[${i}]`, {}));
}
