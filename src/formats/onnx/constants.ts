// The numbers of a graph that don't depend on its input.

import { FormatError } from "../errors.js";
import { bytesOf, type FloatKind, floatsOf } from "../floats.js";
import type { OpenSibling } from "../format.js";
import type { Attributes } from "./attributes.js";
import * as schema from "./schema.js";
import { isReshaping, reshaped, sizeOf } from "./shapes.js";

const { DataType } = schema;
type Tensor = schema.Tensor;

const floatKinds = new Map<number, FloatKind>([
  [DataType.FLOAT, "F32"],
  [DataType.DOUBLE, "F64"],
  [DataType.FLOAT16, "F16"],
  [DataType.BFLOAT16, "BF16"],
]);

/** No tensor has more dimensions. */
const MOST_SIZES = 64;

export const isFloat = (dataType: number) => floatKinds.has(dataType);

/**
 * Whether a Cast keeps floating-point numbers as they are, in float32.
 *
 * @param from the numbers' own type; left out for those that are computed in float32
 * @throws FormatError where it rounds them
 */
export function keepsFloats(place: string, to: number, from: number = DataType.FLOAT): boolean {
  const kind = floatKinds.get(to);
  if (kind === undefined || !isFloat(from)) return false;
  if (to !== from && bytesOf(kind) < 4) {
    throw new FormatError(`${place} rounds to ${kind === "F16" ? "float16" : "bfloat16"}, which no network here does`);
  }
  return true;
}

export interface Constant {
  /** What errors call it. */
  place: string;
  dimensions: readonly number[];
  tensor: Tensor;
  /** Whether it is [n, m] in a tensor of [m, n]. */
  isTransposed?: boolean;
}

export function constantOf(place: string, tensor: Tensor): Constant {
  if (tensor.dimensions.some((each) => each < 0)) {
    throw new FormatError(`${place} must have sizes of at least 0, got [${tensor.dimensions.join(", ")}]`);
  }
  return { place, dimensions: tensor.dimensions, tensor };
}

/** @throws FormatError where they aren't floating-point numbers, or another count than the dimensions say. */
export function floatsIn({ place, dimensions, tensor, isTransposed = false }: Constant): Float32Array {
  const kind = floatKinds.get(tensor.dataType);
  if (kind === undefined)
    throw new FormatError(`${place} must have floating-point numbers, got type ${tensor.dataType}`);
  const { raw } = tensor;
  const list = kind === "F32" ? tensor.floats : kind === "F64" ? tensor.doubles : tensor.int32s;
  assertCount(place, dimensions, raw.length > 0 ? raw.length / bytesOf(kind) : list.length);
  const numbers = raw.length > 0 ? floatsOf(raw, kind, place) : listed(list, kind, place);
  if (!isTransposed) return numbers;
  const [rows, columns] = dimensions;
  return numbers.map((_, at) => numbers[(at % columns) * rows + Math.floor(at / columns)]);
}

/** Sizes and axes. */
export function integersIn({ place, dimensions, tensor }: Constant): number[] {
  const { raw, int32s, int64s, dataType } = tensor;
  if (dataType !== DataType.INT64 && dataType !== DataType.INT32) {
    throw new FormatError(`${place} must have whole numbers, got type ${dataType}`);
  }
  if (!(sizeOf(dimensions) <= MOST_SIZES)) throw new FormatError(`${place} must have at most ${MOST_SIZES} numbers`);
  const isLong = dataType === DataType.INT64;
  const list = isLong ? int64s : int32s;
  const bytes = isLong ? 8 : 4;
  assertCount(place, dimensions, raw.length > 0 ? raw.length / bytes : list.length);
  if (raw.length === 0) return list;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw.length / bytes }, (_, i) =>
    isLong ? Number(view.getBigInt64(i * bytes, true)) : view.getInt32(i * bytes, true),
  );
}

/** Numbers that are written one by one; those of 16 bits as integers. */
function listed(list: readonly number[], kind: FloatKind, place: string): Float32Array {
  if (bytesOf(kind) > 2) return Float32Array.from(list);
  return floatsOf(Uint8Array.from(list.flatMap((bits) => [bits & 0xff, (bits >> 8) & 0xff])), kind, place);
}

function assertCount(place: string, dimensions: readonly number[], found: number): void {
  const expected = sizeOf(dimensions);
  if (found !== expected) {
    throw new FormatError(`${place} of [${dimensions.join(", ")}] must have ${expected} numbers, got ${found}`);
  }
}

/** Whole numbers as a constant. */
export function constantOfIntegers(place: string, int64s: number[], dimensions = [int64s.length]): Constant {
  const tensor = schema.tensor.of({ dimensions, int64s, dataType: DataType.INT64 });
  return { place, dimensions, tensor };
}

/** What a node makes of constants; undefined for a node that does something else. */
export function derived(
  { operator, place, attributes }: { operator: string; place: string; attributes: Attributes },
  inputs: readonly Constant[],
): Constant | undefined {
  const [constant, second] = inputs;
  const { dimensions, tensor } = constant;
  if (operator === "Identity") return constant;
  if (operator === "Cast") {
    const to = attributes.int("to", 0);
    const isSame = to === DataType.INT64 && tensor.dataType === to;
    return isSame || keepsFloats(place, to, tensor.dataType) ? constant : undefined;
  }
  if (operator === "Transpose" && dimensions.length === 2) {
    if (String(attributes.ints("perm") ?? [1, 0]) === "0,1") return constant;
    return { ...constant, dimensions: [...dimensions].reverse(), isTransposed: !constant.isTransposed };
  }
  if (isReshaping(operator) && !constant.isTransposed) {
    const told = second && integersIn(second);
    return { ...constant, dimensions: reshaped({ operator, place, attributes }, dimensions, told) };
  }
  // sizes, as they are put together for a Reshape
  const axis = attributes.int("axis", 0);
  if (operator === "Concat" && axis === 0) return constantOfIntegers(place, inputs.flatMap(integersIn));
  if (operator === "Gather" && axis === 0 && second !== undefined && dimensions.length === 1) {
    const all = integersIn(constant);
    const chosen = integersIn(second).map((i) => all.at(i) ?? -2);
    return constantOfIntegers(place, chosen, [...second.dimensions]);
  }
  return undefined;
}

/** The bytes that a tensor has in another file, put in its place. */
export async function withExternal(place: string, tensor: Tensor, open: OpenSibling): Promise<Tensor> {
  if (tensor.location === 0) return tensor;
  const told = new Map(tensor.external.map(({ key, value }) => [key, value]));
  const bytes = await open(told.get("location") ?? "");
  const from = Number(told.get("offset") ?? 0);
  const length = Number(told.get("length") ?? bytes.length - from);
  if (
    !(Number.isInteger(from) && Number.isInteger(length) && from >= 0 && length >= 0 && from + length <= bytes.length)
  ) {
    throw new FormatError(`${place} must lie within the ${bytes.length} bytes of "${told.get("location")}"`);
  }
  return { ...tensor, location: 0, raw: bytes.subarray(from, from + length) };
}
