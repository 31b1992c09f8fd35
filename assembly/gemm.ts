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
// in x86-64's registers. Where multiply and add are one instruction it is 6 × 8, as the product needs no register
// (Node 24 and 26: 2 to 12 % faster than 4 × 8; Node 22 unrolls it into more than fits, and is 13 % slower). Left-over rows
// get smaller tiles. A tile loads all that it reads of its results before it stores any, so that V8's revectorisation
// (off by default, Node 24) can join its halves: A +25 %, B +9 %, C +7 %.

import { PANEL, PANEL_BYTES } from "./panels";
import { FUSED, madd } from "./vec";

export const TILE: i32 = FUSED ? 6 : 4;
/** The weight gradient's tiles halve a panel of 8 columns. */
const HALF: i32 = PANEL / 2;
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
  const end = unevenEnd(rows);
  for (let left = rows; left > end; left -= TILE) {
    tile(TILE, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    c += <usize>TILE * PANEL_BYTES;
    a += <usize>TILE * PANEL_BYTES;
  }
  if (end) multiplyEnd(c, a, b, start, end, jump, last);
}

/**
 * The rows that whole tiles leave. A tile of 1 or 2 rows takes nearly as long as one of 3, as its few sums have to wait for
 * themselves, so the last tiles share what doesn't fill one: 10 rows are 4 + 3 + 3.
 */
// @ts-ignore: decorator
@inline
function unevenEnd(rows: i32): i32 {
  const rest = rows % TILE;
  return rest == 0 ? 0 : min(rows, rest + (TILE - 1 - rest) * TILE);
}

