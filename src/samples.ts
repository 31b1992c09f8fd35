// Numbers from the user's arrays, checked.
//
// Reading a plain array may run the user's code (getters, proxies), which may do anything, so plain arrays are first copied,
// checked on the way, and only the copy is written into memory. Typed arrays are used where they are, through a view of our
// own on the same bytes: a subclass or an own property may run code, or tell another length, and a view of ours can't.

import { outOfRange, wrongKind } from "./checks.js";

/** An array of numbers: number[] or any typed array of numbers. */
export type Numbers = ArrayLike<number>;

/** A typed array of numbers; all have the members that are used here. */
export type TypedNumbers = Float32Array;

/** Whether a value is a typed array of numbers (not of bigints). */
export function isTyped(value: unknown): value is TypedNumbers {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return false;
  return !(value instanceof BigInt64Array || value instanceof BigUint64Array);
}

const intrinsics = Object.getPrototypeOf(Float32Array.prototype);
const intrinsic = (name: PropertyKey) => Object.getOwnPropertyDescriptor(intrinsics, name)?.get as () => unknown;
const [kindOf, bufferOf, offsetOf, lengthOf] = [Symbol.toStringTag, "buffer", "byteOffset", "length"].map(
  intrinsic,
) as [() => keyof typeof globalThis, () => ArrayBuffer, () => number, () => number];

/** How many numbers a typed array has, whatever it says itself. */
export function lengthOfTyped(value: TypedNumbers): number {
  return lengthOf.call(value);
}

/** Whether a value is a Float32Array, whatever it says itself. */
export function isFloat32Array(value: unknown): value is Float32Array {
  return ArrayBuffer.isView(value) && kindOf.call(value) === "Float32Array";
}

function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || value instanceof Uint8ClampedArray;
}

/** A built-in view on all of a typed array's numbers. */
export function viewOf(value: TypedNumbers): TypedNumbers {
  const View = globalThis[kindOf.call(value) as "Float32Array"];
  return new View(bufferOf.call(value), offsetOf.call(value), lengthOf.call(value)) as TypedNumbers;
}

/** Whether a value may be one array of numbers. */
export function isNumbers(value: unknown): value is Numbers {
  return isTyped(value) || (Array.isArray(value) && !isRows(value));
}

/** Whether a value is an array of arrays. */
export function isRows(value: unknown): value is readonly Numbers[] {
  return Array.isArray(value) && value.length > 0 && (Array.isArray(value[0]) || isTyped(value[0]));
}

/** Refuses what isn't a number that float32 holds, once multiplied by `scale`. */
function checkNumber(value: unknown, scale: number, place: () => string): void {
  if (typeof value !== "number") wrongKind(place(), "a number", value);
  const stored = Math.fround(value * scale);
  // NaN and the infinities differ from themselves after this subtraction
  if (stored - stored !== 0) outOfRange(scale === 1 ? place() : `${place()} times scale`, "finite in float32", value);
}

/**
 * `count` numbers of an array from place `from` on, checked: those of a typed array where they are, those of a plain array
 * copied. `place(i)` names source[i] in an error.
 */
export function checked(
  source: Numbers,
  from: number,
  count: number,
  place: (i: number) => string,
  scale = 1,
): TypedNumbers {
  const typed = isTyped(source);
  const numbers = typed ? viewOf(source).subarray(from, from + count) : new Float32Array(count);
  if (numbers.length !== count) {
    throw new RangeError(`${place(from)} must be followed by ${count - 1} more numbers, got ${numbers.length} in all`);
  }
  // bytes are finite, and a scale that float32 holds keeps them so
  if (typed && isBytes(numbers) && Number.isFinite(Math.fround(255 * scale))) return numbers;
  for (let i = 0; i < count; i++) {
    const value = typed ? numbers[i] : source[from + i];
    checkNumber(value, scale, () => place(from + i));
    if (!typed) numbers[i] = value as number;
  }
  return numbers;
}

/** A flat array of rows of `size` numbers each, or an array of rows, as its row count; other shapes are refused. */
export function countRows(value: unknown, size: number, place: string): number {
  if (isRows(value)) {
    // by index, as forEach would leave out the holes of an array
    for (let i = 0; i < value.length; i++) {
      const row: unknown = value[i];
      if (!Array.isArray(row) && !isTyped(row)) wrongKind(`${place}[${i}]`, `an array of ${size} numbers`, row);
      if (row.length !== size) throw new RangeError(`${place}[${i}] must have ${size} numbers, got ${row.length}`);
    }
    return value.length;
  }
  if (!isNumbers(value)) wrongKind(place, `an array of numbers or of rows of ${size} numbers`, value);
  if (value.length === 0 || value.length % size !== 0) {
    throw new RangeError(`${place} must hold rows of ${size} numbers, got ${value.length} numbers`);
  }
  return value.length / size;
}

/** Rows from..to (flat or nested, already counted) as one flat array, checked. */
export function checkedRows(
  source: Numbers | readonly Numbers[],
  from: number,
  to: number,
  size: number,
  place: string,
  scale = 1,
): TypedNumbers {
  if (!isRows(source))
    return checked(source as Numbers, from * size, (to - from) * size, (i) => `${place}[${i}]`, scale);
  const numbers = new Float32Array((to - from) * size);
  for (let row = from; row < to; row++) {
    numbers.set(
      checked(source[row] as Numbers, 0, size, (i) => `${place}[${row}][${i}]`, scale),
      (row - from) * size,
    );
  }
  return numbers;
}

/** One sample of `size` numbers. */
export function checkedSample(value: unknown, size: number, place: string): TypedNumbers {
  if (!isNumbers(value)) wrongKind(place, `an array of ${size} numbers`, value);
  if (value.length !== size) throw new RangeError(`${place} must have ${size} numbers, got ${value.length}`);
  return checked(value, 0, size, (i) => `${place}[${i}]`);
}
