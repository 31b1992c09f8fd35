// What the namespace `metrics` holds: pure functions that measure predictions.

export {
  type AverageOptions,
  accuracy,
  balancedAccuracy,
  confusionMatrix,
  f1,
  matthewsCorrelation,
  precision,
  recall,
  type TopKOptions,
  topKAccuracy,
} from "./classification.js";
export type { ClassMetricName, CustomMetric, MetricName, ValueMetricName } from "./named.js";
export { logLoss, rocAuc } from "./probabilities.js";
export { meanAbsoluteError, meanSquaredError, type R2Options, r2, rootMeanSquaredError } from "./regression.js";
export { type ClassificationReport, type ClassScores, classificationReport, reportOf } from "./report.js";
export type { ClassOptions, Rows } from "./rows.js";
export type { Average, Averaged } from "./tally.js";
