// The one module that knows how WebAssembly is compiled and instantiated.

import { instantiate } from "@assemblyscript/loader";
import { simd } from "../../build/simd.js";
import type { Exports } from "./exports.js";

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The kernels on a memory. */
export async function createInstance(memory: WebAssembly.Memory): Promise<Exports> {
  const { exports } = await instantiate(decode(simd), { env: { memory } });
  return exports as unknown as Exports;
}
