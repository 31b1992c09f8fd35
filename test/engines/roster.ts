// The engines that the built package is checked in, and how each is started.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const modules = `${here}node_modules/`;
const lock = `${here}package-lock.json`;
const stamp = `${modules}.installed-lock.json`;

export interface Engine {
  name: string;
  /** A path, or a command to be found on the PATH. */
  command: string;
  args: string[];
}

const bun = (command: string): Engine => ({ name: "Bun", command, args: ["--no-install"] });
const deno = (command: string): Engine => ({
  name: "Deno",
  command,
  args: ["run", "--quiet", "--no-prompt", "--no-config", "--no-lock"],
});
const installed: Engine[] = [
  ...[22, 24, 26].map((major) => ({ name: `Node ${major}`, command: `${modules}node-${major}/bin/node`, args: [] })),
  bun(`${modules}@oven/bun-linux-x64/bin/bun`),
  deno(`${modules}@deno/linux-x64-glibc/deno`),
];
const onPath: Engine[] = [{ name: "Node", command: "node", args: [] }, bun("bun"), deno("deno")];

/** Whether package.json here has engines for this machine. */
const installs = process.platform === "linux" && process.arch === "x64";

export const engines: Engine[] = [
  { name: `Node ${process.versions.node.split(".")[0]}, which runs the tests`, command: process.execPath, args: [] },
  ...(installs ? installed : onPath),
];

/** Installs the engines that the lock file here names, unless that has been done. Fails with npm's reason. */
export function install(): void {
  if (!installs) {
    process.stderr.write("engines are installed on linux-x64 only; those on the PATH are taken here\n");
    return;
  }
  const wanted = readFileSync(lock, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("installing the engines (about 250 MB) …\n");
  const quiet = ["--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  // npm's own patience is more than a minute where there is no network
  const impatient = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
  const { status, stderr, error } = spawnSync("npm", ["install", ...quiet, ...impatient], {
    cwd: here,
    encoding: "utf8",
    timeout: 200_000,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr.match(/^npm error (?!code|syscall|errno).*/m)?.[0] ?? `npm: ${status}`);
  writeFileSync(stamp, wanted);
}

/** Why an engine can't be started; undefined where it can. */
export function missing({ command }: Engine): string | undefined {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return undefined;
  } catch (error) {
    return `not here: ${(error as Error).message}`;
  }
}
