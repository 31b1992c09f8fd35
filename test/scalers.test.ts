// The scalers and the encoder against scikit-learn, whose results (in float64) are in fixtures/sklearn-scalers.json.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  type Category,
  FormatError,
  MinMaxScaler,
  type Numbers,
  OneHotEncoder,
  RobustScaler,
  StandardScaler,
} from "../src/index.js";
import { rowsOf } from "./arrays.js";
import { U } from "./tolerance.js";

interface Result {
  scaler: keyof typeof scalers;
  learned: Record<string, number[]>;
  transformed: number[][];
  inverse: number[][];
}

interface Encoding {
  values: Category[] | Category[][];
  probe: Category[] | Category[][];
  categories: Category[][];
  transformed: number[][];
  inverse: unknown[];
}

interface Fixtures {
  sklearn: string;
  tables: { name: string; rows: number[][]; probe: number[][]; results: Result[] }[];
  encodings: Encoding[];
}

const { sklearn, tables, encodings }: Fixtures = JSON.parse(
  readFileSync(new URL("fixtures/sklearn-scalers.json", import.meta.url), "utf8"),
);

const scalers = {
  minMax: (columns?: number) => new MinMaxScaler(told(columns)),
  minMaxRange: (columns?: number) => new MinMaxScaler({ ...told(columns), featureRange: [-2, 3] }),
  standard: (columns?: number) => new StandardScaler(told(columns)),
  robust: (columns?: number) => new RobustScaler(told(columns)),
};
const told = (columns: number | undefined) => (columns === undefined ? {} : { columns });
type Scaler = ReturnType<(typeof scalers)[keyof typeof scalers]>;
const makers = Object.entries(scalers);
const classes = { MinMaxScaler, StandardScaler, RobustScaler, OneHotEncoder };
const fromJSON = (scaler: Scaler) => {
  const copy: unknown = JSON.parse(JSON.stringify(scaler));
  return classes[scaler[Symbol.toStringTag] as "RobustScaler"].fromJSON(copy);
};

const EPSILON = Number.EPSILON;
const largest = (values: Iterable<number>) => [...values].reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** One rounding to float32, and `roundings` in float64 of numbers no larger than `magnitude`. */
const near = (exact: number, magnitude: number, roundings = 8) =>
  U * Math.abs(exact) + 2 ** -149 + roundings * EPSILON * magnitude;

function expectNear(actual: number, exact: number, tolerance: number, place: string): void {
  expect(Math.abs(actual - exact), `${place}: ${actual} for ${exact}`).toBeLessThanOrEqual(tolerance);
}

describe(`scikit-learn ${sklearn}`, () => {
  for (const { name, rows, probe, results } of tables) {
    for (const { scaler: kind, learned, transformed, inverse } of results) {
      it(`${kind}: ${name}`, () => {
        const scaler = scalers[kind]().fit(rows);
        for (const [key, exact] of Object.entries(learned)) {
          const actual: number[] = [...(scaler as unknown as Record<string, Float64Array>)[key]];
          expect(actual.length).toBe(exact.length);
          actual.forEach((value, k) => {
            // a variance or deviation of 0 is found to within the roundings of the column's numbers
            const rounding = rows.length * EPSILON * largest(rows.map((row) => row[k]));
            const least = kind === "standard" ? (key === "variance" ? rounding ** 2 : rounding / rows.length) : 0;
            expectNear(value, exact[k], 1e-12 * Math.abs(exact[k]) + least, `${key}[${k}]`);
          });
        }
        const { factor, offset } = scaler.affine;
        const [there, back] = [scaler.transform(probe), scaler.inverseTransform(probe)];
        probe.forEach((row, i) => {
          row.forEach((x, k) => {
            const magnitude = Math.abs(x * factor[k]) + Math.abs(offset[k]);
            // the factor itself is as near as the statistics are
            const tolerance = near(transformed[i][k], magnitude) + 1e-12 * Math.abs(transformed[i][k]);
            expectNear(there[i][k], transformed[i][k], tolerance, `transformed[${i}][${k}]`);
            const undone = (Math.abs(x) + Math.abs(offset[k])) / Math.abs(factor[k]);
            expectNear(back[i][k], inverse[i][k], near(inverse[i][k], undone), `inverse[${i}][${k}]`);
          });
        });
      });
    }
  }

  encodings.forEach(({ values, probe, categories, transformed, inverse }, i) => {
    it(`one-hot encoding ${i}: ${JSON.stringify(values).slice(0, 40)}`, () => {
      const encoder = new OneHotEncoder({ handleUnknown: "ignore" }).fit(values);
      expect(encoder.categories).toEqual(categories);
      const encoded = encoder.transform(probe);
      expect(encoded.map((row) => [...row])).toEqual(transformed);
      expect(encoder.inverseTransform(encoded)).toEqual(inverse);
    });
  });
});

