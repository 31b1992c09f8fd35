// The networks and trainers that calls are made on, and the little that must be known of them to say what must happen: who was
// disposed of, who is busy, and which parameters everybody has.

import { expect } from "vitest";
import { FormatError, type Network, OutOfMemoryError, ThreadError, type Trainer } from "../../../src/index.js";

export interface KnownNetwork {
  network: Network;
  disposed: boolean;
  /** Fits that train it: none or one. */
  fits: number;
  /** Evaluations and predictions of which nobody has seen the end. */
  readers: number;
  /** As they were after the last call that may change them. */
  parameters: Float32Array;
  /** Whether a step's loss was so large that the next parameters may be anything. */
  wild: boolean;
}

export interface KnownTrainer {
  trainer: Trainer;
  of: KnownNetwork;
  disposed: boolean;
  /** Times that its learning rate was set, which a twin doesn't know of. */
  rateChanges: number;
}

/** Why a call must be refused, and why it may be. */
export interface Verdict {
  must: (RegExp | undefined)[];
  may?: (RegExp | undefined)[];
  /** Whose parameters it changes where it isn't refused. */
  changes?: KnownNetwork;
}

/** What came of all calls. */
export const tally = { answered: 0, refused: 0, fitsInWorkers: 0, twins: 0, diverged: 0 };

export const DISPOSED = /^this (network|trainer) was disposed and can't be used any more$/;
const kinds: unknown[] = [Error, RangeError, TypeError, FormatError, OutOfMemoryError, ThreadError].map(
  (kind) => kind.prototype,
);

export const same = (one: Float32Array, other: Float32Array): boolean =>
  one.length === other.length && Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);
export const allFinite = (numbers: ArrayLike<number>): boolean => Array.prototype.every.call(numbers, Number.isFinite);

/** Whether sums may be too large for float32, as a parameter is so large (or no number at all). */
export const mayOverflow = ({ wild, network }: KnownNetwork): boolean =>
  wild || network.parameters().some((parameter) => !(Math.abs(parameter) < 1e6));

export class World {
  readonly networks: KnownNetwork[] = [];
  readonly trainers: KnownTrainer[] = [];
  /** What is to be awaited before the world ends. */
  readonly pending: (() => Promise<void>)[] = [];

  addNetwork(network: Network): KnownNetwork {
    const known = { network, disposed: false, fits: 0, readers: 0, parameters: network.parameters(), wild: false };
    this.networks.push(known);
    return known;
  }

  /** Disposes of a network that has nothing to do, if there are more than `most`, one that is disposed of first. */
  forgetOne(most: number): void {
    if (this.networks.length <= most) return;
    const idle = this.networks.filter(({ fits, readers }) => fits + readers === 0);
    const old = idle.find(({ disposed }) => disposed) ?? idle[0];
    if (old === undefined) return;
    for (const known of this.trainers.filter(({ of }) => of === old)) {
      known.trainer.dispose();
      this.trainers.splice(this.trainers.indexOf(known), 1);
    }
    old.network.dispose();
    this.networks.splice(this.networks.indexOf(old), 1);
  }

  addTrainer(trainer: Trainer, of: KnownNetwork): KnownTrainer {
    const known = { trainer, of, disposed: false, rateChanges: 0 };
    this.trainers.push(known);
    return known;
  }

  /** A call that answers at once; its answer, unless it was refused. */
  call<T>(verdict: Verdict, call: () => T): T | undefined {
    const before = this.#snapshot();
    let outcome: { value: T } | { error: unknown };
    try {
      outcome = { value: call() };
    } catch (error) {
      outcome = { error };
    }
    this.#compare(before, "value" in outcome ? verdict.changes : undefined);
    return judge(verdict, outcome);
  }

  /** A call that answers later. Meanwhile fits may go on, but nothing else happens. */
  async callLater<T>(verdict: Verdict, call: () => Promise<T>): Promise<T | undefined> {
    const outcome = await call().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    // whoever waited for the same is told, too
    await new Promise(setImmediate);
    this.settle("value" in outcome ? verdict.changes : undefined);
    return judge(verdict, outcome);
  }

  /** Nobody's parameters have changed, but for those of fits under way and `changed`. */
  settle(changed?: KnownNetwork): void {
    this.#compare(
      this.networks.map(({ parameters }) => parameters),
      changed,
      true,
    );
  }

  /** Ends all that is under way, and gives everything back. */
  async end(): Promise<void> {
    for (const finish of this.pending.splice(0)) await finish();
    await new Promise(setImmediate);
    this.settle();
    for (const { trainer } of this.trainers) trainer.dispose();
    for (const { network } of this.networks) network.dispose();
  }

  #snapshot(): (Float32Array | undefined)[] {
    return this.networks.map(({ network, disposed }) => (disposed ? undefined : network.parameters()));
  }

  #compare(before: (Float32Array | undefined)[], changed: KnownNetwork | undefined, fitsGoOn = false): void {
    this.networks.forEach((known, i) => {
      if (known.disposed || (fitsGoOn && known.fits > 0)) return;
      const now = known.network.parameters();
      const then = before[i];
      if (known !== changed && then !== undefined && !same(then, now))
        expect.fail(`parameters of networks[${i}] changed`);
      if (!known.wild && !allFinite(now)) expect.fail(`parameters of networks[${i}] aren't finite`);
      known.parameters = now;
    });
  }
}

function judge<T>({ must, may = [] }: Verdict, outcome: { value: T } | { error: unknown }): T | undefined {
  const [needed, allowed] = [must, may].map((list) => list.filter((reason) => reason !== undefined));
  if ("value" in outcome) {
    if (needed.length > 0) expect.fail(`should have been refused: ${needed.join(" or ")}`);
    tally.answered += 1;
    return outcome.value;
  }
  const error = outcome.error as Error;
  const reasons = [...needed, ...allowed];
  if (!kinds.includes(Object.getPrototypeOf(error))) throw error;
  if (!reasons.some((reason) => reason.test(error.message))) {
    const expected = reasons.length === 0 ? "no refusal" : reasons.join(" or ");
    expect.fail(`expected ${expected}, got ${error.name}: ${error.message}\n${error.stack}`);
  }
  tally.refused += 1;
  return undefined;
}
