// The operators that aren't lanewise, as steps.

import { FormatError } from "../errors.js";
import type { Step } from "../sequence.js";
import { shortest } from "../shortest.js";
import type { Budget } from "./budget.js";
import { type Constant, floatsIn } from "./constants.js";
import type { Operation } from "./graph.js";
import { sizeOf } from "./shapes.js";

/**
 * @param given its inputs that are constants
 * @param sample the dimensions of a sample, where they are known
 */
type Reader = (
  operation: Operation,
  given: readonly (Constant | undefined)[],
  sample: readonly number[] | undefined,
  budget: Budget,
) => Step;

export const readers = new Map<string, Reader>(
  Object.entries({
    /** α·x·B + β·C, where B may be transposed. */
    Gemm(operation, given, sample, budget) {
      const { place, attributes } = operation;
      if (attributes.int("transA", 0) !== 0) throw new FormatError(`${place} with transA can't be read`);
      assertRow(operation, sample);
      const transB = attributes.int("transB", 0) !== 0;
      const { weights, units, inputs } = matrix(operation, given, transB, budget);
      const alpha = attributes.float("alpha", 1);
      const beta = attributes.float("beta", 1);
      const biases = given[2] === undefined ? new Float32Array(units) : row(operation, given[2], units, budget);
      if (operation.inputs[2] && given[2] === undefined) throw new FormatError(`${place} must have constant biases`);
      return { place, kind: "dense", units, inputs, weights: times(weights, alpha), biases: times(biases, beta) };
    },
    MatMul(operation, given, sample, budget) {
      assertRow(operation, sample);
      const { weights, units, inputs } = matrix(operation, given, false, budget);
      const biases = new Float32Array(budget.take(operation.place, units));
      return { place: operation.place, kind: "dense", units, inputs, weights, biases };
    },
    BatchNormalization(operation, given, sample, budget) {
      const { place, attributes } = operation;
      if (attributes.int("training_mode", 0) !== 0) throw new FormatError(`${place} in training mode can't be read`);
      assertRow(operation, sample);
      const units = unitsOf(operation, given[1]);
      const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => row(operation, given[i], units, budget));
      return {
        ...{ place, kind: "batchNormalization", gamma, beta, mean, variance },
        epsilon: decimal(attributes.float("epsilon", 1e-5)),
        // PyTorch's is the share of what is new
        momentum: decimal(1 - attributes.float("momentum", 0.9)),
      };
    },
    LayerNormalization(operation, given, sample, budget) {
      const { place, attributes } = operation;
      assertRow(operation, sample);
      assertLastAxis(operation, attributes.int("axis", -1));
      const units = unitsOf(operation, given[1]);
      const gamma = row(operation, given[1], units, budget);
      const beta = operation.inputs[2] ? row(operation, given[2], units, budget) : new Float32Array(units);
      const epsilon = decimal(attributes.float("epsilon", 1e-5));
      return { place, kind: "layerNormalization", gamma, beta, epsilon };
    },
    Softmax(operation, _, sample) {
      assertRow(operation, sample);
      // the default of opsets before 13, where what is before the axis counts as rows, is the last one here
      assertLastAxis(operation, operation.attributes.int("axis", -1));
      return { place: operation.place, kind: "activation", activation: "softmax" };
    },
    Add: (...all) => affine(...all, (c) => [1, c]),
    Sub: (...all) => affine(...all, (c, isFirst) => (isFirst ? [-1, c] : [1, -c])),
    Mul: (...all) => affine(...all, (c) => [c, 0]),
    Div: (...all) => affine(...all, (c, isFirst) => (isFirst ? [Number.NaN, 0] : [1 / c, 0])),
  } satisfies Record<string, Reader>),
);

