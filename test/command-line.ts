// The built command line, in processes and a folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class CommandLine {
  readonly folder = mkdtempSync(join(tmpdir(), "nablanet-cli-"));

  constructor() {
    copyFileSync(`${root}test/fixtures/iris.csv`, join(this.folder, "iris.csv"));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Begins `nablanet …args`, arguments split at blanks where they are one string. */
  start(args: string | readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const words = typeof args === "string" ? args.split(" ") : args;
    const { FORCE_COLOR: _, CI: __, ...rest } = process.env;
    return spawn(process.execPath, [`${root}dist/cli.js`, ...words], { cwd: this.folder, env: { ...rest, ...env } });
  }

  /** Runs it to its end. */
  run(args: string | readonly string[], input = "", env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = this.start(args, env);
    child.stdin?.end(input);
    return ended(child);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a process says until it ends. */
export function ended(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Rows of x, z and flag, and of y = x² + z/10 (+ 1 where the flag is yes), without any randomness. */
export function regressionCsv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const [x, z, flag] = [((i * 37) % 101) / 25 - 2, ((i * 53) % 97) - 48, i % 3 === 0];
    return [x, z, flag ? "yes" : "no", x * x + z / 10 + Number(flag)].join(",");
  });
  return `x,z,flag,y\n${lines.join("\n")}\n`;
}
