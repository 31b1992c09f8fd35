// How parameters follow their gradient: a function per optimizer and the one dispatch.
//
// Each goes over `bytes` bytes of a block: w the parameters, g their gradient, s and t the same stretch of the state
// that the optimizer keeps (momentum, moments), as many blocks as `stateBlocks` says.

import { Optimizer } from "../src/abi";
import { madd, VECTOR_BYTES } from "./vec";

// @ts-ignore: decorator
@inline
function loadSplat(state: OptimizerState, offset: usize): v128 {
  return v128.load_splat<f32>(changetype<usize>(state) + offset);
}

/**
 * Added to state that decays by a factor a step, and taken away again: what is below its last bit, 6e-38, becomes 0.
 * Left alone, such state ends among the subnormal numbers and stays there, where arithmetic takes several times as long
 * (WebAssembly can't have the processor flush them). Above 2e-23 nothing changes.
 */
const FLUSH: f32 = 1e-30;

@unmanaged @final
export class OptimizerState {
  kind: Optimizer;
  nesterov: bool;
  learningRate: f64;
  beta1: f64;
  beta2: f64;
  epsilon: f64;
  /** β₁ᵗ and β₂ᵗ after t steps. */
  beta1Power: f64;
  beta2Power: f64;
  /** Blocks of parameter layout, one behind the other. */
  blocks: usize;

  // What the loops below multiply by, ready in memory. They load it: of a value that was computed before a loop, V8
  // moves the computation into the loop.

  /** −η, with Adam's corrections. */
  rate: f32;
  /** L2 penalty added to the gradient, as PyTorch's weight_decay is. */
  weightDecay: f32;
  momentum: f32;
  /** β₁ and β₂ */
  keepFirst: f32;
  keepSecond: f32;
  /** 1 − β₁ and 1 − β₂ */
  addFirst: f32;
  addSecond: f32;
  /** Adam's ε, corrected. */
  floor: f32;
}

/** How many blocks of state an optimizer keeps. */
export function stateBlocks(kind: Optimizer, momentum: f64): i32 {
  switch (kind) {
    case Optimizer.sgd: return momentum != 0 ? 1 : 0;
    case Optimizer.adam: return 2;
    default: return 0;
  }
}

/** Whether the update is w ← w + rate·g and nothing else, so that it can be made where the gradient is summed. */
export function isPlainDescent(state: OptimizerState): bool {
  return state.kind == Optimizer.sgd && state.momentum == 0 && state.weightDecay == 0;
}

/** The address of that rate. */
export function rateOf(state: OptimizerState): usize {
  return changetype<usize>(state) + offsetof<OptimizerState>("rate");
}

/** Once before each step: makes the factors ready. */
export function beginStep(state: OptimizerState): void {
  state.rate = -<f32>state.learningRate;
  if (state.kind == Optimizer.adam) {
    const root = sqrt(1 - state.beta2Power * state.beta2);
    state.rate = <f32>((-state.learningRate * root) / (1 - state.beta1Power * state.beta1));
    state.keepFirst = <f32>state.beta1;
    state.keepSecond = <f32>state.beta2;
    state.addFirst = <f32>(1 - state.beta1);
    state.addSecond = <f32>(1 - state.beta2);
    state.floor = <f32>(state.epsilon * root);
  }
}

/** Once after each step that updated the parameters: counts it. */
export function endStep(state: OptimizerState): void {
  if (state.kind == Optimizer.adam) {
    state.beta1Power *= state.beta1;
    state.beta2Power *= state.beta2;
  }
}

/** The one dispatch. `offset` is the stretch's place in a block, `blockBytes` the size of one. */
export function update(
  state: OptimizerState,
  w: usize,
  g: usize,
  offset: usize,
  bytes: usize,
  blockBytes: usize,
): void {
  const s = state.blocks + offset;
  switch (state.kind) {
    case Optimizer.adam:
      adam(state, w, g, s, s + blockBytes, bytes);
      break;
    default:
      if (state.momentum != 0) momentum(state, w, g, s, bytes);
      else sgd(state, w, g, bytes);
  }
}

/** w ← w − ηg, with g ← g + λw first */
function sgd(state: OptimizerState, w: usize, g: usize, bytes: usize): void {
  const rate = loadSplat(state, offsetof<OptimizerState>("rate"));
  const decay = loadSplat(state, offsetof<OptimizerState>("weightDecay"));
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES) {
    const weight = v128.load(w);
    v128.store(w, madd(rate, madd(decay, weight, v128.load(g)), weight));
  }
}

/** v ← μv + g; w ← w − ηv, or with Nesterov's look-ahead w ← w − η(g + μv) (Sutskever et al. 2013, PyTorch's form) */
function momentum(state: OptimizerState, w: usize, g: usize, v: usize, bytes: usize): void {
  const rate = loadSplat(state, offsetof<OptimizerState>("rate"));
  const decay = loadSplat(state, offsetof<OptimizerState>("weightDecay"));
  const keep = loadSplat(state, offsetof<OptimizerState>("momentum"));
  const flush = f32x4.splat(FLUSH);
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES, v += VECTOR_BYTES) {
    const weight = v128.load(w);
    const gradient = madd(decay, weight, v128.load(g));
    const velocity = f32x4.sub(f32x4.add(madd(keep, v128.load(v), gradient), flush), flush);
    v128.store(v, velocity);
    const direction = state.nesterov ? madd(keep, velocity, gradient) : velocity;
    v128.store(w, madd(rate, direction, weight));
  }
}

/**
 * Kingma & Ba 2015: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·m̂/(√v̂ + ε), where the corrections of
 * m̂ = m/(1 − β₁ᵗ) and v̂ alike are folded into η and ε as at the end of their §2. v has a floor of FLUSH, far below ε².
 */
function adam(state: OptimizerState, w: usize, g: usize, m: usize, v: usize, bytes: usize): void {
  const decay = loadSplat(state, offsetof<OptimizerState>("weightDecay"));
  const keepFirst = loadSplat(state, offsetof<OptimizerState>("keepFirst"));
  const keepSecond = loadSplat(state, offsetof<OptimizerState>("keepSecond"));
  const addFirst = loadSplat(state, offsetof<OptimizerState>("addFirst"));
  const addSecond = loadSplat(state, offsetof<OptimizerState>("addSecond"));
  const rate = loadSplat(state, offsetof<OptimizerState>("rate"));
  const floor = loadSplat(state, offsetof<OptimizerState>("floor"));
  const flush = f32x4.splat(FLUSH);
  for (const end = w + bytes; w < end; ) {
    const weight = v128.load(w);
    const gradient = madd(decay, weight, v128.load(g));
    const moment = madd(keepFirst, v128.load(m), f32x4.mul(addFirst, gradient));
    const first = f32x4.sub(f32x4.add(moment, flush), flush);
    v128.store(m, first);
    const square = madd(gradient, gradient, flush);
    const second = madd(keepSecond, v128.load(v), f32x4.mul(addSecond, square));
    v128.store(v, second);
    const step = f32x4.div(first, f32x4.add(f32x4.sqrt(second), floor));
    v128.store(w, madd(rate, step, weight));
    w += VECTOR_BYTES;
    g += VECTOR_BYTES;
    m += VECTOR_BYTES;
    v += VECTOR_BYTES;
  }
}
