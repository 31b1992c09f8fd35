// One training step (forward, loss, backward, update) and the loop over mini-batches.

import { Loss } from "../src/abi";
import { activate, differentiate } from "./activations";
import { gatherInputs, gatherTargets, Table } from "./data";
import { biasGradient, descend, forward, inputGradient, weightGradient } from "./dense";
import { costAndDelta } from "./losses";
import { countCorrect, Metrics } from "./metrics";
import { Layer, Network, Workspace } from "./network";
import { beginStep, isPlainDescent, OptimizerState, rateOf, update } from "./optimizers";
import { PANEL_BYTES } from "./panels";

/** The gradient is computed and applied this many rows of a panel at a time, so that it is still in the L1 cache. */
const CHUNK: i32 = 64;
export const GRADIENT_BYTES: usize = <usize>(CHUNK + 1) * PANEL_BYTES;

@unmanaged @final
export class Trainer {
  network: Network;
  workspace: Workspace;
  loss: Loss;
  optimizer: OptimizerState;
  /** A stretch of CHUNK rows (and of one), where the gradient is kept until it is applied. */
  gradient: usize;
}

/** a(l) for l = 1..L, from the input that lies in the workspace's layer 0. */
export function forwardPass(network: Network, workspace: Workspace, rows: i32): void {
  for (let l = 1; l <= network.layerCount; l++) {
    const layer = network.layer(l);
    const buffers = workspace.buffers(l);
    forward(layer, network.parameters, workspace.buffers(l - 1).a, buffers.z, rows);
    activate(layer.activation, buffers.z, buffers.a, rows, layer.outputs);
  }
}

/** Adds the outputs' loss and hits to the metrics and, unless `withDelta` is false, computes δ(L). Returns the loss. */
function outputDelta(trainer: Trainer, metrics: Metrics, rows: i32, withDelta: bool): f64 {
  const layer = trainer.network.layer(trainer.network.layerCount);
  const buffers = trainer.workspace.buffers(trainer.network.layerCount);
  const y = trainer.workspace.y;
  if (metrics.classifies) countCorrect(metrics, buffers.a, y, rows, layer.outputs);
  const d = withDelta ? buffers.d : 0;
  const loss = costAndDelta(trainer.loss, layer.activation, buffers.z, buffers.a, y, d, rows, layer.outputs);
  metrics.lossSum += loss;
  return loss;
}

/** δ(l − 1) from δ(l). */
function backward(trainer: Trainer, l: i32, rows: i32): void {
  const network = trainer.network;
  const below = trainer.workspace.buffers(l - 1);
  const d = trainer.workspace.buffers(l).d;
  inputGradient(network.layer(l), network.parameters, trainer.workspace.transposed, d, below.d, rows);
  differentiate(network.layer(l - 1).activation, below.z, below.a, below.d, rows, network.layer(l).inputs);
}

/** ∂C/∂w and ∂C/∂b of layer l, applied panel by panel. */
function updateLayer(trainer: Trainer, l: i32, rows: i32): void {
  const layer = trainer.network.layer(l);
  const x = trainer.workspace.buffers(l - 1).a;
  const plain = isPlainDescent(trainer.optimizer);
  let d = trainer.workspace.buffers(l).d;
  let offset = layer.offset;
  for (let p = 0, panels = layer.panels; p < panels; p++, d += <usize>rows * PANEL_BYTES) {
    if (plain) {
      descend(rateOf(trainer.optimizer), trainer.network.parameters + offset, x, d, layer.inputs, rows);
      updateBiases(trainer, offset + layer.panelBytes - PANEL_BYTES, d, rows);
    } else updatePanel(trainer, layer, offset, x, d, rows);
    offset += layer.panelBytes;
  }
}

function updateBiases(trainer: Trainer, offset: usize, d: usize, rows: i32): void {
  biasGradient(trainer.gradient, d, rows);
  apply(trainer, offset, PANEL_BYTES);
}

