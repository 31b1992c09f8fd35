// Metrics against scikit-learn, whose results (in float64) are in fixtures/sklearn-metrics.json, and against their own laws.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metrics } from "../src/index.js";
import { type CustomMetric, type MetricName, measure } from "../src/metrics/named.js";

type Averages = Record<"macro" | "micro" | "weighted", number> & { none: number[]; binary?: number };

interface Classified {
  name: string;
  outputs: number;
  classes: number;
  predictions: number[][];
  targets: number[];
  accuracy: number;
  topK: number[] | null;
  confusionMatrix: number[][];
  precision: Averages;
  recall: Averages;
  f1: Averages;
  balancedAccuracy: number;
  matthewsCorrelation: number;
  rocAuc: number | null;
  logLoss: number;
  report: metrics.ClassificationReport;
}

interface Regression {
  name: string;
  predictions: number[] | number[][];
  targets: number[] | number[][];
  meanAbsoluteError: number;
  meanSquaredError: number;
  rootMeanSquaredError: number;
  r2: number;
}

const { classified, regression }: { classified: Classified[]; regression: Regression[] } = JSON.parse(
  readFileSync(new URL("fixtures/sklearn-metrics.json", import.meta.url), "utf8"),
);

/** Both sides compute in float64, in another order: 240 terms at most, each rounded a few times. */
function near(value: unknown, expected: unknown): void {
  if (typeof expected === "number") {
    expect(value).toBeTypeOf("number");
    expect(Math.abs((value as number) - expected)).toBeLessThanOrEqual(1e-12 * Math.abs(expected));
  } else if (typeof expected === "object" && expected !== null) {
    expect(Object.keys(value as object)).toEqual(Object.keys(expected));
    for (const [key, inner] of Object.entries(expected)) near((value as Record<string, unknown>)[key], inner);
  } else expect(value).toBe(expected);
}

const oneHot = (targets: number[], outputs: number) =>
  outputs === 1
    ? targets.map((label) => [label])
    : targets.map((label) => Array.from({ length: outputs }, (_, j) => (j === label ? 1 : 0)));

