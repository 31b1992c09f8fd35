// What a network is worth on rows that it was not trained on.

import type { Dataset } from "../dataset.js";
import type { DatasetStream } from "../dataset-stream.js";
import type { RowsSeen } from "../evaluation.js";
import { EPSILON_32, rowLogLoss } from "../metrics/probabilities.js";
import { type ClassificationReport, reportOf } from "../metrics/report.js";
import { classAt } from "../metrics/rows.js";
import { ValueTotals } from "../metrics/value-totals.js";
import type { ThreadChoice } from "../threads.js";
import type { Trainer } from "../trainer.js";
import { PlottedRows } from "./plotted-rows.js";
import type { SomePoints } from "./report/plots.js";

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
  /** For plots: what was so and what was said, for each target. */
  plotted: SomePoints[];
}

export type Measures = ClassMeasures | ValueMeasures;

/**
 * In memory that doesn't depend on the rows of a stream.
 *
 * @param targetNames the names of the outputs, where they are numbers
 */
export async function measure(
  trainer: Trainer,
  data: Dataset | DatasetStream,
  targetNames: readonly string[],
  threads: ThreadChoice = "auto",
): Promise<Measures> {
  const { classNames } = data;
  return classNames === undefined
    ? measureValues(trainer, data, targetNames, threads)
    : measureClasses(trainer, data, classNames, threads);
}

async function measureClasses(
  trainer: Trainer,
  data: Dataset | DatasetStream,
  classNames: readonly string[],
  threads: ThreadChoice,
): Promise<ClassMeasures> {
  let rows = 0;
  let lost = 0;
  let isProbable = true;
  const onRows: RowsSeen = (predicted, actual, { outputs }) => {
    assertFinite(predicted);
    const count = predicted.length / outputs;
    rows += count;
    isProbable &&= predicted.every((share) => share >= 0 && share <= 1);
    for (let row = 0; isProbable && row < count; row++) {
      lost += rowLogLoss(predicted, row, outputs, classAt(actual, row, outputs), EPSILON_32);
    }
  };
  const { loss, accuracy, confusionMatrix } = await trainer.evaluate(data, { threads, onRows });
  return {
    kind: "classes",
    rows,
    loss,
    accuracy: accuracy as number,
    ...(isProbable && { logLoss: lost / rows }),
    classNames,
    ...(confusionMatrix && { ...reportOf(confusionMatrix, classNames), confusionMatrix }),
  };
}

async function measureValues(
  trainer: Trainer,
  data: Dataset | DatasetStream,
  targetNames: readonly string[],
  threads: ThreadChoice,
): Promise<ValueMeasures> {
  const totals = targetNames.map(() => new ValueTotals());
  const plotted = targetNames.map(() => new PlottedRows());
  const onRows: RowsSeen = (predicted, actual, { outputs }) => {
    assertFinite(predicted);
    for (let i = 0; i < predicted.length; i++) {
      totals[i % outputs].add(predicted[i], actual[i]);
      plotted[i % outputs].add(actual[i], predicted[i]);
    }
  };
  const { loss } = await trainer.evaluate(data, { threads, onRows });
  const targets = totals.map((total, j): TargetMeasures => {
    const { count, meanAbsoluteError, meanSquaredError, determination } = total;
    const rootMeanSquaredError = Math.sqrt(meanSquaredError);
    return { name: targetNames[j], meanAbsoluteError, rootMeanSquaredError, ...(count > 1 && { r2: determination }) };
  });
  return { kind: "values", rows: totals[0].count, loss, targets, plotted };
}

function assertFinite(predicted: Float32Array): void {
  if (!predicted.every(Number.isFinite)) throw new Error("the network's answers must be finite, got others");
}

/** As JSON has it: without what is for plots. */
export function measuresJson(measures: Measures): object {
  const { kind: _, ...rest } = measures;
  if (!("plotted" in rest)) return rest;
  const { plotted: __, ...values } = rest;
  return values;
}
