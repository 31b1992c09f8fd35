// The published training runs: their hashes on any number of threads, with shared memory or without.

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Activation, Loss, Optimizer } from "../../src/abi.js";
import { namesOf } from "../../src/checks.js";
import * as nablanet from "../../src/index.js";
import published from "../published/hashes.json" with { type: "json" };
import { hash, hashAll, runs, train } from "../published/runs.mjs";
import { table } from "../published/table.mjs";

const hashes: Record<string, string> = published;

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a published run gives its hash", () => {
  for (const run of runs) {
    it(run.name, async () => {
      const found = [];
      for (const threads of [1, 2, 3, 4]) {
        const trained = await train(nablanet, run, { math: "deterministic", threads });
        expect(trained.threads.used).toBe(threads);
        found.push(await hash(trained.parameters));
      }
      // a run without a hash: npm run hashes
      expect(found).toEqual(Array(4).fill(hashes[run.name]));
    });
  }

  it("where memory can't be shared", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    expect((await nablanet.capabilities()).kernels.deterministic).toBe("simd");
    expect((await hashAll(nablanet, { math: "deterministic", threads: 2 })).hashes).toEqual(hashes);
  });
});

describe("the published runs", () => {
  it("have every activation, loss and optimizer among them", async () => {
    const layers = runs.flatMap(({ network }) => network.layers);
    const losses = [];
    for (const { network, trainer } of runs) {
      losses.push(new nablanet.Trainer(await nablanet.Network.create(network), trainer).loss);
    }
    const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
    expect(sorted(layers.map(({ activation = "identity" }) => activation))).toEqual(sorted(namesOf(Activation)));
    expect(sorted(losses)).toEqual(sorted(namesOf(Loss)));
    expect(sorted(runs.map(({ trainer }) => trainer.optimizer?.kind ?? "adam"))).toEqual(sorted(namesOf(Optimizer)));
  });

  it("have names of their own, and are those that have a hash", () => {
    expect(runs.map(({ name }) => name)).toEqual(Object.keys(hashes));
  });

  it("stand in docs/determinism.md with their hashes", () => {
    const page = readFileSync(new URL("../../docs/determinism.md", import.meta.url), "utf8");
    expect(page).toContain(`<!-- runs -->\n\n${table(runs, hashes)}\n\n<!-- /runs -->`);
  });
});
