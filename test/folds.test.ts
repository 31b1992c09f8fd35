// Folds: what every cut must be, and scikit-learn's.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dataset, kFold } from "../src/index.js";
import sklearn from "./fixtures/sklearn-folds.json" with { type: "json" };

/** Each row's input is its number. */
function labelled(labels: number[], classes = Math.max(...labels, 1) + 1): Dataset {
  return Dataset.from({ inputs: labels.map((_, row) => row), inputSize: 1, targets: labels, classes });
}

function numbered(rows: number): Dataset {
  return Dataset.from({
    inputs: Array.from({ length: rows }, (_, i) => i),
    inputSize: 1,
    targets: new Float32Array(rows),
  });
}

const rowsOf = (dataset: Dataset) => [...dataset].map(({ input }) => input[0] as number);
const spread = (numbers: number[]) => Math.max(...numbers) - Math.min(...numbers);

const cut = fc
  .record({
    labels: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 60 }),
    seed: fc.nat(),
    shuffle: fc.boolean(),
    stratified: fc.boolean(),
  })
  .chain((one) =>
    fc.record({ one: fc.constant(one), folds: fc.integer({ min: 2, max: Math.min(9, one.labels.length) }) }),
  );

describe("folds", () => {
  it("have each row in exactly one validation, and in all other folds' training, in the dataset's order", () => {
    fc.assert(
      fc.property(cut, ({ one: { labels, ...options }, folds }) => {
        const cuts = kFold(labelled(labels), { ...options, folds });
        expect(cuts).toHaveLength(folds);
        const all = labels.map((_, row) => row);
        expect(cuts.flatMap(({ validation }) => rowsOf(validation)).sort((a, b) => a - b)).toEqual(all);
        for (const { train, validation } of cuts) {
          const validated = rowsOf(validation);
          expect(validated).toEqual([...validated].sort((a, b) => a - b));
          expect(rowsOf(train)).toEqual(all.filter((row) => !validated.includes(row)));
        }
        expect(spread(cuts.map(({ validation }) => validation.length))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("that are stratified differ by one row of each class at most", () => {
    fc.assert(
      fc.property(cut, ({ one: { labels, shuffle, seed }, folds }) => {
        // the default, as there are classes
        const cuts = kFold(labelled(labels), { shuffle, seed, folds });
        for (const wanted of new Set(labels)) {
          const counts = cuts.map(({ validation }) => [...validation].filter(({ label }) => label === wanted).length);
          expect(spread(counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("are the same for the same seed, and others for another", () => {
    const data = labelled(Array.from({ length: 60 }, (_, i) => i % 3));
    for (const stratified of [false, true]) {
      const cutWith = (seed?: number) =>
        kFold(data, { stratified, ...(seed === undefined ? {} : { seed }) }).map(({ validation }) =>
          rowsOf(validation),
        );
      expect(cutWith(7)).toEqual(cutWith(7));
      expect(cutWith(7)).not.toEqual(cutWith(8));
      expect(cutWith()).toEqual(cutWith(0));
    }
  });

  it("of rows in any order, also of another's part, are its own", () => {
    const part = labelled(Array.from({ length: 30 }, (_, i) => i % 2))
      .shuffle(3)
      .take(11);
    const cuts = kFold(part, { folds: 3 });
    expect(cuts.flatMap(({ validation }) => rowsOf(validation)).sort()).toEqual(rowsOf(part).sort());
  });

  it("unshuffled are scikit-learn's, row by row", () => {
    expect(sklearn.cases.length).toBeGreaterThan(10);
    for (const { labels, folds, plain, stratified } of sklearn.cases) {
      const cutBy = (options: object) =>
        kFold(labelled(labels), { folds, shuffle: false, ...options }).map(({ validation }) => rowsOf(validation));
      expect(cutBy({ stratified: false })).toEqual(plain);
      if (stratified !== null) expect(cutBy({})).toEqual(stratified);
    }
  });

  it("shuffled have as many rows of each class as scikit-learn's", () => {
    for (const { labels, folds, stratified } of sklearn.cases) {
      if (stratified === null) continue;
      const count = (rows: number[]) =>
        [0, 1, 2, 3, 4].map((label) => rows.filter((row) => labels[row] === label).length);
      const cuts = kFold(labelled(labels), { folds, seed: 5 });
      expect(cuts.map(({ validation }) => count(rowsOf(validation)))).toEqual(stratified.map(count));
    }
  });

  it("are views: no number is copied", () => {
    const values = new Float32Array(40).map((_, i) => i);
    const data = Dataset.from({ inputs: values, inputSize: 2, targets: new Float32Array(20) });
    const [first] = kFold(data, { folds: 4, shuffle: false });
    values[0] = 99;
    expect(first?.validation.sample(0).input[0]).toBe(99);
  });

  it("refuse what can't be cut", () => {
    const data = numbered(10);
    expect(() => kFold(data, { folds: 1 })).toThrow("folds must be an integer of at least 2, got 1");
    expect(() => kFold(data, { folds: 11 })).toThrow("folds must be at most the dataset's length, 10, got 11");
    expect(() => kFold(data, { stratified: true })).toThrow("stratified needs a dataset with classes");
    expect(() => kFold(data, { seed: -1 })).toThrow("seed must be an integer of at least 0, got -1");
    expect(() => kFold(data, { shuffle: 1 as unknown as boolean })).toThrow("shuffle must be true or false, got 1");
    expect(() => kFold(data, { fold: 3 } as object)).toThrow('kFold has no option "fold"');
    expect(() => kFold([1] as unknown as Dataset)).toThrow("dataset must be a Dataset, got an array of length 1");
  });
});