const smooth = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const table = (least = 1) =>
  fc
    .integer({ min: 1, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(smooth, { minLength: columns, maxLength: columns }), { minLength: least, maxLength: 30 }),
    );

describe("every scaler", () => {
  it.each(makers)("%s: inverseTransform undoes transform", (_, make) => {
    fc.assert(
      fc.property(table(), (rows) => {
        const scaler = make().fit(rows);
        const { factor, offset } = scaler.affine;
        const back = scaler.inverseTransform(scaler.transform(rows));
        rows.forEach((row, i) => {
          row.forEach((x, k) => {
            // y is rounded to float32 and then x is, besides a few roundings in float64
            const [y, f] = [Math.abs(x * factor[k] + offset[k]), Math.abs(factor[k])];
            const tolerance =
              near(x, 0) + (U * y + 2 ** -149 + 8 * EPSILON * (Math.abs(x * f) + Math.abs(offset[k]))) / f;
            expectNear(back[i][k], x, 1.01 * tolerance, `[${i}][${k}]`);
          });
        });
      }),
    );
  });

  it.each(makers)("%s: flat arrays and typed rows give the numbers of rows, each in its own form", (_, make) => {
    fc.assert(
      fc.property(table(), (given) => {
        const rows = given.map((row) => row.map(Math.fround));
        const columns = rows[0].length;
        const expected = make().fitTransform(rows);
        for (const flat of [rows.flat(), Float32Array.from(rows.flat()), Float64Array.from(rows.flat())]) {
          const answers = make(columns).fitTransform(flat);
          expect(answers).toBeInstanceOf(Float32Array);
          expect(rowsOf([...answers], columns)).toEqual(expected.map((row) => [...row]));
        }
        expect(
          make()
            .fit(rows.map((row) => Float32Array.from(row)))
            .transform(rows),
        ).toEqual(expected);
        // what nested rows have taught holds for flat arrays as well
        expect(make().fit(rows).transform(Float64Array.from(rows.flat()))).toHaveLength(rows.length * columns);
      }),
    );
  });

  it.each(makers)("%s: JSON round trip, to the bit", (_, make) => {
    fc.assert(
      fc.property(table(), table(), (rows, others) => {
        const scaler = make().fit(rows);
        const copy = fromJSON(scaler);
        expect(copy.affine).toEqual(scaler.affine);
        expect(copy.transform(rows)).toEqual(scaler.transform(rows));
        expect(copy.toJSON()).toEqual(scaler.toJSON());
        if (copy instanceof RobustScaler || others[0].length !== rows[0].length) return;
        const [more, expected] = [copy, scaler as StandardScaler].map((each) => each.partialFit(others));
        expect(more.toJSON()).toEqual(expected.toJSON());
      }),
    );
  });

  it.each(makers)("%s: constant columns are only shifted, and −0 is 0", (name, make) => {
    const rows = Array.from({ length: 7 }, () => [0.1, -0, 1e6]);
    const scaler = make().fit(rows);
    const scaled = scaler.transform([[0.1, 0, 1e6]])[0];
    expect([...scaled]).toEqual(name === "minMaxRange" ? [-2, -2, -2] : [0, 0, 0]);
    const width = name === "minMaxRange" ? 5 : 1;
    expect([...scaler.scale]).toEqual([width, width, width]);
    expect(fromJSON(scaler).affine).toEqual(scaler.affine);
    expect(fromJSON(scaler).toJSON()).toEqual(scaler.toJSON());
  });

  it.each(makers)("%s: what it gives away are copies", (_, make) => {
    const scaler = make().fit([[1], [2]]);
    const before = scaler.transform([[7]]);
    scaler.affine.factor[0] = 99;
    scaler.scale[0] = 99;
    expect(scaler.transform([[7]])).toEqual(before);
  });

  it.each(makers)("%s: bad input leaves the earlier fit", (_, make) => {
    const scaler = make().fit([
      [1, 2],
      [3, 5],
    ]);
    const before = scaler.toJSON();
    const calls: (() => unknown)[] = [
      () =>
        scaler.fit([
          [1, 2],
          [3, Number.NaN],
        ]),
      () => scaler.fitTransform([[1, 2], [3]]),
      () => (scaler as StandardScaler).partialFit([[1, 2, 3]]),
      () => (scaler as StandardScaler).partialFit([[1, Number.POSITIVE_INFINITY]]),
    ];
    for (const call of calls) {
      expect(call).toThrow();
      expect(scaler.toJSON()).toEqual(before);
    }
  });
});

