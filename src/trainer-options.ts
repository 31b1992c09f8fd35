// A trainer's options as they are given, checked, and as they are kept.

import { inFloat32, options, wholeNumber } from "./checks.js";
import { type ClassWeights, resolveClassWeights } from "./class-weights.js";
import { type LossOptions, lossOptions, type ResolvedLoss, resolveLoss, takesProbabilities } from "./losses.js";
import type { Network } from "./network.js";
import {
  needsFullBatch,
  type OptimizerOptions,
  ownOptions,
  type ResolvedOptimizer,
  resolveOptimizer,
} from "./optimizers.js";
import { isConstant, type ResolvedSchedule, resolveSchedule, type ScheduleOptions } from "./schedules.js";

export interface TrainerOptions {
  /**
   * The cost that training lowers, averaged over the mini-batch. Default: "crossEntropy" where the output layer is
   * softmax, "binaryCrossEntropy" where it is sigmoid, else "meanSquaredError".
   */
  loss?: LossOptions;
  /**
   * ε in [0, 1): while training, targets are y(1 − ε) + ε/K for K classes (Szegedy et al. 2016). For the cross-entropies,
   * klDivergence and focal. Default 0.
   */
  labelSmoothing?: number;
  /**
   * What each class counts while training: a number for each, or "balanced", n/(K·count) as in scikit-learn, from the
   * dataset of the fit. A sample's loss is multiplied by it (and by its weight in the dataset, which counts in evaluations
   * too); the cost is the mean over the mini-batch's samples, as in Keras. Default: 1 each.
   */
  classWeights?: ClassWeights;
  /** Default: `{ kind: "adam", learningRate: 0.001 }`. */
  optimizer?: OptimizerOptions;
  /**
   * How the learning rate goes in the course of a fit, from mini-batch to mini-batch; the optimizer's `learningRate` is where
   * it starts from, or its maximum. `step` takes that as it is. A stream doesn't know how long an epoch is: there the rate
   * changes from epoch to epoch, and a warm-up of one epoch is none. Not for rProp and lbfgs. Default: constant.
   */
  schedule?: ScheduleOptions;
  /** Samples in a mini-batch, 1 or more. Default 32. */
  batchSize?: number;
}

export interface ResolvedTrainer {
  loss: ResolvedLoss;
  labelSmoothing: number;
  classWeights: ClassWeights | undefined;
  optimizer: ResolvedOptimizer;
  schedule: ResolvedSchedule;
  batchSize: number;
}

const MOST_ROWS = 2 ** 24;

export function resolveTrainer(trainerOptions: unknown, network: Network): ResolvedTrainer {
  const keys = ["loss", "labelSmoothing", "classWeights", "optimizer", "schedule", "batchSize"];
  const given = options(trainerOptions, "Trainer", keys);
  const loss = resolveLoss(given.loss, network);
  const optimizer = resolveOptimizer(given.optimizer, "optimizer");
  if (needsFullBatch(optimizer.kind) && given.schedule !== undefined) {
    throw new RangeError(`optimizer "${optimizer.kind}" has steps of its own, which no schedule changes`);
  }
  if (optimizer.kind === "lbfgs") assertSmooth(network);
  const classWeights = resolveClassWeights(given.classWeights, classesOf(network));
  if (classWeights !== undefined && network.normalizeTargets !== undefined) {
    throw new RangeError(
      "classWeights need targets that are classes, which a network with normalizeTargets can't have",
    );
  }
  return {
    loss,
    labelSmoothing: resolveSmoothing(given.labelSmoothing, loss),
    classWeights,
    optimizer,
    schedule: resolveSchedule(given.schedule, "schedule"),
    batchSize: given.batchSize === undefined ? 32 : wholeNumber(given.batchSize, "batchSize", 1, MOST_ROWS),
  };
}

/** A line search wants a cost that is smooth along it, and the same each time. */
function assertSmooth({ layers }: Network): void {
  layers.forEach(({ normalization, l1, maxNorm }, i) => {
    const found =
      normalization?.kind === "batch" ? "batch normalization" : l1 > 0 ? "l1" : maxNorm > 0 ? "maxNorm" : "";
    if (found !== "") throw new RangeError(`optimizer "lbfgs" needs layers without ${found}, got layers[${i}] with it`);
  });
}

/** How many classes outputs tell apart: a single one, two. */
export function classesOf({ outputs }: Network): number {
  return Math.max(2, outputs);
}

/** What resolveTrainer takes, as JSON can hold it: without what does nothing. */
export function ownTrainerOptions(resolved: ResolvedTrainer, learningRate: number): TrainerOptions {
  const { loss, labelSmoothing, classWeights, optimizer, schedule, batchSize } = resolved;
  return {
    loss: lossOptions(loss),
    ...(labelSmoothing > 0 && { labelSmoothing }),
    ...(classWeights && { classWeights }),
    batchSize,
    optimizer: { ...ownOptions(optimizer), learningRate },
    ...(!isConstant(schedule) && { schedule }),
  };
}

function resolveSmoothing(value: unknown, { name }: ResolvedLoss): number {
  const smoothing = value === undefined ? 0 : inFloat32(value, "labelSmoothing", { least: 0, below: 1 });
  if (smoothing > 0 && !takesProbabilities(name)) {
    throw new RangeError(`labelSmoothing needs a loss of classes' probabilities, such as crossEntropy, got "${name}"`);
  }
  return smoothing;
}
