// One layer, forward and backward, on a mini-batch of `batch` rows: each function does a thread's share of one phase.
// x, z, a and d in panels [units/8][batch][8].

import { Normalization } from "../src/abi";
import { activate, differentiate, differentiateRows, isLanewise } from "./activations";
import { FULL } from "./extent";
import { addTransposed, multiply, multiplyRow, multiplyTransposed, TILE } from "./gemm";
import { Buffers, Layer } from "./network";
import { drop, multiplyBy } from "./noise";
import { applyBatch, applyLayer, applyRunning, Statistics } from "./normalization";
import { PANEL, PANEL_BYTES, panelsOf } from "./panels";
import { softmax } from "./softmax";
import { Thread } from "./sync";
import { madd, transpose4x4, VECTOR_BYTES } from "./vec";

/** Eight zeros to start a sum from. Static data that never changes, so instances on one memory may share it. */
const ZEROS: usize = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0], 16);

/**
 * z = W·x + b and a = σ(z), both for the rows of a panel while they are in the cache. With a `key`, which training has,
 * dropout on a.
 */
export function forward(
  thread: Thread, layer: Layer, parameters: usize, x: usize, to: Buffers, batch: i32, key: u64, statistics: Statistics,
): void {
  const drops = key != 0 && layer.drops;
  const biases = <usize>layer.inputs * PANEL_BYTES;
  const lanewise = isLanewise(layer.activation);
  if (layer.isNormalised) {
    forwardNormalised(thread, layer, parameters, x, to, batch, key, statistics);
  } else if (batch == 1 && !drops) forwardRow(thread, layer, parameters, x, to);
  else for (thread.begin(layer.panels, batch, TILE); thread.next(); ) {
    const weights = parameters + layer.offset + <usize>thread.part * layer.panelBytes;
    const first = <usize>thread.from * PANEL_BYTES;
    const at = <usize>thread.part * <usize>batch * PANEL_BYTES + first;
    const rows = thread.to - thread.from;
    multiply(to.z + at, x + first, weights, weights + biases, rows, batch, layer.inputs);
    if (lanewise) activatePanel(layer, to, key, thread.part, thread.from, thread.to, batch);
  }
  if (lanewise) return;
  thread.wait();
  for (thread.begin(1, batch, 1); thread.next(); ) {
    const first = <usize>thread.from * PANEL_BYTES;
    softmax(to.z + first, to.a + first, thread.to - thread.from, batch, layer.outputs);
    if (!drops) continue;
    for (let p = 0; p < layer.panels; p++) dropPanel(layer, to, key, p, thread.from, thread.to, batch);
  }
}

/** σ, and dropout, on rows from..end of one panel of z. */
// @ts-ignore: decorator
@inline
function activatePanel(layer: Layer, to: Buffers, key: u64, panel: i32, from: i32, end: i32, batch: i32): void {
  const at = (<usize>panel * <usize>batch + <usize>from) * PANEL_BYTES;
  activate(layer.activation, to.z + at, to.a + at, <usize>(end - from) * PANEL_BYTES);
  if (key != 0 && layer.drops) dropPanel(layer, to, key, panel, from, end, batch);
}

/** z and, for a lanewise σ, a, of a layer whose weighted sums are normalised. */
function forwardNormalised(
  thread: Thread, layer: Layer, parameters: usize, x: usize, to: Buffers, batch: i32, key: u64, statistics: Statistics,
): void {
  const lanewise = isLanewise(layer.activation);
  const byBatch = layer.normalization == Normalization.batch;
  const byRunning = byBatch && statistics == Statistics.running;
  for (thread.begin(layer.panels, batch, TILE); thread.next(); ) {
    const weights = parameters + layer.offset + <usize>thread.part * layer.panelBytes;
    const first = <usize>thread.from * PANEL_BYTES;
    const at = <usize>thread.part * <usize>batch * PANEL_BYTES + first;
    multiply(to.sums + at, x + first, weights, ZEROS, thread.to - thread.from, batch, layer.inputs);
    if (!byRunning) continue;
    applyRunning(layer, weights + <usize>layer.inputs * PANEL_BYTES, to, thread.part, thread.from, thread.to, batch);
    if (lanewise) activatePanel(layer, to, key, thread.part, thread.from, thread.to, batch);
  }
  if (byRunning) return;
  thread.wait();
  if (byBatch) for (thread.begin(layer.panels, 1, 1); thread.next(); ) {
    const weights = parameters + layer.offset + <usize>thread.part * layer.panelBytes;
    const biases = weights + <usize>layer.inputs * PANEL_BYTES;
    applyBatch(layer, biases, to, thread.part, batch, statistics == Statistics.learned);
    if (lanewise) activatePanel(layer, to, key, thread.part, 0, batch, batch);
  }
  else for (thread.begin(1, batch, 1); thread.next(); ) {
    applyLayer(layer, parameters, to, thread.from, thread.to, batch);
    if (!lanewise) continue;
    for (let p = 0; p < layer.panels; p++) activatePanel(layer, to, key, p, thread.from, thread.to, batch);
  }
}

/** Dropout on rows from..to of one panel of a. */
function dropPanel(layer: Layer, to: Buffers, key: u64, panel: i32, from: i32, end: i32, batch: i32): void {
  const at = <usize>panel * <usize>batch * PANEL_BYTES;
  drop(key, layer.dropout, to.a + at, to.mask + at, to.dropped + at, panel, layer.panels, from, end);
}

