// A mini-batch on its way through the layers, and back: what training, evaluation and prediction are made of.
//
// All threads of a team run these functions, each does its share of every phase, and all meet at `wait` before anybody
// reads what another wrote or overwrites what another reads.

import { isLanewise } from "./activations";
import { Table } from "./data";
import { backward, forward } from "./dense";
import { FULL } from "./extent";
import { costAndDelta } from "./losses";
import { countCorrect, Metrics } from "./metrics";
import { Workspace } from "./network";
import { addNoise, drop, keyOfLayer } from "./noise";
import { normalizationBackward, Statistics } from "./normalization";
import { PANEL_BYTES, panelsOf } from "./panels";
import { smoothLabels, weighClasses } from "./row-losses";
import { Scratch } from "./scratch";
import { Thread } from "./sync";
import { Trainer } from "./trainer";
import { storeGradient } from "./updates";

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
  if (key != 0 && network.disturbs) disturb(thread, workspace, batch, key);
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
export function outputDelta(thread: Thread, trainer: Trainer, table: Table, batch: i32, trains: bool): f64 {
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
    if (FULL && trains && trainer.classWeights) weighClasses(at, trainer.classWeights, table.weights != 0);
    else if (!table.weights) at.weights = 0;
    if (FULL && trains && trainer.labelSmoothing != 0) smoothLabels(at, trainer.labelSmoothing);
    costAndDelta(trainer.loss, layer.activation, at);
  }
  thread.wait();
  let loss: f64 = 0;
  for (let row = 0; row < batch; row++) loss += load<f64>(workspace.losses + <usize>row * 8);
  return loss;
}

/** Adds the outputs' loss and hits to the metrics. */
export function measure(trainer: Trainer, metrics: Metrics, loss: f64, batch: i32): void {
  const outputs = trainer.network.outputs;
  const a = trainer.workspace.buffers(trainer.network.layerCount).a;
  metrics.lossSum += loss;
  if (metrics.classifies) countCorrect(metrics, a, trainer.workspace.y, batch, outputs);
}

/** δ(l) of a normalised layer becomes the gradient by its weighted sums. */
// @ts-ignore: decorator
@inline
export function backwardNormalised(thread: Thread, trainer: Trainer, l: i32, batch: i32, statistics: Statistics): void {
  const layer = trainer.network.layer(l);
  if (!layer.isNormalised) return;
  normalizationBackward(thread, layer, trainer.network.parameters, trainer.workspace.buffers(l), batch, statistics);
}

/** δ(l − 1) from δ(l). */
export function backwardPass(thread: Thread, trainer: Trainer, l: i32, batch: i32, key: u64): void {
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
 * Forward, loss and backward on the mini-batch that lies in the workspace, the gradient into a block. Returns the loss summed
 * over the rows.
 */
export function lossAndGradient(
  thread: Thread, trainer: Trainer, table: Table, batch: i32, key: u64, statistics: Statistics, block: usize,
): f64 {
  forwardPass(thread, trainer.workspace, batch, key, statistics);
  const loss = outputDelta(thread, trainer, table, batch, true);
  for (let l = trainer.network.layerCount; l >= 1; l--) {
    backwardNormalised(thread, trainer, l, batch, statistics);
    if (l > 1) backwardPass(thread, trainer, l, batch, key);
    storeGradient(thread, trainer, l, block, batch, key);
  }
  return loss;
}
