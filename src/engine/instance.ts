// The one module that knows how WebAssembly is compiled and instantiated.

import type { Exports } from "./exports.js";
import type { Extent } from "./extent.js";
import { unpack } from "./packed.js";
import { givenModule, type Variant } from "./variants.js";

/** Only the binary that runs is loaded. */
const binaries: Record<`${Variant}${"" | "Core"}`, () => Promise<string>> = {
  simd: async () => (await import("../../build/simd.js")).simd,
  simdCore: async () => (await import("../../build/simdCore.js")).simdCore,
  relaxed: async () => (await import("../../build/relaxed.js")).relaxed,
  relaxedCore: async () => (await import("../../build/relaxedCore.js")).relaxedCore,
  simdShared: async () => (await import("../../build/simdShared.js")).simdShared,
  simdSharedCore: async () => (await import("../../build/simdSharedCore.js")).simdSharedCore,
  relaxedShared: async () => (await import("../../build/relaxedShared.js")).relaxedShared,
  relaxedSharedCore: async () => (await import("../../build/relaxedSharedCore.js")).relaxedSharedCore,
};

/** A variant of the kernels, compiled; other threads may be sent it. */
export async function compile(variant: Variant, extent: Extent): Promise<WebAssembly.Module> {
  const binary = binaries[extent === "full" ? variant : (`${variant}Core` as const)];
  return givenModule(variant) ?? WebAssembly.compile(await unpack(await binary()));
}

/** The kernels on a memory. */
export async function createInstance(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Exports> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as unknown as Exports;
}
