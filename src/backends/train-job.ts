// A job from the checkpoint that it goes on from to the bytes that it leaves.

import type { TrialJob, TrialResult } from "./trial-job.js";
import type { TrialProcesses } from "./trial-processes.js";
import type { BlobStore } from "./trial-queue.js";

export interface JobStores {
  checkpoints: BlobStore;
  models: BlobStore;
}

/** Trains a job in a process of its own. @throws as `TrialProcesses.run`, and what the stores do. */
export async function trainJob(
  job: TrialJob,
  processes: TrialProcesses,
  { checkpoints, models }: JobStores,
  signal?: AbortSignal,
): Promise<TrialResult> {
  const from = job.from === undefined ? undefined : await checkpoints.get(job.from);
  const { result, checkpoint, model } = await processes.run(job, from, signal);
  return {
    ...result,
    ...(checkpoint && { checkpoint: await checkpoints.put(checkpoint) }),
    ...(model && { modelHash: await models.put(model) }),
  };
}
