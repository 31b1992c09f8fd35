// A job from the checkpoint that it goes on from to the one that it leaves.

import type { TrialJob, TrialResult } from "./trial-job.js";
import type { TrialProcesses } from "./trial-processes.js";
import type { BlobStore } from "./trial-queue.js";

/** Trains a job in a process of its own. @throws as `TrialProcesses.run`, and what the store does. */
export async function trainJob(
  job: TrialJob,
  processes: TrialProcesses,
  blobs: BlobStore,
  signal?: AbortSignal,
): Promise<TrialResult> {
  const from = job.from === undefined ? undefined : await blobs.get(job.from);
  const { result, checkpoint } = await processes.run(job, from, signal);
  return checkpoint === undefined ? result : { ...result, checkpoint: await blobs.put(checkpoint) };
}
