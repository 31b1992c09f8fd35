// How numbers are distributed, as counts and as a line of bars.

export interface Histogram {
  from: number;
  to: number;
  /** Of intervals of the same width. */
  counts: number[];
}

const INTERVALS = 24;
const BARS = "▁▂▃▄▅▆▇█";

/** @param least the smallest of the numbers  @param most the largest */
export function histogram(numbers: Float32Array, least: number, most: number): Histogram {
  const counts = new Array<number>(INTERVALS).fill(0);
  const width = (most - least) / INTERVALS;
  for (const number of numbers) {
    const interval = width > 0 ? Math.floor((number - least) / width) : 0;
    counts[Math.min(INTERVALS - 1, interval)] += 1;
  }
  return { from: least, to: most, counts };
}

/** A bar for each interval; a blank where there is none, so that few can be told from none. */
export function sparkline({ counts }: Histogram): string {
  const most = Math.max(...counts);
  return counts.map((count) => (count === 0 ? " " : BARS[Math.ceil((count / most) * BARS.length) - 1])).join("");
}
