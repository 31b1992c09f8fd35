// A job from the checkpoint that it goes on from to the bytes that it leaves.

import { Seldom } from "../seldom.js";
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
  const known = await latest.get(job.key).catch(() => undefined);
  const from = known ?? (job.from === undefined ? undefined : await checkpoints.get(job.from));
  const seldom = new Seldom(0);
  // one that can't be kept costs time, and only if something is lost
  const onCheckpoint = (checkpoint: Uint8Array) =>
    void seldom.do(() => latest.put(job.key, checkpoint)).catch(() => {});
  const { result, checkpoint, model } = await processes.run(job, from, { signal, onCheckpoint });
  await seldom.done().catch(() => {});
  return {
    ...result,
    ...(checkpoint && { checkpoint: await checkpoints.put(checkpoint) }),
    ...(model && { modelHash: await models.put(model) }),
  };
}