describe("classes, as scikit-learn measures them", () => {
  for (const { name, predictions, targets, outputs, classes, ...expected } of classified) {
    it(name, () => {
      expect(metrics.accuracy(predictions, targets)).toBe(expected.accuracy);
      expected.topK?.forEach((share, i) => {
        near(metrics.topKAccuracy(predictions, targets, { k: i + 1 }), share);
      });
      expect(metrics.topKAccuracy(predictions, targets, { k: 1 })).toBe(expected.accuracy);
      expect(metrics.topKAccuracy(predictions, targets, { k: classes })).toBe(1);
      expect(metrics.confusionMatrix(predictions, targets)).toEqual(expected.confusionMatrix);
      for (const score of ["precision", "recall", "f1"] as const) {
        for (const average of Object.keys(expected[score]) as (keyof Averages)[]) {
          near(metrics[score](predictions, targets, { average }), expected[score][average]);
        }
        expect(metrics[score](predictions, targets)).toBe(metrics[score](predictions, targets, { average: "macro" }));
      }
      near(metrics.balancedAccuracy(predictions, targets), expected.balancedAccuracy);
      near(metrics.matthewsCorrelation(predictions, targets), expected.matthewsCorrelation);
      near(metrics.logLoss(predictions, targets), expected.logLoss);
      if (expected.rocAuc !== null) near(metrics.rocAuc(predictions, targets), expected.rocAuc);
      else expect(() => metrics.rocAuc(predictions, targets)).toThrow("got none of class");
      near(metrics.classificationReport(predictions, targets), expected.report);
      near(metrics.reportOf(expected.confusionMatrix), expected.report);
    });
  }

  it("in every shape that predictions and targets may have", () => {
    for (const { predictions, targets, outputs, classes } of classified) {
      const rows = oneHot(targets, outputs);
      const expected = metrics.confusionMatrix(predictions, targets);
      const told = [{ outputs }, { outputs, classes }];
      for (const given of [predictions, predictions.flat(), new Float64Array(predictions.flat())]) {
        for (const actual of [targets, new Uint8Array(targets), rows, rows.flat(), targets.map((label) => [label])]) {
          for (const sizes of told) expect(metrics.confusionMatrix(given, actual, sizes)).toEqual(expected);
        }
        expect(metrics.confusionMatrix(given, rows)).toEqual(expected);
        expect(metrics.confusionMatrix(given, targets, { classes })).toEqual(expected);
      }
    }
  });

  it("with targets that are probabilities, by the likeliest", () => {
    expect(
      metrics.confusionMatrix(
        [
          [0.1, 0.9],
          [0.6, 0.4],
        ],
        [
          [0.2, 0.8],
          [0.5, 0.5],
        ],
      ),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(metrics.confusionMatrix([0.5, 0.49], [0.95, 0.05])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("with names, in the report", () => {
    const names = (report: metrics.ClassificationReport) => report.classes.map(({ name }) => name);
    const classes = ["no", "yes"];
    expect(names(metrics.classificationReport([0.1, 0.9], [0, 1], { classes }))).toEqual(classes);
    expect(names(metrics.reportOf([new Uint32Array([1, 0]), new Uint32Array([2, 3])], classes))).toEqual(classes);
  });

  it("with the logarithm of probabilities that add up to 1, whatever the rows do", () => {
    near(metrics.logLoss([[0.2, 0.2]], [0]), Math.log(2));
    near(metrics.logLoss([[0.9, 0.9, 0.2]], [2]), Math.log(10));
  });

  it("with the logarithm clipped at the numbers' own precision", () => {
    near(metrics.logLoss([0], [1]), -Math.log(2 ** -52));
    near(metrics.logLoss(new Float32Array([0]), [1]), -Math.log(2 ** -23));
    const sum = 1 + 2 ** -23 - 2 ** -23;
    near(metrics.logLoss([new Float32Array([1, 0])], [1]), -Math.log(2 ** -23 / sum));
  });
});

describe("numbers, as scikit-learn measures them", () => {
  for (const { name, predictions, targets, ...expected } of regression) {
    it(name, () => {
      const flat = [predictions.flat(), targets.flat()] as const;
      const outputs = Array.isArray(targets[0]) ? targets[0].length : 1;
      for (const error of ["meanAbsoluteError", "meanSquaredError", "rootMeanSquaredError"] as const) {
        near(metrics[error](predictions, targets), expected[error]);
        near(metrics[error](...flat), expected[error]);
      }
      near(metrics.r2(predictions, targets), expected.r2);
      near(metrics.r2(...flat, { outputs }), expected.r2);
      near(metrics.r2(flat[0], targets), expected.r2);
      near(metrics.r2(predictions, flat[1]), expected.r2);
    });
  }

  it("knows constant targets by themselves, not by their rounded mean", () => {
    const targets = [0.1, 0.1, 0.1];
    expect((0.1 + 0.1 + 0.1) / 3).not.toBe(0.1);
    expect(metrics.r2([0.1, 0.1, 0.2], targets)).toBe(0);
    expect(metrics.r2(targets, targets)).toBe(1);
  });
});

describe("laws", () => {
  const data = fc.integer({ min: 2, max: 5 }).chain((classes) =>
    fc.array(
      fc.record({
        label: fc.nat(classes - 1),
        // few values, so that ties are common
        scores: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: classes, maxLength: classes }),
        place: fc.double({ noNaN: true }),
      }),
      { minLength: 2, maxLength: 40 },
    ),
  );

  it("the order of the rows doesn't matter", () => {
    fc.assert(
      fc.property(data, (rows) => {
        const moved = [...rows].sort((a, b) => a.place - b.place);
        const split = (of: typeof rows) => [of.map(({ scores }) => scores), of.map(({ label }) => label)] as const;
        for (const metric of [
          "confusionMatrix",
          "accuracy",
          "f1",
          "matthewsCorrelation",
          "balancedAccuracy",
        ] as const) {
          expect(metrics[metric](...split(moved))).toEqual(metrics[metric](...split(rows)));
        }
        const numbers = (of: typeof rows) => [of.map(({ scores }) => scores[0] as number), split(of)[1]] as const;
        const tolerance = 1e-12 * Math.max(1, Math.abs(metrics.r2(...numbers(rows))));
        expect(Math.abs(metrics.r2(...numbers(moved)) - metrics.r2(...numbers(rows)))).toBeLessThan(tolerance);
        expect(metrics.meanSquaredError(...numbers(moved))).toBe(metrics.meanSquaredError(...numbers(rows)));
      }),
    );
  });

  it("micro averages are the accuracy, weighted recall too, and top 1 as well", () => {
    fc.assert(
      fc.property(data, (rows) => {
        const given = [rows.map(({ scores }) => scores), rows.map(({ label }) => label)] as const;
        const accuracy = metrics.accuracy(...given);
        for (const metric of ["f1", "precision", "recall"] as const) {
          expect(metrics[metric](...given, { average: "micro" })).toBeCloseTo(accuracy, 14);
        }
        expect(metrics.recall(...given, { average: "weighted" })).toBeCloseTo(accuracy, 14);
        expect(metrics.topKAccuracy(...given, { k: 1 })).toBe(accuracy);
      }),
    );
  });

  it("top k grows with k, up to 1", () => {
    fc.assert(
      fc.property(data, (rows) => {
        const given = [rows.map(({ scores }) => scores), rows.map(({ label }) => label)] as const;
        const classes = rows[0]?.scores.length as number;
        const shares = Array.from({ length: classes }, (_, i) => metrics.topKAccuracy(...given, { k: i + 1 }));
        expect(shares).toEqual([...shares].sort((a, b) => a - b));
        expect(shares.at(-1)).toBe(1);
      }),
    );
  });

  it("reversed scores have the area that is left of 1; a monotonous function changes nothing; all equal have a half", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 40 }),
        fc.nat(),
        (scores, seed) => {
          const targets = scores.map((_, i) => (i === 0 ? 0 : i === 1 ? 1 : (seed >> (i % 31)) & 1));
          const area = metrics.rocAuc(scores, targets);
          expect(
            metrics.rocAuc(
              scores.map((score) => -score),
              targets,
            ),
          ).toBeCloseTo(1 - area, 14);
          expect(
            metrics.rocAuc(
              scores.map((score) => Math.exp(score)),
              targets,
            ),
          ).toBe(area);
          expect(
            metrics.rocAuc(
              scores.map(() => 3),
              targets,
            ),
          ).toBe(0.5);
        },
      ),
    );
  });

  it("a perfect prediction has 1 everywhere", () => {
    const targets = [0, 1, 2, 1, 0, 2, 2];
    const scores = oneHot(targets, 3);
    for (const metric of ["accuracy", "f1", "balancedAccuracy", "matthewsCorrelation", "rocAuc", "r2"] as const) {
      expect(metric === "r2" ? metrics.r2(scores, scores) : metrics[metric](scores, targets)).toBe(1);
    }
  });
});

