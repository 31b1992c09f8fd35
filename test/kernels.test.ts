// The kernels against float64: products at every edge of the tile, elementary functions, activations, losses. Runs in Node,
// and in pages (test/browsers/kernels.ts), so it uses nothing of Node's.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Activation, Loss } from "../src/abi.js";
import { distributions, normals, rowsOf } from "./arrays.js";
import { variants } from "./kernel-binaries.js";
import {
  clearRooms,
  costOf,
  floats,
  kernels,
  panelFloats,
  place,
  room,
  take,
  takePadding,
  useVariant,
} from "./kernels.js";
import {
  type ActivationName,
  activate,
  activationNames,
  costAndDelta,
  differentiate,
  geluInner,
  isFused,
  isPair,
  losses,
  lossNames,
} from "./reference.js";
import { sumTolerance, U } from "./tolerance.js";

beforeEach(clearRooms);

/** 1, tile − 1, tile, tile + 1, 2·tile + 3, primes, and whole panels. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 19, 23, 32];

describe.each(variants)("%s", (variant) => {
  beforeAll(() => useVariant(variant));

  describe("multiply", () => {
    for (const depth of [1, 2, 7, 8, 9, 16, 17, 67]) {
      it(`c = start + a·b, depth ${depth}, NaN in all padding`, () => {
        for (const rows of SIZES) {
          clearRooms();
          const a = rowsOf(normals(rows * depth, rows), depth);
          const b = rowsOf(normals(depth * 8, depth), 8);
          const start = normals(8, 1);
          const c = room(rows * 8);
          kernels.multiply(c, place(a), place(b), place([start]), rows, rows, depth);
          const result = take(c, rows, 8);
          for (let r = 0; r < rows; r++) {
            for (let j = 0; j < 8; j++) {
              const terms = [start[j] as number, ...b.map((row, k) => (a[r]?.[k] as number) * (row[j] as number))];
              expectSum(result[r]?.[j] as number, terms);
            }
          }
          expect(floats[c / 4 + rows * 8]).toBeNaN();
        }
      });
    }

    it("sums from the first term to the last, whatever the tile", () => {
      const depth = 37;
      const a = rowsOf(normals(13 * depth, 5), depth);
      const b = place(rowsOf(normals(depth * 8, 6), 8));
      const start = place([normals(8, 7)]);
      const all = room(13 * 8);
      kernels.multiply(all, place(a), b, start, 13, 13, depth);
      const together = take(all, 13, 8);
      a.forEach((row, r) => {
        const one = room(8);
        kernels.multiply(one, place([row]), b, start, 1, 1, depth);
        expect(take(one, 1, 8)[0]).toEqual(together[r]);
      });
    });
  });

  describe("multiplyTransposed", () => {
    for (const depth of [1, 2, 3, 8, 10, 32, 67]) {
      it(`c = aᵀ·b, depth ${depth}, NaN in all padding`, () => {
        for (const columns of SIZES) {
          clearRooms();
          const a = rowsOf(normals(depth * columns, columns), columns);
          const b = rowsOf(normals(depth * 8, depth), 8);
          const c = room(columns * 8);
          kernels.multiplyTransposed(c, place(a), place(b), columns, depth);
          const result = take(c, columns, 8);
          for (let i = 0; i < columns; i++) {
            for (let j = 0; j < 8; j++) {
              expectSum(
                result[i]?.[j] as number,
                a.map((row, k) => (row[i] as number) * (b[k]?.[j] as number)),
              );
            }
          }
          expect(floats[c / 4 + columns * 8]).toBeNaN();
        }
      });
    }
  });

  function expectSum(actual: number, terms: number[]): void {
    const exact = terms.reduce((total, term) => total + term, 0);
    const magnitude = terms.reduce((total, term) => total + Math.abs(term), 0);
    expect(Math.abs(actual - exact)).toBeLessThanOrEqual(sumTolerance(terms.length, magnitude));
  }

  /** The distance in units in the last place of float32 at the exact value. */
  function ulps(actual: number, exact: number): number {
    if (Object.is(actual, exact) || actual === exact) return 0;
    const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact) || 2 ** -126)));
    return Math.abs(actual - exact) / 2 ** (exponent - 23);
  }

  describe("elementary functions, 262,144 points against float64", () => {
    const functions: { name: string; f: (x: number) => number; low: number; high: number; ulps: number }[] = [
      { name: "exp", f: Math.exp, low: -87.3, high: 87.3, ulps: 1.5 },
      { name: "log", f: Math.log, low: 2, high: 3e38, ulps: 1.5 },
      { name: "log1p", f: Math.log1p, low: 0, high: 1, ulps: 4 },
      { name: "tanh", f: Math.tanh, low: -10, high: 10, ulps: 6 },
      { name: "sigmoid", f: (x) => 1 / (1 + Math.exp(-x)), low: -87, high: 87, ulps: 3 },
      { name: "softplus", f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), low: -87, high: 87, ulps: 5 },
      { name: "expm1OfNegative", f: Math.expm1, low: -20, high: 0, ulps: 10 },
    ];
    const count = 1 << 18;

    functions.forEach(({ name, f, low, high, ulps: most }, which) => {
      it(`${name} errs by at most ${most} ulp on [${low}, ${high}]`, () => {
        const source = room(count);
        const target = room(count);
        for (let i = 0; i < count; i++) {
          const share = i / (count - 1);
          // the logarithm's points are spread over the exponents
          floats[source / 4 + i] = name === "log" ? low * (high / low) ** share : low + (high - low) * share;
        }
        kernels.evaluateMath(which, source, target, count * 4);
        let worst = 0;
        let at = 0;
        for (let i = 0; i < count; i++) {
          const x = floats[source / 4 + i] as number;
          const error = ulps(floats[target / 4 + i] as number, f(x));
          if (!(error <= worst)) {
            worst = error;
            at = x;
          }
        }
        expect(worst, `at ${at}`).toBeLessThanOrEqual(most);
        expect(worst, "the documented bound is not loose").toBeGreaterThan(most / 3);
      });

      it(`${name} keeps NaN`, () => {
        const source = place([[Number.NaN, 0.5, Number.NaN, 0.25, 0, 0, 0, 0]]);
        const target = room(8);
        kernels.evaluateMath(which, source, target, 16);
        const [first, , third] = floats.subarray(target / 4);
        expect([first, third]).toEqual([Number.NaN, Number.NaN]);
      });
    });

    it("exp stays at its bounds beyond them, and no result is subnormal", () => {
      const source = place([[88, 1000, Infinity, -88, -1000, -Infinity, 87.33, -87.33]]);
      const target = room(8);
      kernels.evaluateMath(0, source, target, 32);
      const [a, b, c, d, e, f, high, low] = floats.subarray(target / 4, target / 4 + 8);
      expect([a, b, c]).toEqual([high, high, high]);
      expect([d, e, f]).toEqual([low, low, low]);
      expect(low).toBeGreaterThan(1.1754943e-38);
      expect(1 / (1 + (high as number))).toBeGreaterThan(1.1754943e-38);
    });

    it("log near 1 errs by at most 6e-8", () => {
      const source = room(count);
      const target = room(count);
      for (let i = 0; i < count; i++) floats[source / 4 + i] = 0.5 + (1.5 * i) / count;
      kernels.evaluateMath(1, source, target, count * 4);
      for (let i = 0; i < count; i++) {
        const error = Math.abs((floats[target / 4 + i] as number) - Math.log(floats[source / 4 + i] as number));
        if (error > 6e-8) expect.fail(`${error} at ${floats[source / 4 + i]}`);
      }
    });
  });

  /** Roundings in an activation or its derivative: up to 10 in an elementary function, and a few around it. */
  const ACTIVATION_ROUNDINGS = 32;

  describe("activations", () => {
    const points = [
      -1e30, -90, -20, -6.2, -3, -1.7, -0.5, -1e-3, -1e-10, 0, 1e-10, 1e-3, 0.4, 1.3, 2.9, 3, 6, 6.1, 30, 95,
    ];

    for (const name of activationNames) {
      for (const outputs of [1, 2, 3, 8, 10, 17]) {
        if (name === "softmax" && outputs === 1) continue;
        it(`${name} of ${outputs} outputs, f and df`, () => {
          const rows = 11;
          const random = normals(rows * outputs, outputs, 3);
          const values = random.map((value, i) => (i % 3 === 0 ? (points[i % points.length] as number) : value));
          const z = rowsOf(values.map(Math.fround), outputs);
          const d = rowsOf(normals(rows * outputs, 77), outputs);
          const zs = place(z, 0);
          const as = room(panelFloats(rows, outputs));
          const ds = place(d, 0);
          kernels.activate(Activation[name], zs, as, rows, outputs);
          const a = take(as, rows, outputs);
          kernels.differentiate(Activation[name], zs, as, ds, rows, outputs);
          const delta = take(ds, rows, outputs);
          z.forEach((row, r) => {
            const exact = activate(name, row);
            // what eˣ is taken of is rounded, which eˣ takes as a relative error of x roundings
            const exponent = (value: number) =>
              name === "softmax" ? Math.max(...row) - value : name === "gelu" ? Math.abs(8 * geluInner(value)) : 0;
            const shifts = row.map((value) => 1 + exponent(value) / ACTIVATION_ROUNDINGS);
            expectClose(a[r] as number[], exact, (j) => (shifts[j] as number) * Math.abs(exact[j] as number));
            const exactDelta = differentiate(name, row, d[r] as number[]);
            // σ' is at most about 1, softmax's Jacobian sums over the row
            const scale = name === "softmax" ? Math.max(...(d[r] as number[]).map(Math.abs)) * outputs : 1;
            expectClose(delta[r] as number[], exactDelta, (j) => scale * Math.max(1, Math.abs(d[r]?.[j] as number)));
          });
          if (name === "softmax") expect(takePadding(as, rows, outputs).every((value) => value === 0)).toBe(true);
          expect(takePadding(ds, rows, outputs).every((value) => value === 0)).toBe(true);
        });
      }

      it(`${name} keeps NaN`, () => {
        const zs = place([[Number.NaN, 1]], 0);
        kernels.activate(Activation[name], zs, zs, 1, 2);
        expect(take(zs, 1, 2)[0]?.[0]).toBeNaN();
      });
    }

    function expectClose(actual: number[], exact: number[], magnitude: (j: number) => number): void {
      actual.forEach((value, j) => {
        const tolerance = ACTIVATION_ROUNDINGS * U * magnitude(j) + 1e-35;
        expect(Math.abs(value - (exact[j] as number)), `output ${j}`).toBeLessThanOrEqual(tolerance);
      });
    }
  });

  describe("losses", () => {
    for (const loss of lossNames) {
      for (const activation of ["identity", "sigmoid", "softmax", "tanh"] as ActivationName[]) {
        if (!isPair(loss, activation)) continue;
        for (const outputs of [2, 3, 8, 10, 21]) {
          it(`${loss} after ${activation}, ${outputs} outputs`, () => {
            for (const [rows, spread] of [
              [1, 1],
              [9, 1],
              [9, 30],
            ] as const) {
              clearRooms();
              checkLoss(loss, activation, rows, outputs, spread);
            }
          });
        }
      }
    }

    function checkLoss(
      loss: (typeof lossNames)[number],
      activation: ActivationName,
      rows: number,
      outputs: number,
      spread: number,
    ): void {
      const z = rowsOf(normals(rows * outputs, 11, spread), outputs);
      const y = distributions(rows, outputs, 12);
      const zs = place(z, 0);
      const as = room(panelFloats(rows, outputs));
      const ys = place(y, 0);
      const ds = room(panelFloats(rows, outputs));
      kernels.activate(Activation[activation], zs, as, rows, outputs);
      const at = { z: zs, a: as, y: ys, d: ds };
      const cost = costOf(Loss[loss], Activation[activation], at, rows, outputs);
      expect(costOf(Loss[loss], Activation[activation], { ...at, d: 0 }, rows, outputs)).toBe(cost);
      const inParts = { ...at, d: room(panelFloats(rows, outputs)) };
      expect(costOf(Loss[loss], Activation[activation], inParts, rows, outputs, rows >> 1)).toBe(cost);
      expect(take(inParts.d, rows, outputs)).toEqual(take(ds, rows, outputs));
      const a = take(as, rows, outputs);
      const delta = take(ds, rows, outputs);
      let exactCost = 0;
      let magnitude = 0;
      z.forEach((row, r) => {
        const fused = isFused(loss, activation);
        // with clipped probabilities and kinks, what the float32 a decides is what counts
        const exact = fused
          ? costAndDelta(loss, activation, row, y[r] as number[])
          : {
              cost: losses[loss].value(a[r] as number[], y[r] as number[]),
              delta: differentiate(activation, row, losses[loss].gradient(a[r] as number[], y[r] as number[])),
            };
        exactCost += exact.cost;
        // these are differences of terms of about 1
        const cancels = loss === "logCosh" || loss === "cosineSimilarity" ? 1 : 0;
        magnitude += Math.abs(exact.cost) + cancels + (fused ? Math.max(...row.map(Math.abs)) : 0);
        // σ' that cancels (1 − a² near ±1) carries a's own rounding, times ∂C/∂a
        const slopes = fused ? [0] : losses[loss].gradient(a[r] as number[], y[r] as number[]);
        const slope = Math.max(1, ...slopes.map(Math.abs));
        const scale = fused ? Math.max(1, ...exact.delta.map(Math.abs)) : slope * outputs;
        (delta[r] as number[]).forEach((value, j) => {
          const error = Math.abs(value * rows - (exact.delta[j] as number));
          expect(error, `row ${r}, output ${j}`).toBeLessThanOrEqual((ACTIVATION_ROUNDINGS + outputs) * U * scale);
        });
      });
      expect(Math.abs(cost - exactCost)).toBeLessThanOrEqual((ACTIVATION_ROUNDINGS + outputs) * U * magnitude + 1e-30);
      expect(takePadding(ds, rows, outputs).every((value) => value === 0)).toBe(true);
    }

    it("have no gradient where the absolute error is 0", () => {
      const zs = place([[0.5, 0.25, -1]], 0);
      const ds = room(8);
      costOf(Loss.meanAbsoluteError, Activation.identity, { z: zs, a: zs, y: place([[0.5, 0, 0]], 0), d: ds }, 1, 3);
      expect(take(ds, 1, 3)[0]?.map(Math.sign)).toEqual([0, 1, -1]);
    });

    it("take targets of softmax that don't add up to 1, as a weight of the sample", () => {
      const [z, y] = [[[0.3, -1, 2]], [[0.2, 0.3, 0.1]]];
      const zs = place(z, 0);
      const as = room(8);
      const ds = room(8);
      kernels.activate(Activation.softmax, zs, as, 1, 3);
      const cost = costOf(Loss.crossEntropy, Activation.softmax, { z: zs, a: as, y: place(y, 0), d: ds }, 1, 3);
      const exact = costAndDelta("crossEntropy", "softmax", z[0] as number[], y[0] as number[]);
      expect(cost).toBeCloseTo(exact.cost, 6);
      (take(ds, 1, 3)[0] as number[]).forEach((value, j) => {
        expect(value).toBeCloseTo(exact.delta[j] as number, 6);
      });
    });

    it("keep the cross-entropy of softmax exact for large z that are close to each other", () => {
      for (const large of [10, 1000, 1e4, 1e6]) {
        clearRooms();
        const zs = place([[large, large - 5]], 0);
        const as = room(8);
        kernels.activate(Activation.softmax, zs, as, 1, 2);
        const cost = costOf(Loss.crossEntropy, Activation.softmax, { z: zs, a: as, y: place([[1, 0]], 0), d: 0 }, 1, 2);
        // ln a for a near 1 is known to a rounding of a
        expect(Math.abs(cost - Math.log1p(Math.exp(-5)))).toBeLessThan(2 * U);
      }
    });

    it("and δ make no subnormal numbers: below 4e-31 they are 0", () => {
      const zs = place([[1, 1, 1]], 0);
      const ds = place([[1e-33, -3e-31, 1e-20]], 0);
      kernels.activate(Activation.tanh, zs, zs, 1, 3);
      kernels.differentiate(Activation.tanh, zs, zs, ds, 1, 3);
      const [tiny, small, kept] = take(ds, 1, 3)[0] as [number, number, number];
      expect([Math.abs(tiny), Math.abs(small)]).toEqual([0, 0]);
      expect(kept / (1e-20 * (1 - Math.tanh(1) ** 2))).toBeCloseTo(1, 4);
    });

    it("stay finite, and keep their gradient, for outputs that are certain and wrong", () => {
      for (const loss of ["crossEntropy", "binaryCrossEntropy"] as const) {
        for (const activation of ["softmax", "sigmoid"] as const) {
          clearRooms();
          const z = [[200, -200, 0]];
          const y = [[0, 1, 0]];
          const zs = place(z, 0);
          const as = room(8);
          const ds = room(8);
          kernels.activate(Activation[activation], zs, as, 1, 3);
          const cost = costOf(Loss[loss], Activation[activation], { z: zs, a: as, y: place(y, 0), d: ds }, 1, 3);
          const exact = costAndDelta(loss, activation, z[0] as number[], y[0] as number[]);
          expect(Math.abs(cost - exact.cost)).toBeLessThan(1e-5 * exact.cost);
          (take(ds, 1, 3)[0] as number[]).forEach((value, j) => {
            expect(Math.abs(value - (exact.delta[j] as number))).toBeLessThan(1e-6);
          });
        }
      }
    });
  });
});
