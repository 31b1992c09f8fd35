// Batch and layer normalization of a layer's weighted sums s = W·x: ŝ = (s − mean)/√(variance + ε), z = γ·ŝ + β.
//
// β is the layer's bias; γ and, for batch normalization, the running mean and variance lie in the rows behind it, in the
// panel that has the neuron's weights. ŝ lies in `sums`. Beside it each panel keeps rows of 8, see Rows.
// Means over a mini-batch or a row are summed in float64.

import { Normalization } from "../src/abi";
import { Buffers, Layer } from "./network";
import { cell, PANEL, PANEL_BYTES } from "./panels";
import { Thread } from "./sync";
import { columnsBelow, flushed, madd, splat, sumLanes } from "./vec";

/** Which mean and variance batch normalization takes. */
export enum Statistics {
  /** The running ones. */
  running,
  /** The mini-batch's. */
  batch,
  /** The mini-batch's, which the running ones learn from. */
  learned,
}

/** What a panel of a normalised layer keeps for the way back. */
enum Rows {
  /** 1/√(variance + ε) of batch normalization. */
  inverse,
  scaleGradient,
  biasGradient,
  count,
}

/** Bytes that a layer's panels and a mini-batch's rows keep: the rows' 1/√(variance + ε) of layer normalization come last. */
export function normBytes(layer: Layer, rows: i32): usize {
  return <usize>layer.panels * <usize>Rows.count * PANEL_BYTES + <usize>rows * 4;
}

// @ts-ignore: decorator
@inline
function kept(to: Buffers, panel: i32, row: Rows): usize {
  return to.norms + (<usize>panel * <usize>Rows.count + <usize>row) * PANEL_BYTES;
}

// @ts-ignore: decorator
@inline
function inverseOfRow(layer: Layer, to: Buffers, row: i32): usize {
  return to.norms + <usize>layer.panels * <usize>Rows.count * PANEL_BYTES + <usize>row * 4;
}

/** Batch normalization of rows from..end of a panel by the running mean and variance. */
export function applyRunning(layer: Layer, biases: usize, to: Buffers, panel: i32, from: i32, end: i32, batch: i32): void {
  for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
    const mean = v128.load(biases + half + 2 * PANEL_BYTES);
    const variance = v128.load(biases + half + 3 * PANEL_BYTES);
    const inverse = f32x4.div(splat(1), f32x4.sqrt(f32x4.add(variance, splat(layer.epsilon))));
    if (to.norms) v128.store(kept(to, panel, Rows.inverse) + half, inverse);
    const first = (<usize>panel * <usize>batch + <usize>from) * PANEL_BYTES + half;
    applyTo(biases + half, to, first, mean, inverse, end - from);
  }
}

/** ŝ and z of `rows` rows of half a panel, `first` bytes from the buffers' begin. */
// @ts-ignore: decorator
@inline
function applyTo(biases: usize, to: Buffers, first: usize, mean: v128, inverse: v128, rows: i32): void {
  const bias = v128.load(biases);
  const scale = v128.load(biases, 32);
  for (let row = 0, at = first; row < rows; row++, at += PANEL_BYTES) {
    const standard = f32x4.mul(f32x4.sub(v128.load(to.sums + at), mean), inverse);
    v128.store(to.sums + at, standard);
    v128.store(to.z + at, madd(scale, standard, bias));
  }
}

/** Ioffe & Szegedy 2015: one panel by the mini-batch's own mean and variance; with `learns`, the running ones follow. */
export function applyBatch(layer: Layer, biases: usize, to: Buffers, panel: i32, batch: i32, learns: bool): void {
  const first = <usize>panel * <usize>batch * PANEL_BYTES;
  for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
    const s = to.sums + first + half;
    const lowMean = meanOf(s, batch);
    const highMean = meanOf(s + 8, batch);
    const lowVariance = varianceOf(s, lowMean, batch);
    const highVariance = varianceOf(s + 8, highMean, batch);
    const mean = narrowed(lowMean, highMean);
    const inverse = narrowed(inverseOf(lowVariance, layer.epsilon), inverseOf(highVariance, layer.epsilon));
    v128.store(kept(to, panel, Rows.inverse) + half, inverse);
    applyTo(biases + half, to, first + half, mean, inverse, batch);
    if (!learns) continue;
    // PyTorch's: the running variance takes the unbiased one
    const unbiased = batch > 1 ? <f64>batch / <f64>(batch - 1) : 1;
    const variance = narrowed(f64x2.mul(lowVariance, f64x2.splat(unbiased)), f64x2.mul(highVariance, f64x2.splat(unbiased)));
    follow(biases + half + 2 * PANEL_BYTES, mean, layer.momentum);
    follow(biases + half + 3 * PANEL_BYTES, variance, layer.momentum);
  }
}

