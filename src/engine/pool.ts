// The workers of an engine: threads that run the same kernels on the same memory. They are started when first needed,
// kept for later, and never keep Node alive while they have nothing to do.

import { worker as script } from "../../build/worker.js";
import type { Pointer } from "./exports.js";
import { startThread, type Thread } from "./platform.js";
import { PATIENCE, Silence } from "./silence.js";
import { ThreadError } from "./thread-error.js";

/** How long threads of a team that is stopped have to leave, in ms: more than one sleeps at a barrier. */
const GRACE_MS = 1000;

const SILENT = `its worker said nothing for ${PATIENCE} s`;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

interface Answer {
  resolve(): void;
  reject(error: Error): void;
}

/** One worker. It answers what it is told in the order in which it is told. */
class Member {
  readonly #answers: Answer[] = [];
  #thread: Thread | undefined;
  #lost: ThreadError | undefined;

  /** `lost` is called when the worker ends. */
  static async start(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    lost: (member: Member) => void,
  ): Promise<Member> {
    const member = new Member(lost);
    member.#thread = await startThread(
      script,
      (error) => member.#answer(error),
      (reason) => member.#lose(reason),
    );
    await member.load(module, memory);
    return member;
  }

  private constructor(readonly whenLost: (member: Member) => void) {}

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Messages that it hasn't answered. */
  get unanswered(): number {
    return this.#answers.length;
  }

  /** Has it use these kernels from now on; without them it is of no use, and ended. */
  async load(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<void> {
    const silence = new Silence(() => this.end(SILENT));
    try {
      await this.tell({ module, memory });
    } catch (error) {
      await this.end((error as Error).message);
      throw error;
    } finally {
      silence.end();
    }
  }

  tell(message: unknown): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => {
      this.#thread?.send(message);
      // one that can't be sent is never answered
      this.#answers.push({ resolve, reject });
      this.#thread?.hold(true);
    });
  }

  /** Ends the worker. What it hasn't answered by then is rejected. */
  async end(reason: string): Promise<void> {
    this.#lost ??= new ThreadError(`a thread was lost: ${reason}`);
    await this.#thread?.end();
    this.#lose(reason);
  }

  #answer(error: unknown): void {
    const answer = this.#answers.shift();
    if (this.#answers.length === 0) this.#thread?.hold(false);
    if (error === undefined) answer?.resolve();
    else answer?.reject(new ThreadError(`a thread failed: ${error}`));
  }

  #lose(reason: string): void {
    this.#lost ??= new ThreadError(`a thread was lost: ${reason}`);
    for (const { reject } of this.#answers.splice(0)) reject(this.#lost);
    this.whenLost(this);
  }
}

/** Work that threads do together, as the pool sees it. */
export interface Work {
  /** A number that changes as long as the work gets on; negative where that can't be told. */
  pulse(): number;
  /** Lets those leave who wait for one that is lost. */
  stop(): void;
  /** The thread of this rank is gone. */
  lose(rank: number): void;
}

export class Pool {
  #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  /** Those that were started, and those that will soon be. */
  #members: Member[] = [];
  readonly #starting = new Set<Promise<void>>();
  /** Teams of one that work here. */
  #soloists = 0;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#module = module;
    this.#memory = memory;
  }

  /** Gives all workers other kernels, after what they have been told to do. */
  async replace(module: WebAssembly.Module): Promise<void> {
    this.#module = module;
    // one that is starting may have the old ones
    await Promise.allSettled(this.#starting);
    // those that can't are gone, and others will be started
    await Promise.allSettled(this.#members.map((member) => member.load(module, this.#memory)));
  }

  /** Starts workers until there are `size`. Fails where one can't be started; the others stay. */
  async grow(size: number): Promise<void> {
    while (this.#members.length + this.#starting.size < size) this.#start();
    await Promise.all(this.#starting);
    if (this.#members.length < size) await this.grow(size);
  }

  /** Starts a worker for a team of one, unless there is one that no other such team needs. Until it leaves again. */
  async join(): Promise<void> {
    this.#soloists += 1;
    try {
      await this.grow(this.#soloists);
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  leave(): void {
    this.#soloists -= 1;
  }

  /** Ends all workers, when they have nothing to do any more. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#members.map((member) => member.end("it isn't needed any more")));
  }

  #start(): void {
    const lost = (member: Member) => {
      this.#members = this.#members.filter((other) => other !== member);
    };
    const starting = Member.start(this.#module, this.#memory, lost)
      .then((member) => void this.#members.push(member))
      .finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
  }

  /**
   * Calls a function of the kernels on as many threads as there are lists of arguments: all are told before this returns,
   * so that two teams' calls come in the same order to all. A single call waits for nobody, so whoever has least to do gets
   * it. Where one is lost, or gives no sign of life, it fails with a ThreadError, once all have left the work.
   */
  async run(call: string, args: Pointer[][], work: Work): Promise<void> {
    if (this.#members.length < args.length) throw new ThreadError("a thread was lost before its work began");
    const members = args.length === 1 ? [this.#idlest()] : this.#members.slice(0, args.length);
    const open = new Set(members);
    const answers = members.map((member, rank) =>
      member.tell([call, ...(args[rank] as Pointer[])]).finally(() => open.delete(member)),
    );
    const left = Promise.allSettled(answers);
    let isSilent = false;
    const silence = new Silence(
      async () => {
        isSilent = true;
        work.stop();
        // those who waited for one that is lost leave at once
        await Promise.race([left, wait(GRACE_MS)]);
        await Promise.all([...open].map((member) => member.end(SILENT)));
      },
      () => (work.pulse() < 0 ? undefined : `${work.pulse()} ${open.size}`),
    );
    try {
      await Promise.all(answers);
    } catch (error) {
      work.stop();
      members.forEach((member, rank) => {
        if (member.isLost) work.lose(rank);
      });
      await left;
      throw isSilent ? new ThreadError(`a thread was lost: ${SILENT}`) : error;
    } finally {
      silence.end();
    }
  }

  #idlest(): Member {
    return this.#members.reduce((best, other) => (other.unanswered < best.unanswered ? other : best));
  }
}
