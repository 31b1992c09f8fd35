// One training step (forward, loss, backward, update) and the loop over mini-batches.
//
// All threads of a team run these functions, each does its share of every phase, and all meet at `wait` before anybody
// reads what another wrote or overwrites what another reads.

import { Normalization, OptimizerCounter } from "../src/abi";
import { isLanewise } from "./activations";
import { gatherInputs, gatherTargets, gatherWeights, scaleInputs, scatter, Table } from "./data";
import { backward, forward } from "./dense";
import { costAndDelta } from "./losses";
import { countCorrect, Metrics } from "./metrics";
import { Workspace } from "./network";
import { addNoise, drop, keyOf, keyOfLayer } from "./noise";
import { normalizationBackward, Statistics } from "./normalization";
import { beginStep, endStep } from "./optimizers";
import { PANEL_BYTES, panelsOf } from "./panels";
import { smoothLabels, weighClasses } from "./row-losses";
import { Scratch } from "./scratch";
import { Thread } from "./sync";
import { Trainer } from "./trainer";
import { constrain, storeGradient, updateLayer, updateWhole } from "./updates";

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
