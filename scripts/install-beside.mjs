// Installs what the lock file of a folder of its own names, unless that has been done: packages that only some commands need.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Without install scripts, which would compile native code that isn't needed.
 *
 * @param folder URL of the folder with package.json and package-lock.json, ending in "/"
 * @param what what is told to be installed
 */
export function installBeside(folder, what) {
  const wanted = readFileSync(new URL("package-lock.json", folder), "utf8");
  const stamp = new URL("node_modules/.installed-lock.json", folder);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write(`installing ${what} …\n`);
  const options = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  execFileSync("npm", ["install", ...options], { cwd: fileURLToPath(folder), stdio: ["ignore", "ignore", "inherit"] });
  writeFileSync(stamp, wanted);
}
