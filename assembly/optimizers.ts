// How parameters follow their gradient: an optimizer's state, what is made ready before each step, and the one dispatch.
// The rules themselves are in update-rules.ts.

import { Optimizer, OptimizerCounter, OptimizerOption } from "../src/abi";
import { adam } from "./adam";
import { FULL } from "./extent";
import { lbfgsBlocks } from "./lbfgs";
import { Left, PANEL_BYTES, Right } from "./panels";
import {
  Adadelta, Adagrad, Adamax, AmsGrad, Lion, Momentum, Nadam, NesterovMomentum, Plain, RmsProp, RProp,
} from "./update-rules";
import { atLeast, atMost, madd, splat, VECTOR_BYTES } from "./vec";

/**
 * Added to state that decays by a factor a step, and taken away again: what is below its last bit, 6e-38, becomes 0.
 * Left alone, such state ends among the subnormal numbers and stays there, where arithmetic takes several times as long
 * (WebAssembly can't have the processor flush them). Above 2e-23 nothing changes.
 */
const FLUSH: f32 = 1e-30;

const OPTIONS: usize = <usize>OptimizerOption.tolerance + 1;
const COUNTERS: usize = <usize>OptimizerCounter.hasConverged + 1;

/**
 *   OptimizerState ┐ kind, where the blocks are, factors of the step at hand
 *                  ├ options   f64, one for each OptimizerOption
 *                  └ counters  f64, one for each OptimizerCounter
 *
 * The factors are what the rules multiply by, ready in memory. The rules load them: of a value that was computed before a
 * loop, V8 moves the computation into the loop.
 */
@unmanaged @final
export class OptimizerState {
  kind: Optimizer;
  /** Blocks of parameter layout, one behind the other. */
  blocks: usize;

  /** What a gradient is multiplied by where clipNorm bounds it, else 1. */
  clip: f32;
  /** −η, with the optimizer's corrections. */
  rate: f32;
  /** nadam: the same for the gradient itself. */
  gradientRate: f32;
  /** What parameters are multiplied by: 1 − ηλ where weight decay is decoupled, else 1. */
  keepWeights: f32;
  /** How much of the first and second kind of state is kept, and of what is new is added. */
  keepFirst: f32;
  addFirst: f32;
  keepSecond: f32;
  addSecond: f32;
  momentum: f32;
  /** ε, corrected. */
  floor: f32;
  etaMinus: f32;
  etaPlus: f32;
  minStep: f32;
  maxStep: f32;
  flush: f32;
  centered: bool;
  /** Whether the update is w ← w + rate·g and nothing else, so that it can be made where the gradient is summed. */
  isPlainDescent: bool;
  /** Whether the whole gradient's norm is bounded, so that no parameter may follow before all of it is known. */
  needsWhole: bool;

  @inline get options(): usize {
    return changetype<usize>(this) + ((offsetof<OptimizerState>() + 7) & ~7);
  }
  @inline get counters(): usize {
    return this.options + OPTIONS * 8;
  }
  @inline option(name: OptimizerOption): f64 {
    return load<f64>(this.options + <usize>name * 8);
  }
  @inline count(name: OptimizerCounter): f64 {
    return load<f64>(this.counters + <usize>name * 8);
  }
  @inline setCount(name: OptimizerCounter, value: f64): void {
    store<f64>(this.counters + <usize>name * 8, value);
  }
}

export function optimizerBytes(): usize {
  return ((offsetof<OptimizerState>() + 7) & ~7) + (OPTIONS + COUNTERS) * 8;
}

/** How many blocks of state an optimizer keeps. */
export function stateBlocks(state: OptimizerState): i32 {
  switch (state.kind) {
    case Optimizer.sgd: return state.option(OptimizerOption.momentum) != 0 ? 1 : 0;
    case Optimizer.rmsProp:
      // momentum's is behind that of the mean gradient, needed or not
      return state.option(OptimizerOption.momentum) != 0 ? 3 : state.option(OptimizerOption.centered) != 0 ? 2 : 1;
    case Optimizer.adagrad:
    case Optimizer.lion: return 1;
    case Optimizer.lbfgs: return lbfgsBlocks(state);
    default: return state.option(OptimizerOption.amsgrad) != 0 ? 3 : 2;
  }
}

