// The processes of this machine as a backend.

import { availableParallelism } from "node:os";
import { options, wholeNumber, wrongKind } from "../checks.js";
import type { SearchBackend } from "../selection/backend.js";
import { backendOf } from "./coordinator.js";
import { answers } from "./known-result.js";
import { folderStores, memoryStores, type Stores } from "./stores.js";
import { trainJob } from "./train-job.js";
import { TrialProcesses } from "./trial-processes.js";

export interface LocalOptions {
  /** How many trials are trained at a time, each in a process of its own, 1 to 256. Default: as many as there are processors. */
  processes?: number;
  /**
   * Where results, models and how far trials have come are kept: a later search that has trials in common takes these from
   * there. Default: in memory, for as long as there is this backend.
   */
  folder?: string;
}

/**
 * Trains a search's trials in processes of this machine. One that is lost costs no more than the time since its trial's latest
 * checkpoint, from which another goes on.
 *
 * @throws RangeError or TypeError for options that can't be used.
 */
export function local(localOptions?: LocalOptions): SearchBackend {
  const given = options(localOptions, "local", ["processes", "folder"]);
  const most =
    given.processes === undefined ? availableParallelism() : wholeNumber(given.processes, "processes", 1, 256);
  const { folder } = given;
  if (folder !== undefined && typeof folder !== "string") wrongKind("folder", "a path", folder);
  let opened: Promise<Stores> | undefined;
  const stores = () => {
    opened ??= folder === undefined ? Promise.resolve(memoryStores()) : folderStores(folder);
    return opened;
  };
  return backendOf({
    model: async (hash) => (await stores()).blobs.get(hash),
    async open() {
      const { results, blobs, latest } = await stores();
      const processes = new TrialProcesses(most);
      return {
        ahead: most,
        async lookup(job) {
          const known = await results.get(job.key);
          return known !== undefined && (await answers(known, job, blobs)) ? known : undefined;
        },
        async run(job, signal) {
          const result = await trainJob(job, processes, { checkpoints: blobs, latest, models: blobs }, signal);
          await results.put(result);
          // one that stays is of no use, and does no harm
          await latest.delete(job.key).catch(() => {});
          return result;
        },
        close: () => processes.close(),
      };
    },
  });
}
