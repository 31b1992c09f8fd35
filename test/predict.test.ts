// predictInto: predict's answers, in an array that is there, without garbage.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { Network, type NetworkOptions } from "../src/index.js";
import { normals } from "./arrays.js";

const make = (more?: Partial<NetworkOptions>) =>
  Network.create({
    ...more,
    inputs: 13,
    layers: [
      { units: 41, activation: "tanh" },
      { units: 5, activation: "softmax" },
    ],
    seed: 1,
  });

it("gives predict's answers, for one sample or many, typed or not", async () => {
  const network = await make();
  for (const rows of [1, 2, 64, 65, 200]) {
    const samples = normals(13 * rows, rows);
    for (const given of [samples, Float32Array.from(samples), Float64Array.from(samples)]) {
      const out = new Float32Array(5 * rows);
      expect(network.predictInto(given, out)).toBe(out);
      expect(out).toEqual(network.predict(given));
    }
  }
});

it("one row's answer has the bits that it has among others", async () => {
  const network = await make();
  const samples = Float32Array.from(normals(13 * 30, 3));
  const together = network.predict(samples);
  for (let row = 0; row < 30; row++) {
    const alone = network.predict(samples.subarray(13 * row, 13 * (row + 1)));
    expect(alone).toEqual(together.subarray(5 * row, 5 * (row + 1)));
  }
});

it("allocates nothing for one sample", async () => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const normalizeTargets = { kind: "standard", center: normals(5, 2), factor: [1, 2, 3, 4, 5.5] } as const;
  for (const network of [await make(), await make({ normalizeTargets })]) {
    const sample = Float32Array.from(normals(13, 1));
    const out = new Float32Array(5);
    const many = (count: number) => {
      for (let i = 0; i < count; i++) network.predictInto(sample, out);
    };
    many(200_000); // until it is compiled
    gc();
    const before = process.memoryUsage().heapUsed;
    many(200_000);
    const grown = process.memoryUsage().heapUsed - before;
    // a single object a call would be 3,200,000 bytes; the test runner allocates some, too
    expect(grown).toBeLessThan(1_000_000);
  }
});

it("refuses what it can't use, and leaves out alone", async () => {
  const network = await make();
  const out = new Float32Array(5).fill(7);
  const sample = new Float32Array(13);
  // @ts-expect-error an array of numbers isn't written to
  expect(() => network.predictInto(sample, [0, 0, 0, 0, 0])).toThrow(/^out must be a Float32Array, got an array/);
  // @ts-expect-error nor are float64
  expect(() => network.predictInto(sample, new Float64Array(5))).toThrow(/^out must be a Float32Array/);
  expect(() => network.predictInto(sample, new Float32Array(4))).toThrow("out must have 5 numbers, got 4");
  expect(() => network.predictInto(new Float32Array(12), out)).toThrow(/samples must hold rows of 13 numbers, got 12/);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    sample[4] = bad;
    expect(() => network.predictInto(sample, out)).toThrow(`sample[4] must be finite in float32, got ${bad}`);
  }
  expect(() =>
    network.predictInto(
      Float64Array.from({ length: 13 }, () => 1e39),
      out,
    ),
  ).toThrow(/sample\[0\].*1e\+39/);
  expect([...out]).toEqual([7, 7, 7, 7, 7]);
});

it("runs no code of out's", async () => {
  const network = await make();
  class Spy extends Float32Array {
    override set(): void {
      throw new Error("set was called");
    }
  }
  const samples = new Float32Array(13 * 70);
  expect([...network.predictInto(samples, new Spy(5 * 70))]).toEqual([...network.predict(samples)]);
});
