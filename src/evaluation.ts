// What a network is worth on a dataset.

import { options, wrongKind } from "./checks.js";
import type { Metrics, TrainerBlock } from "./engine/trainer-block.js";
import type { Feed } from "./feed.js";
import type { Pacer } from "./pacer.js";
import { resolveThreads, type ThreadChoice, type Threads } from "./threads.js";

/** What a trainer says of a dataset. */
export interface Evaluation {
  /** The mean over the samples. */
  loss: number;
  /** The share of samples whose class was met, where the dataset has classes. */
  accuracy?: number;
  /** confusionMatrix[actual][predicted], in samples, where the dataset has classes, 2,048 at most. */
  confusionMatrix?: number[][];
}

export interface EvaluateOptions {
  /** How many threads may be used. Default "auto". The result doesn't depend on it. */
  threads?: ThreadChoice;
  /** Ends the evaluation, which is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

export function resolveEvaluate(evaluateOptions: unknown): {
  threads: ThreadChoice;
  signal: AbortSignal | undefined;
} {
  const { threads, signal } = options(evaluateOptions, "evaluate", ["threads", "signal"]);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  return { threads: resolveThreads(threads), signal };
}

/** Loss, accuracy and confusion matrix over all rows, of one state of the network; undefined where the signal ended it early. */
export function evaluateFeed(...args: Parameters<typeof evaluateAll>): Promise<Evaluation | undefined> {
  const [block] = args;
  return block.network.hold(() => evaluateAll(...args));
}

async function evaluateAll(
  block: TrainerBlock,
  threads: Pick<Threads, "team" | "pace" | "took">,
  feed: Feed,
  metrics: Metrics,
  pacer: Pacer,
  signal?: AbortSignal,
): Promise<Evaluation | undefined> {
  const evaluator = block.createEvaluator();
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
        const working = evaluator.evaluate(team, metrics, stretch.table, from, to);
        if (working === undefined) return done();
        return working.then(done);
      };
      const end = await pacer.over(0, stretch.rows, evaluator.rows, work, () => threads.pace);
      if (end < stretch.rows || signal?.aborted) return undefined;
      rows += stretch.rows;
    }
    if (!feed.ended) return undefined;
  } finally {
    evaluator.free();
  }
  const { lossSum, correct } = metrics.measured;
  const evaluation: Evaluation = { loss: lossSum / rows };
  if (metrics.classes > 0) evaluation.accuracy = correct / rows;
  if (metrics.confusion !== undefined) evaluation.confusionMatrix = metrics.confusion;
  return evaluation;
}
