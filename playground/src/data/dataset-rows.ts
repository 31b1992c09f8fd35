// A dataset of nablanet as flat arrays, of classes their indices.

import type { Dataset } from "nablanet";
import type { Rows } from "./problem.js";

export function rowsOf(dataset: Dataset): Rows {
  const { length, inputSize, outputSize, classNames } = dataset;
  const targetSize = classNames === undefined ? outputSize : 1;
  const inputs = new Float32Array(length * inputSize);
  const targets = new Float32Array(length * targetSize);
  let row = 0;
  for (const { input, target, label } of dataset) {
    inputs.set(input, row * inputSize);
    targets.set(label === undefined ? target : [label], row * targetSize);
    row += 1;
  }
  return { inputs, inputSize, targets, outputSize };
}
