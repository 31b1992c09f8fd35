// Rows of numbers where the user left them: nothing is copied until a fit stages it.

import type { TypedNumbers } from "../samples.js";

/** What rows are copied into; the values convert. */
type Target = Float32Array | Uint8Array | Int32Array;

/** A table of rows, each of `width` numbers. */
export interface Columns {
  readonly rows: number;
  readonly width: number;
  /** Whether every number is an integer from 0 to 255 that may be staged as one byte. */
  readonly bytes: boolean;
  /** Puts the rows order[from..to] (or from..to, where there is no order) into `target`, one behind the other. */
  copyTo(target: Target, order: Uint32Array | undefined, from: number, to: number): void;
}

/** Rows in one flat array. */
export class FlatColumns implements Columns {
  readonly rows: number;
  readonly bytes: boolean;

  constructor(
    readonly values: TypedNumbers,
    readonly width: number,
  ) {
    this.rows = values.length / width;
    this.bytes = (values as unknown) instanceof Uint8Array || (values as unknown) instanceof Uint8ClampedArray;
  }

  copyTo(target: Target, order: Uint32Array | undefined, from: number, to: number): void {
    const { values, width } = this;
    if (values.length !== this.rows * width) {
      throw new RangeError(
        `a typed array of this dataset had ${this.rows * width} numbers and now has ${values.length}`,
      );
    }
    if (order === undefined) {
      target.set(this.#part(from, to));
      return;
    }
    for (let i = from, at = 0; i < to; i++, at += width) {
      const row = order[i] as number;
      if (width > 16) target.set(this.#part(row, row + 1), at);
      else for (let k = 0; k < width; k++) target[at + k] = values[row * width + k] as number;
    }
  }

  #part(from: number, to: number): TypedNumbers {
    return this.values.subarray(from * this.width, to * this.width);
  }
}

/** The rows of several tables, one behind the other. */
export class JoinedColumns implements Columns {
  readonly rows: number;
  readonly width: number;
  readonly bytes: boolean;
  readonly #parts: readonly Columns[];
  /** The row that each part begins with, and the end. */
  readonly #starts: Uint32Array;

  constructor(first: Columns, second: Columns) {
    this.#parts = [first, second].flatMap((columns) => (columns instanceof JoinedColumns ? columns.#parts : columns));
    this.#starts = new Uint32Array(this.#parts.length + 1);
    this.#parts.forEach((part, i) => {
      this.#starts[i + 1] = (this.#starts[i] as number) + part.rows;
    });
    this.rows = first.rows + second.rows;
    this.width = first.width;
    this.bytes = first.bytes && second.bytes;
  }

  copyTo(target: Target, order: Uint32Array | undefined, from: number, to: number): void {
    const { width } = this;
    const rowAt = (i: number) => (order === undefined ? i : (order[i] as number));
    const rows: number[] = [];
    for (let i = from; i < to; i += rows.length) {
      // the longest stretch that comes from one part
      const p = this.#partOf(rowAt(i));
      const [start, end] = this.#starts.subarray(p, p + 2) as unknown as [number, number];
      rows.length = 0;
      for (let k = i; k < to && rowAt(k) >= start && rowAt(k) < end; k++) rows.push(rowAt(k) - start);
      const part = target.subarray((i - from) * width, (i - from + rows.length) * width);
      (this.#parts[p] as Columns).copyTo(part, Uint32Array.from(rows), 0, rows.length);
    }
  }

  /** The part that a row lies in. */
  #partOf(row: number): number {
    let low = 0;
    let high = this.#parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] as number) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
