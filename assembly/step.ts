// One training step (forward, loss, backward, update) and the loop over mini-batches.
//
// All threads of a team run these functions, each does its share of every phase, and all meet at `wait` before anybody
// reads what another wrote or overwrites what another reads.

import { Loss, Normalization, OptimizerCounter } from "../src/abi";
import { isLanewise } from "./activations";
import { gatherInputs, gatherTargets, gatherWeights, scaleInputs, scatter, Table } from "./data";
import { backward, biasGradient, descend, descendAlong, forward, weightGradient } from "./dense";
import { costAndDelta } from "./losses";
import { countCorrect, Metrics } from "./metrics";
import { Layer, Network, Workspace } from "./network";
import { addNoise, drop, keyOf, keyOfLayer } from "./noise";
import { copyGradients, normalizationBackward, Statistics } from "./normalization";
import { beginStep, boundNorm, endStep, OptimizerState, rateOf, update } from "./optimizers";
import { PANEL_BYTES, panelsOf } from "./panels";
import { boundNorms, penalise } from "./penalties";
import { smoothLabels, weighClasses } from "./row-losses";
import { CHUNK, Scratch } from "./scratch";
import { Thread } from "./sync";
import { VECTOR_BYTES } from "./vec";

@unmanaged @final
export class Trainer {
  network: Network;
  workspace: Workspace;
  loss: Loss;
  /** The loss's own: huber's δ, focal's γ. */
  lossParameter: f32;
  /** ε: targets become y(1 − ε) + ε/K for K classes (Szegedy et al. 2016). */
  labelSmoothing: f32;
  /** What each class counts, float32, or 0 where all count alike. */
  classWeights: usize;
  optimizer: OptimizerState;
  /** A block for the whole gradient, and float64 for its norm's parts, where clipNorm asks for that; else 0. */
  gradient: usize;
  norms: usize;
}

/** Rows first..first + batch of the order into the workspace. */
function gather(thread: Thread, workspace: Workspace, table: Table, order: usize, first: i32, batch: i32): void {
  const rows = Scratch.of(thread).selection;
  rows.order = order;
  rows.first = first;
  rows.batch = batch;
  for (thread.begin(1, batch, 1); thread.next(); ) {
    rows.from = thread.from;
    rows.to = thread.to;
    const network = workspace.network;
    gatherInputs(workspace.buffers(0).a, table, rows, network.inputs);
    if (network.scaling) scaleInputs(workspace.buffers(0).a, network.scaling, rows, network.inputs);
    if (table.targets) gatherTargets(workspace.y, table, rows, workspace.network.outputs);
    if (table.weights) gatherWeights(workspace.weights, table, rows);
  }
  thread.wait();
}

/** Noise and dropout on the inputs that lie in the workspace's layer 0. */
function disturb(thread: Thread, workspace: Workspace, batch: i32, key: u64): void {
  const network = workspace.network;
  const x = workspace.buffers(0).a;
  const panels = panelsOf(network.inputs);
  for (thread.begin(panels, batch, 1); thread.next(); ) {
    const at = x + <usize>thread.part * <usize>batch * PANEL_BYTES;
    if (network.inputNoise != 0) {
      addNoise(keyOfLayer(key, 0), network.inputNoise, at, thread.part, panels, thread.from, thread.to);
    }
    if (network.inputDropout != 0) {
      const buffers = workspace.buffers(0);
      const mask = buffers.mask + (at - x);
      const dropped = buffers.dropped + (at - x);
      drop(key, network.inputDropout, at, mask, dropped, thread.part, panels, thread.from, thread.to);
    }
  }
  thread.wait();
}

/** a(l) for l = 1..L, from the input that lies in the workspace's layer 0. Without a `key`, nothing is dropped. */
export function forwardPass(
  thread: Thread, workspace: Workspace, batch: i32, key: u64, statistics: Statistics,
): void {
  const network = workspace.network;
  if (key != 0 && (network.inputNoise != 0 || network.inputDropout != 0)) disturb(thread, workspace, batch, key);
  for (let l = 1; l <= network.layerCount; l++) {
    const x = workspace.buffers(l - 1).output(key);
    const layerKey = key == 0 ? 0 : keyOfLayer(key, l);
    forward(thread, network.layer(l), network.parameters, x, workspace.buffers(l), batch, layerKey, statistics);
    // softmax at the end is split by rows, as the loss is: each thread goes on with its own
    if (l < network.layerCount || isLanewise(network.layer(l).activation)) thread.wait();
  }
}

