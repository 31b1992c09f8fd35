// Writes dist/sbom.json: which packages' code is bundled into dist/, with versions, licences and hashes, in CycloneDX 1.5. The same
// dist/ and lock file give the same bytes, so there is neither a date nor a random number in it.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
const { packages } = json("package-lock.json");
const { name, version, license } = json("package.json");

const files = (folder, end) =>
  readdirSync(join(root, folder), { recursive: true })
    .map(String)
    .filter((file) => end.test(file))
    .map((file) => readFileSync(join(root, folder, file), "utf8"));

/** The folder of the package that a file lies in, as the lock file has it. */
const folderOf = (path) => path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0];

/** What a package's code needs, in the folder that Node would find it in. */
function withDependencies(folder, found) {
  if (found.has(folder)) return;
  found.add(folder);
  for (const dependency of Object.keys(packages[folder]?.dependencies ?? {})) {
    const inner = `${folder}/node_modules/${dependency}`;
    withDependencies(inner in packages ? inner : `node_modules/${dependency}`, found);
  }
}

const bundled = new Set();
// esbuild says where code is from
for (const code of files("dist", /^[^/\\]+\.c?js$/)) {
  for (const [, path] of code.matchAll(/^\/\/ (node_modules\/.*)$/gm)) bundled.add(folderOf(path));
}
// Vite doesn't, but the playground's sources do
for (const code of files("playground/src", /\.tsx?$/)) {
  for (const [, path] of code.matchAll(/^(?:import|export) (?!type)[^;]*?"([^."][^"]*)"/gm)) {
    const folder = folderOf(`node_modules/${path}`);
    if (folder in packages) withDependencies(folder, bundled);
  }
}

const purl = (folder) => {
  const named = folder.replace(/^(.*\/)?node_modules\//, "");
  return `pkg:npm/${named.replace("@", "%40")}@${packages[folder].version}`;
};

/** npm's integrity, as hexadecimal. */
function hashesOf({ integrity }) {
  const [, algorithm, hash] = integrity?.match(/^(sha\d+)-(.*)$/) ?? [];
  if (hash === undefined) return {};
  return { hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(hash, "base64").toString("hex") }] };
}

const components = [...bundled].sort().map((folder) => ({
  type: "library",
  "bom-ref": folder,
  name: folder.replace(/^(.*\/)?node_modules\//, ""),
  version: packages[folder].version,
  ...hashesOf(packages[folder]),
  licenses: [{ license: { id: packages[folder].license } }],
  purl: purl(folder),
}));
const component = {
  type: "library",
  "bom-ref": name,
  name,
  version,
  licenses: [{ license: { id: license } }],
  purl: `pkg:npm/${name}@${version}`,
};
const bom = { bomFormat: "CycloneDX", specVersion: "1.5", version: 1, metadata: { component }, components };
writeFileSync(join(root, "dist/sbom.json"), `${JSON.stringify(bom, undefined, 2)}\n`);
