// Adam has a loop of its own, as most networks are trained by it: with its factors in variables of the loop's function it
// goes over 45 GB/s of w, g, m and v, and 32 where each vector loads them. Division and root are the limit then.

import { OptimizerState } from "./optimizers";
import { Left, PANEL_BYTES, Right } from "./panels";
import { madd } from "./vec";

/**
 * Kingma & Ba 2015: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·m̂/(√v̂ + ε), where the corrections of
 * m̂ = m/(1 − β₁ᵗ) and v̂ alike are folded into η and ε as at the end of their §2. v has a floor far below ε².
 * AdamW (Loshchilov & Hutter 2019) differs in keepWeights.
 */
export function adam(state: OptimizerState, w: usize, g: usize, m: usize, bytes: usize, blockBytes: usize): void {
  const keepFirst = factor(state, offsetof<OptimizerState>("keepFirst"));
  const addFirst = factor(state, offsetof<OptimizerState>("addFirst"));
  const keepSecond = factor(state, offsetof<OptimizerState>("keepSecond"));
  const addSecond = factor(state, offsetof<OptimizerState>("addSecond"));
  const keepWeights = factor(state, offsetof<OptimizerState>("keepWeights"));
  const rate = factor(state, offsetof<OptimizerState>("rate"));
  const floor = factor(state, offsetof<OptimizerState>("floor"));
  const flush = factor(state, offsetof<OptimizerState>("flush"));
  let v = m + blockBytes;
  for (const end = w + bytes; w < end; ) {
    half<Left>(w, g, m, v, keepFirst, addFirst, keepSecond, addSecond, keepWeights, rate, floor, flush);
    half<Right>(w, g, m, v, keepFirst, addFirst, keepSecond, addSecond, keepWeights, rate, floor, flush);
    w += PANEL_BYTES;
    g += PANEL_BYTES;
    m += PANEL_BYTES;
    v += PANEL_BYTES;
  }
}

// @ts-ignore: decorator
@inline
function factor(state: OptimizerState, offset: usize): v128 {
  return v128.load_splat<f32>(changetype<usize>(state) + offset);
}

// @ts-ignore: decorator
@inline
function half<H>(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  keepFirst: v128,
  addFirst: v128,
  keepSecond: v128,
  addSecond: v128,
  keepWeights: v128,
  rate: v128,
  floor: v128,
  flush: v128,
): void {
  const gradient = v128.load(g, offsetof<H>());
  const moment = madd(keepFirst, v128.load(m, offsetof<H>()), f32x4.mul(addFirst, gradient));
  const first = f32x4.sub(f32x4.add(moment, flush), flush);
  v128.store(m, first, offsetof<H>());
  const square = f32x4.mul(addSecond, madd(gradient, gradient, flush));
  const second = madd(keepSecond, v128.load(v, offsetof<H>()), square);
  v128.store(v, second, offsetof<H>());
  const step = f32x4.div(first, f32x4.add(f32x4.sqrt(second), floor));
  const kept = f32x4.mul(keepWeights, v128.load(w, offsetof<H>()));
  v128.store(w, madd(rate, step, kept), offsetof<H>());
}
