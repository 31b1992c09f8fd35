// exp, log and tanh on four lanes, with their measured error (test/kernels.test.ts measures it again).
//
// Constants are loaded from tables: V8 makes a v128 constant anew, in three instructions, at each use in a loop.

import { atLeast, atMost, madd, select, splat } from "./vec";

/** The i-th number of a table in all lanes. */
// @ts-ignore: decorator
@inline
function at(table: usize, i: usize): v128 {
  return v128.load_splat<f32>(table + i * 4);
}

/** The bounds; then of Cephes' expf.c: log₂e, ln 2 in two parts, the polynomial from degree 7 down. */
const EXP = memory.data<f32>([
  87.33, -87.33, 1.44269504088896341, 0.693359375, -2.1219444e-4,
  1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1,
], 16);

/**
 * eˣ. x = n·ln 2 + r with |r| ≤ ½ ln 2, eʳ by a polynomial of degree 7, then n added to the exponent.
 * Error ≤ 1.5 ulp on [−87.33, 87.33]; beyond, the value at the bound: 1.2e-38 or 8.4e37, so that neither eˣ nor
 * 1/(1 + eˣ) is ever subnormal, which is slow to compute with. NaN stays NaN.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const bounded = atLeast(atMost(x, at(EXP, 0)), at(EXP, 1));
  const n = f32x4.nearest(f32x4.mul(bounded, at(EXP, 2)));
  // the first part of ln 2 is short enough for n times it to be exact
  let r = f32x4.sub(bounded, f32x4.mul(n, at(EXP, 3)));
  r = f32x4.sub(r, f32x4.mul(n, at(EXP, 4)));
  let p = at(EXP, 5);
  p = madd(p, r, at(EXP, 6));
  p = madd(p, r, at(EXP, 7));
  p = madd(p, r, at(EXP, 8));
  p = madd(p, r, at(EXP, 9));
  p = madd(p, r, at(EXP, 10));
  p = f32x4.add(madd(f32x4.mul(r, r), p, r), at(EXP, 11));
  return i32x4.add(p, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}

/**
 * ln x for normal positive x. x = m·2ⁿ with m in [√½, √2), ln m by a polynomial of degree 9 in m − 1
 * (Cephes, logf.c). Error ≤ 1.5 ulp outside of [½, 2], and ≤ 6e-8 in it. NaN stays NaN.
 */
export function log(x: v128): v128 {
  // m's bits are brought into [√½, √2) by counting exponents from √½
  const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const n = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23));
  const m = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
  const f = f32x4.sub(m, splat(1));
  const f2 = f32x4.mul(f, f);
  let p = splat(7.0376836292e-2);
  p = madd(p, f, splat(-1.1514610310e-1));
  p = madd(p, f, splat(1.1676998740e-1));
  p = madd(p, f, splat(-1.2420140846e-1));
  p = madd(p, f, splat(1.4249322787e-1));
  p = madd(p, f, splat(-1.6668057665e-1));
  p = madd(p, f, splat(2.0000714765e-1));
  p = madd(p, f, splat(-2.4999993993e-1));
  p = madd(p, f, splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(f, f2), p);
  y = madd(n, splat(-2.12194440e-4), y);
  y = f32x4.sub(y, f32x4.mul(f2, splat(0.5)));
  y = madd(n, splat(0.693359375), f32x4.add(f, y));
  // x − x is 0, or NaN where x is
  return f32x4.add(y, f32x4.sub(x, x));
}

/** ln x of one positive number. */
export function logOf(x: f32): f32 {
  return f32x4.extract_lane(log(splat(x)), 0);
}

/**
 * ln(1 + x) for x in [0, 1], exact where x is far below 1: ln(u)·x/(u − 1) with u = 1 + x rounded makes up for what
 * the rounding lost (Kahan; Higham, Accuracy and Stability of Numerical Algorithms, §1.14.1).
 */
export function log1p(x: v128): v128 {
  const u = f32x4.add(splat(1), x);
  const lost = f32x4.sub(u, splat(1));
  return select(f32x4.eq(lost, splat(0)), x, f32x4.div(f32x4.mul(log(u), x), lost));
}

/** The bounds, P and Q from degree 4 in x² down. */
const TANH = memory.data<f32>([
  9, -9, 1, -1,
  1.3354677363964374e-8, 2.0609095372492447e-5, 3.4955888986587524e-3, 1.3381026685237885e-1, 1,
  7.776565098538413e-7, 3.285636194050312e-4, 2.5876985862851143e-2, 4.671434164047241e-1, 1,
], 16);

/**
 * tanh x = x·P(x²)/Q(x²), both of degree 4, fitted to the least largest relative error on [0, 9]: 2.1e-8; from 9 on
 * float32 can't tell tanh from 1. Error ≤ 6 ulp, absolute 3.6e-7.
 */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const bounded = atLeast(atMost(x, at(TANH, 0)), at(TANH, 1));
  const t = f32x4.mul(bounded, bounded);
  let p = at(TANH, 4);
  p = madd(p, t, at(TANH, 5));
  p = madd(p, t, at(TANH, 6));
  p = madd(p, t, at(TANH, 7));
  p = madd(p, t, at(TANH, 8));
  let q = at(TANH, 9);
  q = madd(q, t, at(TANH, 10));
  q = madd(q, t, at(TANH, 11));
  q = madd(q, t, at(TANH, 12));
  q = madd(q, t, at(TANH, 13));
  return atLeast(atMost(f32x4.div(f32x4.mul(bounded, p), q), at(TANH, 2)), at(TANH, 3));
}

/** 1/(1 + e⁻ˣ). Error ≤ 3 ulp. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp(f32x4.neg(x))));
}

/** ln(1 + eˣ), as max(x, 0) + ln(1 + e^−|x|). */
export function softplus(x: v128): v128 {
  return f32x4.add(atLeast(x, splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** eˣ − 1 for x ≤ 0, as 2t/(1 − t) with t = tanh(x/2), which doesn't cancel near 0. Error ≤ 10 ulp. */
export function expm1OfNegative(x: v128): v128 {
  const t = tanh(f32x4.mul(x, splat(0.5)));
  return f32x4.div(f32x4.add(t, t), f32x4.sub(splat(1), t));
}
