// One mini-batch from the user's arrays: checked, and staged for as long as it is used.

import { outOfRange, wholeNumber } from "./checks.js";
import { checkedWeights } from "./dataset-options.js";
import type { NetworkBlock } from "./engine/network-block.js";
import { Table } from "./engine/table.js";
import { Metrics } from "./engine/trainer-block.js";
import type { LossName } from "./losses.js";
import type { Network } from "./network.js";
import { checkedRows, countRows, isNumbers, type Numbers, type TypedNumbers } from "./samples.js";
import { assertInBounds } from "./suits.js";

/** A mini-batch as it is given. */
export interface GivenBatch {
  inputs: Numbers | readonly Numbers[];
  targets: Numbers | readonly Numbers[];
  sampleWeights?: Numbers | undefined;
}

/** Rows of inputs and targets, flat, and what each counts. */
interface MiniBatch {
  rows: number;
  inputs: TypedNumbers;
  targets: TypedNumbers;
  weights: TypedNumbers | undefined;
}

/**
 * n rows of inputs, flat or nested; n rows of targets likewise or, with 2 or more outputs, n class indices; n weights, if
 * any.
 */
export function checkedBatch(
  { inputs: inputSize, outputs: outputSize, normalizeTargets }: Network,
  loss: LossName,
  { inputs, targets, sampleWeights }: GivenBatch,
): MiniBatch {
  const rows = countRows(inputs, inputSize, "inputs");
  const indices = outputSize > 1 && isNumbers(targets) && targets.length === rows;
  if (indices && normalizeTargets !== undefined) {
    const expected = `rows of ${outputSize} numbers, not class indices, as the network has normalizeTargets`;
    outOfRange("targets", expected, targets);
  }
  const values = indices ? oneHotRows(targets, outputSize) : targets;
  const targetRows = countRows(values, outputSize, "targets");
  if (targetRows !== rows) {
    throw new RangeError(`inputs and targets must have as many rows, got ${rows} and ${targetRows}`);
  }
  const inputNumbers = checkedRows(inputs, 0, rows, inputSize, "inputs");
  const targetNumbers = checkedRows(values, 0, rows, outputSize, "targets");
  assertInBounds(targetNumbers, loss, "targets");
  const weights = sampleWeights === undefined ? undefined : checkedWeights(sampleWeights, rows);
  return { rows, inputs: inputNumbers, targets: targetNumbers, weights };
}

/** What `use` returns, with the mini-batch in linear memory, its targets as the network scales them. */
export function withStaged<T>(
  { engine, targetScaling: scaling }: NetworkBlock,
  { rows, ...numbers }: MiniBatch,
  use: (table: Table, rows: number, metrics: Metrics) => T,
): T {
  const staging = { engine, ...(scaling && { targets: { scaling, keeps: false } }) };
  const table = Table.ofFloats(staging, rows, numbers);
  try {
    const metrics = new Metrics(engine, 0);
    try {
      return use(table, rows, metrics);
    } finally {
      metrics.free();
    }
  } finally {
    table.free();
  }
}

function oneHotRows(labels: Numbers, classes: number): Float32Array {
  const count = labels.length;
  const rows = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) rows[i * classes + wholeNumber(labels[i], `targets[${i}]`, 0, classes - 1)] = 1;
  return rows;
}
