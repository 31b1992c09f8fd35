// The threads that work on a network together: a block in memory, and who runs the kernels for it.

import type { Block, Engine } from "./engine.js";
import type { Exports, Pointer } from "./exports.js";
import type { Pool } from "./pool.js";
import { ThreadError } from "./thread-error.js";

/** A slice takes about 12 ms; a thread that was lost never ends it. */
const PATIENCE = 10_000;

/** What every thread of a team may be told to do. */
type Work = "train" | "evaluate";

export class Team {
  readonly #engine: Engine;
  readonly #block: Block;
  /** A pointer to each thread's own part of the block. */
  readonly #threads: Pointer[];

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
  run<W extends Work>(work: W, ...args: Tail<Parameters<Exports[W]>>): Promise<void> | undefined {
    if (this.pool !== undefined) {
      this.#engine.exports.beginWork(this.#block.pointer);
      const calls = this.#threads.map((thread) => [thread, ...(args as number[])]);
      return this.pool.run(work, calls, () => this.#engine.exports.stopTeam(this.#block.pointer));
    }
    (this.#engine.exports[work] as (...numbers: number[]) => void)(this.leader, ...(args as number[]));
    return undefined;
  }

  /** Returns once all threads have done the work that they were given last, and holds the calling thread until then. */
  settle(): void {
    const { exports } = this.#engine;
    const end = performance.now() + PATIENCE;
    while (exports.unfinishedThreads(this.#block.pointer) > 0) {
      if (performance.now() > end)
        throw new ThreadError(`the threads don't finish their mini-batches within ${PATIENCE} ms`);
    }
  }

  free(): void {
    this.#block.free();
  }
}

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;
