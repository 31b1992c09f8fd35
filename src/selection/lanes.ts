// Several trials at a time, each on a worker of its own.

import { outOfRange, wholeNumber, wrongKind } from "../checks.js";
import { countCores } from "../engine/platform.js";
import { capabilities } from "../engine/variants.js";
import type { ThreadChoice } from "../threads.js";

export interface LaneOptions<Trial> {
  /**
   * How many trials are trained at a time, 1 to 256, or "auto" (default): as many as there are processors, 16 at most. One at
   * a time uses several threads where that pays; several have a worker each, and the calling thread waits. Where there can't
   * be workers, one comes after the other. The results are the same, bit for bit.
   */
  concurrency?: "auto" | number;
  /** Ends all trials, between two mini-batches. */
  signal?: AbortSignal;
  /** Called after each trial that wasn't aborted, in the order in which they end, and awaited. False ends the others. */
  onTrial?: (trial: Trial) => unknown;
}

export interface ResolvedLanes<Trial> {
  concurrency: "auto" | number;
  signal: AbortSignal | undefined;
  onTrial: ((trial: Trial) => unknown) | undefined;
}

/** "completed": all trials ended; "stopped": `onTrial` returned false; "aborted": by the signal. @inline */
export type LanesStatus = "completed" | "stopped" | "aborted";

/** How the trials may be worked on. */
export interface Lane {
  threads: ThreadChoice;
  signal: AbortSignal;
}

const MOST_AUTOMATIC = 16;
const MOST = 256;

export function resolveLanes<Trial>({ concurrency, signal, onTrial }: Record<string, unknown>): ResolvedLanes<Trial> {
  if (typeof concurrency === "string" && concurrency !== "auto") {
    outOfRange("concurrency", '"auto" or a number of trials', concurrency);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  if (onTrial !== undefined && typeof onTrial !== "function") wrongKind("onTrial", "a function", onTrial);
  return {
    concurrency:
      concurrency === undefined || concurrency === "auto" ? "auto" : wholeNumber(concurrency, "concurrency", 1, MOST),
    signal,
    onTrial: onTrial as ResolvedLanes<Trial>["onTrial"],
  };
}

/**
 * Works on trials 0 to count − 1; those that were begun, in order. Where one throws, the others are ended, and its error is
 * thrown once nobody works any more.
 */
export async function runInLanes<Trial extends { status: string }>(
  count: number,
  { concurrency, signal, onTrial }: ResolvedLanes<Trial>,
  run: (number: number, lane: Lane) => Promise<Trial>,
): Promise<{ status: LanesStatus; trials: Trial[] }> {
  const lanes = Math.min(count, await countLanes(concurrency));
  const controller = new AbortController();
  const lane: Lane = { threads: lanes > 1 ? "worker" : "auto", signal: controller.signal };
  const trials: Trial[] = [];
  let status: LanesStatus = "completed";
  const end = (why: LanesStatus) => {
    if (controller.signal.aborted) return;
    status = why;
    controller.abort();
  };
  const abort = () => end("aborted");
  let next = 0;
  let working = 0;
  const work = async () => {
    try {
      while (next < count && !controller.signal.aborted) {
        const number = next++;
        working += 1;
        const trial = await run(number, lane);
        trials[number] = trial;
        working -= 1;
        const goesOn = trial.status === "aborted" || (await onTrial?.(trial)) !== false;
        // the last of all leaves nothing out
        if (!goesOn && (next < count || working > 0)) end("stopped");
      }
    } catch (error) {
      end("stopped");
      throw error;
    }
  };
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  try {
    const ends = await Promise.allSettled(Array.from({ length: lanes }, work));
    for (const ended of ends) if (ended.status === "rejected") throw ended.reason;
    return { status, trials };
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function countLanes(concurrency: "auto" | number): Promise<number> {
  if (concurrency === 1 || !(await capabilities()).threads.available) return 1;
  return concurrency === "auto" ? Math.min(MOST_AUTOMATIC, await countCores()) : concurrency;
}