describe("what is refused", () => {
  const rows = [
    [0.1, 0.2, 0.7],
    [0.5, 0.3, 0.2],
  ];
  const anything = (value: unknown) => value as number[];
  const refusals: [() => unknown, string][] = [
    [() => metrics.accuracy([], []), "predictions must have at least one row, got none"],
    [() => metrics.accuracy([0.2], []), "targets must have at least one row, got none"],
    [() => metrics.accuracy([[]], [1]), "predictions[0] must have at least one number, got none"],
    [() => metrics.accuracy([0.2, Number.NaN], [0, 1]), "predictions[1] must be finite, got NaN"],
    [() => metrics.accuracy(new Float32Array([0.2, Number.NaN]), [0, 1]), "predictions[1] must be finite, got NaN"],
    [
      () =>
        metrics.f1(
          [
            [1, 2],
            [3, Number.NaN],
          ],
          [0, 1],
        ),
      "predictions[1][1] must be finite, got NaN",
    ],
    [() => metrics.rocAuc([0.2, 0.4], [0, Number.NaN]), "targets[1] must be finite, got NaN"],
    [() => metrics.logLoss([0.2, Number.POSITIVE_INFINITY], [0, 1]), "predictions[1] must be finite, got Infinity"],
    [() => metrics.meanSquaredError([1, 2], [1, Number.NaN]), "targets[1] must be finite, got NaN"],
    [
      () => metrics.accuracy(Array(10).fill(0.1), Array(9).fill(0)),
      "targets must have 10 rows, as predictions have, got 9",
    ],
    [
      () => metrics.accuracy(rows.flat(), [2, 0]),
      "targets must have 6 rows, as predictions have, got 2; tell outputs where a row has more than 1",
    ],
    [() => metrics.accuracy(rows, [2, 0, 1]), "targets must have 2 rows, as predictions have, got 3"],
    [() => metrics.accuracy([[1, 2], [3]], [0, 1]), "predictions[1] must have 2 numbers, got 1"],
    [() => metrics.accuracy(rows, [2, 0], { outputs: 2 }), "predictions[0] must have 2 numbers, got 3"],
    [
      () => metrics.accuracy([1, 2, 3, 4], [2, 0], { classes: 3 }),
      "predictions must hold rows of 3 numbers, got 4 numbers",
    ],
    [
      () =>
        metrics.accuracy(rows, [
          [1, 0],
          [0, 1],
        ]),
      "the rows of targets must have 3 numbers, as those of predictions, or 1, a class index, got 2",
    ],
    [() => metrics.accuracy(rows, [3, 0]), "targets[0] must be a class index from 0 to 2, got 3"],
    [() => metrics.accuracy(rows, [0.5, 0]), "targets[0] must be a class index from 0 to 2, got 0.5"],
    [() => metrics.accuracy(rows, [0, -1]), "targets[1] must be a class index from 0 to 2, got -1"],
    [
      () => metrics.accuracy([0.2, 0.3], [0, 2]),
      "targets[1] must be from 0 to 1, as one output tells two classes apart, got 2",
    ],
    [
      () =>
        metrics.accuracy(rows, [
          [0, 1, 0],
          [1, 1, 0],
        ]),
      "row 1 of targets must be one-hot, or probabilities that add up to 1, got 1, 1, 0",
    ],
    [
      () =>
        metrics.accuracy(rows, [
          [0, 1, 0],
          [1.5, -0.5, 0],
        ]),
      "row 1 of targets must be one-hot, or probabilities that add up to 1, got 1.5, -0.5, 0",
    ],
    [() => metrics.accuracy(rows, [2]), "targets must have 2 rows, as predictions have, got 1"],
    [() => metrics.accuracy([0.1, 0.2], [1], { outputs: 1 }), "targets must have 2 rows, as predictions have, got 1"],
    [() => metrics.accuracy(rows, [2, 0], { classes: 4 }), "classes must be 3 for 3 numbers a row, got 4"],
    [() => metrics.accuracy(rows, [2, 0], { classes: ["a", "b"] }), "classes must be 3 for 3 numbers a row, got 2"],
    [
      () => metrics.f1(rows, [2, 0], { average: "binary" }),
      'average must be one of macro, micro, weighted, none for 3 classes, got "binary"',
    ],
    [
      () => metrics.f1(rows, [2, 0], { average: "all" as "macro" }),
      'average must be one of macro, micro, weighted, none, binary, got "all"',
    ],
    [
      () => metrics.f1(rows, [2, 0], { averages: "macro" } as object),
      'f1 has no option "averages"; its options are classes, outputs, average',
    ],
    [() => metrics.topKAccuracy(rows, [2, 0]), "k must be an integer from 1 to 3, got 5"],
    [
      () => metrics.confusionMatrix([new Float32Array(2049)], [2]),
      "classes must be an integer from 2 to 2048, got 2049",
    ],
    [() => metrics.rocAuc(rows, [2, 0]), "targets must have rows of every class for rocAuc, got none of class 1"],
    [() => metrics.logLoss([[0.5, 1.5]], [0]), "predictions[0][1] must be a probability, 0 to 1, got 1.5"],
    [() => metrics.logLoss([0.5, -1], [0, 1]), "predictions[1] must be a probability, 0 to 1, got -1"],
    [() => metrics.r2([1], [1]), "targets must have at least 2 rows for r2, got 1"],
    [() => metrics.r2([1, 2, 3], [1, 2]), "targets must have 3 rows, as predictions have, got 2"],
    [() => metrics.r2([1, 2, 3], [1, 2, 3], { outputs: 2 }), "predictions must hold rows of 2 numbers, got 3 numbers"],
    [
      () =>
        metrics.meanAbsoluteError(rows, [
          [1, 2],
          [3, 4],
        ]),
      "targets[0] must have 3 numbers, got 2",
    ],
    [() => metrics.reportOf([[1, 2], [3]]), "confusionMatrix[1] must have 2 counts, got 1"],
    [
      () =>
        metrics.reportOf([
          [0, 0],
          [0, 0],
        ]),
      "confusionMatrix must count at least one row, got none",
    ],
    [
      () =>
        metrics.reportOf([
          [0, -1],
          [0, 0],
        ]),
      "confusionMatrix[0][1] must be a finite number of at least 0, got -1",
    ],
    [
      () =>
        metrics.reportOf(
          [
            [1, 0],
            [0, 1],
          ],
          ["a"],
        ),
      "classNames must have 2 names, as confusionMatrix has rows, got 1",
    ],
  ];
  for (const [call, message] of refusals) {
    it(message, () => expect(call).toThrow(new RangeError(message)));
  }

  const kinds: [() => unknown, string][] = [
    [() => metrics.accuracy(anything("ab"), [0]), "predictions must be an array of numbers or of rows of 1 numbers"],
    [
      () => metrics.accuracy(anything(undefined), [0]),
      "predictions must be an array of numbers or of rows of 1 numbers",
    ],
    [() => metrics.accuracy([1], anything({ 0: 1, length: 1 })), "targets must be an array of numbers or of rows"],
    [() => metrics.accuracy(anything(["0.5"]), [0]), 'predictions[0] must be a number, got "0.5"'],
    [() => metrics.r2(anything([1, null]), [0, 1]), "predictions[1] must be a number, got null"],
    [() => metrics.accuracy([1], [1], [] as object), "the options of accuracy must be a plain object"],
    [() => metrics.reportOf([1] as unknown as number[][]), "confusionMatrix[0] must be an array of 1 counts, got 1"],
    [() => metrics.reportOf([[1]], [1] as unknown as string[]), "classNames[0] must be a string, got 1"],
  ];
  for (const [call, message] of kinds) {
    it(message, () => {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(message);
    });
  }
});

