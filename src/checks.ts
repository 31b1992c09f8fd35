// What every public entry point answers to input it can't use: which place, what was expected, what came.
// TypeError for the wrong kind of thing, RangeError for a value out of range.

/** What came, in words short enough for an error message. */
export function got(value: unknown): string {
  if (typeof value === "string")
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${value.byteLength} bytes`;
  if (typeof value === "object" && value !== null) {
    const name = Object.prototype.toString.call(value).slice(8, -1);
    if (name === "Object") return "an object";
    return `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
  }
  return Object.is(value, -0) ? "-0" : String(value);
}

export function wrongKind(place: string, expected: string, value: unknown): never {
  throw new TypeError(`${place} must be ${expected}, got ${got(value)}`);
}

export function outOfRange(place: string, expected: string, value: unknown): never {
  throw new RangeError(`${place} must be ${expected}, got ${got(value)}`);
}

/** A whole number from `least` to `most`. */
export function wholeNumber(value: unknown, place: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const expected =
    least === 1 && most === Number.MAX_SAFE_INTEGER
      ? "a positive integer"
      : most === Number.MAX_SAFE_INTEGER
        ? `an integer of at least ${least}`
        : `an integer from ${least} to ${most}`;
  if (typeof value !== "number") wrongKind(place, expected, value);
  if (!Number.isInteger(value) || value < least || value > most) outOfRange(place, expected, value);
  return value;
}

/** The interval a number must lie in, as told in errors. `above` and `below` leave the bound itself out. */
interface Bounds {
  least?: number;
  above?: number;
  most?: number;
  below?: number;
}

/** A finite number within bounds. */
export function finite(value: unknown, place: string, { least, above, most, below }: Bounds = {}): number {
  const bounds = [
    least === undefined ? "" : `of at least ${least}`,
    above === undefined ? "" : `above ${above}`,
    most === undefined ? "" : `at most ${most}`,
    below === undefined ? "" : `below ${below}`,
  ].filter((text) => text !== "");
  const expected = ["a finite number", bounds.join(" and ")].join(" ").trim();
  if (typeof value !== "number") wrongKind(place, expected, value);
  const inside =
    Number.isFinite(value) &&
    (least === undefined || value >= least) &&
    (above === undefined || value > above) &&
    (most === undefined || value <= most) &&
    (below === undefined || value < below);
  if (!inside) outOfRange(place, expected, value);
  return value;
}

export function boolean(value: unknown, place: string): boolean {
  if (typeof value !== "boolean") wrongKind(place, "true or false", value);
  return value;
}

/** One of a list of names. */
export function oneOf<T extends string>(value: unknown, place: string, names: readonly T[]): T {
  const expected = names.length === 1 ? `"${names[0]}"` : `one of ${names.join(", ")}`;
  if (typeof value !== "string") wrongKind(place, expected, value);
  if (!(names as readonly string[]).includes(value)) outOfRange(place, expected, value);
  return value as T;
}

/** A plain object that has no other keys than `keys`, copied. Missing options are an empty object. */
export function options(value: unknown, place: string, keys: readonly string[]): Record<string, unknown> {
  if (value === undefined) return {};
  const given = plainObject(value, place);
  for (const key of Object.keys(given)) {
    if (!keys.includes(key)) {
      throw new RangeError(`${place} has no option "${key}"; its options are ${keys.join(", ")}`);
    }
  }
  return given;
}

/** A copy of an object literal or the like: no array, no class's instance, no Map, no promise. */
export function plainObject(value: unknown, place: string): Record<string, unknown> {
  // of another realm, an object has that realm's Object.prototype, which inherits from nothing either
  const prototype = typeof value === "object" && value !== null ? Object.getPrototypeOf(value) : undefined;
  if (prototype === undefined || (prototype !== null && Object.getPrototypeOf(prototype) !== null)) {
    const name = typeof value === "object" ? (value?.constructor?.name ?? "null") : undefined;
    const came = got(value) === "an object" ? `an object of class ${name}` : got(value);
    throw new TypeError(`the options of ${place} must be a plain object, got ${came}`);
  }
  return { ...(value as object) };
}

/** The names of a numeric enum, in the order of their numbers. */
export function namesOf<T extends string>(members: Record<T, number> | Record<number, string>): T[] {
  return Object.keys(members).filter((name) => Number.isNaN(Number(name))) as T[];
}

/** A number within bounds, and still within them as float32, which the kernels compute in. */
export function inFloat32(value: unknown, place: string, bound: Parameters<typeof finite>[2]): number {
  const number = finite(value, place, bound);
  finite(Math.fround(number), `${place} in float32`, bound);
  return number;
}