/**
 * Each row's loss and, where it `trains`, δ(L), with what concerns training only: smoothed labels, weights of classes.
 * Returns the loss summed over the rows, in their order.
 */
function outputDelta(thread: Thread, trainer: Trainer, table: Table, batch: i32, trains: bool): f64 {
  const workspace = trainer.workspace;
  const layer = trainer.network.layer(trainer.network.layerCount);
  const buffers = workspace.buffers(trainer.network.layerCount);
  const at = Scratch.of(thread).outputRows;
  at.batch = batch;
  at.outputs = layer.outputs;
  for (thread.begin(1, batch, 1); thread.next(); ) {
    const first = <usize>thread.from * PANEL_BYTES;
    at.z = buffers.z + first;
    at.a = buffers.a + first;
    at.y = workspace.y + first;
    at.d = trains ? buffers.d + first : 0;
    at.losses = workspace.losses + <usize>thread.from * 8;
    at.weights = workspace.weights + <usize>thread.from * 4;
    at.rows = thread.to - thread.from;
    at.parameter = trainer.lossParameter;
    if (trains && trainer.classWeights) weighClasses(at, trainer.classWeights, table.weights != 0);
    else if (!table.weights) at.weights = 0;
    if (trains && trainer.labelSmoothing != 0) smoothLabels(at, trainer.labelSmoothing);
    costAndDelta(trainer.loss, layer.activation, at);
  }
  thread.wait();
  let loss: f64 = 0;
  for (let row = 0; row < batch; row++) loss += load<f64>(workspace.losses + <usize>row * 8);
  return loss;
}

/** Adds the outputs' loss and hits to the metrics. */
function measure(trainer: Trainer, metrics: Metrics, loss: f64, batch: i32): void {
  const outputs = trainer.network.outputs;
  const a = trainer.workspace.buffers(trainer.network.layerCount).a;
  metrics.lossSum += loss;
  if (metrics.classifies) countCorrect(metrics, a, trainer.workspace.y, batch, outputs);
}

/** δ(l) of a normalised layer becomes the gradient by its weighted sums. */
// @ts-ignore: decorator
@inline
function backwardNormalised(thread: Thread, trainer: Trainer, l: i32, batch: i32, statistics: Statistics): void {
  const layer = trainer.network.layer(l);
  if (layer.normalization == Normalization.none) return;
  normalizationBackward(thread, layer, trainer.network.parameters, trainer.workspace.buffers(l), batch, statistics);
}

/** δ(l − 1) from δ(l). */
function backwardPass(thread: Thread, trainer: Trainer, l: i32, batch: i32, key: u64): void {
  const network = trainer.network;
  const workspace = trainer.workspace;
  const above = network.layer(l);
  const below = network.layer(l - 1);
  const transposed = Scratch.of(thread).transposed;
  const d = workspace.buffers(l).d;
  backward(thread, above, below, network.parameters, transposed, d, workspace.buffers(l - 1), batch, key);
  thread.wait();
}

/** ∂C/∂w and ∂C/∂b of layer l, applied stretch by stretch of each panel. */
function updateLayer(thread: Thread, trainer: Trainer, l: i32, batch: i32, key: u64): void {
  const layer = trainer.network.layer(l);
  const x = trainer.workspace.buffers(l - 1).output(key);
  const deltas = trainer.workspace.buffers(l).d;
  const plain = trainer.optimizer.isPlainDescent && !layer.isPenalised;
  for (thread.begin(layer.panels, layer.inputs, CHUNK); thread.next(); ) {
    const d = deltas + <usize>thread.part * <usize>batch * PANEL_BYTES;
    const offset = layer.offset + <usize>thread.part * layer.panelBytes;
    if (!plain) updatePanel(thread, trainer, l, offset, x, d, batch);
    else {
      const weights = trainer.network.parameters + offset;
      descend(rateOf(trainer.optimizer), weights, x, d, thread.from, thread.to, batch);
      if (thread.to == layer.inputs) updateTail(thread, trainer, l, offset, d, batch);
    }
  }
}

