// The cost C and its gradient at the output layer: a class per loss and the one dispatch.
//
// A loss that is a sum over elements has `value` and `gradient`, both handed z, a and y. `gradient` is ∂C/∂a, which the
// output layer's σ' then turns into δ; where loss and activation cancel against each other, a class for the pair gives
// δ = ∂C/∂z at once, from z, so that it neither overflows nor loses the gradient (`givesDelta`).
// Pairs of softmax with a loss read whole rows, and are in softmax.ts.

import { Activation, Loss } from "../src/abi";
import { differentiateRows } from "./activations";
import { log, sigmoid, softplus } from "./math";
import { softmaxBinaryCrossEntropy, softmaxCrossEntropy } from "./softmax";
import { PANEL_BYTES } from "./panels";
import { atLeast, atMost, columnsBelow, flushed, madd, select, splat, sumLanes } from "./vec";

/** Probabilities that come from neither softmax nor sigmoid are kept this far, 2⁻²³, from 0 and 1: float32's epsilon. */
const CLIP: f32 = 1.1920928955078125e-7;

/** (a − y)², its mean over all elements */
@unmanaged @final
class MeanSquaredError {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const e = f32x4.sub(a, y);
    return f32x4.mul(e, e);
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    const e = f32x4.sub(a, y);
    return f32x4.add(e, e);
  }
}

/** ½(a − y)², summed over a sample's outputs (Nielsen, Neural Networks and Deep Learning, eq. 6) */
@unmanaged @final
class Quadratic {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const e = f32x4.sub(a, y);
    return f32x4.mul(f32x4.mul(e, e), splat(0.5));
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 { return f32x4.sub(a, y); }
}

/** |a − y|, its mean over all elements; the gradient is the sign, 0 at 0 */
@unmanaged @final
class MeanAbsoluteError {
  @inline value(z: v128, a: v128, y: v128): v128 { return f32x4.abs(f32x4.sub(a, y)); }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    const e = f32x4.sub(a, y);
    const sign = v128.or(v128.and(e, splat(-0.0)), splat(1));
    return select(f32x4.eq(e, splat(0)), splat(0), sign);
  }
}

/** Huber 1964, δ = 1: ½e² for |e| ≤ 1, else |e| − ½, its mean over all elements */
@unmanaged @final
class Huber {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const e = f32x4.abs(f32x4.sub(a, y));
    const inner = f32x4.mul(f32x4.mul(e, e), splat(0.5));
    return select(f32x4.le(e, splat(1)), inner, f32x4.sub(e, splat(0.5)));
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    return atLeast(atMost(f32x4.sub(a, y), splat(1)), splat(-1));
  }
}

/** −y ln a, with a kept within [2⁻²³, 1]; summed over a sample's outputs */
@unmanaged @final
class CrossEntropy {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const p = atMost(atLeast(a, splat(CLIP)), splat(1));
    return f32x4.neg(f32x4.mul(y, log(p)));
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    const inside = v128.and(f32x4.ge(a, splat(CLIP)), f32x4.le(a, splat(1)));
    return v128.and(f32x4.neg(f32x4.div(y, a)), inside);
  }
}

/** −y ln a for a = sigmoid z: y·softplus(−z); δ = −y(1 − a) */
@unmanaged @final
class SigmoidCrossEntropy {
  @inline value(z: v128, a: v128, y: v128): v128 { return f32x4.mul(y, softplus(f32x4.neg(z))); }
  @inline gradient(z: v128, a: v128, y: v128): v128 { return f32x4.neg(f32x4.mul(y, sigmoid(f32x4.neg(z)))); }
}

/** −y ln a − (1 − y) ln(1 − a), with a kept within [2⁻²³, 1 − 2⁻²³]; its mean over all elements */
@unmanaged @final
class BinaryCrossEntropy {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const p = atMost(atLeast(a, splat(CLIP)), splat(1 - CLIP));
    const rest = f32x4.sub(splat(1), p);
    const other = f32x4.mul(f32x4.sub(splat(1), y), log(rest));
    return f32x4.neg(madd(y, log(p), other));
  }
  /** (a − y) / (a(1 − a)) */
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    const inside = v128.and(f32x4.ge(a, splat(CLIP)), f32x4.le(a, splat(1 - CLIP)));
    const variance = f32x4.mul(a, f32x4.sub(splat(1), a));
    return v128.and(f32x4.div(f32x4.sub(a, y), variance), inside);
  }
}

