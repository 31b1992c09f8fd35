// Samples as dots: those that are trained on filled, those for testing as rings.

import type { Samples } from "../model/samples.js";
import type { Surface } from "./canvas.js";
import { type Colour, colourOfClass, colourOfValue, css } from "./colours.js";

export interface Dots {
  samples: Samples;
  isTest: boolean;
  /** Where row i is, in CSS pixels. */
  place(row: number): [x: number, y: number];
  colour(row: number): Colour;
}

/** More would hide the ground. */
const MOST = 1500;

/** Dots of many samples are smaller, and their edges thinner. */
const MANY = 350;

export function drawDots({ context }: Surface, { samples, isTest, place, colour }: Dots, edge: Colour): void {
  const isMany = samples.rows > MANY;
  const radius = isMany ? 2.2 : 3.2;
  const step = Math.max(1, Math.ceil(samples.rows / MOST));
  for (let row = 0; row < samples.rows; row += step) {
    const [x, y] = place(row);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = css(isTest ? edge : colour(row));
    context.strokeStyle = css(isTest ? colour(row) : edge);
    context.lineWidth = (isTest ? 1.6 : 1) * (isMany ? 0.6 : 1);
    context.fill();
    context.stroke();
  }
}

/** By class; or by value, where the ramp goes from `least` to `most`. */
export function colouring(
  { labels, targets, rows }: Samples,
  range: readonly [number, number],
): (row: number) => Colour {
  if (labels !== undefined) return (row) => colourOfClass(labels[row]);
  const [least, most] = range;
  const size = targets.length / rows;
  return (row) => colourOfValue((targets[row * size] - least) / (most - least || 1));
}

/** The least and the largest of the first target. */
export function rangeOf(parts: readonly Samples[]): [least: number, most: number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { targets, rows } of parts) {
    const size = targets.length / rows;
    for (let i = 0; i < targets.length; i += size) {
      least = Math.min(least, targets[i]);
      most = Math.max(most, targets[i]);
    }
  }
  return [least, most];
}
