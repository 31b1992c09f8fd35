// Seeded randomness: the same numbers from the same seed in every engine.

import { log } from "./exact.js";

/** What a stream of random numbers is for; streams of one seed don't meet. */
export const Stream = { weights: 1, shuffle: 2, split: 3, data: 4, folds: 5, trials: 6 } as const;

/**
 * xoshiro128** (Blackman & Vigna 2018): 32-bit integers with period 2¹²⁸ − 1, started from a seed and any numbers that
 * name the stream: each of the four words of its state takes them all in, by multiplications of its own.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #spare: number | undefined;

  constructor(seed: number, ...stream: number[]) {
    const words = [seed, ...stream].flatMap((number) => [number >>> 0, Math.floor(number / 2 ** 32)]);
    // odd multipliers of MurmurHash3 (x86, 128 bits) and its finish
    const [a, b, c, d] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93].map((multiplier, i) => {
      let state = 0x9e3779b9 + i;
      for (const word of words) {
        state = Math.imul(state ^ word, multiplier);
        state = ((state << 13) | (state >>> 19)) + 0x561ccd1b;
      }
      state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
      return state ^ (state >>> 16);
    }) as [number, number, number, number];
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d | 1; // the state must not be all zeros
  }

  /** An integer from 0 to 2³² − 1. */
  uint32(): number {
    const scrambled = Math.imul(this.#b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** A number in [0, 1), of 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** An integer from 0 to n − 1, for n up to 2³². */
  below(n: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * n);
  }

  /** From the normal distribution N(0, 1), by Marsaglia's polar method. */
  normal(): number {
    if (this.#spare !== undefined) {
      const spare = this.#spare;
      this.#spare = undefined;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square < 1e-300) continue;
      const factor = Math.sqrt((-2 * log(square)) / square);
      this.#spare = v * factor;
      return u * factor;
    }
  }
}

/**
 * Puts a random choice of `order`'s members into its places from..to, as Durstenfeld's shuffle goes: called for one
 * stretch after the other with the same generator, it shuffles the whole, and each stretch is final once done.
 */
export function shuffleStretch(order: Uint32Array, from: number, to: number, random: Random): void {
  const length = order.length;
  for (let i = from; i < to; i++) {
    const j = i + random.below(length - i);
    const chosen = order[j] as number;
    order[j] = order[i] as number;
    order[i] = chosen;
  }
}

/** 0..length−1, shuffled. */
export function shuffled(length: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  shuffleStretch(order, 0, length, random);
  return order;
}

/** A seed that nobody chose. */
export function randomSeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] as number) >>> 0;
}
