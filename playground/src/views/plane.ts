// The plane that two of a network's inputs span, the others at their means, and what the network answers all over it.

import type { Network } from "nablanet";
import type { Samples } from "../model/samples.js";

export interface Axis {
  /** Which input. */
  feature: number;
  least: number;
  most: number;
}

export interface Plane {
  x: Axis;
  y: Axis;
  /** The mean of every input. */
  middle: Float32Array<ArrayBuffer>;
}

/** Points in a row and in a column of the grid. */
export const GRID = 80;

/** Beyond the outermost samples, as a share of their span. */
const MARGIN = 0.08;

/** An axis as long as a feature's values need. */
export function axisOf(parts: readonly Samples[], feature: number): Axis {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { inputs, rows } of parts) {
    const size = inputs.length / rows;
    for (let i = feature; i < inputs.length; i += size) {
      least = Math.min(least, inputs[i]);
      most = Math.max(most, inputs[i]);
    }
  }
  const margin = MARGIN * (most - least || 1);
  return { feature, least: least - margin, most: most + margin };
}

export function planeOf(parts: readonly Samples[], x: number, y: number): Plane {
  const [{ inputs, rows }] = parts;
  const middle = new Float32Array(inputs.length / rows);
  inputs.forEach((value, i) => {
    middle[i % middle.length] += value / rows;
  });
  return { x: axisOf(parts, x), y: axisOf(parts, y), middle };
}

/** The inputs of a point of the plane. */
export function pointOf({ x, y, middle }: Plane, atX: number, atY: number): Float32Array<ArrayBuffer> {
  const point = middle.slice();
  point[x.feature] = atX;
  point[y.feature] = atY;
  return point;
}

/** What a network answers on the grid: rows from top to bottom, points of a row from left to right. */
export class AnswerGrid {
  readonly #inputs: Float32Array<ArrayBuffer>;
  readonly answers: Float32Array<ArrayBuffer>;

  constructor(plane: Plane, outputs: number) {
    const size = plane.middle.length;
    this.#inputs = new Float32Array(GRID * GRID * size);
    this.answers = new Float32Array(GRID * GRID * outputs);
    for (let i = 0; i < GRID * GRID; i++) {
      const atX = valueAt(plane.x, ((i % GRID) + 0.5) / GRID);
      const atY = valueAt(plane.y, 1 - (Math.floor(i / GRID) + 0.5) / GRID);
      this.#inputs.set(pointOf(plane, atX, atY), i * size);
    }
  }

  update(network: Network): void {
    network.predictInto(this.#inputs, this.answers);
  }
}

/** At 0 the axis begins, at 1 it ends. */
export const valueAt = ({ least, most }: Axis, share: number): number => least + (most - least) * share;

export const shareAt = ({ least, most }: Axis, value: number): number => (value - least) / (most - least);

/** Round numbers along an axis, three to six. */
export function ticksOf({ least, most }: Pick<Axis, "least" | "most">): number[] {
  const power = 10 ** Math.floor(Math.log10((most - least) / 3));
  const step = [5, 2, 1].map((each) => each * power).find((each) => (most - least) / each >= 3) ?? power;
  const first = Math.ceil(least / step);
  return Array.from({ length: Math.floor(most / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** A number as short as people read it, to so many digits. */
export function short(value: number, digits = 3): string {
  const isPlain = value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 1e5);
  return (isPlain ? String(Number(value.toPrecision(digits))) : value.toExponential(1)).replaceAll("-", "−");
}
