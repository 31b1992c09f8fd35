// Cuts a table's rows into those that are trained on and those that are held out.

import type { Dataset } from "../dataset.js";
import type { Schema } from "./schema.js";

export interface HeldOutShare {
  /** Of the rows, above 0 and below 1. */
  share: number;
  /** Decides which. */
  seed: number;
}

/** Of each class alike, where there are classes. */
export function holdOut(
  dataset: Dataset,
  { classes }: Schema,
  { share, seed }: HeldOutShare,
): { training: Dataset; heldOut: Dataset } {
  const { length } = dataset;
  const rest = Math.round((1 - share) * length);
  if (rest === 0 || rest === length) {
    const side = rest === 0 ? "trained on" : "held out";
    throw new RangeError(
      `the table must have more rows, as of ${length} a share of ${share} leaves none to be ${side}`,
    );
  }
  const [training, heldOut] = dataset.split(1 - share, { seed, stratified: classes !== undefined });
  return { training, heldOut };
}