/** What roundings may do to a variance: n of them, magnified by √(1 + mean²/variance) (Chan, Golub, LeVeque 1983). */
const varianceTolerance = (n: number, mean: number, variance: number) =>
  4 * n * EPSILON * Math.hypot(mean, Math.sqrt(variance)) * Math.sqrt(variance) +
  (n * EPSILON * Math.abs(mean)) ** 2 +
  n * 2 ** -1070;

describe("rows in parts", () => {
  const split = table(2).chain((rows) =>
    fc.tuple(fc.constant(rows), fc.uniqueArray(fc.integer({ min: 1, max: rows.length - 1 }), { minLength: 1 })),
  );
  const parts = (rows: number[][], cuts: number[]) => {
    const ends = [0, ...[...cuts].sort((a, b) => a - b), rows.length];
    return ends.slice(1).map((end, i) => rows.slice(ends[i], end));
  };

  it("MinMaxScaler: the bits of one fit", () => {
    fc.assert(
      fc.property(split, ([rows, cuts]) => {
        const scaler = new MinMaxScaler();
        for (const part of parts(rows, cuts)) scaler.partialFit(part);
        expect(scaler.toJSON()).toEqual(new MinMaxScaler().fit(rows).toJSON());
      }),
    );
  });

  it("StandardScaler: one fit, but for roundings", () => {
    fc.assert(
      fc.property(split, fc.constantFrom(0, 1e6, -1e8), ([given, cuts], shift) => {
        const rows = given.map((row) => row.map((x) => x + shift));
        const scaler = new StandardScaler();
        for (const part of parts(rows, cuts)) scaler.partialFit(part);
        const whole = new StandardScaler().fit(rows);
        expect(scaler.nSamplesSeen).toBe(rows.length);
        scaler.mean.forEach((mean, k) => {
          const most = largest(rows.map((row) => row[k]));
          expectNear(mean, whole.mean[k], 2 * rows.length * EPSILON * most + rows.length * 2 ** -1070, `mean[${k}]`);
          const tolerance = varianceTolerance(rows.length, most, whole.variance[k]);
          expectNear(scaler.variance[k], whole.variance[k], tolerance, `variance[${k}]`);
        });
      }),
    );
  });

  it("StandardScaler: mean 1e8, deviation 1", () => {
    // 1e8 ± 1 in equal shares: both statistics are known exactly
    const rows = Array.from({ length: 10_000 }, (_, i) => [1e8 + (i % 2 === 0 ? 1 : -1)]);
    const inParts = new StandardScaler();
    for (let i = 0; i < rows.length; i += 777) inParts.partialFit(rows.slice(i, i + 777));
    // the parts' means differ by up to 2/777, with an error of a unit in the last place of 1e8, and that is squared
    const merged = 2 * (2 / 777) * 1e8 * EPSILON;
    for (const [scaler, tolerance] of [
      [new StandardScaler().fit(rows), 1e-12],
      [inParts, merged],
    ] as const) {
      expectNear(scaler.mean[0], 1e8, 1e-12 * 1e8, "mean");
      expectNear(scaler.variance[0], 1, tolerance, "variance");
      expectNear(scaler.transform([[1e8 + 1]])[0][0], 1, near(1, 2e8), "transformed");
    }
  });

  it("StandardScaler: deviations that a float32 copy would lose, in a constant column's place", () => {
    expect([...new StandardScaler().fit([[1e8], [1e8 + 2]]).scale]).toEqual([1]);
    expect([...new StandardScaler().fit([[1e8], [1e8 + 4]]).scale]).toEqual([2]);
    expect([...new StandardScaler().fit([[0.1], [0.1], [0.1]]).scale]).toEqual([1]);
  });
});

