// Cuts a table's rows into those that are trained on and those that are held out.

import type { Dataset } from "../dataset.js";
import type { Schema } from "./schema.js";

export interface HeldOutShare {
  /** Of the rows, from 0 and below 1. */
  share: number;
  /** Decides which. */
  seed: number;
}

/** Of each class alike, where there are classes. A share of 0 holds no row out. */
export function holdOut(
  dataset: Dataset,
  { classes }: Schema,
  { share, seed }: HeldOutShare,
): { training: Dataset; heldOut: Dataset } {
  if (share === 0) return { training: dataset, heldOut: dataset.select(new Uint32Array(0)) };
  const { length } = dataset;
  const rest = Math.round((1 - share) * length);
  if (rest === 0 || rest === length) {
    throw new RangeError(
      `the table must have enough rows to hold out a share of ${share} and to train on the others, got ${length}`,
    );
  }
  const [training, heldOut] = dataset.split(1 - share, { seed, stratified: classes !== undefined });
  return { training, heldOut };
}
