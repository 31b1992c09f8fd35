// Clones what is committed twice, into folders of different names, builds both and packs them: the tarballs must be the same, byte
// for byte. Says their SHA-256, or which files differ.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "nablanet-reproducible-"));
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });

/** A clone, built and packed: the tarball's path, and each of its files' hash. */
function build(name) {
  const clone = join(folder, name);
  run("git", ["clone", "--quiet", root, clone], folder);
  run(process.execPath, ["scripts/ensure.mjs"], clone);
  const packed = join(folder, `${name}.packed`);
  mkdirSync(packed, { recursive: true });
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", packed], clone);
  const tarball = join(packed, readdirSync(packed)[0]);
  run("tar", ["-xzf", tarball, "-C", packed], packed);
  const files = readdirSync(join(packed, "package"), { recursive: true, withFileTypes: true });
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return { hash: sha256(tarball), files: new Map(paths.map((path) => [path.slice(packed.length + 1), sha256(path)])) };
}

try {
  const [one, other] = ["a", "another/folder, with a longer name"].map(build);
  const all = [...new Set([...one.files.keys(), ...other.files.keys()])].sort();
  const differing = all.filter((file) => one.files.get(file) !== other.files.get(file));
  for (const file of differing) console.log(`differs: ${file}`);
  console.log(`${one.files.size} files\n${one.hash}\n${other.hash}`);
  if (one.hash !== other.hash) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
