// The four binaries behind the public API: each trains, and math: "deterministic" gives the same bits on all.

import { setFlagsFromString } from "node:v8";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

type Nablanet = typeof import("../src/index.js");

// Node 20 has relaxed SIMD behind a flag
setFlagsFromString("--experimental-wasm-relaxed-simd");

/** A fresh copy of the package, in an engine that can or can't share memory. */
async function load(isolated: boolean): Promise<Nablanet> {
  vi.resetModules();
  vi.stubGlobal("crossOriginIsolated", isolated);
  return import("../src/index.js");
}

async function train({ Network, Trainer, datasets }: Nablanet, math: "fast" | "deterministic") {
  const network = await Network.create({
    inputs: 2,
    layers: [
      { units: 19, activation: "tanh" },
      { units: 3, activation: "softmax" },
    ],
    seed: 5,
    math,
  });
  const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.02 } });
  const data = datasets.spirals({ samples: 300, classes: 3, turns: 0.5 });
  const { history } = await trainer.fit(data, { epochs: 60, threads: 1 });
  return { parameters: network.parameters(), accuracy: history.at(-1)?.accuracy as number };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("capabilities", () => {
  it("say which kernels run, and why", async () => {
    const shared = await (await load(true)).capabilities();
    expect(shared.kernels).toEqual({ fast: "relaxedShared", deterministic: "simdShared" });
    expect(shared.threads.available).toBe(true);
    expect(shared.fusedMultiplyAdd).toEqual({ available: true, reason: "the engine has relaxed SIMD" });
    expect(shared.cores).toBeGreaterThanOrEqual(1);
    const alone = await (await load(false)).capabilities();
    expect(alone.kernels).toEqual({ fast: "relaxed", deterministic: "simd" });
    expect(alone.threads.available).toBe(false);
    expect(alone.threads.reason).toMatch(/COOP and COEP/);
  });

  it("of an isolated page whose engine keeps SharedArrayBuffer from it don't blame the page", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const { threads, kernels } = await (await load(true)).capabilities();
    expect(threads).toEqual({
      available: false,
      reason: expect.stringMatching(/^the engine has no SharedArrayBuffer/),
    });
    expect(kernels.deterministic).toBe("simd");
  });

  it("without relaxed SIMD name the plain kernels", async () => {
    const validate = WebAssembly.validate;
    // an engine that refuses every module with a relaxed multiply-add (0x105)
    vi.spyOn(WebAssembly, "validate").mockImplementation(
      (bytes) => !Buffer.from(bytes as Uint8Array).includes(Buffer.of(0xfd, 0x85, 0x02)) && validate(bytes),
    );
    const { kernels, fusedMultiplyAdd } = await (await load(true)).capabilities();
    expect(kernels).toEqual({ fast: "simdShared", deterministic: "simdShared" });
    expect(fusedMultiplyAdd.available).toBe(false);
    vi.restoreAllMocks();
  });

  it("without SIMD, networks are refused with the reason", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const { Network } = await load(true);
    await expect(Network.create({ inputs: 1, layers: [{ units: 1 }] })).rejects.toThrow(/needs WebAssembly SIMD/);
    vi.restoreAllMocks();
  });
});

describe("training", () => {
  let results: Record<string, Awaited<ReturnType<typeof train>>>;
  beforeEach(async () => {
    results = {};
    for (const isolated of [true, false]) {
      const nablanet = await load(isolated);
      for (const math of ["fast", "deterministic"] as const) {
        results[(await nablanet.capabilities()).kernels[math]] = await train(nablanet, math);
      }
    }
  });

  it("works on every variant; bits are those of its instruction set, shared memory or not", () => {
    expect(Object.keys(results).sort()).toEqual(["relaxed", "relaxedShared", "simd", "simdShared"]);
    for (const { accuracy } of Object.values(results)) expect(accuracy).toBeGreaterThan(0.9);
    expect(results.simdShared?.parameters).toEqual(results.simd?.parameters);
    expect(results.relaxedShared?.parameters).toEqual(results.relaxed?.parameters);
    expect(results.relaxed?.parameters).not.toEqual(results.simd?.parameters);
  });
});
