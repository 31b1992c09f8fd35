// Numbers on their way from the user's arrays into float32 memory, checked as they go.

import { outOfRange, wrongKind } from "./checks.js";

/** An array of numbers: number[] or any typed array of numbers. */
export type Numbers = ArrayLike<number>;

/** Whether a value is number[] or a typed array of numbers (not of bigints). */
export function isNumbers(value: unknown): value is Numbers {
  if (Array.isArray(value)) return value.length === 0 || typeof value[0] !== "object";
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !isBigInts(value);
}

function isBigInts(value: ArrayBufferView): boolean {
  return value instanceof BigInt64Array || value instanceof BigUint64Array;
}

/** Whether a value is an array of such arrays. */
export function isRows(value: unknown): value is readonly Numbers[] {
  return Array.isArray(value) && value.length > 0 && isNumbers(value[0]) && typeof value[0] === "object";
}

/**
 * Copies `source` into float32 at `target[at]`, and refuses what isn't a number that float32 holds. `place(i)` names
 * source[i] in an error.
 */
export function copyNumbers(target: Float32Array, at: number, source: Numbers, place: (i: number) => string): void {
  for (let i = 0; i < source.length; i++) {
    const value = source[i] as number;
    target[at + i] = value;
    // NaN, ±∞ and numbers that overflow float32 all differ from themselves after this subtraction
    const stored = target[at + i] as number;
    if (typeof value !== "number" || stored - stored !== 0) refuseNumber(value, place(i));
  }
}

export function refuseNumber(value: unknown, place: string): never {
  if (typeof value !== "number") wrongKind(place, "a number", value);
  outOfRange(place, "finite in float32", value);
}

/** Refuses a typed array that holds NaN, an infinity, or a number beyond float32 once multiplied by `scale`. */
export function checkNumbers(source: Numbers, scale: number, place: (i: number) => string): void {
  const float = new Float32Array(1);
  for (let i = 0; i < source.length; i++) {
    const value = source[i] as number;
    float[0] = value * scale;
    const stored = float[0];
    if (typeof value !== "number" || stored - stored !== 0) refuseNumber(value, place(i));
  }
}

/** A flat array of rows of `size` numbers each, or an array of rows, as its row count; other shapes are refused. */
export function countRows(value: unknown, size: number, place: string): number {
  if (isRows(value)) {
    value.forEach((row, i) => {
      if (!isNumbers(row)) wrongKind(`${place}[${i}]`, `an array of ${size} numbers`, row);
      if (row.length !== size) {
        throw new RangeError(`${place}[${i}] must have ${size} numbers, got ${row.length}`);
      }
    });
    return value.length;
  }
  if (!isNumbers(value)) wrongKind(place, `an array of numbers or of rows of ${size} numbers`, value);
  if (value.length === 0 || value.length % size !== 0) {
    throw new RangeError(`${place} must hold rows of ${size} numbers, got ${value.length} numbers`);
  }
  return value.length / size;
}

/** Copies rows (flat or nested, already counted) into float32 memory. */
export function copyRows(
  target: Float32Array,
  at: number,
  source: Numbers | readonly Numbers[],
  from: number,
  to: number,
  size: number,
  place: string,
): void {
  if (isRows(source)) {
    for (let row = from; row < to; row++) {
      copyNumbers(target, at + (row - from) * size, source[row] as Numbers, (i) => `${place}[${row}][${i}]`);
    }
    return;
  }
  const flat = source as Numbers;
  const stretch = from === 0 && to * size === flat.length ? flat : sliceOf(flat, from * size, to * size);
  copyNumbers(target, at, stretch, (i) => `${place}[${from * size + i}]`);
}

/** Part of a flat array, without a copy where it is a typed array. */
function sliceOf(source: Numbers, from: number, to: number): Numbers {
  if (ArrayBuffer.isView(source)) return (source as unknown as Float32Array).subarray(from, to);
  return (source as number[]).slice(from, to);
}

/** One sample of `size` numbers. */
export function checkSample(value: unknown, size: number, place: string): Numbers {
  if (!isNumbers(value)) wrongKind(place, `an array of ${size} numbers`, value);
  if (value.length !== size) throw new RangeError(`${place} must have ${size} numbers, got ${value.length}`);
  checkNumbers(value, 1, (i) => `${place}[${i}]`);
  return value;
}
