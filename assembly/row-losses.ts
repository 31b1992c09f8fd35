// Losses that read whole rows, one row at a time, and what is done to rows whatever their loss.
//
// z, a, y and d in panels [outputs/8][batch][8]. The padding of d gets 0.

import { OutputRows } from "./losses";
import { exp, log, logOf } from "./math";
import { cell, PANEL_BYTES } from "./panels";
import { rowMax } from "./softmax";
import { atLeast, columnsBelow, flushed, madd, splat, sumLanes } from "./vec";

/** From one half of a panel's row to the next half of the row. */
// @ts-ignore: decorator
@inline
function nextHalf(column: i32, panelBytes: usize): usize {
  return column & 4 ? panelBytes - 16 : 16;
}

/** Norms are kept from 0 by it, as Keras' are. */
const LEAST_SQUARE: f64 = 1e-12;

/** −cos(a, y) = −Σ ay/(‖a‖‖y‖); ∂C/∂a = −(y/‖y‖ − cos·a/‖a‖)/‖a‖ */
export function cosineSimilarity(rows: OutputRows, scale: f32): void {
  const panelBytes = rows.panelBytes;
  const columns = (rows.outputs + 7) & ~7;
  let a = rows.a;
  let y = rows.y;
  let d = rows.d;
  for (let row = 0; row < rows.rows; row++) {
    let products = splat(0);
    let squares = splat(0);
    let targets = splat(0);
    for (let column = 0, at: usize = 0; column < rows.outputs; column += 4) {
      const mask = columnsBelow(column, rows.outputs);
      const as = v128.and(v128.load(a + at), mask);
      const ys = v128.and(v128.load(y + at), mask);
      products = madd(as, ys, products);
      squares = madd(as, as, squares);
      targets = madd(ys, ys, targets);
      at += nextHalf(column, panelBytes);
    }
    const norm = sqrt(max(sumLanes(squares), LEAST_SQUARE));
    const norms = norm * sqrt(max(sumLanes(targets), LEAST_SQUARE));
    const cosine = sumLanes(products) / norms;
    store<f64>(rows.losses + <usize>row * 8, -cosine);
    if (d) {
      const byTarget = splat(<f32>(-<f64>scale / norms));
      const byAnswer = splat(<f32>((<f64>scale * cosine) / (norm * norm)));
      for (let column = 0, at: usize = 0; column < columns; column += 4) {
        const slope = madd(byTarget, v128.load(y + at), f32x4.mul(byAnswer, v128.load(a + at)));
        v128.store(d + at, v128.and(slope, columnsBelow(column, rows.outputs)));
        at += nextHalf(column, panelBytes);
      }
      d += PANEL_BYTES;
    }
    a += PANEL_BYTES;
    y += PANEL_BYTES;
  }
}

/** 1 − a is kept from 0 by it, half of float32's epsilon. */
const LEAST_REST: f32 = 5.960464477539063e-8;

/**
 * Lin et al. 2017 for a = softmax z: −Σ y(1 − a)^γ ln a. With hₖ = aₖ·∂C/∂aₖ = yₖ(γaₖ(1 − aₖ)^(γ−1) ln aₖ − (1 − aₖ)^γ),
 * δᵢ = hᵢ − aᵢ Σₖ hₖ. ln a is taken from z, as softmaxCrossEntropy does.
 */
export function softmaxFocal(rows: OutputRows, scale: f32): void {
  const panelBytes = rows.panelBytes;
  const columns = (rows.outputs + 7) & ~7;
  const gamma = splat(rows.parameter);
  const scales = splat(scale);
  let z = rows.z;
  let a = rows.a;
  let y = rows.y;
  let d = rows.d;
  for (let row = 0; row < rows.rows; row++) {
    const top = splat(rowMax(z, panelBytes, rows.outputs));
    const rest = splat(logOf(rowMax(a, panelBytes, rows.outputs)));
    let losses = splat(0);
    let slopes = splat(0);
    for (let column = 0, at: usize = 0; column < rows.outputs; column += 4) {
      const mask = columnsBelow(column, rows.outputs);
      const as = v128.load(a + at);
      const logs = f32x4.add(f32x4.sub(v128.load(z + at), top), rest);
      const others = atLeast(f32x4.sub(splat(1), as), splat(LEAST_REST));
      const power = exp(f32x4.mul(gamma, log(others)));
      const target = v128.load(y + at);
      losses = f32x4.sub(losses, v128.and(f32x4.mul(f32x4.mul(target, power), logs), mask));
      if (d) {
        const ratio = f32x4.div(f32x4.mul(f32x4.mul(gamma, as), logs), others);
        const slope = v128.and(f32x4.mul(f32x4.mul(target, power), f32x4.sub(ratio, splat(1))), mask);
        slopes = f32x4.add(slopes, slope);
        v128.store(d + at, slope);
      }
      at += nextHalf(column, panelBytes);
    }
    store<f64>(rows.losses + <usize>row * 8, sumLanes(losses));
    if (d) {
      const total = splat(<f32>sumLanes(slopes));
      for (let column = 0, at: usize = 0; column < columns; column += 4) {
        const delta = f32x4.sub(v128.load(d + at), f32x4.mul(v128.load(a + at), total));
        v128.store(d + at, v128.and(flushed(f32x4.mul(delta, scales)), columnsBelow(column, rows.outputs)));
        at += nextHalf(column, panelBytes);
      }
      d += PANEL_BYTES;
    }
    z += PANEL_BYTES;
    a += PANEL_BYTES;
    y += PANEL_BYTES;
  }
}

