// NPY, numpy's format of an array: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
//
//   0   \x93NUMPY    magic
//   6   major, minor  version: 1.0, 2.0 or 3.0
//   8   uint16        h, the length of the header, little-endian; uint32 from version 2.0 on
//   …   h bytes       {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
//   …   the numbers

import { readSource, type Source } from "../data/source.js";
import { FormatError } from "../formats/errors.js";
import { nameOf } from "./source-name.js";

/** An array of numpy's. */
export interface NumpyArray {
  /** Empty for a single number. */
  shape: number[];
  /** In C order, the last dimension running fastest. int64 and uint64 as float64, booleans as 0 and 1. */
  data: Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;
}

type Numbers = NumpyArray["data"] | BigInt64Array | BigUint64Array;

/** What the numbers of each type lie in. */
const types = new Map<string, (buffer: ArrayBuffer) => Numbers>([
  ["f4", (buffer) => new Float32Array(buffer)],
  ["f8", (buffer) => new Float64Array(buffer)],
  ["i1", (buffer) => new Int8Array(buffer)],
  ["i2", (buffer) => new Int16Array(buffer)],
  ["i4", (buffer) => new Int32Array(buffer)],
  ["i8", (buffer) => new BigInt64Array(buffer)],
  ["u1", (buffer) => new Uint8Array(buffer)],
  ["u2", (buffer) => new Uint16Array(buffer)],
  ["u4", (buffer) => new Uint32Array(buffer)],
  ["u8", (buffer) => new BigUint64Array(buffer)],
  ["b1", (buffer) => new Uint8Array(buffer)],
]);

/**
 * The array in a file of numpy.save, gzipped or not.
 *
 * @throws FormatError for what is no such file or is cut off, types other than integers, float32, float64 and booleans, and
 *   64-bit integers that float64 doesn't hold
 */
export async function readNpy(source: Source): Promise<NumpyArray> {
  const place = nameOf(source) ?? "the file";
  return decodeNpy(await readSource(source, place), place);
}

export const NPY_MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** @throws FormatError naming `place` where the bytes aren't one whole array. */
export function decodeNpy(bytes: Uint8Array, place: string): NumpyArray {
  const { header, start } = decodeHead(bytes, place);
  const { descr, isFortran, shape } = parseHeader(header, place);
  const [, order, type] = descr.match(/^([<>|=])([a-z]\d+)$/) ?? [];
  const view = types.get(type);
  if (view === undefined) {
    refuse(place, "its type", `one of ${[...types.keys()].join(", ")}`, descr);
  }
  const size = Number(type.slice(1));
  const count = shape.reduce((product, length) => product * length, 1);
  const expected = start + count * size;
  if (bytes.length !== expected) {
    refuse(place, "its length", `${expected} bytes for ${shape.join("×")} numbers`, bytes.length);
  }
  // a copy: of its own, aligned, and in this machine's order
  const copy = bytes.slice(start);
  if (order === ">") swap(copy, size);
  const data = numbersOf(view(copy.buffer), place);
  return { shape, data: isFortran && shape.length > 1 ? transposed(data, shape) : data };
}

function decodeHead(bytes: Uint8Array, place: string): { header: string; start: number } {
  if (bytes.length < 10 || NPY_MAGIC.some((byte, i) => bytes[i] !== byte)) {
    refuse(place, "its beginning", "\\x93NUMPY, a version and a length", "other bytes");
  }
  const major = bytes[6];
  if (major < 1 || major > 3) refuse(place, "its version", "1, 2 or 3", major);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = major === 1 ? 10 : 12;
  if (bytes.length < begin) refuse(place, "its length", `at least ${begin} bytes`, bytes.length);
  const start = begin + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < start) refuse(place, "its length", `at least ${start} bytes, as its header says`, bytes.length);
  return { header: new TextDecoder().decode(bytes.subarray(begin, start)), start };
}

/** Reads what numpy writes: a dictionary of these three, in any order. */
function parseHeader(header: string, place: string): { descr: string; isFortran: boolean; shape: number[] } {
  // structured types have a list of fields there
  const descr = header.match(/'descr': *'([^']*)'/)?.[1];
  if (descr === undefined) refuse(place, "its type", `one of ${[...types.keys()].join(", ")}`, "another, or none");
  const fortran = header.match(/'fortran_order': *(True|False)/)?.[1];
  if (fortran === undefined) refuse(place, "fortran_order in its header", "True or False", "something else");
  const sizes = header.match(/'shape': *\(((?:\d+, *)*\d*)\)/)?.[1];
  if (sizes === undefined) refuse(place, "the shape in its header", "a tuple of integers", "something else");
  const shape = sizes.split(",").filter((size) => size.trim() !== "");
  if (shape.length > 32) refuse(place, "its number of dimensions", "at most 32", shape.length);
  return { descr, isFortran: fortran === "True", shape: shape.map(Number) };
}

/** Reverses the bytes of each number. */
function swap(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

function numbersOf(values: Numbers, place: string): NumpyArray["data"] {
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) return values;
  return Float64Array.from(values as BigInt64Array, (value, i) => {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) refuse(place, `number ${i}`, "from −2⁵³ + 1 to 2⁵³ − 1", String(value));
    return number;
  });
}

/** Numbers whose first dimension runs fastest as numbers whose last does. */
function transposed<T extends NumpyArray["data"]>(data: T, shape: readonly number[]): T {
  const turned = data.slice() as T;
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    turned[to] = data[from];
    // the next index in C order, and where its number is
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] += 1;
      from += strides[axis];
      if (index[axis] < shape[axis]) break;
      from -= index[axis] * strides[axis];
      index[axis] = 0;
    }
  }
  return turned;
}

function refuse(place: string, where: string, expected: string, got: string | number): never {
  throw new FormatError(`${place} is no array of numbers: ${where} must be ${expected}, got ${got}`);
}
