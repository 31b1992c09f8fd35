// What predictAsync is told, checked.

import { options, wrongKind } from "./checks.js";
import { resolveThreads, type ThreadChoice } from "./threads.js";

export interface PredictOptions {
  /** How many threads may be used. Default "auto". The answers don't depend on it. */
  threads?: ThreadChoice;
  /** Ends the prediction, which is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

export interface ResolvedPredict {
  threads: ThreadChoice;
  signal: AbortSignal | undefined;
}

export function resolvePredict(predictOptions: unknown): ResolvedPredict {
  const { threads, signal } = options(predictOptions, "predictAsync", ["threads", "signal"]);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  return { threads: resolveThreads(threads), signal };
}
