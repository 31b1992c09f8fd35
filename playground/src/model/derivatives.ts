// σ′(z), where it is short to write by z and a = σ(z); elsewhere the lesson takes it from δ.

import type { ActivationName } from "nablanet";

export interface Derivative {
  at(z: number, a: number): number;
  /** As the book would write it. */
  formula: string;
}

export const derivatives: Partial<Record<ActivationName, Derivative>> = {
  identity: { at: () => 1, formula: "1" },
  sigmoid: { at: (_, a) => a * (1 - a), formula: "a(1 − a)" },
  tanh: { at: (_, a) => 1 - a * a, formula: "1 − a²" },
  relu: { at: (z) => (z > 0 ? 1 : 0), formula: "1 where z > 0, else 0" },
  leakyRelu: { at: (z) => (z > 0 ? 1 : 0.01), formula: "1 where z > 0, else 0.01" },
  elu: { at: (z, a) => (z > 0 ? 1 : a + 1), formula: "1 where z > 0, else a + 1" },
  softplus: { at: (_, a) => 1 - Math.exp(-a), formula: "1 − e⁻ᵃ" },
  softsign: { at: (_, a) => (1 - Math.abs(a)) ** 2, formula: "(1 − |a|)²" },
};
