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

/** @throws FormatError naming `place` where the bytes aren't one whole IDX file. */
export function decodeIdx(bytes: Uint8Array, place: string): Idx {
  const refuse = (where: string, expected: string, got: string | number): never => {
    throw new FormatError(`${place} is no IDX file: ${where} must be ${expected}, got ${got}`);
  };
  if (bytes.length < 4) refuse("its length", "at least 4 bytes", bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0) refuse("its first two bytes", "0", `0x${view.getUint16(0).toString(16)}`);
  const type = view.getUint8(2);
  const size = type === UNSIGNED_BYTE ? 1 : types[type]?.bytes;
  if (size === undefined) {
    return refuse("the type in byte 2", "0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e", `0x${type.toString(16)}`);
  }
  const dimensions = view.getUint8(3);
  if (dimensions === 0) refuse("the number of dimensions in byte 3", "at least 1", 0);
  const start = 4 + 4 * dimensions;
  if (bytes.length < start) refuse("its length", `at least ${start} bytes for ${dimensions} dimensions`, bytes.length);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== start + count * size) {
    refuse("its length", `${start + count * size} bytes for ${shape.join("×")} numbers`, bytes.length);
  }
  if (type === UNSIGNED_BYTE) return { shape, values: bytes.subarray(start) };
  const { read } = types[type] as { read: Reader };
  return { shape, values: Float32Array.from({ length: count }, (_, i) => read(view, start + i * size)) };
}
