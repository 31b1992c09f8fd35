// The one module that knows how WebAssembly is compiled and instantiated.

import { instantiate } from "@assemblyscript/loader";
import type { Exports } from "./exports.js";
import type { Variant } from "./variants.js";

/** Only the binary that runs is loaded. */
const binaries: Record<Variant, () => Promise<string>> = {
  simd: async () => (await import("../../build/simd.js")).simd,
  relaxed: async () => (await import("../../build/relaxed.js")).relaxed,
  simdShared: async () => (await import("../../build/simdShared.js")).simdShared,
  relaxedShared: async () => (await import("../../build/relaxedShared.js")).relaxedShared,
};

/** A binary as its module in build/ has it. */
export function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** A variant of the kernels, compiled; other threads may be sent it. */
export async function compile(variant: Variant): Promise<WebAssembly.Module> {
  return WebAssembly.compile(decode(await binaries[variant]()));
}

/** The kernels on a memory. */
export async function createInstance(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Exports> {
  const { exports } = await instantiate(module, { env: { memory } });
  return exports as unknown as Exports;
}
