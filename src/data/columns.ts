// Rows of numbers where the user left them: nothing is copied until a fit stages it.

import { copyNumbers, type Numbers } from "../samples.js";

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
    readonly values: Numbers,
    readonly width: number,
  ) {
    this.rows = values.length / width;
    this.bytes = values instanceof Uint8Array || values instanceof Uint8ClampedArray;
  }

  copyTo(target: Target, order: Uint32Array | undefined, from: number, to: number): void {
    const { values, width } = this;
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

  #part(from: number, to: number): Numbers {
    return (this.values as Float32Array).subarray(from * this.width, to * this.width);
  }
}

/** The rows of one table, then those of another. */
export class JoinedColumns implements Columns {
  readonly rows: number;
  readonly width: number;
  readonly bytes: boolean;

  constructor(
    readonly first: Columns,
    readonly second: Columns,
  ) {
    this.rows = first.rows + second.rows;
    this.width = first.width;
    this.bytes = first.bytes && second.bytes;
  }

  copyTo(target: Target, order: Uint32Array | undefined, from: number, to: number): void {
    const { first, second, width } = this;
    let at = 0;
    for (let i = from; i < to; ) {
      // the longest stretch that comes from one of the two
      const row = (i: number) => (order === undefined ? i : (order[i] as number));
      const part = row(i) < first.rows ? first : second;
      const offset = part === first ? 0 : first.rows;
      let end = i + 1;
      while (end < to && row(end) < first.rows === (part === first)) end++;
      const rows = Uint32Array.from({ length: end - i }, (_, k) => row(i + k) - offset);
      part.copyTo(target.subarray(at, at + rows.length * width), rows, 0, rows.length);
      at += rows.length * width;
      i = end;
    }
  }
}

/** Nested or plain arrays, copied into one checked Float32Array. */
export function flatten(source: Numbers | readonly Numbers[], rows: number, width: number, place: string): FlatColumns {
  const values = new Float32Array(rows * width);
  if (typeof source[0] === "number") copyNumbers(values, 0, source as Numbers, (i) => `${place}[${i}]`);
  else {
    (source as readonly Numbers[]).forEach((row, r) => {
      copyNumbers(values, r * width, row, (i) => `${place}[${r}][${i}]`);
    });
  }
  return new FlatColumns(values, width);
}