/** `rows` rows in tiles that are as even as can be. A function of its own, which leaves `multiply` its registers. */
function multiplyEnd(c: usize, a: usize, b: usize, start: usize, rows: i32, jump: usize, last: usize): void {
  while (rows > 0) {
    const tiles = (rows + TILE - 1) / TILE;
    const height = (rows + tiles - 1) / tiles;
    if (height == 1) tile(1, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    else if (height == 2) tile(2, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    else if (height == 3) tile(3, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    else if (TILE > 4 && height == 5) tile(5, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    else tile(4, c, a, PANEL_BYTES, COLUMN_BYTES, jump, b, last, start, false, 0);
    c += <usize>height * PANEL_BYTES;
    a += <usize>height * PANEL_BYTES;
    rows -= height;
  }
}

/**
 * The same for one row and `panels` panels of b, bBytes apart, whose starts are in their last row: c[p][0..8) =
 * b[p][depth][0..8) + Σₖ a[k]·b[p][k][0..8). One row has but two sums in a panel, and each has to wait for itself; four
 * panels at a time keep the processor busy (784 × 128: 2.2 times as fast).
 */
export function multiplyRow(c: usize, a: usize, b: usize, bBytes: usize, panels: i32, depth: i32): void {
  const start = <usize>depth * PANEL_BYTES;
  for (; panels >= WIDE; panels -= WIDE) {
    wideTile(c, a, b, bBytes, start);
    b += <usize>WIDE * bBytes;
    c += <usize>WIDE * PANEL_BYTES;
  }
  for (; panels > 0; panels--) {
    multiplyEnd(c, a, b, b + start, 1, 0, b + start);
    b += bBytes;
    c += PANEL_BYTES;
  }
}

const WIDE: i32 = 4;

/** One row × 4 panels. */
// @ts-ignore: decorator
@inline
function wideTile(c: usize, a: usize, b: usize, bBytes: usize, start: usize): void {
  let b1 = b + bBytes;
  let b2 = b1 + bBytes;
  let b3 = b2 + bBytes;
  const last = b + start;
  let c00 = v128.load(b + start);
  let c01 = v128.load(b + start, 16);
  let c10 = v128.load(b1 + start);
  let c11 = v128.load(b1 + start, 16);
  let c20 = v128.load(b2 + start);
  let c21 = v128.load(b2 + start, 16);
  let c30 = v128.load(b3 + start);
  let c31 = v128.load(b3 + start, 16);
  do {
    const value = v128.load_splat<f32>(a);
    c00 = madd(value, v128.load(b), c00);
    c01 = madd(value, v128.load(b, 16), c01);
    c10 = madd(value, v128.load(b1), c10);
    c11 = madd(value, v128.load(b1, 16), c11);
    c20 = madd(value, v128.load(b2), c20);
    c21 = madd(value, v128.load(b2, 16), c21);
    c30 = madd(value, v128.load(b3), c30);
    c31 = madd(value, v128.load(b3, 16), c31);
    a += COLUMN_BYTES;
    b += PANEL_BYTES;
    b1 += PANEL_BYTES;
    b2 += PANEL_BYTES;
    b3 += PANEL_BYTES;
  } while (b < last);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

/**
 * c[r][0..8) = Σₖ a[k][r]·b[k][0..8), for r in 0..columns and k in 0..depth.
 * a in panels [columns/8][depth][8]; b and c are one panel, [depth][8] and [columns][8]. columns, depth ≥ 1.
 */
export function multiplyTransposed(c: usize, a: usize, b: usize, columns: i32, depth: i32): void {
  transposed(false, 0, c, a, b, columns, depth);
}

/** c ← c + rate·(the same product), which saves gradient descent a pass over the weights; `rate` is in memory. */
export function addTransposed(rate: usize, c: usize, a: usize, b: usize, columns: i32, depth: i32): void {
  transposed(true, rate, c, a, b, columns, depth);
}

// @ts-ignore: decorator
@inline
function transposed(
  adds: bool,
  rate: usize,
  c: usize,
  a: usize,
  b: usize,
  columns: i32,
  depth: i32,
): void {
  const bytes = <usize>depth * PANEL_BYTES;
  const last = b + bytes;
  let column = 0;
  for (; column + PANEL <= columns; column += PANEL) {
    tile(4, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, 0, adds, rate);
    const right = a + <usize>HALF * COLUMN_BYTES;
    tile(4, c + <usize>HALF * PANEL_BYTES, right, COLUMN_BYTES, PANEL_BYTES, 0, b, last, 0, adds, rate);
    c += <usize>PANEL * PANEL_BYTES;
    a += bytes;
  }
  let rest = columns - column;
  if (rest >= HALF) {
    tile(4, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, 0, adds, rate);
    c += <usize>HALF * PANEL_BYTES;
    a += <usize>HALF * COLUMN_BYTES;
    rest -= HALF;
  }
  if (rest == 1) tile(1, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, 0, adds, rate);
  else if (rest == 2) tile(2, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, 0, adds, rate);
  else if (rest == 3) tile(3, c, a, COLUMN_BYTES, PANEL_BYTES, 0, b, last, 0, adds, rate);
}

/**
 * One tile: s[r][0..8) = start[0..8) + Σ a[r]·b[k][0..8) with b from `b` to `last`, for r in 0..rows (1 to 6, with `adds`
 * 1 to 4); then c = s or, with `adds`, c ← c + rate·s. a's rows are `rowBytes` apart and its k's `stepBytes`: either k's are
 * neighbours, and `jump` is skipped after each 8 of them, or rows are, and there is no start.
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
  // where there is no start, the first products are: a sum over a mini-batch is short, so that counts
  const fresh = stepBytes == PANEL_BYTES;
  let c00 = v128.load(fresh ? b : start);
  let c01 = v128.load(fresh ? b : start, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  let c40 = c00;
  let c41 = c01;
  let c50 = c00;
  let c51 = c01;
  if (fresh) {
    if (rows > 3) {
      const a3 = v128.load_splat<f32>(a + 3 * rowBytes);
      c30 = f32x4.mul(a3, c00);
      c31 = f32x4.mul(a3, c01);
    }
    if (rows > 2) {
      const a2 = v128.load_splat<f32>(a + 2 * rowBytes);
      c20 = f32x4.mul(a2, c00);
      c21 = f32x4.mul(a2, c01);
    }
    if (rows > 1) {
      const a1 = v128.load_splat<f32>(a + rowBytes);
      c10 = f32x4.mul(a1, c00);
      c11 = f32x4.mul(a1, c01);
    }
    const a0 = v128.load_splat<f32>(a);
    c00 = f32x4.mul(a0, c00);
    c01 = f32x4.mul(a0, c01);
    a += stepBytes;
    b += PANEL_BYTES;
  }
  if (!fresh || b < last)
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
      if (rows > 4) {
        const a4 = v128.load_splat<f32>(a + 4 * rowBytes);
        c40 = madd(a4, b0, c40);
        c41 = madd(a4, b1, c41);
      }
      if (rows > 5) {
        const a5 = v128.load_splat<f32>(a + 5 * rowBytes);
        c50 = madd(a5, b0, c50);
        c51 = madd(a5, b1, c51);
      }
      a += stepBytes;
      b += PANEL_BYTES;
    } while (b < end);
    a += jump;
  } while (b < last);
  if (adds) {
    const rates = v128.load_splat<f32>(rate);
    c00 = madd(rates, c00, v128.load(c));
    c01 = madd(rates, c01, v128.load(c, 16));
    if (rows > 1) {
      c10 = madd(rates, c10, v128.load(c, 32));
      c11 = madd(rates, c11, v128.load(c, 48));
    }
    if (rows > 2) {
      c20 = madd(rates, c20, v128.load(c, 64));
      c21 = madd(rates, c21, v128.load(c, 80));
    }
    if (rows > 3) {
      c30 = madd(rates, c30, v128.load(c, 96));
      c31 = madd(rates, c31, v128.load(c, 112));
    }
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (rows > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
  }
  if (rows > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
  }
  if (rows > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
  }
  if (rows > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
  }
  if (rows > 5) {
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
  }
}