it("one column: quartiles between the numbers, the population's deviation", () => {
  const rows = [[1], [2], [4], [9]];
  const robust = new RobustScaler().fit(rows);
  expect([robust.center[0], robust.scale[0]]).toEqual([3, 5.25 - 1.75]);
  const standard = new StandardScaler().fit(rows);
  expect([standard.mean[0], standard.variance[0], standard.scale[0]]).toEqual([4, 9.5, Math.sqrt(9.5)]);
  const minMax = new MinMaxScaler({ featureRange: [-1, 1] }).fit(rows);
  expect([minMax.min[0], minMax.max[0], minMax.scale[0], minMax.nSamplesSeen]).toEqual([1, 9, 0.25, 4]);
  expect([...minMax.fitTransform(rows).map(([y]) => y)]).toEqual([-1, -0.75, -0.25, 1]);
});

describe("the encoder", () => {
  const column = fc.oneof(
    fc.array(fc.string({ unit: "binary" }), { minLength: 1 }),
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
    fc.array(fc.boolean(), { minLength: 1 }),
  );

  it("takes any column there and back, also through JSON", () => {
    fc.assert(
      fc.property(column, (values) => {
        const encoder = new OneHotEncoder().fit(values);
        const rows = encoder.transform(values);
        for (const row of rows) expect([...row].sort().reverse().indexOf(0)).toBe(row.length === 1 ? -1 : 1);
        // −0 is the category 0
        const expected = values.map((value) => (typeof value === "number" ? value + 0 : value));
        const copy = OneHotEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
        for (const each of [encoder, copy]) {
          expect(each.inverseTransform(rows)).toEqual(expected);
          expect(each.transform(values)).toEqual(rows);
        }
      }),
    );
  });

  it("sorts numbers by size and strings by code unit", () => {
    expect(new OneHotEncoder().fit(Float32Array.from([10, 9, -1])).categories).toEqual([[-1, 9, 10]]);
    expect(new OneHotEncoder().fit(["\u{1f600}", "\uffff", "a", "B"]).categories).toEqual([
      ["B", "a", "\u{1f600}", "\uffff"],
    ]);
  });

  it("reads answers by their largest entry, nested or flat, in the form that fit was given", () => {
    const one = new OneHotEncoder().fit(["a", "b", "c"]);
    expect(one.inverseTransform([[-3, -1, -2]])).toEqual(["b"]);
    expect(one.inverseTransform(Float32Array.from([0.2, 0.4, 0.4, 1, 0, 0]))).toEqual(["b", "a"]);
    const rows = new OneHotEncoder().fit([["a"], ["b"]]);
    expect(rows.inverseTransform([[0, 1]])).toEqual([["b"]]);
    expect(OneHotEncoder.fromJSON(rows.toJSON()).inverseTransform([[0, 1]])).toEqual([["b"]]);
  });

  it("ignores unknown categories when told to, also after JSON", () => {
    const encoder = new OneHotEncoder({ handleUnknown: "ignore" }).fit(["a", "b"]);
    for (const each of [encoder, OneHotEncoder.fromJSON(encoder.toJSON())]) {
      expect(each.transform(["c", "b"]).map((row) => [...row])).toEqual([
        [0, 0],
        [0, 1],
      ]);
      expect(each.inverseTransform([[0, 0]])).toEqual([null]);
    }
  });

  it("keeps the earlier fit where another fails", () => {
    const encoder = new OneHotEncoder().fit(["a", "b"]);
    expect(() => encoder.fit(["c", Number.NaN])).toThrow(RangeError);
    expect(() => encoder.fitTransform(["c", 1])).toThrow(TypeError);
    expect(encoder.categories).toEqual([["a", "b"]]);
  });
});

