// A process that trains one job after the other, as its parent says, and tells how far it has come.

import { runJob } from "./run-job.js";
import { tell } from "./told-error.js";
import type { TrialJob } from "./trial-job.js";

/** What the parent sends. */
export interface JobMessage {
  job: TrialJob;
  checkpoint?: Uint8Array | undefined;
}

// a terminal's Ctrl-C goes to the parent, too, which decides
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.on("message", ({ job, checkpoint }: JobMessage) => {
  // in the turns that training leaves, a large one would hardly get out
  const onCheckpoint = (latest: Uint8Array) =>
    new Promise<void>((resolve) => process.send?.({ checkpoint: latest }, undefined, undefined, () => resolve()));
  runJob(job, checkpoint, onCheckpoint).then(
    (trained) => process.send?.({ trained }),
    (error) => process.send?.({ error: tell(error) }),
  );
});
