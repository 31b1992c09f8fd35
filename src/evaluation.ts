// What a network is worth on a dataset.

import { options, wrongKind } from "./checks.js";
import type { Metrics, TrainerBlock } from "./engine/trainer-block.js";
import type { Feed } from "./feed.js";
import type { MetricRows } from "./metric-rows.js";
import type { Pacer } from "./pacer.js";
import { resolveThreads, type ThreadChoice, type Threads } from "./threads.js";

/** What the rows that a metric is given are made of. */
export interface MetricSizes {
  /** The numbers in a row of predictions, and in one of targets. */
  outputs: number;
  /** How many classes there are, where the dataset has classes. */
  classes?: number;
}

/**
 * What predictions are worth: a function of `metrics`, or one's own. It is given all rows of the dataset, in order and flat,
 * row-major; targets are numbers, or one-hot where there are classes, in the units of the data also where the network scales
 * them.
 */
export type Metric = (predictions: Float32Array, targets: Float32Array, sizes: MetricSizes) => number;

/** Measures by all metrics at once; they may be functions of another thread. */
export type Measure = (
  predictions: Float32Array<ArrayBuffer>,
  targets: Float32Array<ArrayBuffer>,
  sizes: MetricSizes,
) => Promise<Record<string, number>>;

/**
 * Told of some rows at a time, in order: the outputs for them and their targets, as a metric is given them, in arrays of its
 * own.
 */
export type RowsSeen = (predictions: Float32Array, targets: Float32Array, sizes: MetricSizes) => void;

/** What a trainer says of a dataset. */
export interface Evaluation {
  /** The mean over the samples, of scaled targets where the network has `normalizeTargets`. */
  loss: number;
  /** The share of samples whose class was met, where the dataset has classes. */
  accuracy?: number;
  /** confusionMatrix[actual][predicted], in samples, where the dataset has classes, 2,048 at most. */
  confusionMatrix?: number[][];
  /** What the metrics say, by the names they were given; NaN where an output isn't finite. */
  metrics?: Record<string, number>;
}

export interface EvaluateOptions {
  /** How many threads may be used. Default "auto". The result doesn't depend on it. */
  threads?: ThreadChoice;
  /** Ends the evaluation, which is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /**
   * More to measure, by names of one's own: `{ f1: metrics.f1, mine: (predictions, targets) => … }`. All outputs and targets
   * are kept for it, 8 bytes for each output of each row (12 with `normalizeTargets`), and copied for each metric in turn. What a metric throws, the evaluation is rejected with.
   */
  metrics?: Readonly<Record<string, Metric>>;
  /** For what can be measured as rows go by: nothing is kept for it, however long a stream is. Ends the evaluation by throwing. */
  onRows?: RowsSeen;
}

/** What is wanted of an evaluation besides loss and accuracy. */
export interface Wanted {
  signal: AbortSignal | undefined;
  metrics: Readonly<Record<string, Metric>> | Measure | undefined;
  onRows?: RowsSeen | undefined;
}

/** Whether outputs and targets are looked at. */
export const isMeasured = ({ metrics, onRows }: Wanted): boolean => metrics !== undefined || onRows !== undefined;

export function resolveEvaluate(evaluateOptions: unknown): Wanted & { threads: ThreadChoice } {
  const keys = ["threads", "signal", "metrics", "onRows"];
  const { threads, signal, metrics, onRows } = options(evaluateOptions, "evaluate", keys);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  if (onRows !== undefined && typeof onRows !== "function") wrongKind("onRows", "a function", onRows);
  return {
    threads: resolveThreads(threads),
    signal,
    metrics: resolveMetrics(metrics),
    onRows: onRows as RowsSeen | undefined,
  };
}

export function resolveMetrics(metrics: unknown): Record<string, Metric> | undefined {
  if (metrics === undefined) return undefined;
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics)) {
    wrongKind("metrics", "an object of functions, as { f1: metrics.f1 }", metrics);
  }
  const given: Record<string, unknown> = { ...metrics };
  for (const [name, metric] of Object.entries(given)) {
    if (typeof metric !== "function") wrongKind(`metrics.${name}`, "a function", metric);
  }
  return given as Record<string, Metric>;
}

/** What an evaluation works with. */
interface Equipment {
  block: TrainerBlock;
  threads: Pick<Threads, "team" | "pace" | "took" | "lose">;
  feed: Feed;
  metrics: Metrics;
  pacer: Pacer;
  signal: AbortSignal | undefined;
  /** Where outputs and targets are looked at. */
  seen: MetricRows | undefined;
}

/**
 * Loss, accuracy and confusion matrix over all rows, of one state of the network; undefined where the signal ended it early.
 * Where a thread is lost, all is evaluated again without; what was told of rows isn't told again.
 */
export async function evaluateFeed(
  block: TrainerBlock,
  threads: Equipment["threads"],
  feed: Feed,
  metrics: Metrics,
  pacer: Pacer,
  wanted: Wanted,
): Promise<Evaluation | undefined> {
  const { signal } = wanted;
  // only who measures more has the code for it
  const seen = isMeasured(wanted)
    ? new (await import("./metric-rows.js")).MetricRows(wanted, block.network.outputs, metrics.classes)
    : undefined;
  const equipment = { block, threads, feed, metrics, pacer, signal, seen };
  const rows = await block.network.hold(async () => {
    try {
      return await passOver(equipment);
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      threads.lose(error.reason);
      metrics.reset();
      return passOver(equipment);
    }
  });
  if (rows === undefined) return undefined;
  const { lossSum, correct } = metrics.measured;
  const evaluation: Evaluation = { loss: lossSum / rows };
  if (metrics.classes > 0) evaluation.accuracy = correct / rows;
  if (metrics.confusion !== undefined) evaluation.confusionMatrix = metrics.confusion;
  if (seen !== undefined && wanted.metrics !== undefined) evaluation.metrics = await seen.measure(wanted.metrics);
  return evaluation;
}

/** The threads left their work unfinished. */
class LostError extends Error {
  constructor(readonly reason: Error) {
    super(reason.message);
  }
}

/** How many rows there were; undefined where the signal ended it early. */
async function passOver({
  block,
  threads,
  feed,
  metrics,
  pacer,
  signal,
  seen,
}: Equipment): Promise<number | undefined> {
  const evaluator = block.createEvaluator();
  const lose = (error: Error) => {
    throw new LostError(error);
  };
  let rows = 0;
  try {
    for await (const stretch of feed.stretches(0)) {
      const work = (from: number, to: number): boolean | Promise<boolean> => {
        if (signal?.aborted) return false;
        const { team } = threads;
        const begin = performance.now();
        const done = () => {
          threads.took(team, to - from, performance.now() - begin, stretch.rows - to);
          return true;
        };
        const evaluate = (first: number, last: number) =>
          evaluator.evaluate(team, metrics, stretch.table, first, last)?.catch(lose);
        const working = seen === undefined ? evaluate(from, to) : seen.over(evaluate, evaluator, stretch, from, to);
        return working === undefined ? done() : working.then(done);
      };
      const end = await pacer.over(0, stretch.rows, evaluator.rows, work, () => threads.pace);
      if (end < stretch.rows || signal?.aborted) return undefined;
      rows += stretch.rows;
    }
    return feed.ended ? rows : undefined;
  } finally {
    evaluator.free();
  }
}
