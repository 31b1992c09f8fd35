// The kernels' inside, exported for the tests only (build/testing.wasm).

import { activate, differentiate } from "./activations";
import { costAndDelta } from "./losses";
import { exp, expm1OfNegative, log, log1p, sigmoid, softplus, tanh } from "./math";
import { VECTOR_BYTES } from "./vec";

export { multiply, multiplyTransposed } from "./gemm";
export { activate, differentiate, costAndDelta };

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
