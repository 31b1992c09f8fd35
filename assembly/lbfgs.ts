// L-BFGS (Nocedal 1980; Nocedal & Wright 2006, algorithms 7.4 and 7.5): d = −H·g, where H is what the last steps s and the
// changes y of the gradient along them say of the inverse Hessian, then a search along d. All threads take the gradients, the
// leading one does the rest, which is little beside them.
//
//   blocks of state   0  the parameters w₀ that a search starts from
//                     1  their gradient g₀, where it is known
//                     2… pairs s, y; the newest is behind the one before it, or first again
//
// Between two steps w₀ are the network's parameters, and what a step came to needn't be computed again in the next. Where
// training adds something at random, no two steps have the same cost, and it is.

import { OptimizerCounter, OptimizerOption } from "../src/abi";
import { addScaled, areEqual, dot, largest, scale } from "./block-algebra";
import { Table } from "./data";
import { LineSearch, lineSearchBytes, Verdict } from "./line-search";
import { countCorrect, Metrics } from "./metrics";
import { Network } from "./network";
import { Statistics } from "./normalization";
import { endStep, OptimizerState } from "./optimizers";
import { PANEL_BYTES } from "./panels";
import { lossAndGradient } from "./passes";
import { Thread } from "./sync";
import { Trainer } from "./trainer";

/** A pair is kept where the cosine of s and y is more than what rounding in float32 may make of 0. */
const LEAST_COSINE: f64 = 1.1920928955078125e-7;

/**
 * A step that lowers the cost by less, as a share of it, gains nothing: float32 gives no more. One may be bad luck, or come of a
 * history that misleads; a second one, without it, is the end.
 */
const LEAST_GAIN: f64 = 1e-9;
const MOST_STALLS: f64 = 2;

export function lbfgsBlocks(state: OptimizerState): i32 {
  return 2 + 2 * <i32>state.option(OptimizerOption.historySize);
}

/** A trainer's search: a direction, and a number for each pair. */
export function lbfgsBytes(network: Network, state: OptimizerState): usize {
  return lineSearchBytes(network.blockBytes) + <usize>state.option(OptimizerOption.historySize) * 8;
}

/** A trainer with names for what it has in memory. */
@unmanaged @final
class Lbfgs extends Trainer {
  @inline get w(): usize { return this.network.parameters; }
  @inline get bytes(): usize { return this.network.blockBytes; }
  @inline get start(): usize { return this.optimizer.blocks; }
  @inline get startGradient(): usize { return this.start + this.bytes; }
  @inline get pairs(): i32 { return <i32>this.optimizer.count(OptimizerCounter.pairs); }
  @inline get historySize(): i32 { return <i32>this.optimizer.option(OptimizerOption.historySize); }
  @inline get lineSearch(): LineSearch { return changetype<LineSearch>(this.search); }
  /** s of the pair that came as the i-th; y is behind it. */
  @inline step(i: i32): usize { return this.start + <usize>(2 + 2 * (i % this.historySize)) * this.bytes; }
  @inline change(i: i32): usize { return this.step(i) + this.bytes; }
}

/** One step on the mini-batch that lies in the workspace, for which all rows are meant. */
export function lbfgsStep(
  thread: Thread, trainer: Trainer, metrics: Metrics, table: Table, batch: i32, key: u64,
): void {
  const lbfgs = changetype<Lbfgs>(trainer);
  const state = trainer.optimizer;
  const isNew = key != 0 || !isKnown(lbfgs);
  // before the leading thread changes what others compare
  thread.wait();
  if (isNew) {
    const loss = lossAndGradient(thread, trainer, table, batch, key, Statistics.batch, lbfgs.startGradient);
    thread.wait();
    if (thread.leads) {
      memory.copy(lbfgs.start, lbfgs.w, lbfgs.bytes);
      learn(lbfgs, metrics, loss, batch);
    }
  }
  if (thread.leads) {
    metrics.lossSum += state.count(OptimizerCounter.lossSum);
    metrics.correct += state.count(OptimizerCounter.correct);
    // a cost without a gradient to follow is as bad as none; fits look at the loss
    if (!beginSearch(lbfgs)) metrics.lossSum = NaN;
  }
  const search = lbfgs.lineSearch;
  for (;;) {
    thread.wait();
    if (!search.isOpen) break;
    const loss = lossAndGradient(thread, trainer, table, batch, key, Statistics.batch, trainer.gradient);
    thread.wait();
    if (thread.leads) goOn(lbfgs, metrics, loss, batch);
  }
  if (thread.leads) endStep(state);
  thread.wait();
}

