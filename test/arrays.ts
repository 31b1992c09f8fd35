// Arrays of seeded random numbers.

import { Random } from "../src/random.js";

export function normals(count: number, seed: number, scale = 1): number[] {
  const random = new Random(seed, 99);
  return Array.from({ length: count }, () => Math.fround(random.normal() * scale));
}

export function rowsOf<T>(values: readonly T[], width: number): T[][] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/** Rows that are each a probability distribution. */
export function distributions(rows: number, width: number, seed: number): number[][] {
  return rowsOf(normals(rows * width, seed), width).map((row) => {
    const e = row.map(Math.exp);
    const sum = e.reduce((total, value) => total + value, 0);
    return e.map((value) => Math.fround(value / sum));
  });
}
