// Writing files whole or not at all, where there is a file system.

import { assertFiles, nodeModule } from "./platform.js";

/** A new file that hasn't taken its place yet. */
const DRAFT = /^\.nabla-[0-9a-f]{8}\.draft$/;

/** Nobody is still writing on a draft that was last written on so long ago. */
const ABANDONED_MS = 3_600_000;

/** Bytes, or pieces of text as they come. */
type Content = Uint8Array | AsyncIterable<string>;

/**
 * Writes a file whole or not at all, where there is a file system: into a new file beside it, which takes its place once its
 * bytes are on the disk, and its mode. What the pieces throw is thrown. A symbolic link stays, and what it leads to is replaced.
 * A process that is killed meanwhile leaves its new file, which the next write into that folder removes once it is an hour old.
 */
export async function writeFile(path: string | URL, content: Content): Promise<void> {
  assertFiles(path);
  const { open, realpath, rename, rm, stat, writeFile } =
    await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const { fileURLToPath } = await nodeModule<typeof import("node:url")>("url");
  const { dirname, join } = await nodeModule<typeof import("node:path")>("path");
  const named = path instanceof URL || path.startsWith("file:") ? fileURLToPath(path) : path;
  const before = await stat(named).catch(() => undefined);
  // a pipe or a device can't be replaced
  if (before !== undefined && !before.isFile()) return writeFile(named, content);
  const target = before === undefined ? named : await realpath(named);
  const folder = dirname(target);
  // short, as the target's own name may be as long as names may be
  const draft = join(folder, `.nabla-${crypto.randomUUID().slice(0, 8)}.draft`);
  const file = await open(draft, "wx", before?.mode);
  try {
    // each after the one before
    for await (const piece of content instanceof Uint8Array ? [content] : content) await file.writeFile(piece);
    // what the umask took away; some file systems have no modes
    if (before !== undefined) await file.chmod(before.mode).catch(() => {});
    await file.sync();
    await file.close();
    await rename(draft, target);
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(folder);
  // the file is written, whatever becomes of others' drafts
  await removeAbandoned(folder).catch(() => {});
}

/** Makes a new name in a folder last through a power cut, where the platform can. */
async function syncFolder(path: string): Promise<void> {
  const { open } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/** Removes the drafts of processes that were killed. */
async function removeAbandoned(folder: string): Promise<void> {
  const { readdir, rm, stat } = await nodeModule<typeof import("node:fs/promises")>("fs/promises");
  for (const name of await readdir(folder)) {
    if (!DRAFT.test(name)) continue;
    const path = `${folder}/${name}`;
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}
