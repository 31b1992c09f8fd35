// Searches beyond one process: the entry "nablanet/backends", for Node.

export { type BullmqOptions, bullmq } from "./backends/bullmq.js";
export { backendOf } from "./backends/coordinator.js";
export { type LocalOptions, local } from "./backends/local.js";
export type { QueueOptions } from "./backends/queue-options.js";
export type { RedisConnection } from "./backends/redis.js";
export type { ToldError } from "./backends/told-error.js";
export { type TrialConfiguration, type TrialJob, type TrialResult, trialKey } from "./backends/trial-job.js";
export type { OpenTrialQueue, TrialQueue } from "./backends/trial-queue.js";
export { startWorker, type TrialWorker, type WorkerOptions } from "./backends/worker.js";
