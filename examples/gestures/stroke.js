// Strokes as numbers: wherever, however large and however fast one was drawn, it becomes POINTS points of the same kind.

/** Points that every stroke is made of, at equal distances along it. */
export const POINTS = 32;

/** Shorter strokes, in pixels, were a slip of the finger. */
export const SHORTEST = 24;

export function lengthOf(points) {
  let length = 0;
  for (let i = 1; i < points.length; i++) length += distance(points[i - 1], points[i]);
  return length;
}

/** x0, y0, x1, y1, …: around their middle, the larger extent being −1 to 1. Flat strokes stay flat. */
export function normalized(points) {
  const even = resampled(points);
  const xs = even.map(([x]) => x);
  const ys = even.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const half = Math.max(right - left, bottom - top) / 2 || 1;
  return even.flatMap(([x, y]) => [(x - (left + right) / 2) / half, (y - (top + bottom) / 2) / half]);
}

function resampled(points) {
  const step = lengthOf(points) / (POINTS - 1);
  const even = [points[0]];
  let before = 0;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1], points[i]];
    const length = distance(from, to);
    while (length > 0 && even.length < POINTS && before + length >= step * even.length - 1e-9) {
      const t = (step * even.length - before) / length;
      even.push([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
    }
    before += length;
  }
  while (even.length < POINTS) even.push(points.at(-1));
  return even;
}

function distance([x, y], [u, v]) {
  return Math.hypot(u - x, v - y);
}