describe("refusals", () => {
  const fitted = () => new StandardScaler().fit([[1, 2]]);
  const encoder = () => new OneHotEncoder().fit(["a", "b"]);
  const four = (last: unknown) =>
    [
      [1, 2],
      [1, 2],
      [1, 2],
      [1, last],
    ] as never;
  const cases: [call: () => unknown, kind: typeof Error | typeof RangeError | typeof TypeError, message: string][] = [
    [() => fitted().fit(four(Number.NaN)), RangeError, "rows[3][1] must be a finite number, got NaN"],
    [() => fitted().transform(four(-Infinity)), RangeError, "rows[3][1] must be a finite number, got -Infinity"],
    [() => fitted().fit(four("2")), TypeError, 'rows[3][1] must be a finite number, got "2"'],
    [() => fitted().fit(four(1e39)), RangeError, "rows[3][1] must be finite in float32, got 1e+39"],
    [
      () => fitted().fit(Float32Array.from([1, 2, 3, 4, 5, NaN])),
      RangeError,
      "rows[5] (row 2, column 1) must be a finite number, got NaN",
    ],
    [() => fitted().transform([[1, 2, 3]]), RangeError, "rows[0] must have 2 numbers, got 3"],
    [() => fitted().partialFit([[1, 2], [3]]), RangeError, "rows[1] must have 2 numbers, got 1"],
    [() => fitted().inverseTransform([1, 2, 3]), RangeError, "rows must hold rows of 2 numbers, got 3 numbers"],
    [() => new RobustScaler({ columns: 3 }).fit([[1, 2]]), RangeError, "rows[0] must have 3 numbers, got 2"],
    [() => new RobustScaler().fit([]), RangeError, "rows must have at least one row, got none"],
    [() => new RobustScaler().fit([[]]), RangeError, "rows[0] must have at least one number, got none"],
    [() => new RobustScaler().fit([1, 2]), RangeError, "columns must be told where the rows lie in one flat array"],
    [
      () => fitted().fit("abc" as never),
      TypeError,
      'rows must be an array of rows or a flat array of numbers, got "abc"',
    ],
    [() => fitted().fit([[1], 2] as never), TypeError, "rows[1] must be an array of 1 numbers, got 2"],
    [() => new StandardScaler({ columns: 0 }), RangeError, "columns must be a positive integer, got 0"],
    [
      () => new StandardScaler({ column: 1 } as never),
      RangeError,
      'StandardScaler has no option "column"; its options are columns',
    ],
    [
      () => new MinMaxScaler({ featureRange: [1, 1 + 1e-12] }),
      RangeError,
      'featureRange must be two numbers that differ in float32, the smaller first, got "1, 1.000000000001"',
    ],
    [() => new MinMaxScaler({ featureRange: [0] as never }), RangeError, "featureRange must have 2 numbers, got 1"],
    [
      () => new MinMaxScaler({ featureRange: "ab" as never }),
      TypeError,
      "featureRange must be an array of two numbers",
    ],
    [
      () => new StandardScaler().transform([[1]]),
      Error,
      "this StandardScaler must be fitted before transform: call fit(rows) first",
    ],
    [() => new RobustScaler().affine, Error, "this RobustScaler must be fitted before affine: call fit(rows) first"],
    [() => new MinMaxScaler().max, Error, "this MinMaxScaler must be fitted before its values are read"],
    [
      () => new RobustScaler().fit([[0], [1e-14]]).transform([[1e30]]),
      RangeError,
      "rows[0][0] must be finite in float32 once scaled, got 1e+30",
    ],
    [
      () =>
        fitted()
          .fit([
            [0, 0],
            [1e38, 1e38],
          ])
          .inverseTransform(Float32Array.of(1, 1, 1, 1e30)),
      RangeError,
      "rows[3] (row 1, column 1) must be finite in float32 once unscaled, got 1.0000000150474662e+30",
    ],
    [
      () => new RobustScaler().fit([[1e-14], [1e30]]).inverseTransform([[1e30]]),
      RangeError,
      "rows[0][0] must be finite",
    ],
    [() => encoder().transform(["b", "c"]), RangeError, 'values[1] must be one of the categories "a", "b", got "c"'],
    [
      () => new OneHotEncoder().fit([["a", 1]]).transform([["a", 2]]),
      RangeError,
      "values[0][1] must be one of the categories 1, got 2",
    ],
    [() => encoder().transform([["a", "b"]]), RangeError, "values[0] must have 1 values, got 2"],
    [() => encoder().fit([["a", "b"], ["a"]]), RangeError, "values[1] must have 2 values, got 1"],
    [() => encoder().fit(["a", 1]), TypeError, "values[1] must be a string as those before it, got 1"],
    [() => encoder().fit([1, NaN]), RangeError, "values[1] must be a finite number, got NaN"],
    [
      () => encoder().fit([[1], [null]] as never),
      TypeError,
      "values[1][0] must be a string, a number or a boolean, got null",
    ],
    [() => encoder().fit([]), RangeError, "values must have at least one value, got none"],
    [() => encoder().fit([[]]), RangeError, "values[0] must have at least one value, got none"],
    [() => encoder().fit("abc" as never), TypeError, "values must be an array of categories or of rows of them"],
    [() => encoder().inverseTransform([[0, 0]]), RangeError, "rows[0] must have an entry other than 0 for column 0"],
    [() => encoder().inverseTransform([[0, 0, 1]]), RangeError, "rows[0] must have 2 numbers, got 3"],
    [() => new OneHotEncoder().transform(["a"]), Error, "this OneHotEncoder must be fitted before transform"],
    [
      () => new OneHotEncoder({ handleUnknown: "skip" as never }),
      RangeError,
      "handleUnknown must be one of error, ignore",
    ],
  ];
  it.each(cases)("%#: %s", (call, kind, message) => {
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect((error as Error | undefined)?.message.slice(0, message.length)).toBe(message);
    expect(Object.getPrototypeOf(error)).toBe(kind.prototype);
  });
});

