// What was drawn as an image of 8×8, made as those of the training set were: fitted into a box of 20×32 pixels of 32×32,
// its lines as thick as it takes to have as much ink as the others, then counted in blocks of 4×4.

import { SIDE } from "./digits.js";

/** x and y one after the other, y downwards, in any unit. */
export type Stroke = readonly number[];

const PIXELS = 32;
const WIDTH = 20;
/** The mean of the set; of each digit's images it is 303 to 330. */
const INK = 312;
/** Half of a line's thickness: as expected when the box is filled, and at most. */
const RADIUS = 2.5;
const MOST_RADIUS = 5;
/** How much a narrow drawing may be widened. */
const WIDEST = 1.3;

interface Segment {
  x: number;
  y: number;
  /** To its end. */
  dx: number;
  dy: number;
}

/** 64 numbers from 0 to 1, row by row; zeros where nothing was drawn. */
export function imageOf(strokes: readonly Stroke[]): Float32Array<ArrayBuffer> {
  const image = new Float32Array(SIDE * SIDE);
  const segments = segmentsOf(fitted(strokes));
  if (segments.length === 0) return image;
  const distances = Float64Array.from({ length: PIXELS * PIXELS }, (_, i) =>
    distance(segments, (i % PIXELS) + 0.5, Math.floor(i / PIXELS) + 0.5),
  );
  const radius = Math.min(distances.toSorted()[INK], MOST_RADIUS);
  const block = PIXELS / SIDE;
  distances.forEach((each, i) => {
    const [x, y] = [i % PIXELS, Math.floor(i / PIXELS)];
    if (each < radius) image[Math.floor(y / block) * SIDE + Math.floor(x / block)] += 1 / block ** 2;
  });
  return image;
}

/** The strokes moved and scaled into the box, upright and in the middle. */
function fitted(strokes: readonly Stroke[]): number[][] {
  const points = strokes.flat();
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [left, right, top, bottom] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
  const [width, height] = [WIDTH - 2 * RADIUS, PIXELS - 2 * RADIUS];
  // what has no height is a dot or a dash, as wide as it may be
  const down = bottom > top ? height / (bottom - top) : 0;
  const fits = right > left ? width / (right - left) : 0;
  const across = down === 0 ? fits : Math.min(fits, WIDEST * down);
  return strokes.map((stroke) =>
    stroke.map((value, i) =>
      i % 2 === 0
        ? PIXELS / 2 + (value - (left + right) / 2) * across
        : PIXELS / 2 + (value - (top + bottom) / 2) * down,
    ),
  );
}

const least = (values: readonly number[]) =>
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);

function segmentsOf(strokes: readonly Stroke[]): Segment[] {
  return strokes.flatMap((stroke) => {
    const segments: Segment[] = [];
    // a dot is a segment without length
    for (let i = 0; i + 1 < stroke.length; i += 2) {
      const [x, y] = [stroke[i], stroke[i + 1]];
      const [endX = x, endY = y] = stroke.slice(i + 2, i + 4);
      if (i + 2 < stroke.length || i === 0) segments.push({ x, y, dx: endX - x, dy: endY - y });
    }
    return segments;
  });
}

/** From a point to the nearest of the segments. */
function distance(segments: readonly Segment[], px: number, py: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const { x, y, dx, dy } of segments) {
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((px - x) * dx + (py - y) * dy) / length));
    nearest = Math.min(nearest, (x + along * dx - px) ** 2 + (y + along * dy - py) ** 2);
  }
  return Math.sqrt(nearest);
}
