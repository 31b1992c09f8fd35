// What scalers learn from rows, per column and in float64.

import type { Table } from "./table.js";

type Vector = Float64Array<ArrayBuffer>;

export interface Extrema {
  min: Vector;
  max: Vector;
}

/** The smallest and the largest number of each column. */
export function extrema({ values, rows, columns }: Table): Extrema {
  const min = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const max = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0; k < columns; k++, i++) {
      min[k] = Math.min(min[k], values[i]);
      max[k] = Math.max(max[k], values[i]);
    }
  }
  return { min: positiveZeros(min), max: positiveZeros(max) };
}

export interface Moments {
  /** Rows. */
  count: number;
  mean: Vector;
  /** Σ(x − mean)² / count. */
  variance: Vector;
}

/**
 * Mean and population variance by the corrected two-pass algorithm: the second pass also sums x − mean, which would be 0
 * but for the first pass's roundings, and takes them out of both.
 * Chan, Golub, LeVeque 1983, "Algorithms for Computing the Sample Variance", The American Statistician 37(3), eq. 1.7.
 */
export function moments({ values, rows, columns }: Table): Moments {
  const mean = new Float64Array(columns);
  for (let row = 0, i = 0; row < rows; row++) for (let k = 0; k < columns; k++, i++) mean[k] += values[i];
  for (let k = 0; k < columns; k++) mean[k] /= rows;
  const variance = new Float64Array(columns);
  const rest = new Float64Array(columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let k = 0; k < columns; k++, i++) {
      const distance = values[i] - mean[k];
      rest[k] += distance;
      variance[k] += distance * distance;
    }
  }
  for (let k = 0; k < columns; k++) {
    const correction = rest[k] / rows;
    mean[k] += correction;
    variance[k] = Math.max(0, variance[k] / rows - correction * correction);
  }
  return { count: rows, mean: positiveZeros(mean), variance };
}

/**
 * The moments of two parts' rows together: δ = mean_b − mean_a, mean = mean_a + δ·n_b/n and
 * variance = (n_a·variance_a + n_b·variance_b + δ²·n_a·n_b/n) / n.
 * Chan, Golub, LeVeque 1979, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", Stanford
 * STAN-CS-79-773, eq. 2.1.
 */
export function mergeMoments(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  const [shareA, shareB] = [a.count / count, b.count / count];
  const delta = a.mean.map((mean, k) => b.mean[k] - mean);
  return {
    count,
    mean: positiveZeros(a.mean.map((mean, k) => mean + delta[k] * shareB)),
    variance: a.variance.map(
      (variance, k) => variance * shareA + b.variance[k] * shareB + delta[k] * delta[k] * shareA * shareB,
    ),
  };
}

/** For each of `fractions`, that quantile of every column. */
export function quantiles({ values, rows, columns }: Table, fractions: readonly number[]): Vector[] {
  const found = fractions.map(() => new Float64Array(columns));
  const sorted = new Float64Array(rows);
  for (let k = 0; k < columns; k++) {
    for (let row = 0; row < rows; row++) sorted[row] = values[row * columns + k];
    sorted.sort();
    fractions.forEach((fraction, f) => {
      found[f][k] = quantile(sorted, fraction);
    });
  }
  return found.map(positiveZeros);
}

/** Linear between the two nearest of the sorted numbers: type 7 of Hyndman, Fan 1996, numpy's default. */
function quantile(sorted: Float64Array, fraction: number): number {
  const place = (sorted.length - 1) * fraction;
  const below = Math.floor(place);
  const low = sorted[below];
  const high = sorted[Math.min(below + 1, sorted.length - 1)];
  return low + (high - low) * (place - below);
}

/** −0 as 0, since JSON doesn't tell them apart. */
function positiveZeros(numbers: Vector): Vector {
  return numbers.map((value) => value + 0);
}