/** Forgets all state, of blocks of `blockBytes` bytes each. */
export function resetOptimizer(state: OptimizerState, blockBytes: usize): void {
  memory.fill(state.blocks, 0, <usize>stateBlocks(state) * blockBytes);
  state.setCount(OptimizerCounter.steps, 0);
  state.setCount(OptimizerCounter.beta1Power, 1);
  state.setCount(OptimizerCounter.beta2Power, 1);
  state.setCount(OptimizerCounter.momentumProduct, 1);
  for (let name = OptimizerCounter.pairs; name <= OptimizerCounter.hasConverged; name++) state.setCount(name, 0);
  if (state.kind == Optimizer.adagrad) {
    fill(state.blocks, <f32>state.option(OptimizerOption.initialAccumulatorValue), blockBytes);
  }
  if (state.kind == Optimizer.rProp) {
    fill(state.blocks + blockBytes, <f32>state.option(OptimizerOption.learningRate), blockBytes);
  }
}

function fill(block: usize, value: f32, bytes: usize): void {
  for (const end = block + bytes; block < end; block += VECTOR_BYTES) v128.store(block, splat(value));
}

/** Whether gradients are bounded before they are followed. */
// @ts-ignore: decorator
@inline
function clips(state: OptimizerState): bool {
  return FULL && (state.option(OptimizerOption.clipValue) != 0 || clipsNorm(state));
}

// @ts-ignore: decorator
@inline
function clipsNorm(state: OptimizerState): bool {
  return FULL && state.option(OptimizerOption.clipNorm) != 0;
}

/** Whether a step looks along a line, for which it takes the gradient several times. */
// @ts-ignore: decorator
@inline
export function searchesLines(state: OptimizerState): bool {
  return FULL && state.kind == Optimizer.lbfgs;
}

/** Tells the norm of the whole gradient of the step at hand, which clipNorm bounds. */
export function boundNorm(state: OptimizerState, norm: f64): void {
  const most = state.option(OptimizerOption.clipNorm);
  state.clip = norm > most ? <f32>(most / norm) : 1;
}

/** The address of the rate of a plain descent. */
export function rateOf(state: OptimizerState): usize {
  return changetype<usize>(state) + offsetof<OptimizerState>("rate");
}

/** Once before each step: makes the factors ready. `scheduled` points to the step's learning rate, where it isn't the option. */
export function beginStep(state: OptimizerState, scheduled: usize): void {
  const rate = scheduled ? load<f64>(scheduled) : state.option(OptimizerOption.learningRate);
  state.clip = 1;
  state.needsWhole = clipsNorm(state);
  state.isPlainDescent =
    state.kind == Optimizer.sgd && state.option(OptimizerOption.momentum) == 0 &&
    state.option(OptimizerOption.weightDecay) == 0 && !clips(state);
  state.rate = -<f32>rate;
  state.flush = FLUSH;
  state.momentum = <f32>state.option(OptimizerOption.momentum);
  state.floor = <f32>state.option(OptimizerOption.epsilon);
  state.keepWeights = 1;
  if (decouplesDecay(state.kind)) state.keepWeights = <f32>(1 - rate * state.option(OptimizerOption.weightDecay));
  if (keepsMoments(state.kind) || state.kind == Optimizer.lion) beginMoments(state, rate);
  switch (state.kind) {
    case Optimizer.rmsProp:
    case Optimizer.adadelta: {
      const rho = state.option(OptimizerOption.rho);
      state.keepSecond = <f32>rho;
      state.addSecond = <f32>(1 - rho);
      state.centered = state.option(OptimizerOption.centered) != 0;
      break;
    }
    case Optimizer.rProp:
      state.etaMinus = <f32>state.option(OptimizerOption.etaMinus);
      state.etaPlus = <f32>state.option(OptimizerOption.etaPlus);
      state.minStep = <f32>state.option(OptimizerOption.minStep);
      state.maxStep = <f32>state.option(OptimizerOption.maxStep);
      break;
    default:
  }
}

