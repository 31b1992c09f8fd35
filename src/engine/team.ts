// The threads that work on a network together: a block in memory, and who runs the kernels for it.

import type { Block, Engine } from "./engine.js";
import type { Exports, Pointer } from "./exports.js";
import type { Pool, Work } from "./pool.js";
import { ThreadError } from "./thread-error.js";

/**
 * How long the calling thread waits for a sign of life, in ms, while it is held and can't be told that a thread was lost: from a
 * team, from the threads that leave it once it is stopped, and from a single one, which gives none before its slice is done.
 */
const PATIENCE = { team: 3000, leaving: 1000, single: 10_000 };

/** What every thread of a team may be told to do. */
type Task = "train" | "evaluate";

export class Team implements Work {
  readonly #engine: Engine;
  readonly #block: Block;
  /** A pointer to each thread's own part of the block. */
  readonly #threads: Pointer[];
  #isStopped = false;

  /** A team for a network: workers of a pool, which must have as many; or, without one, the calling thread. */
  constructor(
    engine: Engine,
    network: Pointer,
    readonly size: number,
    cores = 1,
    readonly pool?: Pool,
  ) {
    const { exports } = engine;
    this.#engine = engine;
    this.#block = engine.allocate(exports.teamBytes(network, size));
    exports.buildTeam(this.#block.pointer, network, size, Number(size > cores));
    this.#threads = Array.from({ length: size }, (_, rank) => exports.threadOf(this.#block.pointer, rank) >>> 0);
  }

  /** The thread that leads, which a team of one has only. */
  get leader(): Pointer {
    return this.#threads[0] as Pointer;
  }

  get onWorkers(): boolean {
    return this.pool !== undefined;
  }

  /** Does some work: on workers, or at once on the calling thread. */
  run<T extends Task>(task: T, ...args: Tail<Parameters<Exports[T]>>): Promise<void> | undefined {
    if (this.pool !== undefined) {
      this.#engine.exports.beginWork(this.#block.pointer);
      const calls = this.#threads.map((thread) => [thread, ...(args as number[])]);
      return this.pool.run(task, calls, this);
    }
    (this.#engine.exports[task] as (...numbers: number[]) => void)(this.leader, ...(args as number[]));
    return undefined;
  }

  pulse(): number {
    return this.#engine.exports.pulseOf(this.#block.pointer);
  }

  stop(): void {
    this.#isStopped = true;
    this.#engine.exports.stopTeam(this.#block.pointer);
  }

  lose(rank: number): void {
    this.#engine.exports.loseThread(this.#threads[rank] as Pointer);
  }

  /**
   * Returns once all threads have done the work that they were given last, and holds the calling thread until then. False where
   * one was lost, and the others have left it unfinished.
   */
  settle(): boolean {
    const kind = this.size > 1 ? "team" : "single";
    if (this.#isDone(PATIENCE[this.#isStopped ? "leaving" : kind])) return !this.#isStopped;
    if (this.#isStopped) return false;
    // a single thread wouldn't notice
    if (kind === "single")
      throw new ThreadError(`a thread doesn't finish its mini-batches within ${PATIENCE.single} ms`);
    this.stop();
    this.#isDone(PATIENCE.leaving);
    return false;
  }

  /** Whether its threads come to an end of their work, and give signs of life until then. */
  #isDone(patience: number): boolean {
    const { exports } = this.#engine;
    const { pointer } = this.#block;
    let last = "";
    for (let seen = performance.now(); exports.unfinishedThreads(pointer) > 0; ) {
      const pulse = `${this.pulse()} ${exports.unfinishedThreads(pointer)}`;
      if (pulse !== last) seen = performance.now();
      else if (performance.now() - seen > patience) return false;
      last = pulse;
    }
    return true;
  }

  free(): void {
    this.#block.free();
  }
}

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;
