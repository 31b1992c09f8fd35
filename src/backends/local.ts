// The processes of this machine as a backend.

import { availableParallelism } from "node:os";
import { options, wholeNumber, wrongKind } from "../checks.js";
import type { SearchBackend } from "../selection/backend.js";
import { backendOf } from "./coordinator.js";
import { folderStores, memoryStores } from "./stores.js";
import { trainJob } from "./train-job.js";
import { TrialProcesses } from "./trial-processes.js";

export interface LocalOptions {
  /** How many trials are trained at a time, each in a process of its own, 1 to 256. Default: as many as there are processors. */
  processes?: number;
  /** Where results are kept: a later search that has trials in common takes these from there. Default: nowhere. */
  folder?: string;
}

/**
 * Trains a search's trials in processes of this machine. One that is lost costs no more than the time of its trial, which is
 * given to another.
 *
 * @throws RangeError or TypeError for options that can't be used.
 */
export function local(localOptions?: LocalOptions): SearchBackend {
  const given = options(localOptions, "local", ["processes", "folder"]);
  const most =
    given.processes === undefined ? availableParallelism() : wholeNumber(given.processes, "processes", 1, 256);
  const { folder } = given;
  if (folder !== undefined && typeof folder !== "string") wrongKind("folder", "a path", folder);
  return backendOf({
    async open() {
      const { results, blobs } = folder === undefined ? memoryStores() : await folderStores(folder);
      const processes = new TrialProcesses(most);
      return {
        ahead: most,
        lookup: (key) => results.get(key),
        async run(job, signal) {
          const result = await trainJob(job, processes, blobs, signal);
          await results.put(result);
          return result;
        },
        close: () => processes.close(),
      };
    },
  });
}
