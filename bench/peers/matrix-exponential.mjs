// Seeded pairs of a 2x2 matrix and its exponential.

import { randomFrom } from "../data.mjs";

/** { inputs, targets }, rows of 4: matrices of normally distributed numbers, row by row. */
export function matrixExponentials(rows, seed) {
  const random = randomFrom(seed);
  const inputs = Float32Array.from({ length: 4 * rows }, () => normal(random));
  const targets = new Float32Array(4 * rows);
  for (let at = 0; at < targets.length; at += 4) targets.set(exponential(inputs.subarray(at, at + 4)), at);
  return { inputs, targets };
}

/** Box and Muller */
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * With s half the trace and q² = s² − det, exp(A) = eˢ·(cosh q·I + sinh q / q·(A − s·I)); cos and sin where q² < 0.
 * (By Cayley and Hamilton, (A − s·I)² = q²·I.)
 */
function exponential([a, b, c, d]) {
  const s = (a + d) / 2;
  const square = s * s - (a * d - b * c);
  const q = Math.sqrt(Math.abs(square));
  const even = square < 0 ? Math.cos(q) : Math.cosh(q);
  const odd = q === 0 ? 1 : (square < 0 ? Math.sin(q) : Math.sinh(q)) / q;
  return [even + odd * (a - s), odd * b, odd * c, even + odd * (d - s)].map((value) => Math.exp(s) * value);
}
