// The allocator of the linear memory. The kernels allocate nothing; every block is asked for here.

import type { Pointer } from "./exports.js";

const PAGE = 65536;
/** Blocks start on cache lines. */
const LINE = 64;
/** Memory grows by at least this many pages, so that thousands of small blocks don't grow it a thousand times. */
const GROWTH = 16;
const MOST_PAGES = 65536;
/** 256 MiB */
const LEAST_MAXIMUM = 4096;

export class OutOfMemoryError extends Error {
  override name = "OutOfMemoryError";
}

/** A shared memory's address space is reserved at once; where it is scarce, less is asked for. */
function createShared(): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    } catch (error) {
      if (maximum <= LEAST_MAXIMUM) throw error;
    }
  }
}

/** First fit over a list of gaps in order of address; neighbouring gaps are joined as soon as they appear. */
export class Memory {
  readonly memory: WebAssembly.Memory;
  readonly #gaps: { start: Pointer; end: Pointer }[] = [];
  readonly #sizes = new Map<Pointer, number>();
  #end = PAGE;

  constructor(shared: boolean) {
    this.memory = shared ? createShared() : new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
  }

  /** Opens the memory from `start` on, which is where the kernels' own data ends. */
  open(start: Pointer): void {
    const first = Math.ceil(start / LINE) * LINE;
    if (first > this.#end) this.#grow(first - this.#end);
    this.#addGap(first, this.#end);
  }

  /** The bytes that blocks take at the moment. */
  get used(): number {
    let used = 0;
    for (const bytes of this.#sizes.values()) used += bytes;
    return used;
  }

  allocate(bytes: number): Pointer {
    const size = Math.max(LINE, Math.ceil(bytes / LINE) * LINE);
    let index = this.#gaps.findIndex((gap) => gap.end - gap.start >= size);
    if (index < 0) {
      const last = this.#gaps.at(-1);
      const tail = last !== undefined && last.end === this.#end ? last.end - last.start : 0;
      this.#grow(size - tail);
      index = this.#gaps.length - 1;
    }
    const gap = this.#gaps[index] as { start: Pointer; end: Pointer };
    const pointer = gap.start;
    gap.start += size;
    if (gap.start === gap.end) this.#gaps.splice(index, 1);
    this.#sizes.set(pointer, size);
    return pointer;
  }

  free(pointer: Pointer): void {
    const size = this.#sizes.get(pointer);
    if (size === undefined) throw new Error(`no block at ${pointer}`);
    this.#sizes.delete(pointer);
    this.#addGap(pointer, pointer + size);
  }

  #grow(bytes: number): void {
    const needed = Math.ceil(bytes / PAGE);
    const pages = Math.min(Math.max(needed, GROWTH), Math.max(needed, MOST_PAGES - this.#end / PAGE));
    try {
      this.memory.grow(pages);
    } catch {
      const mebibytes = (number: number) => `${Math.ceil(number / 2 ** 20)} MiB`;
      throw new OutOfMemoryError(
        `out of memory: ${mebibytes(bytes)} more than the ${mebibytes(this.#end)} in use were refused ` +
          "(a WebAssembly memory holds 4096 MiB at most)",
      );
    }
    const start = this.#end;
    this.#end += pages * PAGE;
    this.#addGap(start, this.#end);
  }

  #addGap(start: Pointer, end: Pointer): void {
    if (start === end) return;
    let low = 0;
    let high = this.#gaps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#gaps[middle] as { start: Pointer }).start < start) low = middle + 1;
      else high = middle;
    }
    const before = this.#gaps[low - 1];
    const after = this.#gaps[low];
    const joinsBefore = before !== undefined && before.end === start;
    const joinsAfter = after !== undefined && after.start === end;
    if (joinsBefore && joinsAfter) {
      before.end = after.end;
      this.#gaps.splice(low, 1);
    } else if (joinsBefore) before.end = end;
    else if (joinsAfter) after.start = start;
    else this.#gaps.splice(low, 0, { start, end });
  }
}
