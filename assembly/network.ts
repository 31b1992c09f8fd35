// What a network is in memory, and what a workspace is: plan and build of both.
//
//   Network ┐ layerCount, sizes, where the parameters are
//           ├ Layer 1 … Layer L      sizes, activation, offset of its parameters in a block
//           ├ parameters             one block, see below
//           └ scaling                of the inputs, where they are scaled
//
// A block of parameters (weights, their gradient, an optimizer's moments: all lie alike) is, layer after layer,
//
//   panels [outputs/8][inputs + 1][8]      w[j][k] at panel j/8, row k, column j%8; b[j] behind them, in row k = inputs
//
// with further rows where a layer is normalised: γ, and for batch normalization the running mean and variance,
// so that a panel is one operand of the forward pass, one result of the weight gradient, and one stretch of an update.
// Padding columns (j ≥ outputs) are 0 in all blocks and stay so.
//
//   Workspace ┐ network, rows, where y, losses and weights are
//             ├ Buffers 0 … Buffers L  z, a and d of each layer; layer 0's a is the input
//             └ the buffers            panels [units/8][rows][8]

import { Activation, LayerOption, NetworkOption, Normalization, Purpose } from "../src/abi";
import { readsZ } from "./activations";
import { FULL } from "./extent";
import { normBytes } from "./normalization";
import { cell, PANEL_BYTES, panelsOf } from "./panels";

/** Every block and buffer starts on a cache line. Sizes are counted in 64 bits, so that none wraps around. */
const LINE: u64 = 64;

// @ts-ignore: decorator
@inline
function lines(bytes: u64): u64 {
  return (bytes + LINE - 1) & ~(LINE - 1);
}

/** Behind the weights: the bias; with normalization γ; with that of batches the running mean and variance. */
// @ts-ignore: decorator
@inline
function rowsBehindWeights(normalization: Normalization): i32 {
  return normalization == Normalization.none ? 1 : normalization == Normalization.layer ? 2 : 4;
}

@unmanaged @final
export class Layer {
  inputs: i32;
  outputs: i32;
  activation: Activation;
  /** Bytes from a block's start to this layer's panels. */
  offset: usize;
  /** The share of its activations that a mini-batch of training drops. */
  dropout: f32;
  /** What λ‖w‖₁ and λ‖w‖₂² of its weights add to the cost. */
  l1: f32;
  l2: f32;
  /** The most that ‖w‖₂ of the weights into a neuron may be; 0 where it isn't bounded. */
  maxNorm: f32;
  normalization: Normalization;
  /** What running statistics take of a mini-batch's. */
  momentum: f32;
  epsilon: f32;

  /** Bytes of one panel of parameters, the rows behind the weights included. */
  @inline get panelBytes(): usize {
    return <usize>(this.inputs + rowsBehindWeights(this.normalization)) * PANEL_BYTES;
  }
  /** How many rows behind the weights follow a gradient. */
  @inline get trainedRows(): i32 {
    return this.isNormalised ? 2 : 1;
  }
  @inline get panels(): i32 {
    return panelsOf(this.outputs);
  }
  @inline get isPenalised(): bool {
    return FULL && (this.l1 != 0 || this.l2 != 0);
  }
  @inline get isNormalised(): bool {
    return FULL && this.normalization != Normalization.none;
  }
  /** Whether a mini-batch of training drops any of its activations. */
  @inline get drops(): bool {
    return FULL && this.dropout != 0;
  }
  @inline get bytes(): usize {
    return <usize>this.panels * this.panelBytes;
  }
}

@unmanaged @final
export class Network {
  layerCount: i32;
  inputs: i32;
  outputs: i32;
  /** The share of inputs that a mini-batch of training drops, and the deviation of the noise that is added to them. */
  inputDropout: f32;
  inputNoise: f32;
  seed: u64;
  /** Whether any layer has a maxNorm, and whether training adds anything at random. */
  bounds: bool;
  isRandom: bool;
  /** Bytes of a block of parameters. */
  blockBytes: usize;
  parameters: usize;
  /** What is taken from each input, and what the rest is multiplied by: panels [inputs/8][2][8]; 0 where they stay as they are. */
  scaling: usize;

  /** Whether a mini-batch of training drops or changes any of its inputs. */
  @inline get disturbs(): bool {
    return FULL && (this.inputNoise != 0 || this.inputDropout != 0);
  }
  /** Layer l, from 1 to layerCount. */
  @inline layer(l: i32): Layer {
    return changetype<Layer>(changetype<usize>(this) + offsetof<Network>() + <usize>(l - 1) * offsetof<Layer>());
  }
}

const NETWORK_OPTIONS: usize = <usize>NetworkOption.scalesInputs + 1;
const LAYER_OPTIONS: usize = <usize>LayerOption.epsilon + 1;

