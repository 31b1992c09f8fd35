// The built package in every engine: the published bits, on one thread and on two, and what is left when workers die.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, type TestContext } from "vitest";
import type { Capabilities } from "../../src/index.js";
import published from "../published/hashes.json" with { type: "json" };
import type { Hashes } from "../published/runs.mjs";
import { type Engine, engines, install, missing } from "./roster.js";

/** Where engines must not be skipped, as in CI. */
const required = process.env.NABLANET_ENGINES === "required";

let failure = "";
beforeAll(() => {
  try {
    install();
  } catch (error) {
    failure = ` (the installation failed: ${(error as Error).message})`;
  }
  // the reporter only counts what is skipped
  for (const engine of engines) {
    const reason = missing(engine);
    if (reason !== undefined) process.stderr.write(`${engine.name}: ${reason}${failure}\n`);
  }
});

interface Trained extends Capabilities {
  engine: string;
  results: Record<"deterministic" | "fast", Record<1 | 2, Hashes>>;
}

/** What a script prints in an engine, parsed. Skips the test where there is no such engine. */
function run(engine: Engine, script: string, { skip }: TestContext): unknown {
  const reason = missing(engine);
  if (reason !== undefined) {
    if (required) throw new Error(reason + failure);
    skip(reason + failure);
  }
  const file = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, DENO_DIR: fileURLToPath(new URL("node_modules/.cache/deno", import.meta.url)) };
  const output = execFileSync(engine.command, [...engine.args, file], { encoding: "utf8", timeout: 100_000, env });
  return JSON.parse(output);
}

for (const engine of engines) {
  describe(engine.name, () => {
    it("gives the published bits, and math: fast those of one thread on two", (context) => {
      const { engine: name, threads, results } = run(engine, "train.mjs", context) as Trained;
      context.annotate(name);
      expect(`${name}.`).toMatch(new RegExp(`^${engine.name.split(",")[0]}[ .]`));
      expect(threads).toEqual({ available: true, reason: "memory can be shared" });
      for (const { 1: one, 2: two } of Object.values(results)) {
        expect(one.threads).toEqual(["1: one was asked for"]);
        expect(two.threads).toEqual(["2: 2 were asked for"]);
        expect(two.hashes).toEqual(one.hashes);
      }
      expect(results.deterministic[1].hashes).toEqual(published);
    });

    it("trains in a worker, which has threads of its own, to the same bits", (context) => {
      expect(run(engine, "worker.mjs", context)).toEqual({
        isSame: true,
        ends: ["aborted", "aborted"],
        threads: { used: 2, reason: "in a worker: 2 were asked for" },
      });
    });

    it("survives workers that die, or can't be started", (context) => {
      expect(run(engine, "lose.mjs", context)).toEqual({
        started: "completed, 2: 2 were asked for",
        isSame: true,
        // its end may be heard of between two slices
        lost: expect.stringMatching(
          /^completed, 1: the calling thread went on in epoch \d+, as a thread was lost(: its worker exited with code 1| before its work began)$/,
        ),
        again: "completed, 2: 2 were asked for",
        replaced: "completed, 2: 2 were asked for",
        refused: "completed, 1: workers can't be started: no worker today",
      });
    });
  });
}
