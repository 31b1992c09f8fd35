// What each class counts in the loss.

import { inFloat32, outOfRange, wrongKind } from "./checks.js";
import { Dataset } from "./dataset.js";
import type { Data } from "./feed.js";
import { isNumbers } from "./samples.js";

/** A number of at least 0 for each class, or "balanced": n/(K·count), so that all classes count alike together. */
export type ClassWeights = readonly number[] | "balanced";

export function resolveClassWeights(value: unknown, classes: number): ClassWeights | undefined {
  if (value === undefined || value === "balanced") return value;
  if (typeof value === "string") outOfRange("classWeights", '"balanced" or an array of numbers', value);
  if (!isNumbers(value)) wrongKind("classWeights", '"balanced" or an array of numbers', value);
  if (value.length !== classes) {
    throw new RangeError(`classWeights must have a number for each of the ${classes} classes, got ${value.length}`);
  }
  return Array.from(value, (weight, i) => inFloat32(weight, `classWeights[${i}]`, { least: 0 }));
}

/** scikit-learn's "balanced": n/(K·count of the class); 0 for a class that doesn't occur. */
export function balancedWeights(data: Data, classes: number): number[] {
  if (!(data instanceof Dataset) || data.classNames === undefined) {
    throw new TypeError(
      'classWeights "balanced" needs a Dataset in memory that has classes; tell the numbers otherwise',
    );
  }
  const counts = new Array<number>(classes).fill(0);
  for (const label of data.labels) counts[label] = (counts[label] as number) + 1;
  return counts.map((count) => (count === 0 ? 0 : data.length / (classes * count)));
}

/** Refuses data without classes. */
export function assertClasses(data: Data): void {
  if (data.classNames === undefined) throw new RangeError("classWeights needs a dataset with classes, got one without");
}