/** Whether w₀ are the parameters, and their cost and gradient are known. */
function isKnown(lbfgs: Lbfgs): bool {
  return lbfgs.optimizer.count(OptimizerCounter.isKnown) != 0 && areEqual(lbfgs.start, lbfgs.w, lbfgs.bytes);
}

/** Notes the cost of w₀, whose outputs lie in the workspace. */
function learn(lbfgs: Lbfgs, metrics: Metrics, loss: f64, batch: i32): void {
  const state = lbfgs.optimizer;
  state.setCount(OptimizerCounter.cost, costOf(lbfgs, loss, batch));
  state.setCount(OptimizerCounter.lossSum, loss);
  state.setCount(OptimizerCounter.correct, hits(lbfgs, metrics, batch));
  state.setCount(OptimizerCounter.isKnown, 1);
}

/** The mean loss, and what the penalties add to it. */
function costOf(lbfgs: Lbfgs, loss: f64, batch: i32): f64 {
  return loss / <f64>batch + penaltyOf(lbfgs.network);
}

/** Σ l2·w² over the weights of all layers. */
function penaltyOf(network: Network): f64 {
  let sum: f64 = 0;
  for (let l = 1; l <= network.layerCount; l++) {
    const layer = network.layer(l);
    if (layer.l2 == 0) continue;
    for (let panel = 0; panel < layer.panels; panel++) {
      const w = network.parameters + layer.offset + <usize>panel * layer.panelBytes;
      sum += <f64>layer.l2 * dot(w, w, <usize>layer.inputs * PANEL_BYTES);
    }
  }
  return sum;
}

/** How many rows' classes the outputs in the workspace meet. */
function hits(lbfgs: Lbfgs, metrics: Metrics, batch: i32): f64 {
  if (!metrics.classifies) return 0;
  const before = metrics.correct;
  const outputs = lbfgs.network.outputs;
  countCorrect(metrics, lbfgs.workspace.buffers(lbfgs.network.layerCount).a, lbfgs.workspace.y, batch, outputs);
  const found = metrics.correct - before;
  metrics.correct = before;
  return found;
}

/** Chooses the direction and the first step along it. Returns whether cost and gradient are finite. */
function beginSearch(lbfgs: Lbfgs): bool {
  const state = lbfgs.optimizer;
  const search = lbfgs.lineSearch;
  const gradient = lbfgs.startGradient;
  search.isOpen = false;
  const steepest = largest(gradient, lbfgs.bytes);
  if (!isFinite<f64>(state.count(OptimizerCounter.cost)) || !isFinite<f32>(steepest)) {
    state.setCount(OptimizerCounter.isKnown, 0);
    return false;
  }
  if (steepest <= <f32>state.option(OptimizerOption.tolerance)) {
    state.setCount(OptimizerCounter.hasConverged, 1);
    return true;
  }
  descend(lbfgs);
  let slope = dot(gradient, search.direction, lbfgs.bytes);
  if (!(slope < 0)) {
    state.setCount(OptimizerCounter.pairs, 0);
    descend(lbfgs);
    slope = dot(gradient, search.direction, lbfgs.bytes);
  }
  // without a history the direction says nothing of a step's length
  const shorter = lbfgs.pairs == 0 ? min(1, 1 / sqrt(-slope)) : 1;
  search.begin(state.count(OptimizerCounter.cost), slope, shorter * state.option(OptimizerOption.learningRate));
  tryStep(lbfgs);
  return true;
}

