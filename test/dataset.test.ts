// Datasets: what can go in, and what comes out of every way to cut them.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Dataset, datasets } from "../src/index.js";

/** 0..n−1 as one-column rows, each its own target. */
const counting = (n: number) => {
  const values = Array.from({ length: n }, (_, i) => i);
  return Dataset.from({ inputs: values, inputSize: 1, targets: values });
};

const rowsOf = (data: Dataset) => [...data].map(({ input, target }) => [input[0], target[0]]);
const inputsOf = (data: Dataset) => [...data].map(({ input }) => input[0] as number);

describe("a view on rows", () => {
  it("keeps inputs and targets together through every cut", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(1000), (n, seed) => {
        const data = counting(n);
        const shuffled = data.shuffle(seed);
        const [first, second] = shuffled.split(0.5, { seed });
        const joined = second.concat(first).skip(1).take(n);
        for (const view of [shuffled, first, second, joined]) {
          for (const [input, target] of rowsOf(view)) expect(input).toBe(target);
        }
        const numbers = (values: number[]) => [...values].sort((a, b) => a - b);
        expect(numbers(inputsOf(shuffled))).toEqual(inputsOf(data));
        expect(numbers([...inputsOf(first), ...inputsOf(second)])).toEqual(inputsOf(data));
        expect(joined.length).toBe(n - 1);
      }),
    );
  });

  it("shuffles by seed", () => {
    const data = counting(50);
    expect(inputsOf(data.shuffle(3))).toEqual(inputsOf(data.shuffle(3)));
    expect(inputsOf(data.shuffle(3))).not.toEqual(inputsOf(data.shuffle(4)));
    expect(inputsOf(data.shuffle(3))).not.toEqual(inputsOf(data));
  });

  it("takes, skips and goes through in batches", () => {
    const data = counting(10);
    expect(inputsOf(data.take(3))).toEqual([0, 1, 2]);
    expect(data.take(99).length).toBe(10);
    expect(inputsOf(data.skip(7))).toEqual([7, 8, 9]);
    const batches = [...data.batches(4)];
    expect(batches.map(({ inputs }) => [...inputs])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(batches.map(({ targets }) => targets.length)).toEqual([4, 4, 2]);
  });

  it("splits in order when told not to shuffle, and the same way every time", () => {
    const data = counting(10);
    const [first, second] = data.split(0.7, { shuffle: false });
    expect([inputsOf(first), inputsOf(second)]).toEqual([
      [0, 1, 2, 3, 4, 5, 6],
      [7, 8, 9],
    ]);
    expect(inputsOf(data.split(0.7)[0])).toEqual(inputsOf(data.split(0.7)[0]));
    expect(inputsOf(data.split(0.7, { seed: 1 })[0])).not.toEqual(inputsOf(data.split(0.7, { seed: 2 })[0]));
  });

  it("splits stratified: every class keeps its share, to one row", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 80 }),
        fc.double({ min: 0.2, max: 0.8, noNaN: true }),
        (labels, fraction) => {
          const data = Dataset.from({ inputs: labels, inputSize: 1, targets: labels, classes: 4 });
          const [first, second] = data.split(fraction, { stratified: true });
          expect(first.length).toBe(Math.round(fraction * labels.length));
          expect(first.length + second.length).toBe(labels.length);
          for (let label = 0; label < 4; label++) {
            const all = labels.filter((value) => value === label).length;
            const part = [...first].filter((sample) => sample.label === label).length;
            expect(Math.abs(part - all * fraction)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it("splits stratified into parts whose order tells nothing of the classes", async () => {
    const [, test] = (await datasets.digits()).split(0.8, { stratified: true, seed: 1 });
    // the mean place of each class is about the middle: 36 rows a class, deviation 359/√12/√36 = 17
    for (let label = 0; label < 10; label++) {
      const places = [...test].flatMap((sample, i) => (sample.label === label ? [i] : []));
      const mean = places.reduce((sum, place) => sum + place, 0) / places.length;
      expect(Math.abs(mean - test.length / 2)).toBeLessThan(4 * 17.3);
    }
  });

  it("doesn't copy typed arrays", () => {
    const inputs = new Float32Array([1, 2, 3, 4]);
    const data = Dataset.from({ inputs, inputSize: 2, targets: [0, 1] });
    inputs[0] = 9;
    expect([...data.sample(0).input]).toEqual([9, 2]);
  });
});

describe("what goes in", () => {
  it("class indices, names, one-hot rows and numbers", () => {
    const inputs = [[1], [2], [3]];
    const indices = Dataset.from({ inputs, targets: [2, 0, 1], classes: 3 });
    const names = Dataset.from({ inputs, targets: ["c", "a", "b"], classes: ["a", "b", "c"] });
    const oneHot = Dataset.from({
      inputs,
      targets: [
        [0, 0, 1],
        [1, 0, 0],
        [0, 1, 0],
      ],
    });
    for (const data of [indices, names, oneHot]) {
      expect([...data].map(({ label }) => label)).toEqual([2, 0, 1]);
      expect([...data.sample(0).target]).toEqual([0, 0, 1]);
      expect(data.outputSize).toBe(3);
    }
    expect(indices.classNames).toEqual(["0", "1", "2"]);
    expect(names.classNames).toEqual(["a", "b", "c"]);
    expect(
      Dataset.from({
        inputs,
        targets: [
          [0.5, 0.5],
          [1, 0],
          [0, 1],
        ],
      }).classNames,
    ).toBeUndefined();
    expect(Dataset.from({ inputs, targets: [1, 0, 1] }).classNames).toBeUndefined();
  });

  it("two classes as one output", () => {
    const data = Dataset.from({ inputs: [[1], [2]], targets: [1, 0], classes: ["no", "yes"], outputSize: 1 });
    expect([...data].map(({ target, label }) => [target[0], label])).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  it("scaled inputs, from bytes and from floats", () => {
    for (const inputs of [new Uint8Array([0, 255]), new Float32Array([0, 255])]) {
      const data = Dataset.from({ inputs, inputSize: 1, targets: [0, 0], scale: 1 / 255 });
      expect(data.sample(1).input[0]).toBeCloseTo(1, 6);
    }
  });
});

describe("made-up datasets", () => {
  it("have the classes and samples asked for, by seed", () => {
    for (const [data, again, other, classes] of [
      [
        datasets.moons({ samples: 90, seed: 1 }),
        datasets.moons({ samples: 90, seed: 1 }),
        datasets.moons({ samples: 90, seed: 2 }),
        2,
      ],
      [
        datasets.circles({ samples: 90, seed: 1 }),
        datasets.circles({ samples: 90, seed: 1 }),
        datasets.circles({ samples: 90, seed: 2 }),
        2,
      ],
      [
        datasets.spirals({ samples: 90, seed: 1, classes: 3 }),
        datasets.spirals({ samples: 90, seed: 1, classes: 3 }),
        datasets.spirals({ samples: 90, seed: 2, classes: 3 }),
        3,
      ],
    ] as const) {
      expect(data.length).toBe(90);
      const counts = Array.from(
        { length: classes },
        (_, label) => [...data].filter((sample) => sample.label === label).length,
      );
      expect(counts).toEqual(counts.map(() => 90 / classes));
      expect([...data]).toEqual([...again]);
      expect([...data]).not.toEqual([...other]);
    }
  });

  it("lie on their curves where there is no noise", () => {
    for (const { input, label } of datasets.circles({ noise: 0 })) {
      expect(Math.hypot(...input)).toBeCloseTo(label === 0 ? 1 : 0.5, 6);
    }
    for (const { input, label } of datasets.moons({ noise: 0 })) {
      const [x, y] = input as unknown as [number, number];
      expect(label === 0 ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5)).toBeCloseTo(1, 6);
      expect(label === 0 ? y : 0.5 - y).toBeGreaterThanOrEqual(-1e-7);
    }
  });

  it("the digits are all there", async () => {
    const digits = await datasets.digits();
    expect(digits.length).toBe(1797);
    expect(digits.inputSize).toBe(64);
    // the counts of the data's own description (optdigits.names, testing)
    const counts = Array.from(
      { length: 10 },
      (_, label) => [...digits].filter((sample) => sample.label === label).length,
    );
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    expect([...digits.sample(0).input.slice(0, 8)].map((value) => value * 16)).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
  });
});