/** What the decays β₁ and β₂ make of a step: their shares, and the corrections of moments that began at 0. */
function beginMoments(state: OptimizerState, rate: f64): void {
  const beta1 = state.option(OptimizerOption.beta1);
  const beta2 = state.option(OptimizerOption.beta2);
  const epsilon = state.option(OptimizerOption.epsilon);
  const first = 1 - state.count(OptimizerCounter.beta1Power) * beta1;
  const root = sqrt(1 - state.count(OptimizerCounter.beta2Power) * beta2);
  state.keepFirst = <f32>beta1;
  state.addFirst = <f32>(1 - beta1);
  state.keepSecond = <f32>beta2;
  state.addSecond = <f32>(1 - beta2);
  switch (state.kind) {
    case Optimizer.adam:
    case Optimizer.adamW:
      state.rate = <f32>((-rate * root) / first);
      state.floor = <f32>(epsilon * root);
      break;
    case Optimizer.nadam: {
      const now = nadamMomentum(state, 1);
      const next = nadamMomentum(state, 2);
      const product = state.count(OptimizerCounter.momentumProduct) * now;
      state.rate = <f32>((-rate * root * next) / (1 - product * next));
      state.gradientRate = <f32>((-rate * root * (1 - now)) / (1 - product));
      state.floor = <f32>(epsilon * root);
      break;
    }
    case Optimizer.adamax:
      state.rate = <f32>(-rate / first);
      break;
    default:
  }
}

/** Whether an optimizer corrects moments by the powers of their decays. */
// @ts-ignore: decorator
@inline
function keepsMoments(kind: Optimizer): bool {
  return (
    kind == Optimizer.adam || kind == Optimizer.adamW || kind == Optimizer.nadam || kind == Optimizer.adamax
  );
}

/** μ of the step that is `ahead` steps from the last: β₁(1 − ½·0.96^(tψ)) (Dozat 2016, ψ being momentumDecay). */
function nadamMomentum(state: OptimizerState, ahead: f64): f64 {
  if (!FULL) return unreachable();
  const t = state.count(OptimizerCounter.steps) + ahead;
  const decay = Math.pow(0.96, t * state.option(OptimizerOption.momentumDecay));
  return state.option(OptimizerOption.beta1) * (1 - 0.5 * decay);
}

/** Once after each step that updated the parameters: counts it. */
export function endStep(state: OptimizerState): void {
  if (keepsMoments(state.kind)) {
    multiplyCount(state, OptimizerCounter.beta1Power, state.option(OptimizerOption.beta1));
    multiplyCount(state, OptimizerCounter.beta2Power, state.option(OptimizerOption.beta2));
  }
  if (state.kind == Optimizer.nadam) multiplyCount(state, OptimizerCounter.momentumProduct, nadamMomentum(state, 1));
  state.setCount(OptimizerCounter.steps, state.count(OptimizerCounter.steps) + 1);
}

// @ts-ignore: decorator
@inline
function multiplyCount(state: OptimizerState, name: OptimizerCounter, by: f64): void {
  state.setCount(name, state.count(name) * by);
}

// @ts-ignore: decorator
@inline
function decouplesDecay(kind: Optimizer): bool {
  return kind == Optimizer.adamW || kind == Optimizer.lion;
}

/**
 * Updates `bytes` bytes of parameters w by their gradient g, which is overwritten. `offset` is the stretch's place in a
 * block, `blockBytes` the size of one.
 */
export function update(state: OptimizerState, w: usize, g: usize, offset: usize, bytes: usize, blockBytes: usize): void {
  if (clips(state)) clip(state, g, bytes);
  if (state.option(OptimizerOption.weightDecay) != 0 && !decouplesDecay(state.kind)) addDecay(state, w, g, bytes);
  // called by reference, as V8 makes better code of a function for each rule than of one that has them all
  ruleOf(state)(state, w, g, state.blocks + offset, bytes, blockBytes);
}

