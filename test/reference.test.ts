// Whether the oracle itself is right: its gradients against finite differences of its loss.

import { describe, expect, it } from "vitest";
import { distributions, normals, rowsOf } from "./arrays.js";
import {
  type ActivationName,
  activate,
  activationNames,
  activations,
  costAndDelta,
  forward,
  gradients,
  isPair,
  losses,
  lossNames,
  unpack,
} from "./reference.js";

const H = 1e-5;

/**
 * The five-point difference errs by h⁴/30 times the fifth derivative, which is below 1e-8 even for ln a at a = 0.02, and
 * by a few roundings of the loss over h (≲ 1e-10).
 */
const TOLERANCE = 1e-7;

function slopeOf(f: (x: number) => number): number {
  return (8 * (f(H) - f(-H)) - (f(2 * H) - f(-2 * H))) / (12 * H);
}

describe("the derivative of each activation", () => {
  for (const [name, { f, df }] of Object.entries(activations)) {
    it(name, () => {
      // away from the kinks at 0, ±3 and 6
      for (const z of [-7.3, -4.2, -2.9, -1.1, -0.4, 0.3, 0.9, 2.2, 4.4, 6.5]) {
        const slope = slopeOf((h) => f(z + h));
        expect(Math.abs(df(z) - slope)).toBeLessThan(TOLERANCE);
      }
    });
  }
});

describe("backpropagation of each activation × loss", () => {
  for (const activation of activationNames) {
    for (const loss of lossNames.filter((name) => isPair(name, activation))) {
      it(`${activation} × ${loss}`, () => {
        const layers = [
          { units: 4, activation: "tanh" as ActivationName },
          { units: 5, activation: activation === "softmax" ? "softmax" : activation },
          { units: 3, activation },
        ] as const;
        const count = 2 * 4 + 4 + 4 * 5 + 5 + 5 * 3 + 3;
        const vector = normals(count, 7);
        const inputs = rowsOf(normals(6, 8), 2);
        const targets = distributions(3, 3, 9);
        const lossAt = (v: number[]) => {
          const network = unpack(2, layers, v);
          const total = inputs.map((x, i) => {
            const { z } = forward(network, x);
            return costAndDelta(loss, activation, z[2] as number[], targets[i] as number[]).cost;
          });
          return total.reduce((a, b) => a + b, 0) / inputs.length;
        };
        const result = gradients(unpack(2, layers, vector), loss, inputs, targets);
        expect(result.loss).toBeCloseTo(lossAt(vector), 12);
        result.vector.forEach((gradient, i) => {
          const slope = slopeOf((h) => lossAt(vector.map((value, k) => (k === i ? value + h : value))));
          expect(Math.abs(gradient - slope)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(slope)));
        });
      });
    }
  }
});

describe("the cross-entropies from z", () => {
  for (const activation of ["softmax", "sigmoid"] as const) {
    for (const loss of ["crossEntropy", "binaryCrossEntropy"] as const) {
      it(`${activation} × ${loss} agree with the plain formula where that is exact`, () => {
        const z = [0.3, -1.2, 2, 0.1];
        const [y] = distributions(1, 4, 3) as [number[]];
        const a = activate(activation, z);
        expect(costAndDelta(loss, activation, z, y).cost).toBeCloseTo(losses[loss].value(a, y), 12);
      });
    }
  }
});