/** The same for a = sigmoid z: softplus z − yz; δ = a − y */
@unmanaged @final
class SigmoidBinaryCrossEntropy {
  @inline value(z: v128, a: v128, y: v128): v128 {
    // softplus z − yz, as softplus(−|z|) + max(z, 0) − yz: the two large terms cancel first
    const large = f32x4.sub(atLeast(z, splat(0)), f32x4.mul(y, z));
    return f32x4.add(softplus(f32x4.neg(f32x4.abs(z))), large);
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 { return f32x4.sub(a, y); }
}

/** Whether a loss is the mean over all elements, rather than a sum over a sample's outputs. */
// @ts-ignore: decorator
@inline
function isMeanOverElements(loss: Loss): bool {
  return loss != Loss.quadratic && loss != Loss.crossEntropy;
}

/**
 * Rows of a mini-batch's outputs. z, a, y and d point to the first of them, in panels [outputs/8][batch][8]; z may be a,
 * unless the loss is one of the cross-entropies.
 */
@unmanaged @final
export class OutputRows {
  z: usize;
  a: usize;
  y: usize;
  /** Where δ is wanted, or 0. */
  d: usize;
  /** Where each row's loss goes, float64. */
  losses: usize;
  rows: i32;
  batch: i32;
  outputs: i32;

  /** Bytes from one panel to the next. */
  @inline get panelBytes(): usize {
    return <usize>this.batch * PANEL_BYTES;
  }
}

/** Each row's C, and δ of the cost averaged over the batch, whose padding gets 0. */
export function costAndDelta(loss: Loss, activation: Activation, at: OutputRows): void {
  const share: f64 = isMeanOverElements(loss) ? 1.0 / <f64>at.outputs : 1;
  const scale = <f32>(share / <f64>at.batch);
  let givesDelta = false;
  switch (loss) {
    case Loss.meanSquaredError:
      overElements<MeanSquaredError>(at, share, scale);
      break;
    case Loss.meanAbsoluteError:
      overElements<MeanAbsoluteError>(at, share, scale);
      break;
    case Loss.huber:
      overElements<Huber>(at, share, scale);
      break;
    case Loss.crossEntropy:
      givesDelta = true;
      if (activation == Activation.softmax) softmaxCrossEntropy(at, scale);
      else if (activation == Activation.sigmoid) overElements<SigmoidCrossEntropy>(at, share, scale);
      else {
        givesDelta = false;
        overElements<CrossEntropy>(at, share, scale);
      }
      break;
    case Loss.binaryCrossEntropy:
      givesDelta = true;
      if (activation == Activation.softmax) softmaxBinaryCrossEntropy(at, share, scale);
      else if (activation == Activation.sigmoid) overElements<SigmoidBinaryCrossEntropy>(at, share, scale);
      else {
        givesDelta = false;
        overElements<BinaryCrossEntropy>(at, share, scale);
      }
      break;
    default:
      overElements<Quadratic>(at, share, scale);
  }
  if (at.d && !givesDelta) differentiateRows(activation, at.z, at.a, at.d, at.rows, at.batch, at.outputs);
}

// @ts-ignore: decorator
@inline
function overElements<T>(rows: OutputRows, share: f64, scale: f32): void {
  const loss = changetype<T>(0);
  const scales = splat(scale);
  const outputs = rows.outputs;
  const d = rows.d;
  for (let column = 0; column < outputs; column += 4) {
    // the panel's left or right half
    let at = <usize>(column >> 3) * rows.panelBytes + <usize>(column & 4) * 4;
    const mask = columnsBelow(column, outputs);
    for (let row = 0; row < rows.rows; row++, at += PANEL_BYTES) {
      const sums = v128.load(rows.z + at);
      const activations = v128.load(rows.a + at);
      const targets = v128.load(rows.y + at);
      const sum = sumLanes(v128.and(loss.value(sums, activations, targets), mask)) * share;
      const total = rows.losses + <usize>row * 8;
      store<f64>(total, column == 0 ? sum : load<f64>(total) + sum);
      if (d) v128.store(d + at, v128.and(flushed(f32x4.mul(loss.gradient(sums, activations, targets), scales)), mask));
    }
  }
  // the half that holds nothing but padding
  if (d && ((outputs - 1) & 7) < 4) {
    let at = d + <usize>(outputs >> 3) * rows.panelBytes + 16;
    for (let row = 0; row < rows.rows; row++, at += PANEL_BYTES) v128.store(at, splat(0));
  }
}
