// Rows of targets that are the classes' shares.

import { outOfRange } from "./checks.js";

/** How far the shares of a row may be from adding up to 1. */
const SUM_TOLERANCE = 1e-3;

/** Refuses rows that are neither one-hot nor probabilities of the classes; a single number is the second class's. */
export function assertDistributions(values: ArrayLike<number>, width: number, because: string): void {
  for (let at = 0; at < values.length; at += width) {
    let [sum, least] = [0, 0];
    for (let j = at; j < at + width; j++) {
      sum += values[j] as number;
      least = Math.min(least, values[j] as number);
    }
    const place = `targets[${at / width}]`;
    if (width === 1 && (least < 0 || sum > 1)) outOfRange(place, `from 0 to 1, ${because}`, sum);
    if (width > 1 && (least < 0 || Math.abs(sum - 1) > SUM_TOLERANCE)) {
      const numbers = Array.from({ length: Math.min(width, 10) }, (_, j) => values[at + j]).join(", ");
      throw new RangeError(`${place} must be one-hot, or probabilities that add up to 1, got ${numbers}`);
    }
  }
}
