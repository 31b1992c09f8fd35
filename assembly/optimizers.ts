// How parameters follow their gradient: a function per optimizer and the one dispatch.
//
// Each goes over `bytes` bytes of a block: w the parameters, g their gradient, s and t the same stretch of the state
// that the optimizer keeps (momentum, moments), as many blocks as `stateBlocks` says.

import { Optimizer } from "../src/abi";
import { PANEL_BYTES } from "./panels";
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
  /** FLUSH */
  flush: f32;
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
  state.flush = FLUSH;
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
  if (state.weightDecay != 0) addDecay(state, w, g, bytes);
  switch (state.kind) {
    case Optimizer.adam:
      adam(state, w, g, s, s + blockBytes, bytes);
      break;
    default:
      if (state.momentum != 0) momentum(state, w, g, s, bytes);
      else sgd(state, w, g, bytes);
  }
}

/** g ← g + λw. A loop of its own: the gradient is in the cache, and the others are shorter without. */
function addDecay(state: OptimizerState, w: usize, g: usize, bytes: usize): void {
  const decay = loadSplat(state, offsetof<OptimizerState>("weightDecay"));
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES) {
    v128.store(g, madd(decay, v128.load(w), v128.load(g)));
  }
}

/** w ← w − ηg */
function sgd(state: OptimizerState, w: usize, g: usize, bytes: usize): void {
  const rate = loadSplat(state, offsetof<OptimizerState>("rate"));
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES) {
    v128.store(w, madd(rate, v128.load(g), v128.load(w)));
  }
}

/** v ← μv + g; w ← w − ηv, or with Nesterov's look-ahead w ← w − η(g + μv) (Sutskever et al. 2013, PyTorch's form) */
function momentum(state: OptimizerState, w: usize, g: usize, v: usize, bytes: usize): void {
  const rate = loadSplat(state, offsetof<OptimizerState>("rate"));
  const decay = loadSplat(state, offsetof<OptimizerState>("weightDecay"));
  const keep = loadSplat(state, offsetof<OptimizerState>("momentum"));
  const flush = loadSplat(state, offsetof<OptimizerState>("flush"));
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES, v += VECTOR_BYTES) {
    const gradient = v128.load(g);
    const velocity = f32x4.sub(f32x4.add(madd(keep, v128.load(v), gradient), flush), flush);
    v128.store(v, velocity);
    const direction = state.nesterov ? madd(keep, velocity, gradient) : velocity;
    v128.store(w, madd(rate, direction, v128.load(w)));
  }
}

/**
 * Kingma & Ba 2015: m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η·m̂/(√v̂ + ε), where the corrections of
 * m̂ = m/(1 − β₁ᵗ) and v̂ alike are folded into η and ε as at the end of their §2. v has a floor of FLUSH, far below ε².
 */
function adam(state: OptimizerState, w: usize, g: usize, m: usize, v: usize, bytes: usize): void {
  const keepFirst = loadSplat(state, offsetof<OptimizerState>("keepFirst"));
  const keepSecond = loadSplat(state, offsetof<OptimizerState>("keepSecond"));
  const addFirst = loadSplat(state, offsetof<OptimizerState>("addFirst"));
  const addSecond = loadSplat(state, offsetof<OptimizerState>("addSecond"));
  const rate = loadSplat(state, offsetof<OptimizerState>("rate"));
  const floor = loadSplat(state, offsetof<OptimizerState>("floor"));
  const flush = loadSplat(state, offsetof<OptimizerState>("flush"));
  // a row of a panel at a time: two vectors, which share the factors that V8 loads in the loop
  for (const end = w + bytes; w < end; ) {
    adamHalf<Left>(w, g, m, v, keepFirst, addFirst, keepSecond, addSecond, rate, floor, flush);
    adamHalf<Right>(w, g, m, v, keepFirst, addFirst, keepSecond, addSecond, rate, floor, flush);
    w += PANEL_BYTES;
    g += PANEL_BYTES;
    m += PANEL_BYTES;
    v += PANEL_BYTES;
  }
}

/** The place of a row's left and right half; as types, because an address's constant part must be known to the compiler. */
@unmanaged @final
class Left {}
@unmanaged @final
class Right {
  left0: u64;
  left1: u64;
}

// @ts-ignore: decorator
@inline
function adamHalf<T>(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  keepFirst: v128,
  addFirst: v128,
  keepSecond: v128,
  addSecond: v128,
  rate: v128,
  floor: v128,
  flush: v128,
): void {
  const gradient = v128.load(g, offsetof<T>());
  const moment = madd(keepFirst, v128.load(m, offsetof<T>()), f32x4.mul(addFirst, gradient));
  const first = f32x4.sub(f32x4.add(moment, flush), flush);
  v128.store(m, first, offsetof<T>());
  const square = f32x4.mul(addSecond, madd(gradient, gradient, flush));
  const second = madd(keepSecond, v128.load(v, offsetof<T>()), square);
  v128.store(v, second, offsetof<T>());
  const step = f32x4.div(first, f32x4.add(f32x4.sqrt(second), floor));
  v128.store(w, madd(rate, step, v128.load(w, offsetof<T>())), offsetof<T>());
}
