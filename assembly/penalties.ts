// What keeps weights small: penalties on the cost, and a bound on the weights into a neuron. Biases are left alone.

import { PANEL_BYTES } from "./panels";
import { madd, select, splat, VECTOR_BYTES } from "./vec";

/** g ← g + ∂/∂w (l1·Σ|w| + l2·Σw²) = g + l1·sign w + 2·l2·w, as Keras' regularizers are. */
export function penalise(g: usize, w: usize, bytes: usize, l1: f32, l2: f32): void {
  const ones = splat(l1);
  const twice = splat(2 * l2);
  for (const end = g + bytes; g < end; g += VECTOR_BYTES, w += VECTOR_BYTES) {
    const weights = v128.load(w);
    // the weight's sign on l1, but 0 for 0
    const sign = v128.or(v128.and(weights, splat(-0.0)), ones);
    const byL1 = v128.andnot(sign, f32x4.eq(weights, splat(0)));
    v128.store(g, f32x4.add(madd(twice, weights, byL1), v128.load(g)));
  }
}

/** w ← w·min(1, most/‖w‖₂) for the weights into each of a panel's 8 neurons (Srivastava et al. 2014, §5.1). */
export function boundNorms(panel: usize, inputs: i32, most: f32): void {
  const bytes = <usize>inputs * PANEL_BYTES;
  let left = splat(0);
  let right = splat(0);
  for (let w = panel, end = panel + bytes; w < end; w += PANEL_BYTES) {
    left = madd(v128.load(w), v128.load(w), left);
    right = madd(v128.load(w, 16), v128.load(w, 16), right);
  }
  left = f32x4.sqrt(left);
  right = f32x4.sqrt(right);
  const bound = splat(most);
  const leftLong = f32x4.gt(left, bound);
  const rightLong = f32x4.gt(right, bound);
  if (!v128.any_true(v128.or(leftLong, rightLong))) return;
  left = select(leftLong, f32x4.div(bound, left), splat(1));
  right = select(rightLong, f32x4.div(bound, right), splat(1));
  for (let w = panel, end = panel + bytes; w < end; w += PANEL_BYTES) {
    v128.store(w, f32x4.mul(v128.load(w), left));
    v128.store(w, f32x4.mul(v128.load(w, 16), right), 16);
  }
}
