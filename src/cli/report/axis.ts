// Axes of plots: where ticks are, and where numbers come to lie.

export interface Axis {
  ticks: readonly number[];
  /** 0 at the axis' beginning to 1 at its end. */
  at(value: number): number;
}

/** About `count` round numbers within bounds. */
function roundTicks(least: number, most: number, count: number): number[] {
  const raw = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= raw) as number;
  const first = Math.ceil(least / step - 1e-9);
  const last = Math.floor(most / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Bounds that aren't the same, as a plot needs some room. */
function apart(values: readonly number[]): [least: number, most: number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (most > least) return [least, most];
  const room = Math.abs(least) / 10 || 1;
  return [least - room, most + room];
}

export function linearAxis(values: readonly number[], count: number): Axis {
  const [least, most] = apart(values);
  return { ticks: roundTicks(least, most, count), at: (value) => (value - least) / (most - least) };
}

/** One that begins and ends at a tick. */
export function roundAxis(values: readonly number[], count: number): Axis {
  const { ticks } = linearAxis(values, count);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  const [least, most] = apart(values);
  return linearAxis([Math.floor(least / step + 1e-9) * step, Math.ceil(most / step - 1e-9) * step], count);
}

/** For positive values: ticks at 1, 2 and 5 times the powers of ten, or at the powers only where these are many. */
export function logarithmicAxis(values: readonly number[]): Axis {
  const [least, most] = apart(values.map(Math.log10));
  const factors = most - least > 2.5 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: Math.ceil(most) - Math.floor(least) + 1 }, (_, i) => Math.floor(least) + i);
  const ticks = powers.flatMap((power) => factors.map((factor) => factor * 10 ** power));
  const inside = ticks.filter((tick) => Math.log10(tick) >= least - 1e-9 && Math.log10(tick) <= most + 1e-9);
  return { ticks: inside, at: (value) => (Math.log10(value) - least) / (most - least) };
}
