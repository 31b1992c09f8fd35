// Columns that only number the rows: what a network makes of them says nothing of rows to come.

import type { Dataset } from "../dataset.js";
import type { Schema } from "../tables/schema.js";

/** Of fewer rows, it may be chance. */
const LEAST_ROWS = 10;

/** The names of inputs that are 0, 1, 2, … or 1, 2, 3, … from the first row to the last. */
export function rowNumbers(dataset: Dataset, { inputColumns }: Schema): string[] {
  if (dataset.length < LEAST_ROWS) return [];
  let next = 0;
  return inputColumns.flatMap(({ name, width }) => {
    const at = next;
    next += width;
    const first = dataset.sample(0).input[at];
    if (width > 1 || (first !== 0 && first !== 1)) return [];
    for (let row = 1; row < dataset.length; row++) {
      if (dataset.sample(row).input[at] !== first + row) return [];
    }
    return [name];
  });
}
