// Whether a result that is known spares a job.

import type { TrialJob, TrialResult } from "./trial-job.js";
import type { BlobStore } from "./trial-queue.js";

/** Whether a result has all that the job keeps, but for the checkpoint, which may be lost. */
export async function answers(
  { evaluation, history, modelHash, status }: TrialResult,
  { keep = [] }: TrialJob,
  models: BlobStore,
): Promise<boolean> {
  if (keep.includes("history") && history === undefined && status !== "failed") return false;
  // without an evaluation there is no model
  if (!keep.includes("model") || evaluation === undefined) return true;
  return modelHash !== undefined && (await models.has(modelHash));
}
