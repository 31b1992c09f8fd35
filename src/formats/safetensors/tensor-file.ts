// The frame of a safetensors file (https://github.com/huggingface/safetensors#format):
//
//   0   uint64    h, the length of the header
//   8   h bytes   header: JSON in UTF-8 that begins with "{" and may end in spaces
//   …   bytes     the tensors' numbers, row-major, each where the header says, with no byte between them or left over
//
// Little-endian throughout. The header has for each tensor {"dtype", "shape", "data_offsets": [from, to]}, counted from its own
// end, and under "__metadata__" strings by name.

import { got, oneOf, plainObject, wholeNumber } from "../../checks.js";
import { FormatError } from "../errors.js";
import { type FloatKind, floatsOf, littleEndian } from "../floats.js";
import { headerLength, isSafetensors, LONGEST_HEADER, START } from "./recognise.js";

export interface Tensor {
  name: string;
  shape: readonly number[];
  /** @throws FormatError where they aren't floating-point numbers. */
  numbers(): Float32Array<ArrayBuffer>;
}

export interface TensorFile {
  /** In the order of their bytes. */
  tensors: Tensor[];
  metadata: ReadonlyMap<string, unknown>;
}

/** Bytes of a number, by the format's names. */
const sizes = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1 },
  ...{ I16: 2, U16: 2, F16: 2, BF16: 2, I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 },
};
const dtypes = Object.keys(sizes) as (keyof typeof sizes)[];
const floatKinds: readonly string[] = ["F64", "F32", "F16", "BF16"] satisfies FloatKind[];

export function encodeTensorFile(
  tensors: readonly { name: string; shape: readonly number[]; numbers: Float32Array }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  let end = 0;
  const entries = tensors.map(({ name, shape, numbers }) => {
    const from = end;
    end += numbers.length * 4;
    return [name, { dtype: "F32", shape, data_offsets: [from, end] }];
  });
  const text = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(START + length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.fill(0x20, START, START + length).set(text, START);
  let at = START + length;
  for (const { numbers } of tensors) {
    bytes.set(littleEndian(numbers), at);
    at += numbers.length * 4;
  }
  return bytes;
}

/** @throws FormatError for a file that isn't as above. */
export function decodeTensorFile(bytes: Uint8Array): TensorFile {
  try {
    if (!isSafetensors(bytes)) {
      throw new RangeError(
        `its header must be JSON, as long as its first 8 bytes say, within the file and at most ${LONGEST_HEADER} bytes`,
      );
    }
    const start = START + headerLength(bytes);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(START, start));
    const header = new Map(Object.entries(plainObject(JSON.parse(text), "the header")));
    const twice = firstTwice(keysOf(text));
    if (twice !== undefined) throw new RangeError(`its names must be different, got ${got(twice)} twice`);
    const metadata = new Map(Object.entries(plainObject(header.get("__metadata__") ?? {}, "__metadata__")));
    header.delete("__metadata__");
    const data = bytes.subarray(start);
    return { tensors: tensorsIn(data, header), metadata };
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(`this is no safetensors file that can be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function tensorsIn(data: Uint8Array, header: ReadonlyMap<string, unknown>): Tensor[] {
  const found = Array.from(header, ([name, value]) => located(name, value));
  found.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { place, from, to } of found) {
    if (from !== end) {
      throw new RangeError(`${place} must begin at byte ${end}, where the one before it ends, got ${from}`);
    }
    end = to;
  }
  if (end !== data.length) throw new RangeError(`its tensors must take ${end} bytes, got ${data.length}`);
  return found.map(({ name, place, shape, dtype, from, to }) => ({
    name,
    shape,
    numbers() {
      if (!floatKinds.includes(dtype)) {
        throw new FormatError(`${place} must have numbers of one of ${floatKinds.join(", ")}, got ${dtype}`);
      }
      return floatsOf(data.subarray(from, to), dtype as FloatKind, place);
    },
  }));
}

/** What the header says of a tensor, its parts in keeping with each other. */
function located(name: string, value: unknown) {
  const place = `tensor '${name}'`;
  const fields = plainObject(value, place);
  const dtype = oneOf(fields.dtype, `${place}'s dtype`, dtypes);
  const shape = wholeNumbers(fields.shape, `${place}'s shape`);
  const [from, to, ...others] = wholeNumbers(fields.data_offsets, `${place}'s data_offsets`);
  if (from === undefined || to === undefined || others.length > 0) {
    throw new RangeError(`${place}'s data_offsets must be where it begins and ends`);
  }
  const size = sizes[dtype];
  const expected = shape.reduce((product, each) => product * each, size);
  if (to - from !== expected) {
    throw new RangeError(`${place} of ${dtype} [${shape.join(", ")}] must take ${expected} bytes, got ${to - from}`);
  }
  if (from % size !== 0) throw new RangeError(`${place} must begin at a multiple of ${size} bytes, got ${from}`);
  return { name, place, dtype, shape, from, to };
}

function wholeNumbers(value: unknown, place: string): number[] {
  if (!Array.isArray(value)) throw new TypeError(`${place} must be an array, got ${got(value)}`);
  return value.map((each, i) => wholeNumber(each, `${place}[${i}]`, 0));
}

/** The names in the outermost object of a correct JSON text, of which a parser gives each once. */
function keysOf(json: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let before = "";
  // by hand: a regular expression runs out of stack in a string of millions of escapes
  for (let at = 0; at < json.length; at++) {
    const token = json[at] as string;
    if (token === '"') {
      const end = endOfString(json, at + 1);
      if (depth === 1 && before !== ":") keys.push(JSON.parse(json.slice(at, end + 1)));
      at = end;
    } else if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    if (token === ":" || token === ",") before = token;
  }
  return keys;
}

/** Where the quotation mark is that ends a string. */
function endOfString(json: string, from: number): number {
  let at = from;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}
