// The dimensions that Flatten, Reshape, Squeeze and Unsqueeze make of others. Numbers keep their order in all of them.

import { FormatError } from "../errors.js";
import type { Attributes } from "./attributes.js";

interface Reshaping {
  operator: string;
  place: string;
  attributes: Attributes;
}

export const isReshaping = (operator: string) => ["Flatten", "Reshape", "Squeeze", "Unsqueeze"].includes(operator);

/** The product of dimensions. */
export const sizeOf = (dimensions: readonly number[]) => dimensions.reduce((product, each) => product * each, 1);

/**
 * @param told the second input, where there is one: the new dimensions, or axes
 * @throws FormatError for what can't be done.
 */
export function reshaped(
  { operator, place, attributes }: Reshaping,
  dimensions: readonly number[],
  told: readonly number[] | undefined,
): number[] {
  const rank = dimensions.length;
  if (operator === "Flatten") {
    const axis = counted(attributes.int("axis", 1), rank);
    return [sizeOf(dimensions.slice(0, axis)), sizeOf(dimensions.slice(axis))];
  }
  if (operator === "Reshape") {
    if (told === undefined) throw new FormatError(`${place} must be told its new shape by a constant`);
    return filled(place, told, dimensions);
  }
  // until opset 12 the axes are an attribute
  const axes = told ?? attributes.ints("axes");
  if (operator === "Squeeze") {
    const gone = axes?.map((axis) => counted(axis, rank)) ?? [...dimensions.keys()].filter((i) => dimensions[i] === 1);
    if (gone.some((axis) => dimensions[axis] !== 1)) throw new FormatError(`${place} can only leave out sizes of 1`);
    return dimensions.filter((_, i) => !gone.includes(i));
  }
  const added = new Set((axes ?? []).map((axis) => counted(axis, rank + (axes ?? []).length)));
  const rest = [...dimensions];
  return Array.from({ length: rank + added.size }, (_, i) => (added.has(i) ? 1 : (rest.shift() as number)));
}

/** 0 keeps a size, −1 takes what is left. */
function filled(place: string, told: readonly number[], dimensions: readonly number[]): number[] {
  const shape = told.map((size, i) => (size === 0 ? dimensions[i] : size));
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = sizeOf(dimensions) / sizeOf(shape.filter((_, i) => i !== open));
  if (!shape.every((size) => Number.isInteger(size) && size >= 0) || sizeOf(shape) !== sizeOf(dimensions)) {
    throw new FormatError(
      `${place} must keep the ${sizeOf(dimensions)} numbers of [${dimensions.join(", ")}], got [${told.join(", ")}]`,
    );
  }
  return shape;
}

const counted = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);
