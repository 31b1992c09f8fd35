// A model as a WebAssembly module that predicts by itself: the kernel of assembly/standalone.ts, and behind it the network as
// data. The module imports nothing and exports
//
//   memory
//   input, output      where in it, in bytes, the sample and the answer lie: float32
//   inputs, outputs    how many numbers they have
//   predict()          computes the one from the other

import { unpack } from "../../engine/packed.js";
import type { Model } from "../model.js";
import type { AffineStep } from "../sequence.js";
import { stepsOf } from "../steps-of-model.js";
import { memoryImage, PAGE } from "./memory-image.js";
import { WasmModule } from "./wasm-module.js";

/** Runs of zeros from here on are left out: memory starts as zeros. */
const GAP = 4096;

export function encode(model: Model): Promise<Uint8Array<ArrayBuffer>> {
  const last = stepsOf(model).at(-1);
  return moduleOf(model, last?.kind === "affine" ? last : undefined);
}

/** @param unscaling what is done to the outputs, as a network of ours may end with */
export async function moduleOf(model: Model, unscaling: AffineStep | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { standalone } = await import("../../../build/standalone.js");
  const module = new WasmModule(new Uint8Array(await unpack(standalone)));
  const { bytes, from, places, input, output } = await memoryImage(model, module.dataEnd, unscaling);
  module.setMemory(Math.ceil(bytes.length / PAGE));
  const { inputs, layers } = model.network;
  const outputs = layers.at(-1)?.units as number;
  for (const [name, value] of Object.entries({ input, output, inputs, outputs })) module.exportConstant(name, value);
  module.addData(places.at, places.bytes);
  for (const [start, end] of stretches(bytes, from)) module.addData(start, bytes.subarray(start, end));
  return module.encode();
}

/** Where bytes from `from` on aren't zeros for long. */
function stretches(bytes: Uint8Array, from: number): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] === 0) continue;
    const last = found.at(-1);
    if (last !== undefined && at - last[1] < GAP) last[1] = at + 1;
    else found.push([at, at + 1]);
  }
  return found;
}
