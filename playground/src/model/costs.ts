// The costs as the book would write them, of one sample, and where δ of the output is as short.

import type { ActivationName, LossName } from "nablanet";

export const costFormulas: Partial<Record<LossName, string>> = {
  quadratic: "½ Σ (a − y)²",
  meanSquaredError: "mean of (a − y)²",
  meanAbsoluteError: "mean of |a − y|",
  crossEntropy: "−Σ y ln a",
  binaryCrossEntropy: "mean of −[y ln a + (1 − y) ln(1 − a)]",
  huber: "mean of ½(a − y)², beyond 1 of |a − y| − ½",
  logCosh: "mean of ln cosh(a − y)",
  klDivergence: "Σ y ln(y/a)",
  focal: "−(1 − p)² ln p, p what the right class was given",
};

/** ∂C/∂a of each of n outputs. */
export const costSlopes: Partial<Record<LossName, { formula: string; at(a: number, y: number, n: number): number }>> = {
  quadratic: { formula: "a − y", at: (a, y) => a - y },
  meanSquaredError: { formula: "2(a − y)/n", at: (a, y, n) => (2 * (a - y)) / n },
};

/** Whether cost and activation cancel out, so that δ = (a − y) or its share of the mean. */
export function isPlainDelta(loss: LossName, output: ActivationName): boolean {
  return (loss === "crossEntropy" && output === "softmax") || (loss === "binaryCrossEntropy" && output === "sigmoid");
}
