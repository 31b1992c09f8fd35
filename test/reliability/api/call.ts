// What a generated call is: its name, with what it is made, and how it is made on a world.

import fc from "fast-check";
import type { Argument } from "./arguments.js";
import type { KnownNetwork, KnownTrainer, World } from "./world.js";
import { DISPOSED } from "./world.js";

export interface Call {
  run(world: World): void | Promise<void>;
  toString(): string;
}

/** A call on some network of the world. */
export function onNetwork<T>(
  name: string,
  given: fc.Arbitrary<T>,
  run: (world: World, known: KnownNetwork, given: T) => void | Promise<void>,
): fc.Arbitrary<Call> {
  return onSome(name, given, (world) => world.networks, run);
}

/** A call on some trainer of the world. */
export function onTrainer<T>(
  name: string,
  given: fc.Arbitrary<T>,
  run: (world: World, known: KnownTrainer, given: T) => void | Promise<void>,
): fc.Arbitrary<Call> {
  return onSome(name, given, (world) => world.trainers, run);
}

function onSome<T, K>(
  name: string,
  given: fc.Arbitrary<T>,
  among: (world: World) => K[],
  run: (world: World, known: K, given: T) => void | Promise<void>,
): fc.Arbitrary<Call> {
  return fc.tuple(fc.nat(99), given).map(([which, value]) => ({
    run(world) {
      const all = among(world);
      if (all.length > 0) return run(world, all[which % all.length] as K, value);
    },
    toString: () => `${name}[${which}] ${fc.stringify(value)}`,
  }));
}

/** Refusals of arguments. */
export const refusals = (...given: Argument[]): (RegExp | undefined)[] => given.map(({ refusal }) => refusal);

/** Refused where the network is gone. */
export const gone = ({ disposed }: KnownNetwork): RegExp | undefined => (disposed ? DISPOSED : undefined);

/** Refused where the trainer or its network is. */
export const retired = ({ disposed, of }: KnownTrainer): RegExp | undefined =>
  disposed || of.disposed ? DISPOSED : undefined;

/** Refused while a fit trains the network. */
export const busy = ({ fits }: KnownNetwork, call: string): RegExp | undefined =>
  fits > 0 ? new RegExp(`^${call} can't be called while a fit trains this network`) : undefined;

/** What may be refused while somebody reads the network. */
export const read = ({ readers }: KnownNetwork, call: string): RegExp | undefined =>
  readers > 0
    ? new RegExp(`^${call} can't be called while an evaluation or prediction of this network runs`)
    : undefined;
