// The kernels' binaries that are built for the tests (build/testing-*.wasm), as Node reads them. Pages have their own:
// test/browsers/page/kernel-binaries.ts.

import { readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";

// Node 20 has relaxed SIMD behind a flag
setFlagsFromString("--experimental-wasm-relaxed-simd");

export const variants: readonly ("simd" | "relaxed")[] = ["simd", "relaxed"];

export async function readBinary(variant: (typeof variants)[number]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(`../build/testing-${variant}.wasm`, import.meta.url)));
}
