// How far float32 may be from the float64 reference, from the arithmetic alone.

/** Half a unit in the last place of float32, relative. */
export const U = 2 ** -24;

/**
 * What rounding may do to a sum of n products in float32 whose absolute values add up to `magnitude`: each product and
 * each addition is rounded once, n + 1 roundings in a chain (Higham, Accuracy and Stability, §3.1: γₙ = nu/(1 − nu)).
 */
export function sumTolerance(n: number, magnitude: number): number {
  const roundings = (n + 1) * U;
  return (roundings / (1 - roundings)) * magnitude + 2 ** -126;
}