/** What JavaScript describes a network with: float64, one for each NetworkOption, then for each LayerOption of each layer. */
@unmanaged @final
class Description {
  @inline get(name: NetworkOption): f64 {
    return load<f64>(changetype<usize>(this) + <usize>name * 8);
  }
  @inline of(l: i32, name: LayerOption): f64 {
    const index = NETWORK_OPTIONS + <usize>(l - 1) * LAYER_OPTIONS + <usize>name;
    return load<f64>(changetype<usize>(this) + index * 8);
  }
  @inline get layerCount(): i32 { return <i32>this.get(NetworkOption.layerCount); }
  @inline units(l: i32): i32 {
    return l == 0 ? <i32>this.get(NetworkOption.inputs) : <i32>this.of(l, LayerOption.units);
  }
}

// @ts-ignore: decorator
@inline
function headerBytes(layerCount: i32): usize {
  return <usize>lines(offsetof<Network>() + <usize>layerCount * offsetof<Layer>());
}

/** The bytes that a described network takes. */
export function networkBytes(description: usize): f64 {
  const about = changetype<Description>(description);
  let bytes: u64 = headerBytes(about.layerCount);
  for (let l = 1; l <= about.layerCount; l++) {
    const rows = about.units(l - 1) + rowsBehindWeights(<Normalization>about.of(l, LayerOption.normalization));
    bytes += <u64>panelsOf(about.units(l)) * <u64>rows * PANEL_BYTES;
  }
  return <f64>(lines(bytes) + scalingBytes(about));
}

function scalingBytes(about: Description): u64 {
  return about.get(NetworkOption.scalesInputs) != 0 ? <u64>panelsOf(about.units(0)) * 2 * PANEL_BYTES : 0;
}

/** Lays the described network out at `target`, all parameters 0; its scaling, if any, is to be written. */
export function buildNetwork(target: usize, description: usize): void {
  const about = changetype<Description>(description);
  const network = changetype<Network>(target);
  network.layerCount = about.layerCount;
  network.inputs = about.units(0);
  network.inputDropout = <f32>about.get(NetworkOption.inputDropout);
  network.inputNoise = <f32>about.get(NetworkOption.inputNoise);
  network.seed = <u64>about.get(NetworkOption.seed);
  network.outputs = about.units(about.layerCount);
  network.parameters = target + headerBytes(about.layerCount);
  network.bounds = false;
  network.isRandom = network.disturbs;
  let offset: usize = 0;
  for (let l = 1; l <= about.layerCount; l++) {
    const layer = network.layer(l);
    layer.inputs = about.units(l - 1);
    layer.outputs = about.units(l);
    layer.activation = <Activation>about.of(l, LayerOption.activation);
    layer.dropout = <f32>about.of(l, LayerOption.dropout);
    layer.l1 = <f32>about.of(l, LayerOption.l1);
    layer.l2 = <f32>about.of(l, LayerOption.l2);
    layer.maxNorm = <f32>about.of(l, LayerOption.maxNorm);
    layer.normalization = <Normalization>about.of(l, LayerOption.normalization);
    layer.momentum = <f32>about.of(l, LayerOption.momentum);
    layer.epsilon = <f32>about.of(l, LayerOption.epsilon);
    if (layer.maxNorm != 0) network.bounds = true;
    if (layer.drops) network.isRandom = true;
    layer.offset = offset;
    offset += layer.bytes;
  }
  network.blockBytes = offset;
  memory.fill(network.parameters, 0, offset);
  network.scaling = about.get(NetworkOption.scalesInputs) != 0 ? network.parameters + <usize>lines(offset) : 0;
}

/**
 * Copies a block into `vector`, ordered w1, b1, w2, b2, …, each W row-major [to][from]; with `back`, from `vector` into
 * the block, whose padding becomes 0.
 */
export function translate(network: Network, block: usize, vector: usize, back: bool): void {
  if (back) memory.fill(block, 0, network.blockBytes);
  for (let l = 1; l <= network.layerCount; l++) {
    const layer = network.layer(l);
    const behind = vector + <usize>layer.outputs * <usize>layer.inputs * 4;
    const rows = rowsBehindWeights(layer.normalization);
    for (let j = 0; j < layer.outputs; j++) {
      let at = cell(block + layer.offset, layer.panelBytes, j);
      for (let k = 0; k < layer.inputs; k++, at += PANEL_BYTES, vector += 4) move(at, vector, back);
      for (let r = 0; r < rows; r++, at += PANEL_BYTES) move(at, behind + <usize>(r * layer.outputs + j) * 4, back);
    }
    vector = behind + <usize>(rows * layer.outputs) * 4;
  }
}

// @ts-ignore: decorator
@inline
function move(at: usize, vector: usize, back: bool): void {
  if (back) store<f32>(at, load<f32>(vector));
  else store<f32>(vector, load<f32>(at));
}