/** The gradient of what lies behind a panel's weights, bias and γ. Returns its bytes. */
function tailGradient(trainer: Trainer, l: i32, panel: i32, target: usize, d: usize, batch: i32): usize {
  const layer = trainer.network.layer(l);
  if (layer.normalization == Normalization.none) biasGradient(target, d, batch);
  else copyGradients(target, trainer.workspace.buffers(l), panel);
  return <usize>layer.trainedRows * PANEL_BYTES;
}

/** A plain descent's update of what lies behind a panel's weights. */
function updateTail(thread: Thread, trainer: Trainer, l: i32, offset: usize, d: usize, batch: i32): void {
  const gradient = Scratch.of(thread).gradient;
  const bytes = tailGradient(trainer, l, thread.part, gradient, d, batch);
  const tail = trainer.network.parameters + offset + <usize>trainer.network.layer(l).inputs * PANEL_BYTES;
  descendAlong(rateOf(trainer.optimizer), tail, gradient, bytes);
}

/** The thread's rows of one panel's gradient, stretch by stretch: each is applied while it is in the L1 cache. */
function updatePanel(
  thread: Thread,
  trainer: Trainer,
  l: i32,
  offset: usize,
  x: usize,
  d: usize,
  batch: i32,
): void {
  const layer = trainer.network.layer(l);
  const gradient = Scratch.of(thread).gradient;
  for (let from = thread.from; from < thread.to; from += CHUNK) {
    const to = min(from + CHUNK, thread.to);
    weightGradient(gradient, x, d, from, to, batch);
    let bytes = <usize>(to - from) * PANEL_BYTES;
    penaliseStretch(trainer, layer, offset + <usize>from * PANEL_BYTES, gradient, bytes);
    if (to == layer.inputs) bytes += tailGradient(trainer, l, thread.part, gradient + bytes, d, batch);
    apply(trainer, offset + <usize>from * PANEL_BYTES, gradient, bytes);
  }
}

/** Adds the penalties on the weights at `offset` to their gradient. */
// @ts-ignore: decorator
@inline
function penaliseStretch(trainer: Trainer, layer: Layer, offset: usize, gradient: usize, bytes: usize): void {
  if (layer.isPenalised) penalise(gradient, trainer.network.parameters + offset, bytes, layer.l1, layer.l2);
}

/** Bounds the weights into each neuron, where that is asked for. */
function constrain(thread: Thread, network: Network): void {
  for (let l = 1; l <= network.layerCount; l++) {
    const layer = network.layer(l);
    if (layer.maxNorm == 0) continue;
    for (thread.begin(layer.panels, 1, 1); thread.next(); ) {
      const panel = network.parameters + layer.offset + <usize>thread.part * layer.panelBytes;
      boundNorms(panel, layer.inputs, layer.maxNorm);
    }
  }
}

/** Updates the parameters at `offset` by a stretch of the gradient. */
function apply(trainer: Trainer, offset: usize, gradient: usize, bytes: usize): void {
  const network = trainer.network;
  update(trainer.optimizer, network.parameters + offset, gradient, offset, bytes, network.blockBytes);
}

