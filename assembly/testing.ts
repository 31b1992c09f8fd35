// The kernels' inside, exported for tests and benchmarks only (build/testing-*.wasm).

import { Activation, Loss, Optimizer, OptimizerCounter, OptimizerOption } from "../src/abi";
import { activate as activateStretch, differentiateRows, isLanewise } from "./activations";
import { costAndDelta as costAndDeltaOf, OutputRows } from "./losses";
import { exp, expm1OfNegative, log, log1p, sigmoid, softplus, tanh } from "./math";
import { multiply, multiplyTransposed, TILE } from "./gemm";
import { beginStep, endStep, optimizerBytes, OptimizerState, update } from "./optimizers";
import { PANEL_BYTES, panelsOf } from "./panels";
import { softmax } from "./softmax";
import { VECTOR_BYTES } from "./vec";

export { multiply, multiplyTransposed };

/** Rows of a tile. */
export function tileRows(): i32 { return TILE; }

/** Rows [0, rows) of all panels of a product, the inner loops of a forward pass: c and b in `panels` panels. */
export function multiplyPanels(
  c: usize, a: usize, b: usize, start: usize, rows: i32, depth: i32, panels: i32, times: i32,
): void {
  const cBytes = <usize>rows * PANEL_BYTES;
  const bBytes = <usize>depth * PANEL_BYTES;
  for (; times > 0; times--) {
    for (let p = 0; p < panels; p++) {
      multiply(c + <usize>p * cBytes, a, b + <usize>p * bBytes, start, rows, rows, depth);
    }
  }
}

/** The same for the weight gradient: a in panels [columns/8][depth][8], b and c in `panels` panels. */
export function multiplyTransposedPanels(
  c: usize, a: usize, b: usize, columns: i32, depth: i32, panels: i32, times: i32,
): void {
  const cBytes = <usize>columns * PANEL_BYTES;
  const bBytes = <usize>depth * PANEL_BYTES;
  for (; times > 0; times--) {
    for (let p = 0; p < panels; p++) {
      multiplyTransposed(c + <usize>p * cBytes, a, b + <usize>p * bBytes, columns, depth);
    }
  }
}

/** Adam over `count` parameters, `times` times: w, g, m and v lie behind one another. */
export function adamOver(state: OptimizerState, w: usize, count: i32, times: i32): void {
  const bytes = <usize>count * 4;
  memory.fill(changetype<usize>(state), 0, optimizerBytes());
  state.kind = Optimizer.adam;
  store<f64>(state.options + <usize>OptimizerOption.learningRate * 8, 1e-3);
  store<f64>(state.options + <usize>OptimizerOption.beta1 * 8, 0.9);
  store<f64>(state.options + <usize>OptimizerOption.beta2 * 8, 0.999);
  store<f64>(state.options + <usize>OptimizerOption.epsilon * 8, 1e-8);
  state.setCount(OptimizerCounter.beta1Power, 1);
  state.setCount(OptimizerCounter.beta2Power, 1);
  state.blocks = w + 2 * bytes;
  for (; times > 0; times--) {
    beginStep(state, 0);
    update(state, w, w + bytes, 0, bytes, bytes);
    endStep(state);
  }
}

export function copyOver(target: usize, source: usize, bytes: usize, times: i32): void {
  for (; times > 0; times--) memory.copy(target, source, bytes);
}

export function activate(activation: Activation, z: usize, a: usize, rows: i32, outputs: i32): void {
  if (isLanewise(activation)) activateStretch(activation, z, a, <usize>panelsOf(outputs) * <usize>rows * PANEL_BYTES);
  else softmax(z, a, rows, rows, outputs);
}

export function differentiate(activation: Activation, z: usize, a: usize, d: usize, rows: i32, outputs: i32): void {
  differentiateRows(activation, z, a, d, rows, rows, outputs);
}

/** The losses of all rows (float64 at `losses`) and δ, the rows from `from` on by themselves, as two threads would. */
export function costAndDelta(
  loss: Loss, activation: Activation, z: usize, a: usize, y: usize, d: usize, losses: usize, rows: i32, outputs: i32,
  from: i32, parameter: f32,
): void {
  const at = changetype<OutputRows>(memory.data(64, 16));
  for (let part = 0; part < 2; part++) {
    const first = part ? from : 0;
    const offset = <usize>first * PANEL_BYTES;
    at.z = z + offset;
    at.a = a + offset;
    at.y = y + offset;
    at.d = d ? d + offset : 0;
    at.losses = losses + <usize>first * 8;
    at.rows = part ? rows - from : from;
    at.batch = rows;
    at.outputs = outputs;
    at.weights = 0;
    at.parameter = parameter;
    costAndDeltaOf(loss, activation, at);
  }
}

/** One of math.ts's functions over `bytes` bytes. */
export function evaluateMath(which: i32, source: usize, target: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += VECTOR_BYTES) {
    const x = v128.load(source + at);
    let y: v128;
    switch (which) {
      case 0: y = exp(x); break;
      case 1: y = log(x); break;
      case 2: y = log1p(x); break;
      case 3: y = tanh(x); break;
      case 4: y = sigmoid(x); break;
      case 5: y = softplus(x); break;
      default: y = expm1OfNegative(x);
    }
    v128.store(target + at, y);
  }
}
