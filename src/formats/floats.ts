// Little-endian floating-point numbers of a file, as float32.

import { FormatError } from "./errors.js";

/** By the names of safetensors: IEEE 754's binary64, binary32 and binary16, and the upper half of a binary32. */
export type FloatKind = "F64" | "F32" | "F16" | "BF16";

type Read = (view: DataView, at: number) => number;

const kinds: Record<FloatKind, { bytes: number; read: Read }> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => upperHalf(view.getUint16(at, true)) },
};

export const bytesOf = (kind: FloatKind) => kinds[kind].bytes;

/**
 * The nearest float32 of each number; beyond their range, infinities.
 *
 * @param place what errors call them
 * @throws FormatError for bytes that aren't whole numbers of this kind.
 */
export function floatsOf(bytes: Uint8Array, kind: FloatKind, place: string): Float32Array<ArrayBuffer> {
  const { bytes: size, read } = kinds[kind];
  if (bytes.length % size !== 0) {
    throw new FormatError(`${place} must have a multiple of ${size} bytes, got ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / size }, (_, i) => read(view, i * size));
}

export function littleEndian(numbers: Float32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(numbers.length * 4);
  const view = new DataView(bytes.buffer);
  numbers.forEach((each, i) => void view.setFloat32(i * 4, each, true));
  return bytes;
}

/** binary16 from its bits: sign, 5 of the exponent, 10 of the fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  // below the least exponent, subnormal numbers
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const word = new DataView(new ArrayBuffer(4));

function upperHalf(bits: number): number {
  word.setUint16(0, bits);
  return word.getFloat32(0);
}