describe("metrics by name", () => {
  const { predictions: rows, targets } = classified[0] as Classified;
  const predictions = Float32Array.from(rows.flat());
  const sizes = { outputs: 3, classes: 3 };

  it("are what the functions say", () => {
    const names: MetricName[] = ["accuracy", "precision", "recall", "f1", "balancedAccuracy", "matthewsCorrelation"];
    const hot = oneHot(targets, 3);
    for (const actual of [new Uint8Array(targets), new Float32Array(hot.flat())]) {
      const measured = measure([...names, "rocAuc", "logLoss", "meanSquaredError", "r2"], predictions, actual, sizes);
      expect(Object.keys(measured)).toEqual([...names, "rocAuc", "logLoss", "meanSquaredError", "r2"]);
      for (const name of [...names, "rocAuc", "logLoss"] as "accuracy"[]) {
        expect(measured[name]).toBe(metrics[name](predictions, targets, sizes));
      }
      expect(measured.meanSquaredError).toBe(metrics.meanSquaredError(predictions, hot));
      expect(measured.r2).toBe(metrics.r2(predictions, hot));
    }
  });

  it("measure numbers, too", () => {
    const values = new Float32Array([1, 2, 3, 5]);
    const actual = new Float32Array([1, 2, 4, 4]);
    const names: MetricName[] = ["meanAbsoluteError", "meanSquaredError", "rootMeanSquaredError", "r2"];
    expect(measure(names, values, actual, { outputs: 2 })).toEqual({
      meanAbsoluteError: 0.5,
      meanSquaredError: 0.5,
      rootMeanSquaredError: Math.sqrt(0.5),
      r2: metrics.r2(
        [
          [1, 2],
          [3, 5],
        ],
        [
          [1, 2],
          [4, 4],
        ],
      ),
    });
  });

  it("may be functions, which see rows of their own", () => {
    const hot = oneHot(targets, 3).map((row) => new Float32Array(row));
    const spoil: CustomMetric = (given, actual) => {
      given[0]?.fill(9);
      actual[0]?.fill(9);
      return given.length;
    };
    const top2: CustomMetric = (given, actual) => {
      expect(actual).toEqual(hot);
      return metrics.topKAccuracy(given, actual, { k: 2 });
    };
    const measured = measure([spoil, top2, "accuracy"], predictions, new Uint8Array(targets), sizes);
    expect(measured).toEqual({
      spoil: targets.length,
      top2: metrics.topKAccuracy(predictions, targets, { ...sizes, k: 2 }),
      accuracy: metrics.accuracy(predictions, targets, sizes),
    });
  });

  it("are refused where they make no sense", () => {
    const one = new Float32Array([1, 2]);
    const text = () => "much" as unknown as number;
    const refusals: [() => unknown, string][] = [
      [
        () => measure(["meanSquaredError", "f1"], one, one, { outputs: 1 }),
        "metrics[1] must be one of meanAbsoluteError, meanSquaredError, rootMeanSquaredError, r2, as targets are numbers, " +
          'got "f1", which needs classes',
      ],
      [
        () => measure(["acc" as MetricName], one, one, { outputs: 1 }),
        "metrics[0] must be one of accuracy, topKAccuracy",
      ],
      [() => measure(["toString" as MetricName], one, one, { outputs: 1 }), "metrics[0] must be one of accuracy"],
      [
        () => measure(["r2", "r2"], one, one, { outputs: 1 }),
        'metrics[1] must differ from the metrics before it, got "r2"',
      ],
      [
        () => measure([() => 1], one, one, { outputs: 1 }),
        "metrics[0] must be a function with a name, got one without",
      ],
      [
        () => measure([3 as unknown as MetricName], one, one, { outputs: 1 }),
        "metrics[0] must be a name or a function, got 3",
      ],
      [() => measure([text], one, one, { outputs: 1 }), 'the result of the metric text must be a number, got "much"'],
      [
        () => measure(["r2"], one, new Float32Array(3), { outputs: 1 }),
        "targets must have 2 rows, as predictions have, got 3",
      ],
      [
        () => measure(["r2"], one, new Uint8Array([4]), { outputs: 2, classes: 2 }),
        "targets[0] must be a class index from 0 to 1, got 4",
      ],
      // a regression's single column is no class index
      [
        () => measure(["r2"], new Float32Array(6), one, { outputs: 3 }),
        "targets must hold rows of 3 numbers, got 2 numbers",
      ],
      [() => measure(["topKAccuracy"], predictions, targets, sizes), "k must be an integer from 1 to 3, got 5"],
    ];
    for (const [call, message] of refusals) expect(call).toThrow(message);
  });
});
