// What a backend is made of: something that takes trials as data and gives what came of them.

import type { TrialJob, TrialResult } from "./trial-job.js";

/** Where the trials of one search go. */
export interface OpenTrialQueue {
  /** How many jobs may be under way or waiting at a time. */
  readonly ahead: number;
  /** What came of a job's trial before; undefined where nobody knows, or what the job keeps wasn't kept. */
  lookup(job: TrialJob): Promise<TrialResult | undefined>;
  /** Has a trial trained. Rejected where it can't be, and where the signal is aborted. */
  run(job: TrialJob, signal: AbortSignal): Promise<TrialResult>;
  /** Called once, when no job is under way any more. */
  close(): Promise<void>;
}

export interface TrialQueue {
  open(): Promise<OpenTrialQueue>;
  /** A model that jobs kept, by its SHA-256; undefined where it is lost. Without it, none can be kept. */
  model?(hash: string): Promise<Uint8Array | undefined>;
}

/** How far trials under way have come: the latest checkpoint of each, by its key. What was put may be lost at any time. */
export interface LatestCheckpoints {
  put(key: string, checkpoint: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Called once the trial's result is known. */
  delete(key: string): Promise<void>;
}

/** Bytes by their SHA-256, in hexadecimal digits. What was put may be lost at any time. */
export interface BlobStore {
  put(bytes: Uint8Array): Promise<string>;
  has(hash: string): Promise<boolean>;
  get(hash: string): Promise<Uint8Array | undefined>;
}