/** ∂C/∂w and ∂C/∂b of layer l into a block. */
function storeGradient(thread: Thread, trainer: Trainer, l: i32, block: usize, batch: i32, key: u64): void {
  const layer = trainer.network.layer(l);
  const x = trainer.workspace.buffers(l - 1).output(key);
  const deltas = trainer.workspace.buffers(l).d;
  for (thread.begin(layer.panels, layer.inputs, CHUNK); thread.next(); ) {
    const target = block + layer.offset + <usize>thread.part * layer.panelBytes;
    const d = deltas + <usize>thread.part * <usize>batch * PANEL_BYTES;
    const first = target + <usize>thread.from * PANEL_BYTES;
    const bytes = <usize>(thread.to - thread.from) * PANEL_BYTES;
    weightGradient(first, x, d, thread.from, thread.to, batch);
    penaliseStretch(trainer, layer, first - block, first, bytes);
    unsignZeros(first, first + bytes);
    if (thread.to == layer.inputs) {
      const tail = target + <usize>layer.inputs * PANEL_BYTES;
      const tailBytes = tailGradient(trainer, l, thread.part, tail, d, batch);
      // running statistics have no gradient
      memory.fill(tail + tailBytes, 0, target + layer.panelBytes - tail - tailBytes);
    }
  }
}

/** Bytes of a block that a norm's part is made of. */
const STRETCH: i32 = 16384;

// @ts-ignore: decorator
@inline
function stretchesOf(network: Network): i32 {
  return <i32>((network.blockBytes + STRETCH - 1) / STRETCH);
}

/** What a trainer that bounds the gradient's norm needs beside: a block, and a number for each stretch of it. */
export function normsBytes(network: Network): usize {
  return <usize>stretchesOf(network) * 8;
}

/** All parameters at once by the gradient that lies in the trainer's block, its norm bounded. */
function updateWhole(thread: Thread, trainer: Trainer): void {
  const network = trainer.network;
  const state = trainer.optimizer;
  const count = stretchesOf(network);
  thread.wait();
  for (thread.begin(1, count, 1); thread.next(); ) {
    for (let i = thread.from; i < thread.to; i++) {
      const from = <usize>i * STRETCH;
      const bytes = min<usize>(STRETCH, network.blockBytes - from);
      store<f64>(trainer.norms + <usize>i * 8, sumOfSquares(trainer.gradient + from, bytes));
    }
  }
  thread.wait();
  if (thread.leads) {
    let sum: f64 = 0;
    for (let i = 0; i < count; i++) sum += load<f64>(trainer.norms + <usize>i * 8);
    boundNorm(state, sqrt(sum));
  }
  thread.wait();
  for (let l = 1; l <= network.layerCount; l++) {
    const layer = network.layer(l);
    for (thread.begin(layer.panels, layer.inputs, CHUNK); thread.next(); ) {
      const rows = thread.to - thread.from + (thread.to == layer.inputs ? layer.trainedRows : 0);
      const offset = layer.offset + <usize>thread.part * layer.panelBytes + <usize>thread.from * PANEL_BYTES;
      apply(trainer, offset, trainer.gradient + offset, <usize>rows * PANEL_BYTES);
    }
  }
}

/** In float64. */
function sumOfSquares(at: usize, bytes: usize): f64 {
  let sum = f64x2.splat(0);
  for (const end = at + bytes; at < end; at += 8) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(at));
    sum = f64x2.add(sum, f64x2.mul(pair, pair));
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** −0 becomes 0: what people read shouldn't puzzle them. */
function unsignZeros(at: usize, end: usize): void {
  for (; at < end; at += VECTOR_BYTES) v128.store(at, f32x4.add(v128.load(at), f32x4.splat(0)));
}

/**
 * Forward, loss, backward and update on the mini-batch that lies in the workspace. A loss that isn't finite has no
 * gradient to follow: then nothing is updated, and the metrics say so.
 */
function step(thread: Thread, trainer: Trainer, metrics: Metrics, table: Table, batch: i32): void {
  const network = trainer.network;
  const key = network.isRandom ? keyOf(network.seed, trainer.optimizer.count(OptimizerCounter.steps)) : 0;
  forwardPass(thread, trainer.workspace, batch, key, Statistics.learned);
  const loss = outputDelta(thread, trainer, table, batch, true);
  if (thread.leads) measure(trainer, metrics, loss, batch);
  if (isFinite<f64>(loss)) {
    const whole = trainer.optimizer.needsWhole;
    for (let l = trainer.network.layerCount; l >= 1; l--) {
      backwardNormalised(thread, trainer, l, batch, Statistics.learned);
      // δ(l − 1) takes the weights as they were
      if (l > 1) backwardPass(thread, trainer, l, batch, key);
      if (whole) storeGradient(thread, trainer, l, trainer.gradient, batch, key);
      else updateLayer(thread, trainer, l, batch, key);
    }
    if (whole) updateWhole(thread, trainer);
    if (trainer.network.bounds) {
      thread.wait();
      constrain(thread, trainer.network);
    }
    if (thread.leads) endStep(trainer.optimizer);
  }
  thread.wait();
}

