// A layer's gradient ∂C/∂w and ∂C/∂b: followed stretch by stretch while it is in the cache, or stored as a whole. Split, as
// everything, between the threads by panels and rows of weights.

import { biasGradient, descend, descendAlong, weightGradient } from "./dense";
import { Layer, Network } from "./network";
import { copyGradients } from "./normalization";
import { boundNorm, rateOf, update } from "./optimizers";
import { PANEL_BYTES } from "./panels";
import { boundNorms, penalise } from "./penalties";
import { CHUNK, Scratch } from "./scratch";
import { Thread } from "./sync";
import { Trainer } from "./trainer";
import { VECTOR_BYTES } from "./vec";

/** ∂C/∂w and ∂C/∂b of layer l, applied stretch by stretch of each panel. */
export function updateLayer(thread: Thread, trainer: Trainer, l: i32, batch: i32, key: u64): void {
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
  if (layer.isNormalised) copyGradients(target, trainer.workspace.buffers(l), panel);
  else biasGradient(target, d, batch);
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
export function constrain(thread: Thread, network: Network): void {
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
export function storeGradient(thread: Thread, trainer: Trainer, l: i32, block: usize, batch: i32, key: u64): void {
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
export function updateWhole(thread: Thread, trainer: Trainer): void {
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
