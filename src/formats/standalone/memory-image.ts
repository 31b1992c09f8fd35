// The linear memory of a stand-alone module: a network and all that a prediction of one sample needs, laid out by the kernels
// themselves in a memory of its own.

import { InputKind, Purpose, StandalonePlace, TargetKind } from "../../abi.js";
import { namesOf } from "../../checks.js";
import type { Pointer } from "../../engine/exports.js";
import { compile, createInstance } from "../../engine/instance.js";
import { describe, writeScaling } from "../../engine/network-block.js";
import { resolveNetwork } from "../../network-options.js";
import { shapeOf } from "../../network-shape.js";
import type { Model } from "../model.js";
import type { AffineStep } from "../sequence.js";

/** Of memory. */
export const PAGE = 65_536;
/** Where `StandalonePlace`s are written, and cache lines, at which every part starts. */
const PLACES = 16;
const LINE = 64;

export interface MemoryImage {
  /** All of the memory; what lies below `from`, but for the places, is left to the kernel's own data. */
  bytes: Uint8Array;
  from: Pointer;
  places: { at: Pointer; bytes: Uint8Array };
  /** Of the sample and of the answer, float32. */
  input: Pointer;
  output: Pointer;
}

/**
 * @param free where the kernel's own data ends
 * @param unscaling what is done to the outputs, if anything
 */
export async function memoryImage(
  { network: options, parameters }: Model,
  free: Pointer,
  unscaling: AffineStep | undefined,
): Promise<MemoryImage> {
  const resolved = resolveNetwork(options);
  const shape = shapeOf(resolved);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const exports = await createInstance(await compile("simd", "full"), memory);
  // the kernels that lay it out have data of their own below
  const from = lines(Math.max(free, exports.heapBase()));
  let end = from;
  const reach = (bytes: number) => {
    const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
    if (pages > 0) memory.grow(pages);
  };
  const take = (bytes: number): Pointer => {
    const pointer = end;
    end = lines(end + bytes);
    reach(end);
    return pointer;
  };
  /** Numbers where nothing lies yet, to be read at once. */
  const lend = <T extends Float32ArrayConstructor | Float64ArrayConstructor>(
    kind: T,
    numbers: ArrayLike<number>,
  ): Pointer => {
    reach(end + numbers.length * kind.BYTES_PER_ELEMENT);
    new kind(memory.buffer).set(numbers, end / kind.BYTES_PER_ELEMENT);
    return end;
  };

  const description = describe(shape);
  const network = take(exports.networkBytes(lend(Float64Array, description)));
  exports.buildNetwork(network, lend(Float64Array, description));
  exports.writeBlock(network, exports.parametersOf(network) >>> 0, lend(Float32Array, parameters));
  if (resolved.normalize !== undefined) {
    const floats = new Float32Array(memory.buffer);
    writeScaling(floats, exports.scalingOf(network) >>> 0, resolved.inputs, resolved.normalize.scaling);
  }
  new Uint8Array(memory.buffer).fill(0, end);

  const team = take(exports.teamBytes(network, 1));
  exports.buildTeam(team, network, 1, 0);
  const workspace = take(exports.workspaceBytes(network, 1, Purpose.predict));
  exports.buildWorkspace(workspace, network, 1, Purpose.predict);
  const input = take(resolved.inputs * 4);
  const table = take(exports.tableBytes());
  exports.buildTable(table, input, InputKind.float32, 1, 0, TargetKind.values, 0);
  const output = take((resolved.layers.at(-1)?.units ?? 0) * 4);
  const pairs = Array.from(unscaling?.factor ?? [], (factor, j) => [factor, unscaling?.offset[j] as number]).flat();
  const back = take(pairs.length * 8);
  new Float64Array(memory.buffer).set(pairs, back / 8);

  const parts = { thread: exports.threadOf(team, 0) >>> 0, workspace, table, output, unscaling: unscaling && back };
  const places = Uint32Array.from(namesOf<keyof typeof StandalonePlace>(StandalonePlace), (name) => parts[name] ?? 0);
  return {
    ...{ bytes: new Uint8Array(memory.buffer, 0, end), from, input, output },
    places: { at: PLACES, bytes: new Uint8Array(places.buffer) },
  };
}

const lines = (bytes: number) => Math.ceil(bytes / LINE) * LINE;
