// The cost C and its gradient at the output layer: a class per loss and the one dispatch.
//
// A loss that is a sum over elements has `value` and `gradient`, both handed z, a and y. `gradient` is ∂C/∂a, which the
// output layer's σ' then turns into δ; where loss and activation cancel against each other, a class for the pair gives
// δ = ∂C/∂z at once, from z, so that it neither overflows nor loses the gradient (`givesDelta`).
// Losses that read whole rows, as all pairs with softmax do, are in softmax.ts and row-losses.ts.

import { Activation, Loss } from "../src/abi";
import { differentiateRows } from "./activations";
import { FULL } from "./extent";
import { exp, log, sigmoid, softplus, tanh } from "./math";
import { cosineSimilarity, entropyOfTargets, softmaxFocal, weigh } from "./row-losses";
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

/** Huber 1964: ½e² for |e| ≤ δ, else δ(|e| − ½δ), its mean over all elements; `parameter` is δ */
@unmanaged @final
class Huber {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const delta = parameterOf(changetype<usize>(this));
    const e = f32x4.abs(f32x4.sub(a, y));
    const inner = f32x4.mul(f32x4.mul(e, e), splat(0.5));
    const outer = f32x4.mul(delta, f32x4.sub(e, f32x4.mul(delta, splat(0.5))));
    return select(f32x4.le(e, delta), inner, outer);
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    const delta = parameterOf(changetype<usize>(this));
    return atLeast(atMost(f32x4.sub(a, y), delta), f32x4.neg(delta));
  }
}

/** max(0, 1 − ya) for y of −1 or 1, where 0 counts as −1; its mean over all elements (Rosasco et al. 2004) */
@unmanaged @final
class Hinge {
  @inline value(z: v128, a: v128, y: v128): v128 { return atLeast(margin(a, y), splat(0)); }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    return v128.and(f32x4.neg(signed(y)), f32x4.gt(margin(a, y), splat(0)));
  }
}

/** Its square */
@unmanaged @final
class SquaredHinge {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const rest = atLeast(margin(a, y), splat(0));
    return f32x4.mul(rest, rest);
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(signed(y), splat(-2)), atLeast(margin(a, y), splat(0)));
  }
}

// @ts-ignore: decorator
@inline
function signed(y: v128): v128 { return select(f32x4.eq(y, splat(0)), splat(-1), y); }

// @ts-ignore: decorator
@inline
function margin(a: v128, y: v128): v128 { return f32x4.sub(splat(1), f32x4.mul(signed(y), a)); }

/** ln cosh e for e = a − y, as |e| + softplus(−2|e|) − ln 2; its mean over all elements; the gradient is tanh e */
@unmanaged @final
class LogCosh {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const e = f32x4.abs(f32x4.sub(a, y));
    const rest = f32x4.sub(softplus(f32x4.mul(e, splat(-2))), splat(0.6931471805599453));
    // the difference would be all rounding near 0, where ln cosh e is e²/2 − e⁴/12
    const square = f32x4.mul(e, e);
    const near = f32x4.mul(square, f32x4.sub(splat(0.5), f32x4.mul(square, splat(1.0 / 12))));
    return select(f32x4.lt(e, splat(NEAR)), near, f32x4.add(e, rest));
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 { return tanh(f32x4.sub(a, y)); }
}

/** Below it, e⁶/45, the series' next term, is less than 3e-6 of ln cosh e. */
const NEAR: f32 = 0.1;

/** a − y ln(a + 1e-8) for the rate a ≥ 0 of counts y; its mean over all elements (PyTorch's PoissonNLLLoss) */
@unmanaged @final
class Poisson {
  @inline value(z: v128, a: v128, y: v128): v128 {
    return f32x4.sub(a, f32x4.mul(y, log(f32x4.add(a, splat(TINY)))));
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    return f32x4.sub(splat(1), f32x4.div(y, f32x4.add(a, splat(TINY))));
  }
}

const TINY: f32 = 1e-8;

/**
 * Lin et al. 2017 for a = sigmoid z: −y(1 − a)^γ ln a − (1 − y)a^γ ln(1 − a), its mean over all elements; `parameter` is γ.
 * With s = softplus: y·e^(−γs(z))·s(−z) + (1 − y)·e^(−γs(−z))·s(z), and ∂C/∂z at once.
 */
