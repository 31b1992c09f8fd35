// How many threads a fit or an evaluation uses. The bits are the same for any number, so it may change at any time.

import { outOfRange, wholeNumber } from "./checks.js";
import type { NetworkBlock } from "./engine/network-block.js";
import { countCores } from "./engine/platform.js";
import type { Pool } from "./engine/pool.js";
import { Team } from "./engine/team.js";
import { capabilities } from "./engine/variants.js";
import type { Pace } from "./pacer.js";

/** What was used, and why. */
export interface ThreadsUsed {
  used: number;
  reason: string;
}

/** Most threads that "auto" tries. */
const MOST_AUTOMATIC = 16;
const MOST = 256;

/**
 * Where several threads are tried, as measured on 2 cores of a Zen 4: steps of 25 to 75 µs gain up to 1.6 times on a quiet
 * machine, but lose 5 to 15 % in all where the two have to wait for a core; and a trial that fails takes some 20 ms, which
 * should be no more than 2 % of the whole.
 */
const LEAST_STEP_MS = 0.1;
const LEAST_WORK_MS = 1000;

/**
 * How many threads may be used:
 * - `"auto"`: the calling thread, and several where that pays
 * - `"worker"`: one, which isn't the calling thread. Several fits at once then have a processor each, and the calling thread
 *   is free however long a mini-batch takes. Where there can't be workers, the calling thread
 * - a number, 1 to 256: 1 is the calling thread
 */
export type ThreadChoice = "auto" | "worker" | number;

export function resolveThreads(threads: unknown): ThreadChoice {
  if (threads === undefined || threads === "auto") return "auto";
  if (threads === "worker") return "worker";
  if (typeof threads === "string") outOfRange("threads", '"auto", "worker" or a number of threads', threads);
  return wholeNumber(threads, "threads", 1, MOST);
}

/** The teams of a fit: one thread, which is the caller's own, and perhaps one of several. */
export class Threads {
  readonly #network: NetworkBlock;
  readonly #batchSize: number;
  readonly #cores: number;
  #team: Team | undefined;
  #reason: string;
  /** Whether no team is wanted any more. */
  #isOver = false;
  /** The pool of which a worker is taken for this. */
  #joined: Pool | undefined;
  /** "auto": starts workers where that seems to pay, and uses them as long as they do. */
  #comparison: Comparison | undefined;

  /** A fixed number of threads, or as many as pay. Where workers can't be started, one; the reason says so. */
  static async start(network: NetworkBlock, batchSize: number, threads: ThreadChoice): Promise<Threads> {
    if (threads === 1) return new Threads(network, batchSize, "one was asked for");
    const { threads: capability } = await capabilities();
    if (!capability.available) return new Threads(network, batchSize, capability.reason);
    if (threads === "worker") {
      const chosen = new Threads(network, batchSize, "a worker was asked for");
      await chosen.#joinPool();
      return chosen;
    }
    const cores = await countCores();
    const size = threads === "auto" ? Math.min(MOST_AUTOMATIC, cores) : threads;
    if (size === 1) return new Threads(network, batchSize, "there is one processor");
    if (threads === "auto") {
      const chosen = new Threads(network, batchSize, "the work is too small to gain from more", cores);
      chosen.#comparison = new Comparison(size);
      return chosen;
    }
    const chosen = new Threads(network, batchSize, `${size} were asked for`, cores);
    await chosen.#startTeam(size);
    return chosen;
  }

  private constructor(network: NetworkBlock, batchSize: number, reason: string, cores = 1) {
    this.#network = network;
    this.#cores = cores;
    this.#batchSize = batchSize;
    this.#reason = reason;
  }

