// The only file that knows the instruction set.

/** Bytes in a vector register. */
export const VECTOR_BYTES: usize = 16;

/** Whether multiply and add are one instruction, which needs no register for the product. */
export const FUSED: bool = ASC_FEATURE_RELAXED_SIMD;

/** x in all lanes. */
// @ts-ignore: decorator
@inline
export function splat(x: f32): v128 {
  return f32x4.splat(x);
}

/** a·b + c in each lane: rounded once where the relaxed instruction set fuses it, twice otherwise. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The smaller of x and a bound; NaN in x stays NaN. */
// @ts-ignore: decorator
@inline
export function atMost(x: v128, bound: v128): v128 {
  return f32x4.pmin(x, bound);
}

/** The larger of x and a bound; NaN in x stays NaN. */
// @ts-ignore: decorator
@inline
export function atLeast(x: v128, bound: v128): v128 {
  return f32x4.pmax(x, bound);
}

/** Lanewise: mask ? a : b. */
// @ts-ignore: decorator
@inline
export function select(mask: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, mask);
}

/**
 * x, but 0 where |x| < 4e-31; from 2e-16 up nothing changes, and between x is rounded to a multiple of 8e-31.
 * For δ, whose products would else be subnormal where neurons saturate: WebAssembly can't have the processor flush those,
 * and arithmetic on them takes many times as long.
 */
// @ts-ignore: decorator
@inline
export function flushed(x: v128): v128 {
  const large = f32x4.splat(1e-23);
  return f32x4.sub(f32x4.add(x, large), large);
}

/** The four lanes added up in float64, low to high. */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f64 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
  const pairs = f64x2.add(low, high);
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

/** The largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function maxLane(x: v128): f32 {
  const pairs = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.max(pairs, v128.shuffle<f32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** All ones in each lane whose column, counted from `column`, is below `columns`. */
// @ts-ignore: decorator
@inline
export function columnsBelow(column: i32, columns: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(column), i32x4(0, 1, 2, 3)), i32x4.splat(columns));
}

/** Transposes the 4×4 block at `source` (rows `sourceBytes` apart) into `target` (rows `targetBytes` apart). */
// @ts-ignore: decorator
@inline
export function transpose4x4(target: usize, targetBytes: usize, source: usize, sourceBytes: usize): void {
  const r0 = v128.load(source);
  const r1 = v128.load(source + sourceBytes);
  const r2 = v128.load(source + 2 * sourceBytes);
  const r3 = v128.load(source + 3 * sourceBytes);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(target + targetBytes, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(target + 2 * targetBytes, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(target + 3 * targetBytes, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}
