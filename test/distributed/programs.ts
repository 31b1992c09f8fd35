// Workers and coordinators as processes of their own.

import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Program {
  child: ChildProcess;
  /** The lines that it said so far. */
  lines: string[];
  /** Its exit code, once it has ended. */
  ended: Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** Starts a script of this folder, told as JSON. */
export function start(script: string, told: object): Program {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(told)], { stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  const lines: string[] = [];
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() as string;
    lines.push(...parts);
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  ended.then(() => running.delete(child));
  return { child, lines, ended };
}

/** Waits until a program has said something. */
export async function said(program: Program, what: RegExp): Promise<string> {
  for (;;) {
    const line = program.lines.find((each) => what.test(each));
    if (line !== undefined) return line;
    if (program.child.exitCode !== null) throw new Error(`a program ended before it said ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A worker that is ready. */
export async function startWorker(told: object): Promise<Program> {
  const program = start("worker.mjs", told);
  await said(program, /^ready$/);
  return program;
}

export async function endAll(): Promise<void> {
  const ends = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of running) child.kill("SIGKILL");
  await Promise.all(ends);
}
