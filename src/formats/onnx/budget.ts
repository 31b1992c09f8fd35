// What a graph may ask for: a small file can name the same weights many times over, or announce a wide input.

import { FormatError } from "../errors.js";
import type { Constant } from "./constants.js";
import { sizeOf } from "./shapes.js";

/** Each number may be taken a few times, as exporters share equal ones. */
const TIMES = 8;
const LEAST = 2 ** 20;

export class Budget {
  #left = LEAST;

  constructor(constants: Iterable<Constant>) {
    for (const constant of constants) this.add(constant);
  }

  add({ tensor, dimensions }: Constant): void {
    // what is announced may not be there
    const { raw, floats, doubles, int32s } = tensor;
    const there = raw.length + floats.length + doubles.length + int32s.length;
    this.#left += TIMES * Math.min(there, sizeOf(dimensions));
  }

  /** @throws FormatError once more numbers are taken than the file has reason for. */
  take(place: string, count: number): number {
    this.#left -= count;
    if (!(this.#left >= 0)) throw new FormatError(`${place} takes more numbers than the file can have`);
    return count;
  }
}