/** Adds Σ y ln y to each row's loss, 0 ln 0 being 0. */
export function entropyOfTargets(rows: OutputRows): void {
  const panelBytes = rows.panelBytes;
  let y = rows.y;
  for (let row = 0; row < rows.rows; row++, y += PANEL_BYTES) {
    let sum = splat(0);
    for (let column = 0, at: usize = 0; column < rows.outputs; column += 4) {
      const ys = v128.load(y + at);
      const mask = v128.and(columnsBelow(column, rows.outputs), f32x4.gt(ys, splat(0)));
      sum = f32x4.add(sum, v128.and(f32x4.mul(ys, log(ys)), mask));
      at += nextHalf(column, panelBytes);
    }
    const loss = rows.losses + <usize>row * 8;
    store<f64>(loss, load<f64>(loss) + sumLanes(sum));
  }
}

/** Multiplies each row's loss and ∂C/∂a by what the row counts. */
export function weigh(rows: OutputRows): void {
  const panelBytes = rows.panelBytes;
  for (let row = 0; row < rows.rows; row++) {
    const weight = load<f32>(rows.weights + <usize>row * 4);
    const loss = rows.losses + <usize>row * 8;
    // 0, and not 0·∞, where a row doesn't count
    store<f64>(loss, weight == 0 ? 0 : load<f64>(loss) * <f64>weight);
    if (!rows.d) continue;
    const weights = splat(weight);
    const counts = f32x4.ne(weights, splat(0));
    let d = rows.d + <usize>row * PANEL_BYTES;
    for (let column = 0; column < rows.outputs; column += 8, d += panelBytes) {
      v128.store(d, v128.and(f32x4.mul(v128.load(d), weights), counts));
      v128.store(d, v128.and(f32x4.mul(v128.load(d, 16), weights), counts), 16);
    }
  }
}

/** y ← y(1 − ε) + ε/K, for K classes, which one output has two of. */
export function smoothLabels(rows: OutputRows, epsilon: f32): void {
  const keep = splat(1 - epsilon);
  const share = splat(epsilon / <f32>max(rows.outputs, 2));
  for (let column = 0; column < rows.outputs; column += 4) {
    let y = rows.y + <usize>(column >> 3) * rows.panelBytes + <usize>(column & 4) * 4;
    const shares = v128.and(share, columnsBelow(column, rows.outputs));
    for (let row = 0; row < rows.rows; row++, y += PANEL_BYTES) {
      v128.store(y, madd(keep, v128.load(y), shares));
    }
  }
}

/**
 * Each row's weight times those of its classes: Σ y·weight, which is that of its class where y is one-hot. One output has
 * two classes, y being the share of the second. `weighed`: the rows have weights of their own.
 */
export function weighClasses(rows: OutputRows, classWeights: usize, weighed: bool): void {
  const outputs = rows.outputs;
  for (let row = 0; row < rows.rows; row++) {
    const y = rows.y + <usize>row * PANEL_BYTES;
    let sum: f32 = 0;
    if (outputs == 1) sum = (1 - load<f32>(y)) * load<f32>(classWeights) + load<f32>(y) * load<f32>(classWeights, 4);
    else for (let j = 0; j < outputs; j++) sum += load<f32>(cell(y, rows.panelBytes, j)) * load<f32>(classWeights + <usize>j * 4);
    const weight = rows.weights + <usize>row * 4;
    store<f32>(weight, weighed ? load<f32>(weight) * sum : sum);
  }
}