/** running ← (1 − momentum)·running + momentum·new */
// @ts-ignore: decorator
@inline
function follow(running: usize, value: v128, momentum: f32): void {
  v128.store(running, madd(splat(momentum), value, f32x4.mul(splat(1 - momentum), v128.load(running))));
}

/** The mean of two columns over `rows` rows. */
// @ts-ignore: decorator
@inline
function meanOf(s: usize, rows: i32): v128 {
  let sum = f64x2.splat(0);
  for (let row = 0; row < rows; row++, s += PANEL_BYTES) {
    sum = f64x2.add(sum, f64x2.promote_low_f32x4(v128.load64_zero(s)));
  }
  return f64x2.div(sum, f64x2.splat(<f64>rows));
}

/** The biased variance. */
// @ts-ignore: decorator
@inline
function varianceOf(s: usize, mean: v128, rows: i32): v128 {
  let sum = f64x2.splat(0);
  for (let row = 0; row < rows; row++, s += PANEL_BYTES) {
    const difference = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(s)), mean);
    sum = f64x2.add(sum, f64x2.mul(difference, difference));
  }
  return f64x2.div(sum, f64x2.splat(<f64>rows));
}

// @ts-ignore: decorator
@inline
function inverseOf(variance: v128, epsilon: f32): v128 {
  return f64x2.div(f64x2.splat(1), f64x2.sqrt(f64x2.add(variance, f64x2.splat(<f64>epsilon))));
}

/** Two and two float64 as four float32. */
// @ts-ignore: decorator
@inline
function narrowed(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Ba et al. 2016: rows from..end, each by the mean and variance of its own sums. */
export function applyLayer(layer: Layer, parameters: usize, to: Buffers, from: i32, end: i32, batch: i32): void {
  const panelBytes = <usize>batch * PANEL_BYTES;
  const biases = parameters + layer.offset + <usize>layer.inputs * PANEL_BYTES;
  const count = <f64>layer.outputs;
  for (let row = from; row < end; row++) {
    const first = <usize>row * PANEL_BYTES;
    let sum: f64 = 0;
    for (let j = 0; j < layer.outputs; j++) sum += <f64>load<f32>(cell(to.sums + first, panelBytes, j));
    const mean = sum / count;
    sum = 0;
    for (let j = 0; j < layer.outputs; j++) {
      const difference = <f64>load<f32>(cell(to.sums + first, panelBytes, j)) - mean;
      sum += difference * difference;
    }
    const inverse = <f32>(1 / sqrt(sum / count + <f64>layer.epsilon));
    if (to.norms) store<f32>(inverseOfRow(layer, to, row), inverse);
    const means = splat(<f32>mean);
    const inverses = splat(inverse);
    for (let p = 0; p < layer.panels; p++) {
      const at = first + <usize>p * panelBytes;
      const bias = biases + <usize>p * layer.panelBytes;
      for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
        const standard = f32x4.mul(f32x4.sub(v128.load(to.sums + at + half), means), inverses);
        const column = p * PANEL + <i32>(half >> 2);
        const real = v128.and(standard, columnsBelow(column, layer.outputs));
        v128.store(to.sums + at + half, real);
        v128.store(to.z + at + half, madd(v128.load(bias + half, 32), real, v128.load(bias + half)));
      }
    }
  }
}

/** From d = ∂C/∂z: ∂C/∂γ and ∂C/∂β, which are kept, and d ← ∂C/∂s. */
export function normalizationBackward(
  thread: Thread, layer: Layer, parameters: usize, to: Buffers, batch: i32, statistics: Statistics,
): void {
  const biases = parameters + layer.offset + <usize>layer.inputs * PANEL_BYTES;
  const byBatch = layer.normalization == Normalization.batch;
  for (thread.begin(layer.panels, 1, 1); thread.next(); ) {
    const panel = thread.part;
    sumGradients(to, panel, batch);
    if (byBatch) batchBackward(biases + <usize>panel * layer.panelBytes, to, panel, batch, statistics);
  }
  thread.wait();
  if (byBatch) return;
  for (thread.begin(1, batch, 1); thread.next(); ) layerBackward(layer, biases, to, thread.from, thread.to, batch);
  thread.wait();
}

