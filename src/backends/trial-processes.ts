// Child processes that train: each one job at a time. A job whose process is lost is given to another one, which goes on from
// the latest checkpoint.

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Trained } from "./run-job.js";
import { errorOf, type ToldError } from "./told-error.js";
import type { TrialJob } from "./trial-job.js";
import type { JobMessage } from "./trial-process.js";

/** A job that was lost with so many processes before its next checkpoint is what ends them. */
const MOST_LOSSES = 4;

export interface RunOptions {
  signal?: AbortSignal | undefined;
  /** Is given the job's checkpoints while it is under way. */
  onCheckpoint?: (checkpoint: Uint8Array) => void;
}

interface Waiting extends JobMessage {
  /** Since its latest checkpoint. */
  losses: number;
  onCheckpoint: RunOptions["onCheckpoint"];
  resolve: (trained: Trained) => void;
  reject: (reason: unknown) => void;
}

/** What a process says: how far a job has come, and what came of it. */
type Answer = { checkpoint: Uint8Array } | { trained: Trained } | { error: ToldError };

export class TrialProcesses {
  readonly #waiting: Waiting[] = [];
  readonly #idle: ChildProcess[] = [];
  /** Undefined while a process is idle. */
  readonly #processes = new Map<ChildProcess, Waiting | undefined>();
  #closed = false;

  /** @param most how many at a time */
  constructor(readonly most: number) {}

  /**
   * What comes of a job; jobs that are more than there are processes wait.
   *
   * @param checkpoint that which it goes on from
   * @throws what `runJob` does; Error where the job's process is lost again and again; the signal's reason.
   */
  async run(job: TrialJob, checkpoint: Uint8Array | undefined, { signal, onCheckpoint }: RunOptions): Promise<Trained> {
    signal?.throwIfAborted();
    let waiting: Waiting | undefined;
    const abort = () => waiting && this.#abort(waiting, signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      return await new Promise<Trained>((resolve, reject) => {
        waiting = { job, checkpoint, losses: 0, onCheckpoint, resolve, reject };
        this.#waiting.push(waiting);
        this.#handOut();
      });
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Ends all processes, whatever they do. */
  async close(): Promise<void> {
    this.#closed = true;
    const ends = [...this.#processes.keys()].map(
      (child) => new Promise<void>((resolve) => child.once("exit", () => resolve())),
    );
    for (const child of this.#processes.keys()) child.kill("SIGKILL");
    await Promise.all(ends);
  }

  /** The process that trains the job has nothing to tidy up, so it is ended at once. */
  #abort(waiting: Waiting, reason: unknown): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    for (const [child, trains] of this.#processes) {
      if (trains !== waiting) continue;
      this.#processes.set(child, undefined);
      child.kill("SIGKILL");
    }
    waiting.reject(reason);
  }

  #handOut(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const child = this.#idle.pop() ?? (this.#processes.size < this.most ? this.#start() : undefined);
      if (child === undefined) return;
      const waiting = this.#waiting.shift() as Waiting;
      this.#processes.set(child, waiting);
      const { job, checkpoint } = waiting;
      // where it can't be sent, the process is lost, which is heard of
      child.send({ job, checkpoint } satisfies JobMessage, () => {});
    }
  }

  #start(): ChildProcess {
    const script = fileURLToPath(new URL("./trial-process.js", import.meta.url));
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    const child = fork(script, [], { serialization: "advanced", execArgv: [], stdio: [...stdio] });
    this.#processes.set(child, undefined);
    child.on("message", (answer: Answer) => this.#answered(child, answer));
    child.on("error", (error) => this.#lost(child, error.message));
    child.on("exit", (code, signal) => this.#lost(child, signal ?? `exit code ${code}`));
    return child;
  }

  #answered(child: ChildProcess, answer: Answer): void {
    const waiting = this.#processes.get(child);
    if (waiting === undefined) return;
    if ("checkpoint" in answer) {
      waiting.checkpoint = answer.checkpoint;
      waiting.losses = 0;
      waiting.onCheckpoint?.(answer.checkpoint);
      return;
    }
    this.#processes.set(child, undefined);
    this.#idle.push(child);
    if ("trained" in answer) waiting.resolve(answer.trained);
    else waiting.reject(errorOf(answer.error));
    this.#handOut();
  }

  #lost(child: ChildProcess, how: string): void {
    const waiting = this.#processes.get(child);
    if (!this.#processes.delete(child)) return;
    const at = this.#idle.indexOf(child);
    if (at >= 0) this.#idle.splice(at, 1);
    if (waiting !== undefined) {
      waiting.losses += 1;
      if (this.#closed || waiting.losses >= MOST_LOSSES) {
        waiting.reject(new Error(`the trial's process was lost ${waiting.losses} times, the last time by ${how}`));
      } else this.#waiting.unshift(waiting);
    }
    this.#handOut();
  }
}
