// The kernels' inside (build/testing-*.wasm) on a memory of its own, with helpers to lay out panels.

import { Loss } from "../src/abi.js";
import { readBinary, type variants } from "./kernel-binaries.js";

export interface Kernels {
  multiply(c: number, a: number, b: number, start: number, rows: number, batch: number, depth: number): void;
  multiplyTransposed(c: number, a: number, b: number, columns: number, depth: number): void;
  activate(activation: number, z: number, a: number, rows: number, outputs: number): void;
  differentiate(activation: number, z: number, a: number, d: number, rows: number, outputs: number): void;
  costAndDelta(
    loss: number,
    activation: number,
    z: number,
    a: number,
    y: number,
    d: number,
    losses: number,
    rows: number,
    outputs: number,
    from: number,
    parameter: number,
  ): void;
  evaluateMath(which: number, source: number, target: number, bytes: number): void;
}

export const memory = new WebAssembly.Memory({ initial: 1000 });
export let kernels: Kernels;

/** Puts a variant's kernels on the memory. */
export async function useVariant(variant: (typeof variants)[number]): Promise<void> {
  const { instance } = await WebAssembly.instantiate(await readBinary(variant), { env: { memory } });
  kernels = instance.exports as unknown as Kernels;
}

export const floats = new Float32Array(memory.buffer);

let top = 1 << 16;

/** Room for `count` floats, filled with NaN, with NaN around it. */
export function room(count: number): number {
  const pointer = top;
  top += Math.ceil((count * 4 + 64) / 64) * 64;
  if (top > memory.buffer.byteLength) throw new Error("the tests' memory is full");
  floats.fill(Number.NaN, pointer / 4, top / 4);
  return pointer;
}

/** Gives all rooms back. */
export function clearRooms(): void {
  top = 1 << 16;
}

export const panelFloats = (rows: number, columns: number) => Math.ceil(columns / 8) * rows * 8;

const offsetOf = (row: number, column: number, rows: number) => ((column >> 3) * rows + row) * 8 + (column & 7);

/** A matrix laid into panels [columns/8][rows][8]; the padding is `padding`. */
export function place(matrix: readonly (readonly number[])[], padding = Number.NaN): number {
  const rows = matrix.length;
  const columns = matrix[0]?.length as number;
  const pointer = room(panelFloats(rows, columns));
  floats.fill(padding, pointer / 4, pointer / 4 + panelFloats(rows, columns));
  matrix.forEach((row, r) => {
    row.forEach((value, column) => {
      floats[pointer / 4 + offsetOf(r, column, rows)] = value;
    });
  });
  return pointer;
}

/** The matrix that lies in panels. */
export function take(pointer: number, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, column) => floats[pointer / 4 + offsetOf(r, column, rows)] as number),
  );
}

/** What lies in the padding columns of panels. */
export function takePadding(pointer: number, rows: number, columns: number): number[] {
  const values: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let column = columns; column % 8 !== 0; column++) {
      values.push(floats[pointer / 4 + offsetOf(r, column, rows)] as number);
    }
  }
  return values;
}

/** The cost summed over all rows; δ goes to d. Computed in two parts, the second from row `from` on. */
export function costOf(
  loss: number,
  activation: number,
  pointers: { z: number; a: number; y: number; d: number },
  rows: number,
  outputs: number,
  from = 0,
): number {
  const losses = room(2 * rows);
  const { z, a, y, d } = pointers;
  kernels.costAndDelta(loss, activation, z, a, y, d, losses, rows, outputs, from, loss === Loss.focal ? 2 : 1);
  return new Float64Array(memory.buffer, losses, rows).reduce((sum, row) => sum + row, 0);
}