/** ∂C/∂γ = Σ d·ŝ and ∂C/∂β = Σ d over the mini-batch, for one panel. */
function sumGradients(to: Buffers, panel: i32, batch: i32): void {
  const first = <usize>panel * <usize>batch * PANEL_BYTES;
  for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
    let scale = splat(0);
    let bias = splat(0);
    for (let row = 0, at = first + half; row < batch; row++, at += PANEL_BYTES) {
      const d = v128.load(to.d + at);
      bias = f32x4.add(bias, d);
      scale = madd(d, v128.load(to.sums + at), scale);
    }
    v128.store(kept(to, panel, Rows.scaleGradient) + half, scale);
    v128.store(kept(to, panel, Rows.biasGradient) + half, bias);
  }
}

/** d ← γ/√(variance + ε)·(d − mean d − ŝ·mean(d·ŝ)); by the running statistics, which s doesn't change, without the means. */
function batchBackward(biases: usize, to: Buffers, panel: i32, batch: i32, statistics: Statistics): void {
  const share = splat(statistics == Statistics.running ? 0 : 1 / <f32>batch);
  for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
    const factor = f32x4.mul(v128.load(biases + half, 32), v128.load(kept(to, panel, Rows.inverse) + half));
    const scale = f32x4.mul(v128.load(kept(to, panel, Rows.scaleGradient) + half), share);
    const bias = f32x4.mul(v128.load(kept(to, panel, Rows.biasGradient) + half), share);
    const first = <usize>panel * <usize>batch * PANEL_BYTES + half;
    for (let row = 0, at = first; row < batch; row++, at += PANEL_BYTES) {
      const rest = f32x4.sub(f32x4.sub(v128.load(to.d + at), bias), f32x4.mul(v128.load(to.sums + at), scale));
      v128.store(to.d + at, flushed(f32x4.mul(factor, rest)));
    }
  }
}

/** d ← 1/√(variance + ε)·(g − mean g − ŝ·mean(g·ŝ)) with g = γ·d, the means over each row's units. */
function layerBackward(layer: Layer, biases: usize, to: Buffers, from: i32, end: i32, batch: i32): void {
  const panelBytes = <usize>batch * PANEL_BYTES;
  for (let row = from; row < end; row++) {
    const first = <usize>row * PANEL_BYTES;
    let sum = splat(0);
    let products = splat(0);
    for (let p = 0; p < layer.panels; p++) {
      for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
        const at = first + <usize>p * panelBytes + half;
        const g = f32x4.mul(v128.load(biases + <usize>p * layer.panelBytes + half, 32), v128.load(to.d + at));
        sum = f32x4.add(sum, g);
        products = madd(g, v128.load(to.sums + at), products);
      }
    }
    const mean = splat(<f32>(sumLanes(sum) / <f64>layer.outputs));
    const product = splat(<f32>(sumLanes(products) / <f64>layer.outputs));
    const inverse = v128.load_splat<f32>(inverseOfRow(layer, to, row));
    for (let p = 0; p < layer.panels; p++) {
      for (let half: usize = 0; half < PANEL_BYTES; half += 16) {
        const at = first + <usize>p * panelBytes + half;
        const g = f32x4.mul(v128.load(biases + <usize>p * layer.panelBytes + half, 32), v128.load(to.d + at));
        const rest = f32x4.sub(f32x4.sub(g, mean), f32x4.mul(v128.load(to.sums + at), product));
        const real = columnsBelow(p * PANEL + <i32>(half >> 2), layer.outputs);
        v128.store(to.d + at, v128.and(flushed(f32x4.mul(inverse, rest)), real));
      }
    }
  }
}

/** ∂C/∂β and ∂C/∂γ of one panel, as they lie behind the weights. */
export function copyGradients(target: usize, to: Buffers, panel: i32): void {
  memory.copy(target, kept(to, panel, Rows.biasGradient), PANEL_BYTES);
  memory.copy(target + PANEL_BYTES, kept(to, panel, Rows.scaleGradient), PANEL_BYTES);
}
