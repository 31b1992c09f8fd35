// What a network is worth on a dataset.

import type { Table } from "./engine/table.js";
import type { Metrics, TrainerBlock } from "./engine/trainer-block.js";
import type { Pacer } from "./pacer.js";

/** What a trainer says of a dataset. */
export interface Evaluation {
  /** The mean over the samples. */
  loss: number;
  /** The share of samples whose class was met, where the dataset has classes. */
  accuracy?: number;
  /** confusionMatrix[actual][predicted], in samples, where the dataset has classes, 2,048 at most. */
  confusionMatrix?: number[][];
}

/** Loss, accuracy and confusion matrix over a staged dataset; undefined where the signal ended it early. */
export async function evaluateTable(
  block: TrainerBlock,
  table: Table,
  rows: number,
  metrics: Metrics,
  pacer: Pacer,
  signal?: AbortSignal,
): Promise<Evaluation | undefined> {
  const done = await pacer.over(0, rows, block.batchSize, (from, to) => {
    block.evaluate(metrics, table, from, to);
    return !signal?.aborted;
  });
  if (done < rows) return undefined;
  const { lossSum, correct } = metrics.measured;
  const evaluation: Evaluation = { loss: lossSum / rows };
  if (metrics.classes > 0) evaluation.accuracy = correct / rows;
  if (metrics.confusion !== undefined) evaluation.confusionMatrix = metrics.confusion;
  return evaluation;
}
