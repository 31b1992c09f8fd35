// Searches beyond one process: the entry "nablanet/backends", for Node.

export { backendOf } from "./backends/coordinator.js";
export { type LocalOptions, local } from "./backends/local.js";
export type { ToldError } from "./backends/told-error.js";
export { type TrialConfiguration, type TrialJob, type TrialResult, trialKey } from "./backends/trial-job.js";
export type { OpenTrialQueue, TrialQueue } from "./backends/trial-queue.js";
