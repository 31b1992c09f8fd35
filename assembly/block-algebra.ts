// Whole blocks of parameters as vectors. Padding is 0 in all of them, so it changes no sum. Sums are in float64.

import { madd, splat, VECTOR_BYTES } from "./vec";

/** x·y */
export function dot(x: usize, y: usize, bytes: usize): f64 {
  let sum = f64x2.splat(0);
  for (const end = x + bytes; x < end; x += 8, y += 8) {
    const a = f64x2.promote_low_f32x4(v128.load64_zero(x));
    const b = f64x2.promote_low_f32x4(v128.load64_zero(y));
    sum = f64x2.add(sum, f64x2.mul(a, b));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** target ← x + factor·y */
export function addScaled(target: usize, x: usize, factor: f32, y: usize, bytes: usize): void {
  const by = splat(factor);
  for (const end = target + bytes; target < end; target += VECTOR_BYTES, x += VECTOR_BYTES, y += VECTOR_BYTES) {
    v128.store(target, madd(by, v128.load(y), v128.load(x)));
  }
}

/** target ← factor·x */
export function scale(target: usize, factor: f32, x: usize, bytes: usize): void {
  const by = splat(factor);
  for (const end = target + bytes; target < end; target += VECTOR_BYTES, x += VECTOR_BYTES) {
    v128.store(target, f32x4.mul(by, v128.load(x)));
  }
}

/** max |xᵢ| */
export function largest(x: usize, bytes: usize): f32 {
  let most = splat(0);
  for (const end = x + bytes; x < end; x += VECTOR_BYTES) most = f32x4.max(most, f32x4.abs(v128.load(x)));
  const a = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  return max(a, max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
}

/** Whether x and y are the same bits. */
export function areEqual(x: usize, y: usize, bytes: usize): bool {
  for (const end = x + bytes; x < end; x += VECTOR_BYTES, y += VECTOR_BYTES) {
    if (v128.any_true(v128.xor(v128.load(x), v128.load(y)))) return false;
  }
  return true;
}
