// The weights of a TensorFlow.js model: a manifest in model.json says which numbers lie where in which files.
// https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts (WeightsManifestConfig, WeightsManifestEntry)
//
// A group's files are one stretch of bytes in the order of their paths; its weights follow each other in it without gaps,
// little-endian, row-major. A quantised weight is scale·q + min of its uint8 or uint16 q, or float16.

import { finite, got, oneOf, wholeNumber } from "../../checks.js";
import { joinedBytes } from "../../data/joined.js";
import { FormatError } from "../errors.js";
import type { OpenSibling } from "../format.js";
import { type Fields, list, record, text } from "../json-fields.js";

/** Bytes of a number. Only float32 is read; the others may belong to an optimizer. */
const sizes = { float32: 4, int32: 4, bool: 1, complex64: 8 };
const quantisedSizes = { uint8: 1, uint16: 2, float16: 2 };

interface Quantization {
  dtype: keyof typeof quantisedSizes;
  scale: number;
  min: number;
}

interface Weight {
  dtype: keyof typeof sizes;
  shape: readonly number[];
  count: number;
  size: number;
  quantization: Quantization | undefined;
  /** Set once its file is there. */
  bytes: Uint8Array;
}

export class Weights {
  readonly #byName = new Map<string, Weight>();
  /** By the last two parts of their names, "layer/what". */
  readonly #byEnd = new Map<string, Weight[]>();

  /** @throws FormatError, RangeError or TypeError for a manifest that the files aren't as long as, or that is none. */
  static async read(manifest: unknown, open: OpenSibling): Promise<Weights> {
    const weights = new Weights();
    const opened = new Set<string>();
    for (const [g, group] of list(manifest, "weightsManifest").entries()) {
      const place = `weightsManifest[${g}]`;
      const fields = record(group, place);
      const entries = list(fields.get("weights"), `${place}.weights`).map((entry, i) =>
        weights.#declare(record(entry, `${place}.weights[${i}]`), `${place}.weights[${i}]`),
      );
      const files: Uint8Array[] = [];
      for (const [i, each] of list(fields.get("paths"), `${place}.paths`).entries()) {
        // as TensorFlow.js writes them in browsers
        const path = text(each, `${place}.paths[${i}]`).replace(/^\.\//, "");
        // a short manifest may not ask for more bytes than there are
        if (opened.has(path))
          throw new FormatError(`${place}.paths[${i}] must be another file, got ${got(path)} again`);
        opened.add(path);
        files.push(await open(path));
      }
      allot(entries, files, place);
    }
    return weights;
  }

  #declare(fields: Fields, place: string): Weight {
    const name = text(fields.get("name"), `${place}.name`).replace(/:0$/, "");
    if (this.#byName.has(name)) throw new FormatError(`${place}.name must be another one, got ${got(name)} again`);
    const shape = fields.get("shape");
    const sides = Array.isArray(shape) && shape.length === 0 ? [] : list(shape, `${place}.shape`);
    const whole = sides.map((side, i) => wholeNumber(side, `${place}.shape[${i}]`, 0));
    const dtype = oneOf(fields.get("dtype"), `${place}.dtype`, Object.keys(sizes) as (keyof typeof sizes)[]);
    const quantization = quantizationOf(fields.get("quantization"), `${place}.quantization`);
    const size = quantization === undefined ? sizes[dtype] : quantisedSizes[quantization.dtype];
    const count = whole.reduce((product, side) => product * side, 1);
    const weight = { dtype, shape: whole, count, size, quantization, bytes: new Uint8Array(0) };
    this.#byName.set(name, weight);
    const end = name.split("/").slice(-2).join("/");
    const alike = this.#byEnd.get(end);
    if (alike === undefined) this.#byEnd.set(end, [weight]);
    else alike.push(weight);
    return weight;
  }

  /**
   * A layer's numbers, which are called "layer/what" or, in a model that was part of another, "outer/layer/what".
   *
   * @throws FormatError where there are none, or not of `sides` numbers: [784, 10] say.
   */
  take(layer: string, what: string, place: string): { shape: readonly number[]; values: Float32Array } {
    const name = `${layer}/${what}`;
    const exact = this.#byName.get(name);
    const found = exact ? [exact] : (this.#byEnd.get(name) ?? []);
    const [weight] = found;
    if (weight === undefined || found.length > 1) {
      throw new FormatError(
        `${place} must have weights called ${got(name)} in the manifest, got ${found.length} of them`,
      );
    }
    if (weight.dtype !== "float32") throw new FormatError(`${place}: ${what} must be float32, got ${weight.dtype}`);
    return { shape: weight.shape, values: valuesOf(weight) };
  }
}

function quantizationOf(value: unknown, place: string): Quantization | undefined {
  if (value === undefined || value === null) return undefined;
  const fields = record(value, place);
  const names = Object.keys(quantisedSizes) as (keyof typeof quantisedSizes)[];
  const dtype = oneOf(fields.get("dtype"), `${place}.dtype`, names);
  if (dtype === "float16") return { dtype, scale: 1, min: 0 };
  const number = (name: string) => finite(fields.get(name), `${place}.${name}`);
  return { dtype, scale: number("scale"), min: number("min") };
}

/** Gives each weight of a group its bytes. */
function allot(entries: readonly Weight[], files: readonly Uint8Array[], place: string): void {
  const expected = entries.reduce((sum, { count, size }) => sum + count * size, 0);
  const bytes = joinedBytes(files);
  if (expected !== bytes.length) {
    throw new FormatError(`the files of ${place} must have ${expected} bytes, got ${bytes.length}`);
  }
  let at = 0;
  for (const entry of entries) {
    entry.bytes = bytes.subarray(at, at + entry.count * entry.size);
    at += entry.count * entry.size;
  }
}

function valuesOf({ bytes, count, size, quantization }: Weight): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (quantization === undefined)
    return Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * size, true));
  const { dtype, scale, min } = quantization;
  if (dtype === "float16")
    return Float32Array.from({ length: count }, (_, i) => float16(view.getUint16(i * size, true)));
  const read = (i: number) => (dtype === "uint8" ? view.getUint8(i) : view.getUint16(i * size, true));
  return Float32Array.from({ length: count }, (_, i) => read(i) * scale + min);
}

/** IEEE 754 binary16. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
