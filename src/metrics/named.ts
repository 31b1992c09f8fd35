// Metrics by their names, for those who measure the same predictions with several.

import { got, oneOf, wholeNumber, wrongKind } from "../checks.js";
import type { Numbers } from "../samples.js";
import * as classification from "./classification.js";
import { logLoss, rocAuc } from "./probabilities.js";
import * as regression from "./regression.js";
import { type ClassOptions, readClasses, readValues } from "./rows.js";

/** A metric of classes, with its defaults: macro averages, and k = 5. */
export type ClassMetricName =
  | "accuracy"
  | "topKAccuracy"
  | "precision"
  | "recall"
  | "f1"
  | "balancedAccuracy"
  | "matthewsCorrelation"
  | "rocAuc"
  | "logLoss";

/** A metric of numbers; where there are classes, they are measured as one-hot rows, or as 0 and 1 where there is one output. */
export type ValueMetricName = "meanAbsoluteError" | "meanSquaredError" | "rootMeanSquaredError" | "r2";

export type MetricName = ClassMetricName | ValueMetricName;

/** A metric of one's own, of rows of predictions and of targets (one-hot, where there are classes). Its name is the function's. */
export type CustomMetric = (predictions: Float32Array[], targets: Float32Array[]) => number;

export interface MeasureOptions {
  /** The numbers in a row of predictions. */
  outputs: number;
  /** How many classes there are, or their names. Without, targets are numbers. */
  classes?: number | readonly string[] | undefined;
}

type Sizes = Required<Pick<ClassOptions, "outputs">> & ClassOptions;

const classMetrics: Record<ClassMetricName, (predictions: Numbers, targets: Numbers, sizes: Sizes) => number> = {
  accuracy: classification.accuracy,
  topKAccuracy: classification.topKAccuracy,
  precision: (...given) => classification.precision(...given),
  recall: (...given) => classification.recall(...given),
  f1: (...given) => classification.f1(...given),
  balancedAccuracy: classification.balancedAccuracy,
  matthewsCorrelation: classification.matthewsCorrelation,
  rocAuc,
  logLoss,
};

const valueMetrics: Record<ValueMetricName, (predictions: Numbers, targets: Numbers, outputs: number) => number> = {
  meanAbsoluteError: regression.meanAbsoluteError,
  meanSquaredError: regression.meanSquaredError,
  rootMeanSquaredError: regression.rootMeanSquaredError,
  r2: (predictions, targets, outputs) => regression.r2(predictions, targets, { outputs }),
};

const isClassMetric = (name: MetricName): name is ClassMetricName => Object.hasOwn(classMetrics, name);

/**
 * What each metric says of the predictions, by its name.
 *
 * @param predictions n rows of `outputs` numbers, flat
 * @param targets n rows of `outputs` numbers, flat, or n class indices
 * @throws RangeError for a name that isn't known or comes twice, a metric of classes where there are none, and what the metric
 * itself refuses; TypeError for what is neither a name nor a function, and for a function that gives no number
 */
export function measure(
  metrics: readonly (MetricName | CustomMetric)[],
  predictions: Float32Array,
  targets: Numbers,
  { outputs, classes }: MeasureOptions,
): Record<string, number> {
  const named = resolveMetrics(metrics, classes !== undefined);
  wholeNumber(outputs, "outputs", 1);
  const sizes: Sizes = classes === undefined ? { outputs } : { outputs, classes };
  const values = targetValues(predictions, targets, sizes);
  const resultOf = ([name, metric]: [string, MetricName | CustomMetric]): [string, number] => {
    if (typeof metric === "function") {
      const result: unknown = metric(rowsOf(predictions, outputs), rowsOf(values, outputs));
      if (typeof result !== "number") wrongKind(`the result of the metric ${name}`, "a number", result);
      return [name, result];
    }
    if (isClassMetric(metric)) return [name, classMetrics[metric](predictions, targets, sizes)];
    return [name, valueMetrics[metric](predictions, values, outputs)];
  };
  return Object.fromEntries([...named].map(resultOf));
}

/** The metrics by their names, checked: before a training begins, rather than at its first measurement. */
export function resolveMetrics(metrics: unknown, hasClasses: boolean): Map<string, MetricName | CustomMetric> {
  if (!Array.isArray(metrics)) wrongKind("metrics", "an array of names and functions", metrics);
  const names = [...Object.keys(classMetrics), ...Object.keys(valueMetrics)] as MetricName[];
  const named = new Map<string, MetricName | CustomMetric>();
  for (const [i, metric] of (metrics as unknown[]).entries()) {
    const place = `metrics[${i}]`;
    if (typeof metric !== "function" && typeof metric !== "string") wrongKind(place, "a name or a function", metric);
    if (typeof metric === "function" && metric.name === "") {
      throw new RangeError(`${place} must be a function with a name, got one without`);
    }
    const checked = typeof metric === "function" ? (metric as CustomMetric) : oneOf(metric, place, names);
    const name = typeof checked === "function" ? checked.name : checked;
    if (named.has(name)) throw new RangeError(`${place} must differ from the metrics before it, got ${got(name)}`);
    if (typeof checked === "string" && isClassMetric(checked) && !hasClasses) {
      throw new RangeError(
        `${place} must be one of ${Object.keys(valueMetrics).join(", ")}, as targets are numbers, got ${got(name)}, ` +
          "which needs classes",
      );
    }
    named.set(name, checked);
  }
  return named;
}

/** Copies, so that a function that changes its rows changes no other metric. */
function rowsOf(values: Numbers, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Float32Array.from({ length: width }, (_, j) => values[row * width + j] as number),
  );
}

/** Targets as flat rows of numbers, checked: class indices become one-hot. */
function targetValues(predictions: Float32Array, targets: Numbers, sizes: Sizes): Numbers {
  const { outputs, classes } = sizes;
  if (classes === undefined) return readValues(predictions, targets, outputs).actual;
  const { actual } = readClasses(predictions, targets, { ...sizes });
  if (targets.length === actual.length * outputs) return targets;
  const values = new Float32Array(actual.length * outputs);
  for (const [row, label] of actual.entries()) values[row * outputs + label] = 1;
  return values;
}