it("fitTransform keeps the earlier fit where the rows scaled are beyond float32", () => {
  const scaler = new RobustScaler().fit([[1], [2]]);
  const wild = [...Array.from({ length: 9 }, (_, i) => [i * 1e-14]), [1e38]];
  expect(() => scaler.fitTransform(wild)).toThrow("rows[9][0] must be finite in float32 once scaled, got 1e+38");
  expect(scaler.center[0]).toBe(1.5);
});

describe("JSON from strangers", () => {
  const minMax = new MinMaxScaler()
    .fit([
      [1, 2],
      [3, 4],
    ])
    .toJSON();
  const standard = new StandardScaler()
    .fit([
      [1, 2],
      [3, 4],
    ])
    .toJSON();
  const robust = new RobustScaler()
    .fit([
      [1, 2],
      [3, 4],
    ])
    .toJSON();
  const encoder = new OneHotEncoder().fit(["a", "b"]).toJSON();
  const cases: [kind: keyof typeof classes, value: unknown, why: string][] = [
    ["StandardScaler", undefined, "it must be an object that toJSON() gave, got undefined"],
    ["StandardScaler", JSON.stringify(standard), "it must be an object"],
    ["StandardScaler", [standard], "it must be an object"],
    ["StandardScaler", {}, 'it must have the fields kind, count, mean, variance, got none called "kind"'],
    ["StandardScaler", minMax, "it must have the fields kind, count, mean, variance"],
    ["StandardScaler", { ...standard, kind: "RobustScaler" }, 'kind must be "StandardScaler", got "RobustScaler"'],
    ["StandardScaler", Object.create(standard), "it must have the fields"],
    ["StandardScaler", JSON.parse(`{"__proto__": ${JSON.stringify(standard)}}`), "it must have the fields"],
    [
      "StandardScaler",
      JSON.parse(JSON.stringify(standard).replace("{", '{"__proto__": {"polluted": 1}, ')),
      'it must have the fields kind, count, mean, variance, got "__proto__"',
    ],
    ["StandardScaler", { ...standard, mean: [1, Number.NaN] }, "mean[1] must be a finite number"],
    ["StandardScaler", { ...standard, mean: [1, null] }, "mean[1] must be a finite number"],
    ["StandardScaler", { ...standard, mean: [1, 1e300] }, "mean[1] must be a finite number"],
    ["StandardScaler", { ...standard, mean: [1] }, "variance must have 1 numbers, got 2"],
    ["StandardScaler", { ...standard, mean: { 0: 1, length: 1 } }, "mean must be an array, got an object"],
    ["StandardScaler", { ...standard, mean: [], variance: [] }, "mean must have at least one entry, got none"],
    ["StandardScaler", { ...standard, variance: [1, -1] }, "variance[1] must be a finite number of at least 0"],
    ["StandardScaler", { ...standard, count: 0 }, "count must be a positive integer, got 0"],
    ["StandardScaler", { ...standard, count: 1.5 }, "count must be a positive integer, got 1.5"],
    ["MinMaxScaler", { ...minMax, max: [3, 1] }, "max[1] must be a finite number of at least 2"],
    ["MinMaxScaler", { ...minMax, max: [3] }, "max must have 2 numbers, got 1"],
    ["MinMaxScaler", { ...minMax, featureRange: [1, 0] }, "featureRange must be two numbers that differ"],
    ["MinMaxScaler", { ...minMax, featureRange: undefined }, "featureRange must be an array, got undefined"],
    ["RobustScaler", { ...robust, scale: [1, 0] }, "scale[1] must be a finite number of at least"],
    ["RobustScaler", { ...robust, center: [1, 2, 3] }, "scale must have 3 numbers, got 2"],
    ["OneHotEncoder", { ...encoder, categories: [["b", "a"]] }, 'categories[0][1] must come after "b"'],
    ["OneHotEncoder", { ...encoder, categories: [["a", "a"]] }, 'categories[0][1] must come after "a"'],
    ["OneHotEncoder", { ...encoder, categories: [["a", 1]] }, "categories[0][1] must be a string"],
    ["OneHotEncoder", { ...encoder, categories: [["a", {}]] }, "categories[0][1] must be a string, a number"],
    ["OneHotEncoder", { ...encoder, categories: [[]] }, "categories[0] must have at least one entry"],
    ["OneHotEncoder", { ...encoder, categories: [["a"], ["b"]] }, "categories must have 1 column, got 2"],
    ["OneHotEncoder", { ...encoder, handleUnknown: "toString" }, "handleUnknown must be one of error, ignore"],
    ["OneHotEncoder", { ...encoder, nested: 1 }, "nested must be true or false, got 1"],
  ];
  it.each(cases)("%s: %j", (kind, value, why) => {
    let error: unknown;
    try {
      classes[kind].fromJSON(value);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FormatError);
    const message = `this is no ${kind} that can be read: ${why}`;
    expect((error as Error).message.slice(0, message.length)).toBe(message);
  });

  it("may say −0, which is 0", () => {
    const scaler = StandardScaler.fromJSON({ ...standard, mean: [-0, 1] });
    expect([...scaler.mean]).toEqual([0, 1]);
    expect(OneHotEncoder.fromJSON({ ...encoder, categories: [[-0, 1]] }).categories).toEqual([[0, 1]]);
  });

  it("is read the same way where Object.prototype has been polluted", () => {
    const { mean: _, ...incomplete } = standard;
    Object.defineProperty(Object.prototype, "mean", { value: [1, 2], configurable: true });
    try {
      expect(() => StandardScaler.fromJSON(incomplete)).toThrow(FormatError);
    } finally {
      delete (Object.prototype as { mean?: unknown }).mean;
    }
  });
});

it("answers have the types that the documentation says", () => {
  expectTypeOf((scaler: StandardScaler) => scaler.transform([[1]])).returns.toEqualTypeOf<
    Float32Array<ArrayBuffer>[]
  >();
  expectTypeOf((scaler: StandardScaler, flat: Numbers) => scaler.transform(flat)).returns.toEqualTypeOf<
    Float32Array<ArrayBuffer>
  >();
  expectTypeOf((scaler: RobustScaler) => scaler.fit([[1]])).returns.toEqualTypeOf<RobustScaler>();
  expectTypeOf((names: OneHotEncoder<string>) => names.inverseTransform([[1]])).returns.toEqualTypeOf<
    (string | null)[]
  >();
  expectTypeOf<RobustScaler>().not.toHaveProperty("partialFit");
});