/** The one dispatch: of those that are basic, see src/abi.ts, here. */
function ruleOf(state: OptimizerState): Sweep {
  switch (state.kind) {
    case Optimizer.adam:
    case Optimizer.adamW:
      if (FULL && state.option(OptimizerOption.amsgrad) != 0) return (o, w, g, s, n, b) => sweep<AmsGrad>(o, w, g, s, n, b);
      return adam;
    case Optimizer.sgd:
      if (state.momentum == 0) return (o, w, g, s, n, b) => sweep<Plain>(o, w, g, s, n, b);
      if (state.option(OptimizerOption.nesterov) == 0) return (o, w, g, s, n, b) => sweep<Momentum>(o, w, g, s, n, b);
      return (o, w, g, s, n, b) => sweep<NesterovMomentum>(o, w, g, s, n, b);
    default: return FULL ? otherRuleOf(state) : unreachable();
  }
}

/** Those that aren't basic. */
function otherRuleOf(state: OptimizerState): Sweep {
  switch (state.kind) {
    case Optimizer.nadam: return (o, w, g, s, n, b) => sweep<Nadam>(o, w, g, s, n, b);
    case Optimizer.adamax: return (o, w, g, s, n, b) => sweep<Adamax>(o, w, g, s, n, b);
    case Optimizer.rmsProp: return (o, w, g, s, n, b) => sweep<RmsProp>(o, w, g, s, n, b);
    case Optimizer.adagrad: return (o, w, g, s, n, b) => sweep<Adagrad>(o, w, g, s, n, b);
    case Optimizer.adadelta: return (o, w, g, s, n, b) => sweep<Adadelta>(o, w, g, s, n, b);
    case Optimizer.lion: return (o, w, g, s, n, b) => sweep<Lion>(o, w, g, s, n, b);
    default: return (o, w, g, s, n, b) => sweep<RProp>(o, w, g, s, n, b);
  }
}

type Sweep = (state: OptimizerState, w: usize, g: usize, s: usize, bytes: usize, blockBytes: usize) => void;

/** Rule T on a row of a panel at a time, whose two vectors don't wait for each other. s, t, u: the stretch's state. */
function sweep<T>(state: OptimizerState, w: usize, g: usize, s: usize, bytes: usize, blockBytes: usize): void {
  const rule = changetype<T>(0);
  let t = s + blockBytes;
  let u = t + blockBytes;
  for (const end = w + bytes; w < end; ) {
    rule.follow<Left>(state, w, g, s, t, u);
    rule.follow<Right>(state, w, g, s, t, u);
    w += PANEL_BYTES;
    g += PANEL_BYTES;
    s += PANEL_BYTES;
    t += PANEL_BYTES;
    u += PANEL_BYTES;
  }
}

/** g ← g + λw. A loop of its own: the gradient is in the cache, and the others are shorter without. */
function addDecay(state: OptimizerState, w: usize, g: usize, bytes: usize): void {
  const decay = splat(<f32>state.option(OptimizerOption.weightDecay));
  for (const end = w + bytes; w < end; w += VECTOR_BYTES, g += VECTOR_BYTES) {
    v128.store(g, madd(decay, v128.load(w), v128.load(g)));
  }
}

/** g ← g scaled as clipNorm asks, then each kept within ±clipValue. */
function clip(state: OptimizerState, g: usize, bytes: usize): void {
  const scale = v128.load_splat<f32>(changetype<usize>(state) + offsetof<OptimizerState>("clip"));
  const value = <f32>state.option(OptimizerOption.clipValue);
  const bound = splat(value == 0 ? Infinity : value);
  for (const end = g + bytes; g < end; g += VECTOR_BYTES) {
    const scaled = f32x4.mul(v128.load(g), scale);
    v128.store(g, atLeast(atMost(scaled, bound), f32x4.neg(bound)));
  }
}
