// What a network is worth on a dataset.

import type { Table } from "./engine/table.js";
import type { Team } from "./engine/team.js";
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
  team: Team,
  table: Table,
  rows: number,
  metrics: Metrics,
  pacer: Pacer,
  signal?: AbortSignal,
): Promise<Evaluation | undefined> {
  const goesOn = () => !signal?.aborted;
  const work = (from: number, to: number) => {
    const working = block.evaluate(team, metrics, table, from, to);
    return working === undefined ? goesOn() : working.then(goesOn);
  };
  const done = await pacer.over(0, rows, block.batchSize, work, () => team.size > 1);
  if (done < rows) return undefined;
  const { lossSum, correct } = metrics.measured;
  const evaluation: Evaluation = { loss: lossSum / rows };
  if (metrics.classes > 0) evaluation.accuracy = correct / rows;
  if (metrics.confusion !== undefined) evaluation.confusionMatrix = metrics.confusion;
  return evaluation;
}
