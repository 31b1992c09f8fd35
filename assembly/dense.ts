// One layer, forward and backward, on a mini-batch of `rows` rows. x, z, d in panels [units/8][rows][8].

import { addTransposed, multiply, multiplyTransposed } from "./gemm";
import { Layer } from "./network";
import { PANEL, PANEL_BYTES, panelsOf } from "./panels";
import { transpose4x4 } from "./vec";

/** Eight zeros to start a sum from. Static data that never changes, so instances on one memory may share it. */
const ZEROS: usize = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0], 16);

/** z = W·x + b */
export function forward(layer: Layer, parameters: usize, x: usize, z: usize, rows: i32): void {
  const biases = <usize>layer.inputs * PANEL_BYTES;
  const zBytes = <usize>rows * PANEL_BYTES;
  let panel = parameters + layer.offset;
  for (let p = 0, panels = layer.panels; p < panels; p++) {
    multiply(z, x, panel, panel + biases, rows, layer.inputs);
    panel += layer.panelBytes;
    z += zBytes;
  }
}

/** dx = Wᵀ·d, where `transposed` has room for Wᵀ. */
export function inputGradient(
  layer: Layer,
  parameters: usize,
  transposed: usize,
  d: usize,
  dx: usize,
  rows: i32,
): void {
  transpose(layer, parameters, transposed);
  const panelBytes = <usize>layer.outputs * PANEL_BYTES;
  const dxBytes = <usize>rows * PANEL_BYTES;
  for (let q = 0, panels = panelsOf(layer.inputs); q < panels; q++) {
    multiply(dx, d, transposed, ZEROS, rows, layer.outputs);
    transposed += panelBytes;
    dx += dxBytes;
  }
}

/** Rows [from, to) of one panel of the gradient: ∂C/∂w[j][k] = Σ d[j]·x[k] over the batch. `from` is a multiple of 8. */
export function weightGradient(target: usize, x: usize, d: usize, from: i32, to: i32, rows: i32): void {
  multiplyTransposed(target, x + <usize>(from / PANEL) * <usize>rows * PANEL_BYTES, d, ZEROS, to - from, rows);
}

/** w ← w + rate·∂C/∂w for one whole panel, without its row of biases. `rate` is in memory. */
export function descend(rate: usize, weights: usize, x: usize, d: usize, inputs: i32, rows: i32): void {
  addTransposed(rate, weights, x, d, ZEROS, inputs, rows);
}

/** ∂C/∂b[j] = Σ d[j] over the batch, for one panel. */
export function biasGradient(target: usize, d: usize, rows: i32): void {
  let low = v128.load(d);
  let high = v128.load(d, 16);
  for (let row = 1; row < rows; row++) {
    d += PANEL_BYTES;
    low = f32x4.add(low, v128.load(d));
    high = f32x4.add(high, v128.load(d, 16));
  }
  v128.store(target, low);
  v128.store(target, high, 16);
}

/** Panels [outputs/8][inputs + 1][8] into panels [inputs/8][outputs][8]. */
function transpose(layer: Layer, parameters: usize, target: usize): void {
  const panelBytes = <usize>layer.outputs * PANEL_BYTES;
  for (let p = 0; p < layer.panels; p++) {
    const source = parameters + layer.offset + <usize>p * layer.panelBytes;
    const columns = min(PANEL, layer.outputs - p * PANEL);
    let to = target + <usize>p * <usize>PANEL * PANEL_BYTES;
    let from = source;
    for (let k = 0; k < layer.inputs; k += PANEL, from += <usize>PANEL * PANEL_BYTES, to += panelBytes) {
      transposeBlock(to, from, min(PANEL, layer.inputs - k), columns);
    }
  }
}

/** The 8×8 block at `from`, of which `rows` rows and `columns` columns are real, transposed into `to`. */
function transposeBlock(to: usize, from: usize, rows: i32, columns: i32): void {
  if (rows == PANEL && columns == PANEL) {
    const down: usize = 4 * PANEL_BYTES;
    transpose4x4(to, PANEL_BYTES, from, PANEL_BYTES);
    transpose4x4(to + 16, PANEL_BYTES, from + down, PANEL_BYTES);
    transpose4x4(to + down, PANEL_BYTES, from + 16, PANEL_BYTES);
    transpose4x4(to + down + 16, PANEL_BYTES, from + down + 16, PANEL_BYTES);
    return;
  }
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < PANEL; row++) {
      const value = row < rows ? load<f32>(from + <usize>row * PANEL_BYTES + <usize>column * 4) : 0;
      store<f32>(to + <usize>column * PANEL_BYTES + <usize>row * 4, value);
    }
  }
}