  /** Who does the next slice. */
  get team(): Team {
    const several = this.#comparison === undefined || this.#comparison.wantsSeveral;
    return (several ? this.#team : undefined) ?? this.#network.alone;
  }

  get pace(): Pace {
    if (!this.team.onWorkers) return "here";
    return this.#comparison === undefined || (this.#comparison.gain ?? 0) > 1 ? "workers" : "trial";
  }

  get used(): ThreadsUsed {
    const gain = this.#comparison?.gain;
    if (this.#comparison === undefined || gain === undefined) return { used: this.team.size, reason: this.#reason };
    const { size } = this.#comparison;
    return { used: gain > 1 ? size : 1, reason: `${size} threads were ${gain.toFixed(2)} times as fast as one` };
  }

  /** Tells that `team` trained `rows` rows in so many ms, and how many are left to do. */
  took(team: Team, rows: number, ms: number, left: number): void {
    const comparison = this.#comparison;
    if (comparison === undefined) return;
    const msPerRow = ms / rows;
    if (this.#team !== undefined) comparison.took(team.size > 1, msPerRow, ms);
    else if (!comparison.begun && msPerRow * this.#batchSize >= LEAST_STEP_MS && msPerRow * left >= LEAST_WORK_MS) {
      comparison.begun = true;
      // meanwhile this thread goes on by itself
      void this.#startTeam(comparison.size);
    }
  }

  /** Whether there may be others than the calling thread. */
  get mayBeWorkers(): boolean {
    return this.#team !== undefined || this.#comparison !== undefined;
  }

  /** From now on the calling thread works alone. */
  giveUp(reason: string): void {
    this.#comparison = undefined;
    this.#reason = reason;
    this.free();
  }

  /** The same, as the error says that one was lost. `when` is told with the reason. */
  lose({ message }: Error, when = ""): void {
    this.giveUp(`the calling thread went on${when}, as ${message}`);
  }

  async #startTeam(size: number): Promise<void> {
    try {
      const { engine, pointer } = this.#network;
      const pool = await engine.workers();
      await pool.grow(size);
      // the fit may have ended meanwhile, and the network be gone
      if (!this.#isOver) this.#team = new Team(engine, pointer, size, this.#cores, pool);
    } catch (error) {
      if (!this.#isOver) this.giveUp(`workers can't be started: ${(error as Error).message}`);
    }
  }

  async #joinPool(): Promise<void> {
    const { engine, pointer } = this.#network;
    try {
      const pool = await engine.workers();
      await pool.join();
      this.#joined = pool;
      this.#team = new Team(engine, pointer, 1, 1, pool);
    } catch (error) {
      this.#reason = `workers can't be started: ${(error as Error).message}`;
    }
  }

  free(): void {
    this.#isOver = true;
    this.#team?.free();
    this.#team = undefined;
    this.#joined?.leave();
    this.#joined = undefined;
  }
}

/** Slices of either kind that a comparison looks at. */
const LOOKS = 3;
/** The first slices of several aren't looked at: their caches are cold, and the system has to spread them over the cores. */
const WARM_UP = 2;
/** The slower kind gets another chance, as other programs may have begun or ended, after so many times what it took last. */
const REST = 100;

const middle = (looks: number[]) => [...looks].sort((a, b) => a - b)[LOOKS >> 1] as number;

/** A comparison of one thread and several on the work itself: first in turns, then now and then. */
class Comparison {
  begun = false;
  /** ms a row in the last slices. */
  readonly #one: number[] = [];
  readonly #several: number[] = [];
  #cold = WARM_UP;
  #lastWasSeveral = false;
  /** ms until the slower kind gets another chance. */
  #rest = 0;

  constructor(readonly size: number) {}

  get wantsSeveral(): boolean {
    const { gain } = this;
    if (gain === undefined) return this.#cold > 0 || !this.#lastWasSeveral;
    return this.#rest > 0 ? gain > 1 : gain <= 1;
  }

  /** Tells that a slice took so long. */
  took(several: boolean, msPerRow: number, ms: number): void {
    const again = this.#rest <= 0;
    this.#rest = again ? REST * ms : this.#rest - ms;
    this.#lastWasSeveral = several;
    if (several && this.#cold > 0) {
      this.#cold -= 1;
      return;
    }
    const looks = several ? this.#several : this.#one;
    looks.push(msPerRow);
    if (looks.length > LOOKS) looks.shift();
  }

  /** How many times as fast several threads are; undefined until it is known. */
  get gain(): number | undefined {
    if (this.#one.length < LOOKS || this.#several.length < LOOKS) return undefined;
    return middle(this.#one) / middle(this.#several);
  }
}
