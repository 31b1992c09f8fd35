// BullMQ over Redis as a backend: trials wait in a queue for workers of any machine, and their results stay there.

import type { Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import { got, options, wholeNumber } from "../checks.js";
import type { SearchBackend } from "../selection/backend.js";
import { backendOf } from "./coordinator.js";
import { answers } from "./known-result.js";
import { PREFIX, type QueueOptions, resolveQueue, resolveTelling, within } from "./queue-options.js";
import { connect, installed, redisBlobs } from "./redis.js";
import type { TrialJob, TrialResult } from "./trial-job.js";
import type { BlobStore, OpenTrialQueue } from "./trial-queue.js";

export interface BullmqOptions extends QueueOptions {
  /** How many trials wait in the queue or are trained at a time, 1 to 10,000. Default 256. */
  ahead?: number;
  /** For how long Redis has the results, in seconds. Default a week. */
  keepSeconds?: number;
}

const WEEK = 7 * 24 * 3600;
/** A job that fails on one machine may be trained on another. */
const ATTEMPTS = 5;
const PAUSE_MS = 500;
/** Events may be missed while Redis is away: what waits is looked at now and then. */
const LOOK_MS = 5000;
const CLOSING_MS = 3000;

/**
 * Has a search's trials trained by workers on any number of machines: those that `nablanet worker` or `startWorker` start with
 * the same Redis and queue. Needs the packages bullmq and ioredis, which nablanet doesn't bring.
 *
 * A trial's job and result are in Redis under its key, so a search that was ended, or that has trials in common with another,
 * takes what is there. Trials whose workers are lost are given to others.
 *
 * @throws RangeError or TypeError for options that can't be used; a search is rejected where no Redis answers at first.
 */
export function bullmq(bullmqOptions: BullmqOptions): SearchBackend {
  const given = options(bullmqOptions, "bullmq", ["connection", "queue", "ahead", "keepSeconds", "onError"]);
  const { connection, queue } = resolveQueue(given);
  const ahead = given.ahead === undefined ? 256 : wholeNumber(given.ahead, "ahead", 1, 10_000);
  const keepSeconds = given.keepSeconds === undefined ? WEEK : wholeNumber(given.keepSeconds, "keepSeconds", 1);
  const tell = resolveTelling(given.onError);
  return backendOf({
    async model(hash) {
      const redis = await connect(connection, tell);
      try {
        return await redisBlobs(redis, PREFIX, keepSeconds).get(hash);
      } finally {
        redis.disconnect();
      }
    },
    async open() {
      const { Queue, QueueEvents } = await installed(import("bullmq"));
      const redis = await connect(connection, tell);
      // events are waited for, which holds a connection up
      const listening = await connect(connection, tell);
      const jobs = new Queue(queue, { connection: redis, prefix: PREFIX });
      // what ends before the first look at the events isn't missed
      const [last] = await redis.xrevrange(jobs.toKey("events"), "+", "-", "COUNT", 1);
      const lastEventId = last?.[0] ?? "0-0";
      const events = new QueueEvents(queue, { connection: listening, prefix: PREFIX, lastEventId });
      return new BullmqQueue(jobs, events, [redis, listening], ahead, keepSeconds);
    },
  });
}

interface Pending {
  job: TrialJob;
  resolve: (result: TrialResult) => void;
  reject: (reason: unknown) => void;
}

class BullmqQueue implements OpenTrialQueue {
  /** By key. */
  readonly #pending = new Map<string, Pending>();
  /** Jobs that nobody waits for any more. */
  readonly #abandoned = new Set<string>();
  readonly #looking: NodeJS.Timeout;
  readonly #models: BlobStore;

  constructor(
    readonly jobs: Queue,
    readonly events: QueueEvents,
    readonly connections: readonly [Redis, Redis],
    readonly ahead: number,
    readonly keepSeconds: number,
  ) {
    this.#models = redisBlobs(connections[0], PREFIX, keepSeconds);
    // the connections say so, too, and come back
    jobs.on("error", () => {});
    events.on("error", () => {});
    events.on("completed", ({ jobId, returnvalue }) => this.#ended(jobId, returnvalue));
    events.on("failed", ({ jobId }) => void this.#look(jobId));
    this.#looking = setInterval(() => {
      for (const key of this.#pending.keys()) void this.#look(key);
    }, LOOK_MS);
  }

  async lookup(job: TrialJob): Promise<TrialResult | undefined> {
    const { key } = job;
    const known = await this.jobs.getJob(key);
    // one that failed before is tried again
    if (known?.failedReason !== undefined && (await known.isFailed())) await known.remove();
    const result = known?.finishedOn === undefined ? undefined : resultOf(key, known.returnvalue);
    if (result === undefined || (await answers(result, job, this.#models))) return result;
    // unless another search has it trained again by now
    await known?.remove().catch(() => {});
    return undefined;
  }

  async run(job: TrialJob, signal: AbortSignal): Promise<TrialResult> {
    const result = await this.#train(job, signal);
    if (await answers(result, job, this.#models)) return result;
    // that of another search's job, which keeps less
    return (await this.lookup(job)) ?? this.#train(job, signal);
  }

  async #train(job: TrialJob, signal: AbortSignal): Promise<TrialResult> {
    const { key } = job;
    signal.throwIfAborted();
    let abort = () => {};
    try {
      return await new Promise<TrialResult>((resolve, reject) => {
        this.#pending.set(key, { job, resolve, reject });
        abort = () => {
          this.#abandoned.add(key);
          reject(signal.reason);
        };
        signal.addEventListener("abort", abort);
        this.#add(job).catch(reject);
      });
    } finally {
      this.#pending.delete(key);
      signal.removeEventListener("abort", abort);
    }
  }

  /** Jobs that no worker has begun are taken back; those under way end, and Redis has their results for the next search. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    await within(CLOSING_MS, Promise.allSettled([...this.#abandoned].map((key) => this.jobs.remove(key))));
    await within(CLOSING_MS, Promise.allSettled([this.jobs.close(), this.events.close()]));
    for (const connection of this.connections) connection.disconnect();
  }

  /** Adds a job, which does nothing where it is there already. */
  async #add(job: TrialJob): Promise<void> {
    const { key, from } = job;
    await this.jobs.add("trial", job, {
      jobId: key,
      attempts: ATTEMPTS,
      backoff: { type: "fixed", delay: PAUSE_MS },
      removeOnComplete: { age: this.keepSeconds },
      removeOnFail: { age: this.keepSeconds },
      // those that came further go first
      lifo: from !== undefined,
    });
  }

  #ended(key: string, returned: unknown): void {
    const pending = this.#pending.get(key);
    const result = resultOf(key, returned);
    if (result !== undefined) pending?.resolve(result);
    else pending?.reject(new Error(`the worker of trial ${key} must give its result, got ${got(returned)}`));
  }

  /** Whether a job that is waited for has ended. */
  async #look(key: string): Promise<void> {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    try {
      const state = await this.jobs.getJobState(key);
      if (state === "completed") this.#ended(key, (await this.jobs.getJob(key))?.returnvalue);
      else if (state === "failed") pending.reject(new Error((await this.jobs.getJob(key))?.failedReason));
      // a Redis without persistence was restarted, or another search took it back
      else if (state === "unknown") await this.#add(pending.job);
    } catch (error) {
      // while Redis is away, commands wait; whatever else it is, it is looked at again
      if (this.connections.every(({ status }) => status === "ready")) pending.reject(error);
    }
  }
}

function resultOf(key: string, returned: unknown): TrialResult | undefined {
  const result = returned as TrialResult | null | undefined;
  return result?.key === key ? result : undefined;
}