/** Where one layer's values lie while a mini-batch passes. z is a's own place where nothing reads z later. */
@unmanaged @final
export class Buffers {
  z: usize;
  a: usize;
  /** ∂C/∂a, then δ. */
  d: usize;
  /** What a mini-batch of training multiplies a by, 0 or 1/(1 − rate), and what that gives; 0 where nothing is dropped. */
  mask: usize;
  dropped: usize;
  /** Of a normalised layer: the weighted sums, standardised, and what it keeps for the way back (0 in prediction). */
  sums: usize;
  norms: usize;

  /** What the layer above takes: with a `key`, what dropout leaves. */
  @inline output(key: u64): usize {
    return key != 0 && this.mask ? this.dropped : this.a;
  }
}

@unmanaged @final
export class Workspace {
  network: Network;
  /** The most rows that a mini-batch may have. */
  rows: i32;
  /** The targets. */
  y: usize;
  /** Each row's loss, float64. */
  losses: usize;
  /** What each row counts, float32, where that is told. */
  weights: usize;

  /** Layer l's, from 0 to layerCount. */
  @inline buffers(l: i32): Buffers {
    return changetype<Buffers>(changetype<usize>(this) + offsetof<Workspace>() + <usize>l * offsetof<Buffers>());
  }
}

/**
 * Lays out a workspace of `rows` rows at `target` and returns the bytes that it takes; with target 0, only counts.
 * For prediction, the layers' activations take turns in two buffers.
 */
export function layOutWorkspace(target: usize, network: Network, rows: i32, purpose: Purpose): u64 {
  const workspace = changetype<Workspace>(target);
  const trains = purpose != Purpose.predict;
  let widest = 0;
  for (let l = 1; l <= network.layerCount; l++) widest = max(widest, network.layer(l).outputs);
  const turnBytes = bufferBytes(widest, rows);
  let bytes = lines(offsetof<Workspace>() + <usize>(network.layerCount + 1) * offsetof<Buffers>());
  const input = bytes;
  bytes += bufferBytes(network.inputs, rows);
  const mask = bytes;
  const dropsInputs = FULL && trains && network.inputDropout != 0;
  if (dropsInputs) bytes += 2 * bufferBytes(network.inputs, rows);
  const turns = bytes;
  if (!trains) bytes += 2 * turnBytes;
  if (target) {
    workspace.network = network;
    workspace.rows = rows;
    workspace.buffers(0).z = 0;
    workspace.buffers(0).a = target + <usize>input;
    workspace.buffers(0).d = 0;
    workspace.buffers(0).mask = dropsInputs ? target + <usize>mask : 0;
    workspace.buffers(0).dropped = target + <usize>(mask + bufferBytes(network.inputs, rows));
  }
  for (let l = 1; l <= network.layerCount; l++) {
    const layer = network.layer(l);
    const size = bufferBytes(layer.outputs, rows);
    // the output layer's z is kept for the losses that are computed from it
    const keepsZ = trains && (purpose == Purpose.trace || l == network.layerCount || readsZ(layer.activation));
    const a = trains ? bytes : turns + <u64>(l & 1) * turnBytes;
    if (target) {
      const buffers = workspace.buffers(l);
      buffers.a = target + <usize>a;
      buffers.z = keepsZ ? target + <usize>(bytes + size) : target + <usize>a;
      buffers.d = trains ? target + <usize>(bytes + size + (keepsZ ? size : 0)) : 0;
    }
    if (trains) bytes += size + size + (keepsZ ? size : 0);
    const drops = trains && layer.drops;
    if (target) {
      workspace.buffers(l).mask = drops ? target + <usize>bytes : 0;
      workspace.buffers(l).dropped = target + <usize>(bytes + size);
    }
    if (drops) bytes += 2 * size;
    const keepsSums = trains && layer.isNormalised;
    if (target) {
      workspace.buffers(l).sums = keepsSums ? target + <usize>bytes : workspace.buffers(l).z;
      workspace.buffers(l).norms = keepsSums ? target + <usize>(bytes + size) : 0;
    }
    if (keepsSums) bytes += size + lines(normBytes(layer, rows));
  }
  if (trains) {
    if (target) {
      workspace.y = target + <usize>bytes;
      workspace.losses = workspace.y + <usize>bufferBytes(network.outputs, rows);
      workspace.weights = workspace.losses + <usize>lines(<u64>rows * 8);
    }
    bytes += bufferBytes(network.outputs, rows) + lines(<u64>rows * 8) + lines(<u64>rows * 4);
  }
  return bytes;
}

// @ts-ignore: decorator
@inline
function bufferBytes(units: i32, rows: i32): u64 {
  return lines(<u64>panelsOf(units) * <u64>rows * PANEL_BYTES);
}
