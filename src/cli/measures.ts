// What a network is worth on rows that it was not trained on.

import type { Dataset } from "../dataset.js";
import type { DatasetStream } from "../dataset-stream.js";
import { logLoss } from "../metrics/probabilities.js";
import { meanAbsoluteError, r2, rootMeanSquaredError } from "../metrics/regression.js";
import { type ClassificationReport, reportOf } from "../metrics/report.js";
import type { ThreadChoice } from "../threads.js";
import type { Trainer } from "../trainer.js";

/** Of classes. */
export interface ClassMeasures extends Partial<ClassificationReport> {
  kind: "classes";
  rows: number;
  loss: number;
  accuracy: number;
  /** Left out where the network's answers are no probabilities. */
  logLoss?: number;
  classNames: readonly string[];
  /** confusionMatrix[actual][predicted], in rows. */
  confusionMatrix?: number[][];
}

/** Of one target that is a number, in its own unit. */
export interface TargetMeasures {
  name: string;
  meanAbsoluteError: number;
  rootMeanSquaredError: number;
  /** Left out for a single row. */
  r2?: number;
}

export interface ValueMeasures {
  kind: "values";
  rows: number;
  /** Of scaled targets, where the network scales them. */
  loss: number;
  targets: TargetMeasures[];
  /** For plots: what was said and what was so, for each target. */
  pairs: { predicted: Float32Array; actual: Float32Array }[];
}

export type Measures = ClassMeasures | ValueMeasures;

/** @param targetNames the names of the outputs, where they are numbers */
export async function measure(
  trainer: Trainer,
  data: Dataset | DatasetStream,
  targetNames: readonly string[],
  threads: ThreadChoice = "auto",
): Promise<Measures> {
  let answers: { predicted: Float32Array; actual: Float32Array } | undefined;
  const { network } = trainer;
  const { loss, accuracy, confusionMatrix } = await trainer.evaluate(data, {
    threads,
    metrics: {
      // one pass gives all there is to measure
      answers: (predicted, actual) => {
        answers = { predicted, actual };
        return 0;
      },
    },
  });
  if (answers === undefined) throw new Error("the network's answers must be finite, got others");
  const { predicted, actual } = answers;
  const { outputs } = network;
  const rows = predicted.length / outputs;
  const { classNames } = data;
  if (classNames === undefined) {
    const pairs = targetNames.map((_, j) => ({
      predicted: column(predicted, j, outputs),
      actual: column(actual, j, outputs),
    }));
    return { kind: "values", rows, loss, targets: pairs.map((pair, j) => targetMeasures(targetNames[j], pair)), pairs };
  }
  const isProbable = predicted.every((share) => share >= 0 && share <= 1);
  return {
    kind: "classes",
    rows,
    loss,
    accuracy: accuracy as number,
    ...(isProbable && { logLoss: logLoss(predicted, actual, { outputs, classes: classNames.length }) }),
    classNames,
    ...(confusionMatrix && { ...reportOf(confusionMatrix, classNames), confusionMatrix }),
  };
}

function targetMeasures(name: string, { predicted, actual }: ValueMeasures["pairs"][number]): TargetMeasures {
  return {
    name,
    meanAbsoluteError: meanAbsoluteError(predicted, actual),
    rootMeanSquaredError: rootMeanSquaredError(predicted, actual),
    ...(actual.length > 1 && { r2: r2(predicted, actual) }),
  };
}

function column(rows: Float32Array, j: number, width: number): Float32Array {
  return Float32Array.from({ length: rows.length / width }, (_, row) => rows[row * width + j]);
}

/** As JSON has it: without what is for plots. */
export function measuresJson(measures: Measures): object {
  const { kind: _, ...rest } = measures;
  if (!("pairs" in rest)) return rest;
  const { pairs: __, ...values } = rest;
  return values;
}
