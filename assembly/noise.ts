// What training adds at random: dropout and noise on the inputs.
//
// Every number comes from a counter, its place in the mini-batch, and a key, the step and the layer, so that it depends on
// neither threads nor the order of work (Salmon et al. 2011). The mixing is that of 32-bit finalizers: multiply and
// xor-shift twice, with constants of low bias from Wellons' search, the second half of the key mixed in between.

import { log } from "./math";
import { PANEL, PANEL_BYTES } from "./panels";
import { madd, splat, VECTOR_BYTES } from "./vec";

/** The key of a step, never 0, which stands for "nothing at random": splitmix64 (Steele et al. 2014) of seed and count. */
export function keyOf(seed: u64, steps: f64): u64 {
  return mixed(mixed(seed) + <u64>steps) | 1;
}

function mixed(x: u64): u64 {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/** 32 random bits for each of four counters from `first` on. */
// @ts-ignore: decorator
@inline
function bits(key: u64, first: i32): v128 {
  let x = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  x = i32x4.add(i32x4.mul(x, i32x4.splat(0x9e3779b9)), i32x4.splat(<i32>key));
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x21f0aaad));
  x = v128.xor(x, i32x4.splat(<i32>(key >> 32)));
  x = v128.xor(x, i32x4.shr_u(x, 15));
  x = i32x4.mul(x, i32x4.splat(0x735a2d97));
  return v128.xor(x, i32x4.shr_u(x, 15));
}

/** Numbers in (0, 1], 24 bits each. */
// @ts-ignore: decorator
@inline
function uniforms(key: u64, first: i32): v128 {
  const whole = f32x4.convert_i32x4_s(i32x4.add(i32x4.shr_u(bits(key, first), 8), i32x4.splat(1)));
  return f32x4.mul(whole, splat(5.960464477539063e-8));
}

/** A key of the same step for another layer. */
// @ts-ignore: decorator
@inline
export function keyOfLayer(key: u64, l: i32): u64 {
  return mixed(key + <u64>l) | 1;
}

/**
 * Inverted dropout (Srivastava et al. 2014): mask is 0 with probability `rate`, else 1/(1 − rate); out = a·mask.
 * For rows from..to of panel `panel`, of which there are `panels`; a, mask and out are the panel's first rows.
 */
export function drop(
  key: u64, rate: f32, a: usize, mask: usize, out: usize, panel: i32, panels: i32, from: i32, to: i32,
): void {
  // a share `rate` of all 32-bit numbers is below it
  const least = i32x4.splat(<i32><u32>min<f64>(<f64>rate * 4294967296, 4294967295));
  const scale = splat(1 / (1 - rate));
  for (let row = from; row < to; row++) {
    const counter = (row * panels + panel) * PANEL;
    const at = <usize>row * PANEL_BYTES;
    dropVector(bits(key, counter), least, scale, a + at, mask + at, out + at);
    dropVector(bits(key, counter + 4), least, scale, a + at + VECTOR_BYTES, mask + at + VECTOR_BYTES, out + at + VECTOR_BYTES);
  }
}

// @ts-ignore: decorator
@inline
function dropVector(random: v128, least: v128, scale: v128, a: usize, mask: usize, out: usize): void {
  const kept = v128.and(i32x4.ge_u(random, least), scale);
  v128.store(mask, kept);
  v128.store(out, f32x4.mul(v128.load(a), kept));
}

/** d ← d·mask over `bytes` bytes. */
export function multiplyBy(d: usize, mask: usize, bytes: usize): void {
  for (const end = d + bytes; d < end; d += VECTOR_BYTES, mask += VECTOR_BYTES) {
    v128.store(d, f32x4.mul(v128.load(d), v128.load(mask)));
  }
}

/** x ← x + deviation·n, n normally distributed (Box & Muller 1958), for those rows of a panel. */
export function addNoise(key: u64, deviation: f32, x: usize, panel: i32, panels: i32, from: i32, to: i32): void {
  const angles = keyOfLayer(key, -1);
  for (let row = from; row < to; row++) {
    for (let half = 0; half < PANEL; half += 4) {
      const counter = (row * panels + panel) * PANEL + half;
      const radius = f32x4.sqrt(f32x4.mul(log(uniforms(key, counter)), splat(-2)));
      const normal = f32x4.mul(radius, cosineOfTurns(uniforms(angles, counter)));
      const at = x + <usize>row * PANEL_BYTES + <usize>half * 4;
      v128.store(at, madd(splat(deviation), normal, v128.load(at)));
    }
  }
}

/** cos 2πu for u in [0, 1]: −cos x for x = 2π(u − ½), by its series up to x¹⁶, which is within 2e-7. */
// @ts-ignore: decorator
@inline
function cosineOfTurns(u: v128): v128 {
  const x = f32x4.mul(f32x4.sub(u, splat(0.5)), splat(6.283185307179586));
  const square = f32x4.mul(x, x);
  let sum = splat(-4.779477332387385e-14);
  sum = madd(sum, square, splat(1.147074559772973e-11));
  sum = madd(sum, square, splat(-2.08767569878681e-9));
  sum = madd(sum, square, splat(2.755731922398589e-7));
  sum = madd(sum, square, splat(-2.48015873015873e-5));
  sum = madd(sum, square, splat(1.388888888888889e-3));
  sum = madd(sum, square, splat(-4.1666666666666664e-2));
  sum = madd(sum, square, splat(0.5));
  return madd(sum, square, splat(-1));
}
