// Matrix multiplication, one panel of results at a time.
//
// Every matrix lies in panels of 8 columns: [columns/8][rows][8], the last panel padded to 8. Activations and δ are
// [units/8][batch][8]; weights are [outputs/8][inputs][8], W's transpose. In that layout each of the three products of
// backpropagation reads both operands front to back, and none has to be packed:
//
//   forward          Z = A·Wᵀ     `multiply`            k runs over the inputs
//   input gradient   ∂C/∂A = δ·W  `multiply`            k runs over the outputs (W transposed into panels first)
//   weight gradient  ∂C/∂W = δᵀ·A `multiplyTransposed`  k runs over the batch
//
// A result is summed over k from first to last, whatever the tile it falls into and whoever computes it.
//
// A tile is 4 rows × 8 columns: 8 accumulators, 2 registers of b, one of a and one for the product are what V8 can keep
// in x86-64's registers. Left-over rows get tiles of 1 to 3. A tile loads all of its results first and stores them last.

import { PANEL, PANEL_BYTES } from "./panels";
import { madd } from "./vec";

export const TILE: i32 = 4;
const TILE_BYTES: usize = 4 * PANEL_BYTES;
const COLUMN_BYTES: usize = 4;

/**
 * c[r][0..8) = start[0..8) + Σₖ a[r][k]·b[k][0..8), for r in 0..rows and k in 0..depth.
 * a in panels [depth/8][batch][8], of which `rows` rows are read from `a` on; b and c are one panel, [depth][8] and
 * [rows][8]; start is 8 numbers. rows, depth ≥ 1.
 */
export function multiply(c: usize, a: usize, b: usize, start: usize, rows: i32, batch: i32, depth: i32): void {
  const last = b + <usize>depth * PANEL_BYTES;
  // from a panel's end for one row to the next panel's start for the same row
  const jump = <usize>(batch - 1) * PANEL_BYTES;
  let row = 0;
  for (; row + TILE <= rows; row += TILE) {
    tile(4, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    c += TILE_BYTES;
    a += TILE_BYTES;
  }
  const rest = rows - row;
  if (rest == 1) tile(1, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
  else if (rest == 2) tile(2, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
  else if (rest == 3) tile(3, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
}

/**
 * c[r][0..8) = start[0..8) + Σₖ a[k][r]·b[k][0..8), for r in 0..columns and k in 0..depth.
 * a in panels [columns/8][depth][8]; b and c are one panel, [depth][8] and [columns][8]. columns, depth ≥ 1.
 */
export function multiplyTransposed(c: usize, a: usize, b: usize, start: usize, columns: i32, depth: i32): void {
  transposed(false, 0, c, a, b, start, columns, depth);
}

/** c ← c + rate·(the same product), which saves gradient descent a pass over the weights; `rate` is in memory. */
export function addTransposed(rate: usize, c: usize, a: usize, b: usize, start: usize, columns: i32, depth: i32): void {
  transposed(true, rate, c, a, b, start, columns, depth);
}

// @ts-ignore: decorator
@inline
function transposed(
  adds: bool,
  rate: usize,
  c: usize,
  a: usize,
  b: usize,
  start: usize,
  columns: i32,
  depth: i32,
): void {
  const bytes = <usize>depth * PANEL_BYTES;
  const last = b + bytes;
  let column = 0;
  for (; column + PANEL <= columns; column += PANEL) {
    tile(4, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, start, adds, rate);
    const right = a + <usize>TILE * COLUMN_BYTES;
    tile(4, c + TILE_BYTES, right, COLUMN_BYTES, PANEL_BYTES, 0, b, last, start, adds, rate);
    c += <usize>PANEL * PANEL_BYTES;
    a += bytes;
  }
  let rest = columns - column;
  if (rest >= TILE) {
    tile(4, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, start, adds, rate);
    c += TILE_BYTES;
    a += <usize>TILE * COLUMN_BYTES;
    rest -= TILE;
  }
  if (rest == 1) tile(1, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, start, adds, rate);
  else if (rest == 2) tile(2, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, start, adds, rate);
  else if (rest == 3) tile(3, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, start, adds, rate);
}

/**
 * One tile: s[r][0..8) = start[0..8) + Σ a[r]·b[k][0..8) with b from `b` to `last`, for r in 0..rows (1 to 4); then
 * c = s or, with `adds`, c ← c + rate·s. a's rows are `rowBytes` apart and its k's `stepBytes`; where its k's are
 * neighbours, `jump` is skipped after each 8 of them.
 * rows, rowBytes, stepBytes and adds are constants at every call, so each call compiles to a bare loop.
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32,
  c: usize,
  a: usize,
  rowBytes: usize,
  stepBytes: usize,
  jump: usize,
  b: usize,
  last: usize,
  start: usize,
  adds: bool,
  rate: usize,
): void {
  let c00 = v128.load(start);
  let c01 = v128.load(start, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  do {
    const end = stepBytes == COLUMN_BYTES ? min(b + <usize>PANEL * PANEL_BYTES, last) : last;
    do {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const a0 = v128.load_splat<f32>(a);
      c00 = madd(a0, b0, c00);
      c01 = madd(a0, b1, c01);
      if (rows > 1) {
        const a1 = v128.load_splat<f32>(a + rowBytes);
        c10 = madd(a1, b0, c10);
        c11 = madd(a1, b1, c11);
      }
      if (rows > 2) {
        const a2 = v128.load_splat<f32>(a + 2 * rowBytes);
        c20 = madd(a2, b0, c20);
        c21 = madd(a2, b1, c21);
      }
      if (rows > 3) {
        const a3 = v128.load_splat<f32>(a + 3 * rowBytes);
        c30 = madd(a3, b0, c30);
        c31 = madd(a3, b1, c31);
      }
      a += stepBytes;
      b += PANEL_BYTES;
    } while (b < end);
    a += jump;
  } while (b < last);
  const rates = adds ? v128.load_splat<f32>(rate) : c00;
  finish(c, c00, adds, rates);
  finish(c + 16, c01, adds, rates);
  if (rows > 1) {
    finish(c + 32, c10, adds, rates);
    finish(c + 48, c11, adds, rates);
  }
  if (rows > 2) {
    finish(c + 64, c20, adds, rates);
    finish(c + 80, c21, adds, rates);
  }
  if (rows > 3) {
    finish(c + 96, c30, adds, rates);
    finish(c + 112, c31, adds, rates);
  }
}

// @ts-ignore: decorator
@inline
function finish(target: usize, sum: v128, adds: bool, rates: v128): void {
  v128.store(target, adds ? madd(rates, sum, v128.load(target)) : sum);
}
