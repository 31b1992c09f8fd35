// Arguments as they are generated: some can be used, and of the others it is known which place the refusal must name.

import fc from "fast-check";

/** A value, and what the error says of it where it can't be used. */
export interface Argument<T = unknown> {
  value: T;
  refusal?: RegExp;
}

const good = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<Argument<T>> => values.map((value) => ({ value }));
const bad = <T>(refusal: RegExp, ...values: unknown[]): fc.Arbitrary<Argument<T>> =>
  fc.constantFrom(...values).map((value) => ({ value: value as T, refusal }));

/** Some of a kind, one in four of which is wrong. */
const mixed = <T>(right: fc.Arbitrary<T>, ...wrong: fc.Arbitrary<Argument<T>>[]): fc.Arbitrary<Argument<T>> =>
  fc.oneof(
    { arbitrary: good(right), weight: 3 * wrong.length },
    ...wrong.map((arbitrary) => ({ arbitrary, weight: 1 })),
  );

/** Of all networks here. */
export const INPUTS = 2;
export const OUTPUTS = 2;

const number = fc.oneof(fc.float({ min: -8, max: 8, noNaN: true }), fc.constantFrom(0, -0, 1, 1e-40, -1000));
const numbers = (count: number) => fc.array(number, { minLength: count, maxLength: count });
const row = numbers(INPUTS);
const unusable = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39, "1", null, undefined, {}, 7n];
const noArrays = ["abc", 3, null, undefined, {}, new BigInt64Array(2), new DataView(new ArrayBuffer(8))];

/** Numbers, one of which isn't any, or isn't finite in float32. */
const spoilt = (count: number, place: string, element = place) =>
  fc.tuple(numbers(count), fc.nat(count - 1), fc.constantFrom(...unusable)).map(([values, at, wrong]) => ({
    value: values.with(at, wrong as number),
    refusal: new RegExp(`^${element}\\[\\d+\\](\\[\\d+\\])? must|^${place} must`),
  }));

type Samples = ArrayLike<number> | readonly ArrayLike<number>[];

/** Rows of inputs: flat, nested, typed. */
export const samples: fc.Arbitrary<Argument<Samples>> = mixed<Samples>(
  fc.array(row, { minLength: 1, maxLength: 5 }).chain((rows) =>
    fc.constantFrom<Samples>(
      rows,
      rows.flat(),
      new Float32Array(rows.flat()),
      new Float64Array(rows.flat()),
      rows.map((one) => new Float32Array(one)),
    ),
  ),
  spoilt(INPUTS, "samples", "samples?"),
  bad(/^samples must hold rows of 2 numbers, got/, [], [1], [1, 2, 3], new Float32Array(5)),
  bad(/^samples must be an array of numbers or of rows/, ...noArrays),
  bad(
    /^samples\[1\] must /,
    [[1, 2], [1]],
    [[1, 2], 3],
    [[1, 2], "ab"],
    [
      [1, 2],
      [1, 2, 3],
    ],
  ),
);

/** One row of inputs. */
export const sample = mixed<ArrayLike<number>>(
  fc.oneof(
    row,
    row.map((values) => new Float32Array(values)),
  ),
  spoilt(INPUTS, "sample"),
  bad(/^sample must /, [], [1], [1, 2, 3], ...noArrays.slice(0, 5)),
);

/** One row of targets. */
export const target = mixed<ArrayLike<number>>(
  fc.constantFrom([0, 1], [1, 0], new Float32Array([1, 0])),
  spoilt(OUTPUTS, "target"),
  bad(/^target must /, [], [1], [0, 1, 0], "ab"),
);

export interface Batch {
  inputs: ArrayLike<number>;
  targets: Samples;
  weights: ArrayLike<number> | undefined;
}

const oneHot = (labels: readonly number[]) => labels.map((label) => [1 - label, label]);

/** A mini-batch of rows, labels as rows or as class indices, and perhaps weights. */
export const batch: fc.Arbitrary<Argument<Batch>> = mixed<Batch>(
  fc
    .record({
      rows: fc.array(row, { minLength: 1, maxLength: 6 }),
      asRows: fc.constantFrom("nested", "flat", "indices"),
      weighs: fc.boolean(),
    })
    .map(({ rows, asRows, weighs }) => {
      const labels = rows.map(([first]) => Number(first > 0));
      const targets = { nested: oneHot(labels), flat: oneHot(labels).flat(), indices: labels }[asRows] as Samples;
      return { inputs: rows.flat(), targets, weights: weighs ? rows.map((_, i) => i % 3) : undefined };
    }),
  spoilt(2 * INPUTS, "inputs").map(({ value, refusal }) => ({
    value: { inputs: value, targets: [0, 1], weights: undefined },
    refusal,
  })),
  fc
    .constantFrom([2, 0], [0.5, 0], [0, -1], [Number.NaN, 0], [[0, 1], [1]], [0, 1, 0], ["a", "b"], "ab", null)
    .map((targets) => ({
      value: { inputs: [1, 2, 3, 4], targets: targets as Samples, weights: undefined },
      refusal: /^targets(\[\d+\])* must|^inputs and targets must have as many rows/,
    })),
  fc.constantFrom([1], [1, -1], [1, Number.NaN], "ab", [1, 2, 3]).map((weights) => ({
    value: { inputs: [1, 2, 3, 4], targets: [0, 1], weights: weights as number[] },
    refusal: /^sampleWeights(\[\d+\])* must/,
  })),
);

/** All parameters of a network, made from a few numbers, as nobody knows yet how many it has. */
export const vector = mixed<(count: number) => ArrayLike<number>>(
  numbers(4).map((few) => (count) => Float32Array.from({ length: count }, (_, i) => few[i % 4] / 8)),
  bad(
    /^vector must have \d+ numbers, got/,
    () => [],
    (count: number) => new Float32Array(count + 1),
  ),
  bad(
    /^vector\[\d+\] must be finite in float32, got/,
    (count: number) => new Float32Array(count).fill(Number.NaN, count - 1),
    (count: number) => new Float64Array(count).fill(1e39),
  ),
  bad(
    /^vector must be an array of \d+ numbers, got/,
    () => undefined,
    () => "abc",
    () => ({}),
  ),
);

export const layerIndex = mixed(
  fc.constant(0),
  bad(/^i must be an integer from 0 to \d, got/, -1, 0.5, 99, "0", undefined),
);

export const learningRate = mixed(
  fc.constantFrom(0.001, 0.01, 0.1),
  bad(
    /^learningRate( in float32)? must be a finite number above 0, got/,
    0,
    -1,
    Number.NaN,
    1e39,
    1e-50,
    "1",
    undefined,
  ),
);

export const threads = mixed<number | "auto" | "worker" | undefined>(
  fc.constantFrom<number | "auto" | "worker" | undefined>(undefined, 1, 2, 3, "worker", "auto"),
  bad(/^threads must be /, 0, -1, 1.5, 257, "many", {}, null, Number.NaN),
);
