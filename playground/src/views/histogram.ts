// How often numbers fall into equal stretches of their range.

export interface Histogram {
  least: number;
  most: number;
  /** Of each stretch, from the left. */
  counts: readonly number[];
}

export const BINS = 24;

/** Of all numbers that are finite; a range of no width is widened. */
export function histogramOf(parts: readonly ArrayLike<number>[], range?: readonly [number, number]): Histogram {
  let [least, most] = range ?? rangeOfAll(parts);
  if (!(most > least)) [least, most] = [least - 0.5, most + 0.5];
  const counts = new Array<number>(BINS).fill(0);
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      const bin = Math.floor(((part[i] - least) / (most - least)) * BINS);
      if (Number.isFinite(bin)) counts[Math.min(BINS - 1, Math.max(0, bin))] += 1;
    }
  }
  return { least, most, counts };
}

function rangeOfAll(parts: readonly ArrayLike<number>[]): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      if (!Number.isFinite(part[i])) continue;
      least = Math.min(least, part[i]);
      most = Math.max(most, part[i]);
    }
  }
  return least > most ? [0, 0] : [least, most];
}
