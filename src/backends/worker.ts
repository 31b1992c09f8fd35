// A worker: trains the jobs of a queue in processes of this machine.

import { availableParallelism } from "node:os";
import type { Job } from "bullmq";
import { options, wholeNumber, wrongKind } from "../checks.js";
import { PREFIX, type QueueOptions, resolveQueue, resolveTelling, within } from "./queue-options.js";
import { connect, installed, redisBlobs, redisLatest } from "./redis.js";
import { trainJob } from "./train-job.js";
import type { TrialJob, TrialResult } from "./trial-job.js";
import { TrialProcesses } from "./trial-processes.js";

export interface WorkerOptions extends QueueOptions {
  /** How many trials are trained at a time, each in a process of its own. Default: as many as there are processors. */
  concurrency?: number;
  /** Called after each trial that was trained here. */
  onResult?: (result: TrialResult) => void;
}

export interface TrialWorker {
  /** Gives the trials under way back to the queue, and ends. */
  close(): Promise<void>;
}

/** How long others wait for a worker that says nothing, until they take over its trials. */
const LOCK_MS = 10_000;
const LOOK_MS = 5000;
/** Checkpoints are wanted until the trial is trained further or goes on, or never. */
const CHECKPOINT_SECONDS = 24 * 3600;
const CLOSING_MS = 3000;

/**
 * Starts to train what searches with the backend `bullmq` put into a queue, until it is closed. Needs bullmq and ioredis.
 *
 * @throws RangeError or TypeError for options that can't be used; Error where no Redis answers.
 */
export async function startWorker(workerOptions: WorkerOptions): Promise<TrialWorker> {
  const given = options(workerOptions, "startWorker", ["connection", "queue", "concurrency", "onResult", "onError"]);
  const { connection, queue } = resolveQueue(given);
  const concurrency =
    given.concurrency === undefined ? availableParallelism() : wholeNumber(given.concurrency, "concurrency", 1, 256);
  const { onResult, onError } = given;
  if (onResult !== undefined && typeof onResult !== "function") wrongKind("onResult", "a function", onResult);
  const { WaitingError, Worker } = await installed(import("bullmq"));
  const tell = resolveTelling(onError);
  const redis = await connect(connection, tell);
  const checkpoints = redisBlobs(redis, PREFIX, CHECKPOINT_SECONDS);
  const latest = redisLatest(redis, PREFIX, CHECKPOINT_SECONDS);
  const processes = new TrialProcesses(concurrency);
  const stopping = new AbortController();
  const worker = new Worker<TrialJob, TrialResult>(
    queue,
    async (job, token) => {
      try {
        const models = redisBlobs(redis, PREFIX, keepSecondsOf(job));
        const result = await trainJob(job.data, processes, { checkpoints, latest, models }, stopping.signal);
        // what it throws isn't the trial's
        queueMicrotask(() => onResult?.(result));
        return result;
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
        await job.moveToWait(token);
        throw new WaitingError();
      }
    },
    {
      ...{ connection: redis, prefix: PREFIX, concurrency, lockDuration: LOCK_MS, stalledInterval: LOOK_MS },
      // between two attempts to take a job while Redis is away
      runRetryDelay: 1000,
      // however often workers are lost, the trial is given to another
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    },
  );
  worker.on("completed", ({ data: { key } }) => void latest.delete(key).catch(tell));
  worker.on("error", tell);
  worker.on("failed", (_, error) => tell(error));
  return {
    async close() {
      stopping.abort(new Error("the worker was closed"));
      // while Redis is away nothing can be given back, and others take over in time
      await within(CLOSING_MS, worker.close(redis.status !== "ready"));
      await processes.close();
      redis.disconnect();
      // its own connection, which closing leaves where Redis went away meanwhile
      await within(CLOSING_MS, worker.disconnect());
    },
  };
}

/** For how long Redis will have the job's result. */
function keepSecondsOf({ opts: { removeOnComplete } }: Job): number {
  return typeof removeOnComplete === "object" && "age" in removeOnComplete ? removeOnComplete.age : CHECKPOINT_SECONDS;
}
