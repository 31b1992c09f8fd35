// What may be said before the first network is made.

import { oneOf, options, wrongKind } from "./checks.js";
import { setFirstExtent } from "./engine/extent.js";
import { setWorkerUrl } from "./engine/platform.js";
import { setModules, type Variant, variants } from "./engine/variants.js";

export interface InitOptions {
  /**
   * Where browsers find the workers' script, of threads and of fits with `worker: true`: the file `nablanet/worker` of this
   * package, served from the page's own origin. Default: a blob, which a content security policy has to allow by
   * `worker-src blob:`. Node and its like need none.
   */
  workerUrl?: string | URL;
  /**
   * The kernels, compiled, for platforms that compile no WebAssembly from bytes: `nablanet/simd.wasm`, imported as a module.
   * Or several of `simd`, `relaxed`, `simdShared` and `relaxedShared`, by name: `capabilities()` says which is used. Default:
   * they are in the package's own text.
   */
  wasm?: WebAssembly.Module | Partial<Record<Variant, WebAssembly.Module>>;
  /**
   * What is loaded with the first network: the "core", which most networks are made of, or all, "full". What else a network
   * or a trainer needs is loaded with it, see `trainer.ready`. Default: "core" in pages and their workers, else "full".
   */
  kernels?: "core" | "full";
}

/**
 * Settings for the whole realm. Not needed, unless a default doesn't fit; call it before the first network is made.
 *
 * @throws TypeError or RangeError for settings that can't be used
 */
export function init(initOptions: InitOptions): void {
  const { workerUrl, wasm, kernels } = options(initOptions, "init", ["workerUrl", "wasm", "kernels"]);
  if (workerUrl !== undefined && typeof workerUrl !== "string" && !(workerUrl instanceof URL)) {
    wrongKind("workerUrl", "a string or URL", workerUrl);
  }
  const modules = wasm === undefined ? undefined : resolveModules(wasm);
  const extent = kernels === undefined ? undefined : oneOf(kernels, "kernels", ["core", "full"] as const);
  setWorkerUrl(workerUrl as string | URL | undefined);
  setModules(modules);
  setFirstExtent(modules === undefined ? extent : "full");
}

function resolveModules(wasm: unknown): Partial<Record<Variant, WebAssembly.Module>> {
  if (wasm instanceof WebAssembly.Module) return { simd: wasm };
  if (typeof wasm !== "object") wrongKind("wasm", "a WebAssembly.Module, or an object with some by name", wasm);
  const given = options(wasm, "wasm", variants);
  for (const name of variants) {
    if (given[name] !== undefined && !(given[name] instanceof WebAssembly.Module)) {
      wrongKind(`wasm.${name}`, "a WebAssembly.Module", given[name]);
    }
  }
  if (variants.every((name) => given[name] === undefined)) {
    throw new RangeError(`wasm must have one of ${variants.join(", ")}, got none`);
  }
  return given as Partial<Record<Variant, WebAssembly.Module>>;
}