/** x and a number for each of its own, by `line`: factor and offset from that number. */
function affine(
  { place, operator, inputs }: Operation,
  given: readonly (Constant | undefined)[],
  sample: readonly number[] | undefined,
  budget: Budget,
  line: (constant: number, isFirst: boolean) => [factor: number, offset: number],
): Step {
  const isFirst = given[0] !== undefined;
  const constant = given[isFirst ? 0 : 1];
  if (constant === undefined || inputs.length !== 2) throw new FormatError(`${place} must have a constant`);
  const own = withoutOnes(constant.dimensions);
  if (
    constant.dimensions.length > (sample?.length ?? 1) + 1 ||
    (sample ? String(own) !== String(withoutOnes(sample)) : own.length > 1)
  ) {
    throw new FormatError(
      `${place} must have a number for each of [${sample?.join(", ") ?? "?"}], got [${constant.dimensions.join(", ")}]`,
    );
  }
  budget.take(place, sizeOf(constant.dimensions));
  const lines = Array.from(floatsIn(constant), (each) => line(each, isFirst));
  const factor = Float64Array.from(lines, ([each]) => each);
  if (factor.some(Number.isNaN))
    throw new FormatError(`${place}: ${operator} of a constant by the input can't be read`);
  return { place, kind: "affine", factor, offset: Float64Array.from(lines, ([, each]) => each) };
}

/** Sizes of 1 in front, which broadcasting adds. */
function withoutOnes(dimensions: readonly number[]): readonly number[] {
  const first = dimensions.findIndex((each) => each !== 1);
  return first < 0 ? [1] : dimensions.slice(first);
}

/** The second input, as weights [to][from]. */
function matrix(
  { place, operator }: Operation,
  given: readonly (Constant | undefined)[],
  isTransposed: boolean,
  budget: Budget,
) {
  const [, constant] = given;
  if (constant?.dimensions.length !== 2) {
    const came = constant === undefined ? "none" : `[${constant.dimensions.join(", ")}]`;
    throw new FormatError(`${place}: ${operator}'s second input must be a constant matrix, got ${came}`);
  }
  const [rows, columns] = constant.dimensions;
  budget.take(place, rows * columns);
  const [units, inputs] = isTransposed ? [rows, columns] : [columns, rows];
  const upright = isTransposed
    ? constant
    : { ...constant, dimensions: [units, inputs], isTransposed: !constant.isTransposed };
  return { weights: floatsIn(upright), units, inputs };
}

/** A constant with a number for each unit, or one for all. */
function row({ place }: Operation, constant: Constant | undefined, units: number, budget: Budget): Float32Array {
  if (constant === undefined) throw new FormatError(`${place} must have constants besides its first input`);
  budget.take(place, units);
  const size = sizeOf(constant.dimensions);
  if (
    (size !== units && size !== 1) ||
    constant.dimensions.at(-1) !== (constant.dimensions.length === 0 ? undefined : size)
  ) {
    throw new FormatError(`${constant.place} must have ${units} numbers, got [${constant.dimensions.join(", ")}]`);
  }
  const numbers = floatsIn(constant);
  return size === units ? numbers : new Float32Array(units).fill(numbers[0]);
}

const unitsOf = ({ place }: Operation, constant: Constant | undefined): number =>
  constant?.dimensions.length === 1
    ? constant.dimensions[0]
    : fail(`${place} must have a constant scale of one dimension`);

function fail(message: string): never {
  throw new FormatError(message);
}

function assertRow({ place }: Operation, sample: readonly number[] | undefined): void {
  if (sample === undefined || sample.length === 1) return;
  throw new FormatError(`${place} must take samples of one dimension, got [${sample.join(", ")}]`);
}

function assertLastAxis({ place }: Operation, axis: number): void {
  if (axis !== -1 && axis !== 1) throw new FormatError(`${place} must be along the last axis, got axis ${axis}`);
}

const times = (numbers: Float32Array, by: number) => (by === 1 ? numbers : numbers.map((each) => each * by));

/** A float32 as it was written in decimal: 1e-5, not 9.999999747378752e-6. */
const decimal = (value: number) => Number(shortest(value));
