// Installs what the lock file here names, unless that has been done: so that the suite is one command.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const lock = new URL("package-lock.json", import.meta.url);
const stamp = new URL("node_modules/.installed-lock.json", import.meta.url);

/** Before all test files. Without install scripts: gpu.js, which brain.js asks for, would compile native code. */
export function setup(): void {
  const wanted = readFileSync(lock, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("installing the other libraries (about 400 MB) …\n");
  const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  execFileSync("npm", ["install", ...options], { cwd: here, stdio: ["ignore", "ignore", "inherit"] });
  writeFileSync(stamp, wanted);
}