@unmanaged @final
class SigmoidFocal {
  @inline value(z: v128, a: v128, y: v128): v128 {
    const gamma = f32x4.neg(parameterOf(changetype<usize>(this)));
    const positive = softplus(z);
    const negative = softplus(f32x4.neg(z));
    const one = f32x4.mul(exp(f32x4.mul(gamma, positive)), negative);
    const other = f32x4.mul(exp(f32x4.mul(gamma, negative)), positive);
    return madd(y, one, f32x4.mul(f32x4.sub(splat(1), y), other));
  }
  @inline gradient(z: v128, a: v128, y: v128): v128 {
    const gamma = parameterOf(changetype<usize>(this));
    const positive = softplus(z);
    const negative = softplus(f32x4.neg(z));
    const rest = sigmoid(f32x4.neg(z));
    const one = f32x4.mul(
      exp(f32x4.neg(f32x4.mul(gamma, positive))),
      f32x4.neg(madd(f32x4.mul(gamma, a), negative, rest)),
    );
    const other = f32x4.mul(
      exp(f32x4.neg(f32x4.mul(gamma, negative))),
      madd(f32x4.mul(gamma, rest), positive, a),
    );
    return madd(y, one, f32x4.mul(f32x4.sub(splat(1), y), other));
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
  return (
    loss != Loss.quadratic && loss != Loss.crossEntropy && loss != Loss.klDivergence && loss != Loss.cosineSimilarity
  );
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
  /** What each row counts, float32, or 0 where all count alike. */
  weights: usize;
  rows: i32;
  batch: i32;
  outputs: i32;
  /** The loss's own: huber's δ, focal's γ. */
  parameter: f32;

  /** Bytes from one panel to the next. */
  @inline get panelBytes(): usize {
    return <usize>this.batch * PANEL_BYTES;
  }
}

/** The parameter of rows, as a loss's class sees it: its instances are the rows. */
// @ts-ignore: decorator
@inline
function parameterOf(rows: usize): v128 {
  return v128.load_splat<f32>(rows + offsetof<OutputRows>("parameter"));
}

/** Each row's C, and δ of the cost averaged over the batch, whose padding gets 0. */
export function costAndDelta(loss: Loss, activation: Activation, at: OutputRows): void {
  const fromSoftmax = loss == Loss.focal && activation == Activation.softmax;
  const share: f64 = isMeanOverElements(loss) && !fromSoftmax ? 1.0 / <f64>at.outputs : 1;
  const scale = <f32>(share / <f64>at.batch);
  let givesDelta = false;
  // those that are basic, see src/abi.ts
  if (loss == Loss.quadratic) overElements<Quadratic>(at, share, scale);
  else if (loss == Loss.meanSquaredError) overElements<MeanSquaredError>(at, share, scale);
  else if (loss == Loss.crossEntropy && activation == Activation.softmax) {
    givesDelta = true;
    softmaxCrossEntropy(at, scale);
  } else if (loss == Loss.binaryCrossEntropy && activation == Activation.sigmoid) {
    givesDelta = true;
    overElements<SigmoidBinaryCrossEntropy>(at, share, scale);
  } else givesDelta = FULL ? otherCost(loss, activation, at, share, scale) : unreachable();
  if (at.weights) weigh(at);
  if (at.d && !givesDelta) differentiateRows(activation, at.z, at.a, at.d, at.rows, at.batch, at.outputs);
}

/** The same for those that aren't basic. Returns whether it gives δ already, and not ∂C/∂a. */
function otherCost(loss: Loss, activation: Activation, at: OutputRows, share: f64, scale: f32): bool {
  let givesDelta = false;
  switch (loss) {
    case Loss.meanAbsoluteError:
      overElements<MeanAbsoluteError>(at, share, scale);
      break;
    case Loss.huber:
      overElements<Huber>(at, share, scale);
      break;
    case Loss.hinge:
      overElements<Hinge>(at, share, scale);
      break;
    case Loss.squaredHinge:
      overElements<SquaredHinge>(at, share, scale);
      break;
    case Loss.logCosh:
      overElements<LogCosh>(at, share, scale);
      break;
    case Loss.poisson:
      overElements<Poisson>(at, share, scale);
      break;
    case Loss.cosineSimilarity:
      cosineSimilarity(at, scale);
      break;
    case Loss.focal:
      givesDelta = true;
      if (activation == Activation.softmax) softmaxFocal(at, scale);
      else overElements<SigmoidFocal>(at, share, scale);
      break;
    case Loss.binaryCrossEntropy:
      givesDelta = activation == Activation.softmax;
      if (givesDelta) softmaxBinaryCrossEntropy(at, share, scale);
      else overElements<BinaryCrossEntropy>(at, share, scale);
      break;
    default:
      givesDelta = true;
      if (activation == Activation.softmax) softmaxCrossEntropy(at, scale);
      else if (activation == Activation.sigmoid) overElements<SigmoidCrossEntropy>(at, share, scale);
      else {
        givesDelta = false;
        overElements<CrossEntropy>(at, share, scale);
      }
  }
  // Σ y ln(y/a) is the cross-entropy less the targets' own entropy, which no a changes
  if (loss == Loss.klDivergence) entropyOfTargets(at);
  return givesDelta;
}

// @ts-ignore: decorator
@inline
function overElements<T>(rows: OutputRows, share: f64, scale: f32): void {
  // the class finds its parameter in the rows
  const loss = changetype<T>(changetype<usize>(rows));
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
