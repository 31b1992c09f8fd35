export type { ClassWeights } from "./class-weights.js";
export type { Affine, AffineScaler, ScalerOptions } from "./data/affine-scaler.js";
export { type Category, type Decoded, OneHotEncoder, type OneHotEncoderOptions } from "./data/one-hot-encoder.js";
export { MinMaxScaler, type MinMaxScalerOptions, RobustScaler, StandardScaler } from "./data/scalers.js";
export type { Source } from "./data/source.js";
export { type Batch, Dataset, type Sample, type SplitOptions } from "./dataset.js";
export type { DatasetOptions } from "./dataset-options.js";
export type { Chunk, DatasetStream, StreamOptions } from "./dataset-stream.js";
export * as datasets from "./datasets.js";
export type { EarlyStoppingOptions } from "./early-stopping.js";
export { OutOfMemoryError } from "./engine/memory.js";
export type { Scaling } from "./engine/network-block.js";
export { ThreadError } from "./engine/thread-error.js";
export { type Capabilities, type Capability, capabilities, type Variant } from "./engine/variants.js";
export type { EvaluateOptions, Evaluation, Metric, MetricSizes, RowsSeen } from "./evaluation.js";
export type { BatchRow, FitOptions } from "./fit-options.js";
export type { EpochRow, FitResult, FitStatus } from "./fit-result.js";
export { FormatError } from "./formats/errors.js";
export type { EncodedModel, LoadHints } from "./formats/format.js";
export type { FormatName } from "./formats/formats.js";
export type { LoadOptions } from "./formats/loading.js";
export type { SaveOptions } from "./formats/saving.js";
export {
  type CheckedParameter,
  checkGradients,
  type GradientCheck,
  type GradientCheckOptions,
} from "./gradient-check.js";
export type { Gradients, LayerGradient, TrainingLayerTrace } from "./gradients.js";
export {
  historyFromJson,
  historyToCsv,
  historyToJson,
  historyToTensorBoard,
  type TensorBoardOptions,
} from "./history.js";
export { type InitOptions, init } from "./init.js";
export type { Initializer, InitializerName, InitializerOptions } from "./initializers.js";
export { type LayerStatistics, layerStatistics, type Spread } from "./layer-statistics.js";
export type { FocalOptions, HuberOptions, LossName, LossOptions } from "./losses.js";
export * as metrics from "./metrics/index.js";
export { type LayerTrace, Network } from "./network.js";
export type { ActivationName, Layer, LayerOptions, MathMode, NetworkOptions } from "./network-options.js";
export type { BatchNormalizationOptions, LayerNormalizationOptions, NormalizationOptions } from "./normalization.js";
export type { NormalizeKind, NormalizeOptions } from "./normalize.js";
export type {
  AdadeltaOptions,
  AdagradOptions,
  AdamaxOptions,
  AdamOptions,
  AdamWOptions,
  LbfgsOptions,
  LionOptions,
  NadamOptions,
  OptimizerOptions,
  RmsPropOptions,
  RPropOptions,
  SgdOptions,
} from "./optimizers.js";
export type { PredictOptions } from "./predict-options.js";
export type { Numbers } from "./samples.js";
export type {
  ConstantScheduleOptions,
  CosineScheduleOptions,
  ExponentialScheduleOptions,
  InverseTimeScheduleOptions,
  OneCycleScheduleOptions,
  PolynomialScheduleOptions,
  ReduceOnPlateauScheduleOptions,
  ScheduleOptions,
  StepScheduleOptions,
  WarmUpOptions,
} from "./schedules.js";
export type { Answer, ClassAnswer, Row, RowCodec } from "./schema.js";
export type {
  AshaOptions,
  BackendOptions,
  DrawnTrial,
  Kept,
  SearchBackend,
  SearchPlan,
  TrainedTrial,
} from "./selection/backend.js";
export {
  type CrossValidation,
  type CrossValidationOptions,
  crossValidate,
  type FoldTrial,
  type Measures,
} from "./selection/cross-validation.js";
export { type Fold, type FoldChoice, type FoldOptions, kFold } from "./selection/folds.js";
export type { LaneOptions } from "./selection/lanes.js";
export {
  learningRateRangeTest,
  type RangeTest,
  type RangeTestOptions,
  type RangeTestRow,
} from "./selection/learning-rate.js";
export {
  type SearchMetric,
  type SearchOptions,
  type SearchResult,
  search,
  type Trial,
  type TrialFold,
} from "./selection/search.js";
export {
  choice,
  type Dimension,
  integer,
  logUniform,
  type ParametersOf,
  type RangeOptions,
  type Space,
  uniform,
} from "./selection/space.js";
export type { TrialFitOptions, TrialOptions } from "./selection/trial.js";
export { type SummaryOptions, summary } from "./summary.js";
export type { ThreadChoice, ThreadsUsed } from "./threads.js";
export { Trainer } from "./trainer.js";
export type { TrainerOptions } from "./trainer-options.js";