/** d ← −H·g₀ by the two loops of algorithm 7.4. */
function descend(lbfgs: Lbfgs): void {
  const bytes = lbfgs.bytes;
  const d = lbfgs.lineSearch.direction;
  const end = lbfgs.pairs;
  const begin = max(0, end - lbfgs.historySize);
  scale(d, -1, lbfgs.startGradient, bytes);
  for (let i = end - 1; i >= begin; i--) {
    const share = dot(lbfgs.step(i), d, bytes) / dot(lbfgs.step(i), lbfgs.change(i), bytes);
    store<f64>(shareOf(lbfgs, i), share);
    addScaled(d, d, <f32>-share, lbfgs.change(i), bytes);
  }
  if (end > 0) {
    const y = lbfgs.change(end - 1);
    scale(d, <f32>(dot(lbfgs.step(end - 1), y, bytes) / dot(y, y, bytes)), d, bytes);
  }
  for (let i = begin; i < end; i++) {
    const share = dot(lbfgs.change(i), d, bytes) / dot(lbfgs.step(i), lbfgs.change(i), bytes);
    addScaled(d, d, <f32>(load<f64>(shareOf(lbfgs, i)) - share), lbfgs.step(i), bytes);
  }
}

/** Where the first loop leaves a number for the second: behind the direction. */
// @ts-ignore: decorator
@inline
function shareOf(lbfgs: Lbfgs, i: i32): usize {
  return lbfgs.lineSearch.direction + lbfgs.bytes + <usize>(i % lbfgs.historySize) * 8;
}

/** w ← w₀ + t·d */
function tryStep(lbfgs: Lbfgs): void {
  addScaled(lbfgs.w, lbfgs.start, <f32>lbfgs.lineSearch.step, lbfgs.lineSearch.direction, lbfgs.bytes);
}

/** What follows from the loss and gradient at the step that was tried. */
function goOn(lbfgs: Lbfgs, metrics: Metrics, loss: f64, batch: i32): void {
  const search = lbfgs.lineSearch;
  const slope = dot(lbfgs.gradient, search.direction, lbfgs.bytes);
  const verdict = search.judge(costOf(lbfgs, loss, batch), slope);
  if (verdict == Verdict.again) return tryStep(lbfgs);
  search.isOpen = false;
  if (verdict == Verdict.accepted) accept(lbfgs, metrics, loss, batch);
  else giveUp(lbfgs);
}

/** Begins anew from the step that was tried, and remembers it and what it did to the gradient. */
function accept(lbfgs: Lbfgs, metrics: Metrics, loss: f64, batch: i32): void {
  const bytes = lbfgs.bytes;
  const i = lbfgs.pairs;
  // s and y, where the direction and the old gradient were
  const s = lbfgs.lineSearch.direction;
  const y = lbfgs.startGradient;
  addScaled(s, lbfgs.w, -1, lbfgs.start, bytes);
  addScaled(y, lbfgs.gradient, -1, y, bytes);
  if (dot(s, y, bytes) > LEAST_COSINE * sqrt(dot(s, s, bytes) * dot(y, y, bytes))) {
    memory.copy(lbfgs.step(i), s, bytes);
    memory.copy(lbfgs.change(i), y, bytes);
    lbfgs.optimizer.setCount(OptimizerCounter.pairs, i + 1);
  }
  memory.copy(lbfgs.start, lbfgs.w, bytes);
  memory.copy(lbfgs.startGradient, lbfgs.gradient, bytes);
  const before = lbfgs.optimizer.count(OptimizerCounter.cost);
  learn(lbfgs, metrics, loss, batch);
  const cost = lbfgs.optimizer.count(OptimizerCounter.cost);
  const isStalled = before - cost <= LEAST_GAIN * abs(cost);
  const stalls = isStalled ? lbfgs.optimizer.count(OptimizerCounter.stalls) + 1 : 0;
  lbfgs.optimizer.setCount(OptimizerCounter.stalls, stalls);
  if (isStalled) lbfgs.optimizer.setCount(OptimizerCounter.pairs, 0);
  if (stalls >= MOST_STALLS) lbfgs.optimizer.setCount(OptimizerCounter.hasConverged, 1);
}

/** Back to where the search began; without a history next time, or, if there was none, for good. */
function giveUp(lbfgs: Lbfgs): void {
  memory.copy(lbfgs.w, lbfgs.start, lbfgs.bytes);
  if (lbfgs.pairs == 0) lbfgs.optimizer.setCount(OptimizerCounter.hasConverged, 1);
  lbfgs.optimizer.setCount(OptimizerCounter.pairs, 0);
}
