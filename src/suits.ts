// Whether data suit a network and a loss.

import { outOfRange, wrongKind } from "./checks.js";
import { Dataset } from "./dataset.js";
import type { Targets } from "./dataset-options.js";
import { DatasetStream } from "./dataset-stream.js";
import type { Data } from "./feed.js";
import { type LossName, targetBounds } from "./losses.js";
import type { Network } from "./network.js";
import type { Numbers } from "./samples.js";

/** Refuses what isn't a dataset, or has other sizes than the network, or targets that it or the loss can't take. */
export function assertSuits(dataset: Data, network: Network, loss: LossName, place: string): void {
  const { inputs, outputs, normalizeTargets } = network;
  if (!(dataset instanceof Dataset || dataset instanceof DatasetStream)) wrongKind(place, "a Dataset", dataset);
  if (dataset.inputSize !== inputs) {
    outOfRange(`${place}.inputSize`, `${inputs}, the network's inputs`, dataset.inputSize);
  }
  if (dataset.outputSize !== outputs) {
    const expected = `${outputs}, the network's outputs${outputHint(dataset, outputs)}`;
    outOfRange(`${place}.outputSize`, expected, dataset.outputSize);
  }
  if (normalizeTargets !== undefined && dataset.classNames !== undefined) {
    const came = `${dataset.classNames.length} classes`;
    throw new RangeError(`${place} must have no classes, as the network has normalizeTargets, got ${came}`);
  }
  if (dataset instanceof Dataset) assertTargets(dataset.source, loss, place);
}

/** Refuses targets that the loss can't take, of a dataset or of a stream's chunk. */
export function assertTargets({ targets }: { targets: Targets }, loss: LossName, place: string): void {
  if (targets.kind === "values") assertInBounds(targets.range, loss, `${place}'s targets`);
}

/** Refuses numbers that the loss can't take as targets. */
export function assertInBounds(values: Numbers, loss: LossName, place: string): void {
  const [least, most] = targetBounds(loss);
  if (least === Number.NEGATIVE_INFINITY) return;
  const expected = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `from ${least} to ${most}`;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < least || value > most) outOfRange(place, `${expected} for loss "${loss}"`, value);
  }
}

/** What probably was meant, where outputs and targets don't fit. */
function outputHint(dataset: Data, outputs: number): string {
  if (outputs === 1 && dataset.outputSize === 2 && dataset.classNames !== undefined) {
    return " (for two classes in one output, make the dataset with outputSize: 1)";
  }
  if (dataset.outputSize === 1) return ` (if the targets are class indices, make the dataset with classes: ${outputs})`;
  return "";
}
