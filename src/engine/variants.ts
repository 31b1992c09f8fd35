// Which of the four binaries runs here, and why: {plain, relaxed SIMD} × {memory of one thread, shared memory}.

import type { MathMode } from "../network-options.js";
import { countCores } from "./platform.js";

/** The kernels' binaries by name: for memory of one thread or shared memory, with fused multiply-add (relaxed SIMD) or without. */
export type Variant = "simd" | "relaxed" | "simdShared" | "relaxedShared";
/** Each is build/<name>.wasm; the best is the last. */
export const variants = ["simd", "relaxed", "simdShared", "relaxedShared"] as const satisfies readonly Variant[];

let modules: Partial<Record<Variant, WebAssembly.Module>> | undefined;

/** Those that were compiled elsewhere; no others are run then. */
export function setModules(given: typeof modules): void {
  modules = given;
}

export const givenModule = (variant: Variant): WebAssembly.Module | undefined => modules?.[variant];

/** Something that an engine can do or can't. */
export interface Capability {
  available: boolean;
  reason: string;
}

export interface Capabilities {
  /** Processors, as far as the engine tells. */
  cores: number;
  /** Whether several threads may train on one memory. */
  threads: Capability;
  /** Whether multiply and add are one instruction with one rounding, which `math: "fast"` uses. */
  fusedMultiplyAdd: Capability;
  /** The kernels that networks of either `math` run on. */
  kernels: { fast: Variant; deterministic: Variant };
}

/** An empty function with this body, as a module. */
function moduleOf(...body: number[]): Uint8Array<ArrayBuffer> {
  const types = [1, 4, 1, 0x60, 0, 0];
  const functions = [3, 2, 1, 0];
  const code = [10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b];
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...types, ...functions, ...code);
}

const SPLAT = [0x41, 0, 0xfd, 0x0f]; // i8x16.splat(0)
const DROP = 0x1a;
const RELAXED_MADD = [0xfd, 0x85, 0x02]; // f32x4.relaxed_madd

const hasSimd = (): boolean => WebAssembly.validate(moduleOf(...SPLAT, DROP));
const hasRelaxedSimd = (): boolean =>
  WebAssembly.validate(moduleOf(...SPLAT, ...SPLAT, ...SPLAT, ...RELAXED_MADD, DROP));

function fusedMultiplyAdd(): Capability {
  if (hasRelaxedSimd()) return { available: true, reason: "the engine has relaxed SIMD" };
  const have = "Node 22, Chrome 114, Firefox 145 and later have";
  return { available: false, reason: `the engine has no relaxed SIMD (${have})` };
}

function threads(): Capability {
  if (globalThis.crossOriginIsolated === false) {
    return {
      available: false,
      reason:
        "the page isn't cross-origin isolated (it must be served with the COOP and COEP headers), so memory can't be shared",
    };
  }
  // as in WebKitGTK, where it is left to a switch even in isolated pages
  if (typeof SharedArrayBuffer === "undefined") {
    return { available: false, reason: "the engine has no SharedArrayBuffer, so memory can't be shared" };
  }
  return { available: true, reason: "memory can be shared" };
}

const variantOf = (relaxed: boolean, shared: boolean): Variant =>
  relaxed ? (shared ? "relaxedShared" : "relaxed") : shared ? "simdShared" : "simd";

/** What this engine can do, and which kernels nablanet runs on it. */
export async function capabilities(): Promise<Capabilities> {
  return {
    cores: await countCores(),
    threads: threads(),
    fusedMultiplyAdd: fusedMultiplyAdd(),
    kernels: { fast: chooseVariant("fast"), deterministic: chooseVariant("deterministic") },
  };
}

/** The binary for networks of this `math`. */
export function chooseVariant(math: MathMode): Variant {
  if (!hasSimd()) {
    throw new Error(
      "nablanet needs WebAssembly SIMD, which this engine hasn't (all browsers since 2023 and Node 16 have)",
    );
  }
  const shared = threads().available;
  const relaxed = math === "fast" && fusedMultiplyAdd().available;
  const best = variantOf(relaxed, shared);
  if (modules === undefined) return best;
  const fitting = [best, variantOf(false, shared), variantOf(relaxed, false), variantOf(false, false)];
  const found = fitting.find((variant) => modules?.[variant] !== undefined);
  if (found !== undefined) return found;
  throw new Error(
    `init({ wasm }) must have one of ${[...new Set(fitting)].join(", ")}, for math "${math}" here, ` +
      `got ${Object.keys(modules).join(", ")}`,
  );
}
