// A job from the checkpoint that it goes on from to the bytes that it leaves.

import type { TrialJob, TrialResult } from "./trial-job.js";
import type { TrialProcesses } from "./trial-processes.js";
import type { BlobStore, LatestCheckpoints } from "./trial-queue.js";

export interface JobStores {
  checkpoints: BlobStore;
  latest: LatestCheckpoints;
  models: BlobStore;
}

/**
 * Trains a job in a process of its own: from its latest checkpoint, if it was under way before, else from the one that it
 * names.
 *
 * @throws as `TrialProcesses.run`, and what the stores do.
 */
export async function trainJob(
  job: TrialJob,
  processes: Pick<TrialProcesses, "run">,
  { checkpoints, latest, models }: JobStores,
  signal?: AbortSignal,
): Promise<TrialResult> {
  const from = (await latest.get(job.key)) ?? (job.from === undefined ? undefined : await checkpoints.get(job.from));
  let putting: Promise<void> | undefined;
  const onCheckpoint = (checkpoint: Uint8Array) => {
    // where they are kept slowly, not all are; one that can't be costs time, and only if something is lost
    putting ??= latest
      .put(job.key, checkpoint)
      .catch(() => {})
      .finally(() => {
        putting = undefined;
      });
  };
  const { result, checkpoint, model } = await processes.run(job, from, { signal, onCheckpoint });
  await putting;
  return {
    ...result,
    ...(checkpoint && { checkpoint: await checkpoints.put(checkpoint) }),
    ...(model && { modelHash: await models.put(model) }),
  };
}
