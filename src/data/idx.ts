// IDX, the format of MNIST: http://yann.lecun.com/exdb/mnist/
//
//   0  0, 0, type, d       type of the numbers, number of dimensions
//   4  d × uint32          the dimensions, big-endian
//   …  the numbers, big-endian, the last dimension running fastest

import { FormatError } from "../formats/errors.js";

export interface Idx {
  shape: number[];
  values: Uint8Array | Float32Array;
}

type Reader = (view: DataView, at: number) => number;

/** Types but unsigned bytes, which are taken as they lie. All but the largest int32 and float64 fit float32 exactly. */
const types: Record<number, { bytes: number; read: Reader }> = {
  9: { bytes: 1, read: (view, at) => view.getInt8(at) },
  11: { bytes: 2, read: (view, at) => view.getInt16(at) },
  12: { bytes: 4, read: (view, at) => view.getInt32(at) },
  13: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  14: { bytes: 8, read: (view, at) => view.getFloat64(at) },
};
const UNSIGNED_BYTE = 0x08;

/** What the head of an IDX file says. */
export interface IdxHead {
  shape: number[];
  type: number;
  /** Bytes of a number. */
  size: number;
  /** Bytes before the first number. */
  start: number;
}

/** The head's first 4 bytes, which say how long it is. */
export const HEAD_START = 4;

/** The bytes of a head that begins like this. */
export function headLength(bytes: Uint8Array, place: string): number {
  return HEAD_START + 4 * decodeStart(bytes, place).dimensions;
}

function decodeStart(bytes: Uint8Array, place: string): { type: number; size: number; dimensions: number } {
  if (bytes.length < HEAD_START) refuse(place, "its length", "at least 4 bytes", bytes.length);
  const [first, second, type, dimensions] = bytes as unknown as [number, number, number, number];
  if (first !== 0 || second !== 0)
    refuse(place, "its first two bytes", "0", `0x${(256 * first + second).toString(16)}`);
  const size = type === UNSIGNED_BYTE ? 1 : types[type]?.bytes;
  if (size === undefined) {
    return refuse(place, "the type in byte 2", "0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e", `0x${type.toString(16)}`);
  }
  if (dimensions === 0) refuse(place, "the number of dimensions in byte 3", "at least 1", 0);
  return { type, size, dimensions };
}

/** @throws FormatError naming `place` where the bytes don't begin with a whole head. */
export function decodeHead(bytes: Uint8Array, place: string): IdxHead {
  const { type, size, dimensions } = decodeStart(bytes, place);
  const start = HEAD_START + 4 * dimensions;
  if (bytes.length < start) {
    refuse(place, "its length", `at least ${start} bytes for ${dimensions} dimensions`, bytes.length);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(HEAD_START + 4 * i));
  return { shape, type, size, start };
}

/** The numbers of a file of this type; unsigned bytes as they lie. */
export function decodeNumbers(bytes: Uint8Array, { type, size }: IdxHead): Uint8Array | Float32Array {
  if (type === UNSIGNED_BYTE) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { read } = types[type] as { read: Reader };
  return Float32Array.from({ length: bytes.length / size }, (_, i) => read(view, i * size));
}

/** @throws FormatError naming `place` where the bytes aren't one whole IDX file. */
export function decodeIdx(bytes: Uint8Array, place: string): Idx {
  const head = decodeHead(bytes, place);
  const { shape, size, start } = head;
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== start + count * size) {
    refuse(place, "its length", `${start + count * size} bytes for ${shape.join("×")} numbers`, bytes.length);
  }
  return { shape, values: decodeNumbers(bytes.subarray(start), head) };
}

function refuse(place: string, where: string, expected: string, got: string | number): never {
  throw new FormatError(`${place} is no IDX file: ${where} must be ${expected}, got ${got}`);
}