/**
 * One step for each mini-batch of the epoch's rows first..last. A mini-batch has as many rows as the workspace has room
 * for, the last one of an epoch perhaps fewer; `last` must end one. `rates` are their learning rates, float64, or 0 where the
 * optimizer's own holds for all.
 */
export function train(
  thread: Thread,
  trainer: Trainer,
  metrics: Metrics,
  table: Table,
  order: usize,
  rates: usize,
  first: i32,
  last: i32,
): void {
  const size = trainer.workspace.rows;
  for (let row = first; row < last; row += size) {
    const batch = min(size, last - row);
    if (thread.leads) beginStep(trainer.optimizer, rates);
    if (rates) rates += 8;
    gather(thread, trainer.workspace, table, order, row, batch);
    step(thread, trainer, metrics, table, batch);
  }
  thread.finish();
}

/** Loss and hits over rows first..last, nothing changed. */
export function evaluate(
  thread: Thread,
  trainer: Trainer,
  metrics: Metrics,
  table: Table,
  first: i32,
  last: i32,
): void {
  const size = trainer.workspace.rows;
  for (let row = first; row < last; row += size) {
    const batch = min(size, last - row);
    gather(thread, trainer.workspace, table, 0, row, batch);
    forwardPass(thread, trainer.workspace, batch, 0, Statistics.running);
    const loss = outputDelta(thread, trainer, table, batch, false);
    if (thread.leads) measure(trainer, metrics, loss, batch);
    thread.wait();
  }
  thread.finish();
}

/**
 * The gradient on rows 0..batch of a table, into a block; nothing changed. Batch normalization takes the mini-batch's
 * statistics or, where they are `fixed`, the running ones.
 */
export function gradients(
  thread: Thread,
  trainer: Trainer,
  metrics: Metrics,
  table: Table,
  batch: i32,
  block: usize,
  fixed: bool,
): void {
  const statistics = fixed ? Statistics.running : Statistics.batch;
  const network = trainer.network;
  const workspace = trainer.workspace;
  gather(thread, workspace, table, 0, 0, batch);
  forwardPass(thread, workspace, batch, 0, statistics);
  const loss = outputDelta(thread, trainer, table, batch, true);
  if (thread.leads) measure(trainer, metrics, loss, batch);
  for (let l = network.layerCount; l >= 1; l--) {
    backwardNormalised(thread, trainer, l, batch, statistics);
    if (l > 1) backwardPass(thread, trainer, l, batch, 0);
    storeGradient(thread, trainer, l, block, batch, 0);
  }
}

/** The outputs for the first `rows` rows of a table's inputs, in the workspace's last layer. */
export function forwardRows(thread: Thread, workspace: Workspace, table: Table, rows: i32): void {
  gather(thread, workspace, table, 0, 0, rows);
  forwardPass(thread, workspace, rows, 0, Statistics.running);
}

/** The outputs for rows first..last of a table's inputs into `outputs`, row-major, where row 0 would be. */
export function predict(
  thread: Thread,
  workspace: Workspace,
  table: Table,
  first: i32,
  last: i32,
  outputs: usize,
): void {
  const width = workspace.network.outputs;
  const a = workspace.buffers(workspace.network.layerCount).a;
  for (let row = first; row < last; row += workspace.rows) {
    const batch = min(workspace.rows, last - row);
    gather(thread, workspace, table, 0, row, batch);
    forwardPass(thread, workspace, batch, 0, Statistics.running);
    scatter(outputs + <usize>row * <usize>width * 4, a, batch, width);
  }
}
