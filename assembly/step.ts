// One training step (forward, loss, backward, update) and the loop over mini-batches. As in passes.ts, all threads of a team
// run these functions.

import { OptimizerCounter } from "../src/abi";
import { gatherInputs, gatherTargets, gatherWeights, scaleInputs, scatter, Table } from "./data";
import { FULL } from "./extent";
import { lbfgsStep } from "./lbfgs";
import { Metrics } from "./metrics";
import { Workspace } from "./network";
import { keyOf } from "./noise";
import { Statistics } from "./normalization";
import { beginStep, endStep, searchesLines } from "./optimizers";
import { backwardNormalised, backwardPass, forwardPass, lossAndGradient, measure, outputDelta } from "./passes";
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

/**
 * Forward, loss, backward and update on the mini-batch that lies in the workspace. A loss that isn't finite has no
 * gradient to follow: then nothing is updated, and the metrics say so.
 */
function step(thread: Thread, trainer: Trainer, metrics: Metrics, table: Table, batch: i32): void {
  const network = trainer.network;
  const key = FULL && network.isRandom ? keyOf(network.seed, trainer.optimizer.count(OptimizerCounter.steps)) : 0;
  if (searchesLines(trainer.optimizer)) return lbfgsStep(thread, trainer, metrics, table, batch, key);
  forwardPass(thread, trainer.workspace, batch, key, Statistics.learned);
  const loss = outputDelta(thread, trainer, table, batch, true);
  if (thread.leads) measure(trainer, metrics, loss, batch);
  if (isFinite<f64>(loss)) {
    const whole = FULL && trainer.optimizer.needsWhole;
    for (let l = trainer.network.layerCount; l >= 1; l--) {
      backwardNormalised(thread, trainer, l, batch, Statistics.learned);
      // δ(l − 1) takes the weights as they were
      if (l > 1) backwardPass(thread, trainer, l, batch, key);
      if (whole) storeGradient(thread, trainer, l, trainer.gradient, batch, key);
      else updateLayer(thread, trainer, l, batch, key);
    }
    if (whole) updateWhole(thread, trainer);
    if (FULL && trainer.network.bounds) {
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
  thread.enter();
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
  thread.enter();
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
  gather(thread, trainer.workspace, table, 0, 0, batch);
  const loss = lossAndGradient(thread, trainer, table, batch, 0, statistics, block);
  if (thread.leads) measure(trainer, metrics, loss, batch);
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