/** One panel's gradient, stretch by stretch: each is applied while it is in the L1 cache. */
function updatePanel(trainer: Trainer, layer: Layer, offset: usize, x: usize, d: usize, rows: i32): void {
  for (let from = 0; from < layer.inputs; from += CHUNK) {
    const to = min(from + CHUNK, layer.inputs);
    weightGradient(trainer.gradient, x, d, from, to, rows);
    let bytes = <usize>(to - from) * PANEL_BYTES;
    if (to == layer.inputs) {
      biasGradient(trainer.gradient + bytes, d, rows);
      bytes += PANEL_BYTES;
    }
    apply(trainer, offset, bytes);
    offset += bytes;
  }
}

/** Updates the parameters at `offset` by the stretch of gradient at hand. */
function apply(trainer: Trainer, offset: usize, bytes: usize): void {
  const network = trainer.network;
  update(trainer.optimizer, network.parameters + offset, trainer.gradient, offset, bytes, network.blockBytes);
}

/** ∂C/∂w and ∂C/∂b of layer l into a block. */
function storeGradient(layer: Layer, block: usize, x: usize, d: usize, rows: i32): void {
  let target = block + layer.offset;
  for (let p = 0, panels = layer.panels; p < panels; p++, d += <usize>rows * PANEL_BYTES) {
    weightGradient(target, x, d, 0, layer.inputs, rows);
    biasGradient(target + <usize>layer.inputs * PANEL_BYTES, d, rows);
    target += layer.panelBytes;
  }
}

/**
 * Forward, loss, backward and update on the mini-batch that lies in the workspace. A loss that isn't finite has no
 * gradient to follow: then nothing is updated, and the metrics say so.
 */
function step(trainer: Trainer, metrics: Metrics, rows: i32): void {
  forwardPass(trainer.network, trainer.workspace, rows);
  if (!isFinite<f64>(outputDelta(trainer, metrics, rows, true))) return;
  beginStep(trainer.optimizer);
  for (let l = trainer.network.layerCount; l >= 1; l--) {
    // δ(l − 1) takes the weights as they were
    if (l > 1) backward(trainer, l, rows);
    updateLayer(trainer, l, rows);
  }
}

function gather(trainer: Trainer, table: Table, order: usize, first: i32, rows: i32): void {
  gatherInputs(trainer.workspace.buffers(0).a, table, order, first, rows, trainer.network.inputs);
  gatherTargets(trainer.workspace.y, table, order, first, rows, trainer.network.outputs);
}

/**
 * One step for each mini-batch of the epoch's rows first..last. A mini-batch has as many rows as the workspace has room
 * for, the last one of an epoch perhaps fewer; `last` must end one.
 */
export function train(trainer: Trainer, metrics: Metrics, table: Table, order: usize, first: i32, last: i32): void {
  const batch = trainer.workspace.rows;
  for (let row = first; row < last; row += batch) {
    const rows = min(batch, last - row);
    gather(trainer, table, order, row, rows);
    step(trainer, metrics, rows);
  }
}

/** Loss and hits over rows first..last, nothing changed. */
export function evaluate(trainer: Trainer, metrics: Metrics, table: Table, first: i32, last: i32): void {
  const batch = trainer.workspace.rows;
  for (let row = first; row < last; row += batch) {
    const rows = min(batch, last - row);
    gather(trainer, table, 0, row, rows);
    forwardPass(trainer.network, trainer.workspace, rows);
    outputDelta(trainer, metrics, rows, false);
  }
}

/** The gradient on rows 0..rows of a table, into a block; nothing changed. */
export function gradients(trainer: Trainer, metrics: Metrics, table: Table, rows: i32, block: usize): void {
  const network = trainer.network;
  const workspace = trainer.workspace;
  gather(trainer, table, 0, 0, rows);
  forwardPass(network, workspace, rows);
  outputDelta(trainer, metrics, rows, true);
  for (let l = network.layerCount; l >= 1; l--) {
    if (l > 1) backward(trainer, l, rows);
    storeGradient(network.layer(l), block, workspace.buffers(l - 1).a, workspace.buffers(l).d, rows);
  }
}
