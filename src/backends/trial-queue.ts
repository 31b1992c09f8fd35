// What a backend is made of: something that takes trials as data and gives what came of them.

import type { TrialJob, TrialResult } from "./trial-job.js";

/** Where the trials of one search go. */
export interface OpenTrialQueue {
  /** How many jobs may be under way or waiting at a time. */
  readonly ahead: number;
  /** What came of a trial before; undefined where nobody knows. */
  lookup(key: string): Promise<TrialResult | undefined>;
  /** Has a trial trained. Rejected where it can't be, and where the signal is aborted. */
  run(job: TrialJob, signal: AbortSignal): Promise<TrialResult>;
  /** Called once, when no job is under way any more. */
  close(): Promise<void>;
}

export interface TrialQueue {
  open(): Promise<OpenTrialQueue>;
}

/** Bytes by their SHA-256, in hexadecimal digits. What was put may be lost at any time. */
export interface BlobStore {
  put(bytes: Uint8Array): Promise<string>;
  get(hash: string): Promise<Uint8Array | undefined>;
}
