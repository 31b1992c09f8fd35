// Installs the bundlers, unless that has been done, and the package as npm would, from what it packs; before vitest runs.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { installBeside } from "../../scripts/install-beside.mjs";

export function setup() {
  installBeside(new URL(".", import.meta.url), "the bundlers");
  const folder = fileURLToPath(new URL("node_modules/nablanet", import.meta.url));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const [{ filename }] = JSON.parse(execFileSync("npm", pack, { cwd: root, encoding: "utf8" }));
  execFileSync("tar", ["-xzf", filename, "--strip-components=1"], { cwd: folder });
}
