// The kernels' inside, exported for the tests only (build/testing.wasm).

import { Activation, Loss } from "../src/abi";
import { activate as activateStretch, differentiateRows, isLanewise } from "./activations";
import { costAndDelta as costAndDeltaOf, OutputRows } from "./losses";
import { exp, expm1OfNegative, log, log1p, sigmoid, softplus, tanh } from "./math";
import { PANEL_BYTES, panelsOf } from "./panels";
import { softmax } from "./softmax";
import { VECTOR_BYTES } from "./vec";

export { multiply, multiplyTransposed } from "./gemm";

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
  from: i32,
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