/** z and, for a lanewise σ, a, of a single row. */
function forwardRow(thread: Thread, layer: Layer, parameters: usize, x: usize, to: Buffers): void {
  for (thread.begin(1, layer.panels, 4); thread.next(); ) {
    const weights = parameters + layer.offset + <usize>thread.from * layer.panelBytes;
    const at = <usize>thread.from * PANEL_BYTES;
    const panels = thread.to - thread.from;
    multiplyRow(to.z + at, x, weights, layer.panelBytes, panels, layer.inputs);
    if (isLanewise(layer.activation)) activate(layer.activation, to.z + at, to.a + at, <usize>panels * PANEL_BYTES);
  }
}

/** δ of the layer below, which has z and a in `to`: Wᵀ·d ⊙ σ'(z). `transposed` has room for a panel of Wᵀ; with a `key`, through dropout. */
export function backward(
  thread: Thread,
  layer: Layer,
  below: Layer,
  parameters: usize,
  transposed: usize,
  d: usize,
  to: Buffers,
  batch: i32,
  key: u64,
): void {
  const lanewise = isLanewise(below.activation);
  for (thread.begin(panelsOf(layer.inputs), batch, TILE); thread.next(); ) {
    transpose(layer, parameters, thread.part, transposed);
    const first = <usize>thread.from * PANEL_BYTES;
    const at = <usize>thread.part * <usize>batch * PANEL_BYTES + first;
    const rows = thread.to - thread.from;
    multiply(to.d + at, d + first, transposed, ZEROS, rows, batch, layer.outputs);
    if (FULL && key != 0 && to.mask) multiplyBy(to.d + at, to.mask + at, <usize>rows * PANEL_BYTES);
    if (lanewise) differentiate(below.activation, to.z + at, to.a + at, to.d + at, <usize>rows * PANEL_BYTES);
  }
  if (lanewise) return;
  thread.wait();
  for (thread.begin(1, batch, 1); thread.next(); ) {
    const first = <usize>thread.from * PANEL_BYTES;
    const rows = thread.to - thread.from;
    differentiateRows(below.activation, to.z + first, to.a + first, to.d + first, rows, batch, below.outputs);
  }
}

/** Rows [from, to) of one panel of the gradient: ∂C/∂w[j][k] = Σ d[j]·x[k] over the batch. `from` is a multiple of 8. */
export function weightGradient(target: usize, x: usize, d: usize, from: i32, to: i32, batch: i32): void {
  multiplyTransposed(target, x + <usize>(from / PANEL) * <usize>batch * PANEL_BYTES, d, to - from, batch);
}

/** w ← w + rate·∂C/∂w for those rows of a panel of weights. `rate` is in memory. */
export function descend(rate: usize, weights: usize, x: usize, d: usize, from: i32, to: i32, batch: i32): void {
  const target = weights + <usize>from * PANEL_BYTES;
  addTransposed(rate, target, x + <usize>(from / PANEL) * <usize>batch * PANEL_BYTES, d, to - from, batch);
}

/** w ← w + rate·g over `bytes` bytes. `rate` is in memory. */
export function descendAlong(rate: usize, w: usize, g: usize, bytes: usize): void {
  const rates = v128.load_splat<f32>(rate);
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES) {
    v128.store(w, madd(rates, v128.load(g), v128.load(w)));
  }
}

/** ∂C/∂b[j] = Σ d[j] over the batch, for one panel. */
export function biasGradient(target: usize, d: usize, batch: i32): void {
  let low = v128.load(d);
  let high = v128.load(d, 16);
  for (let row = 1; row < batch; row++) {
    d += PANEL_BYTES;
    low = f32x4.add(low, v128.load(d));
    high = f32x4.add(high, v128.load(d, 16));
  }
  v128.store(target, low);
  v128.store(target, high, 16);
}

/** Inputs 8q to 8q + 8 of a layer's weights, [outputs/8][inputs + 1][8], into one panel of Wᵀ, [outputs][8]. */
function transpose(layer: Layer, parameters: usize, q: i32, target: usize): void {
  const panelBytes = layer.panelBytes;
  const rows = min(PANEL, layer.inputs - q * PANEL);
  let source = parameters + layer.offset + <usize>q * <usize>PANEL * PANEL_BYTES;
  let left = layer.outputs;
  if (rows == PANEL) {
    const down: usize = 4 * PANEL_BYTES;
    for (; left >= PANEL; left -= PANEL) {
      transpose4x4(target, PANEL_BYTES, source, PANEL_BYTES);
      transpose4x4(target + 16, PANEL_BYTES, source + down, PANEL_BYTES);
      transpose4x4(target + down, PANEL_BYTES, source + 16, PANEL_BYTES);
      transpose4x4(target + down + 16, PANEL_BYTES, source + down + 16, PANEL_BYTES);
      source += panelBytes;
      target += <usize>PANEL * PANEL_BYTES;
    }
  }
  for (; left > 0; left -= PANEL) {
    const columns = min(PANEL, left);
    for (let column = 0; column < columns; column++, target += PANEL_BYTES) {
      for (let row = 0; row < PANEL; row++) {
        const value = row < rows ? load<f32>(source + <usize>row * PANEL_BYTES + <usize>column * 4) : 0;
        store<f32>(target + <usize>row * 4, value);
      }
    }
    source += panelBytes;
  }
}
