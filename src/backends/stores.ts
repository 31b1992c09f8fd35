// Where results, checkpoints and models are kept on one machine: in memory, or in a folder, for later searches.

import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeFile } from "../engine/whole-file.js";
import { sha256, type TrialResult } from "./trial-job.js";
import type { BlobStore, LatestCheckpoints } from "./trial-queue.js";

export interface ResultStore {
  put(result: TrialResult): Promise<void>;
  get(key: string): Promise<TrialResult | undefined>;
}

export interface Stores {
  results: ResultStore;
  blobs: BlobStore;
  latest: LatestCheckpoints;
}

export function memoryStores(): Stores {
  const results = new Map<string, TrialResult>();
  const [blobs, latest] = [new Map<string, Uint8Array>(), new Map<string, Uint8Array>()];
  return {
    results: {
      put: async (result) => void results.set(result.key, result),
      get: async (key) => results.get(key),
    },
    blobs: {
      async put(bytes) {
        const hash = sha256(bytes);
        blobs.set(hash, bytes);
        return hash;
      },
      has: async (hash) => blobs.has(hash),
      get: async (hash) => blobs.get(hash),
    },
    latest: {
      put: async (key, checkpoint) => void latest.set(key, checkpoint),
      get: async (key) => latest.get(key),
      delete: async (key) => void latest.delete(key),
    },
  };
}

/**
 * A result is `results/<key>.json`, a checkpoint or model `blobs/<SHA-256>`, the checkpoint of a trial under way
 * `latest/<key>`; each is written whole or not at all.
 */
export async function folderStores(folder: string): Promise<Stores> {
  const [results, blobs, latest] = [join(folder, "results"), join(folder, "blobs"), join(folder, "latest")];
  for (const each of [results, blobs, latest]) await mkdir(each, { recursive: true });
  return {
    results: {
      put: (result) => writeFile(join(results, `${result.key}.json`), new TextEncoder().encode(JSON.stringify(result))),
      async get(key) {
        const bytes = await readIfThere(join(results, `${key}.json`));
        return bytes && JSON.parse(new TextDecoder().decode(bytes));
      },
    },
    blobs: {
      async put(bytes) {
        const hash = sha256(bytes);
        await writeFile(join(blobs, hash), bytes);
        return hash;
      },
      has: async (hash) => (await stat(join(blobs, hash)).catch(() => undefined)) !== undefined,
      async get(hash) {
        const bytes = await readIfThere(join(blobs, hash));
        // what isn't what it should be is as good as lost
        return bytes && sha256(bytes) === hash ? bytes : undefined;
      },
    },
    latest: {
      put: (key, checkpoint) => writeFile(join(latest, key), checkpoint),
      get: (key) => readIfThere(join(latest, key)),
      delete: (key) => rm(join(latest, key), { force: true }),
    },
  };
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
