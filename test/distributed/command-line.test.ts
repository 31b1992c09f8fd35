// nablanet search and nablanet worker over a Redis of the test's own.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { Network } from "../../src/index.js";
import { CommandLine, type Ended, ended } from "../command-line.js";
import { isThere, ownRedis } from "./suite.js";

const cli = new CommandLine();
const redis = ownRedis();
afterAll(() => cli.remove());

/** A worker, until it is interrupted. */
async function startWorker(queue: string): Promise<{ interrupt(): Promise<Ended> }> {
  const child = cli.start(`worker --redis ${redis.url} --queue ${queue} --concurrency 1`);
  const end = ended(child);
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (text: string) => text.includes("Waits for trials") && resolve());
  });
  return {
    interrupt() {
      child.kill("SIGINT");
      return end;
    },
  };
}

interface Row {
  loss: number;
  seconds: number;
}

const untimed = (trials: Row[]) => trials.map(({ seconds: _, ...row }) => row);

describe.skipIf(!isThere)("nablanet search --redis", () => {
  it("goes on where it was interrupted, to the trials of this machine, and writes the best", async () => {
    const search = "search iris.csv --target species --trials 6 --epochs 1200 --patience 0 --json";
    const queued = `${search} --redis ${redis.url} --queue q -o found.nabla`;
    const first = await startWorker("q");
    const child = cli.start(queued);
    const end = ended(child);
    await new Promise<void>((resolve) => {
      child.stderr?.on("data", (text: string) => text.includes("/6") && resolve());
    });
    child.kill("SIGINT");
    const interrupted = await end;
    expect([interrupted.code, interrupted.stderr]).toEqual([
      130,
      expect.stringMatching(
        /Interrupted after \d of 6 trials.*Redis has what was found: the same command goes on\.\n$/,
      ),
    ]);
    expect(existsSync(cli.path("found.nabla"))).toBe(false);
    const second = await startWorker("q");
    const [whole, here] = await Promise.all([cli.run(queued), cli.run(`${search} --deterministic -o here.nabla`)]);
    expect([whole.code, here.code]).toEqual([0, 0]);
    const [found, own] = [whole, here].map(({ stdout }) => JSON.parse(stdout).search);
    // what was trained before the interruption wasn't again
    const before = JSON.parse(interrupted.stdout).search.trials.filter(({ loss }: Row) => loss !== undefined);
    expect(before.length).toBeGreaterThan(0);
    for (const row of before) expect(found.trials).toContainEqual(row);
    const common = (rows: (Row & Record<string, unknown>)[]) =>
      untimed(rows).map(({ epochs: _, key: __, parametersHash: ___, ...row }: Record<string, unknown>) => row);
    expect(common(found.trials)).toEqual(common(own.trials));
    const network = await Network.load(cli.path("found.nabla"));
    const hash = createHash("sha256").update(network.parameters()).digest("hex");
    expect(found.best.parametersHash).toBe(hash);
    for (const worker of [first, second]) {
      const { code, stderr } = await worker.interrupt();
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/[0-9a-f]{12} {2}completed, 1,200 epochs in .* s, loss /),
      ]);
    }
  });

  it("trains each fold as a job of its own, to the trials of this machine", async () => {
    const search = "search iris.csv --target species --trials 2 --folds 3 --epochs 20 --json";
    const worker = await startWorker("folds");
    const [whole, here] = await Promise.all([
      cli.run(`${search} --redis ${redis.url} --queue folds -o folded.nabla`),
      cli.run(`${search} --deterministic -o here.nabla`),
    ]);
    expect([whole.code, here.code]).toEqual([0, 0]);
    const [found, own] = [whole, here].map(({ stdout }) => JSON.parse(stdout).search.trials);
    expect(untimed(found.map(({ folds: _, ...row }: { folds: unknown } & Row) => row))).toEqual(untimed(own));
    for (const { loss, folds } of found as { loss: number; folds: { fold: number; loss: number; key: string }[] }[]) {
      expect(folds.map(({ fold }) => fold)).toEqual([1, 2, 3]);
      expect(folds.reduce((sum, each) => sum + each.loss, 0) / 3).toBe(loss);
      expect(folds.every(({ key }) => /^[0-9a-f]{64}$/.test(key))).toBe(true);
    }
    expect(readFileSync(cli.path("folded.nabla"))).toEqual(readFileSync(cli.path("here.nabla")));
    await worker.interrupt();
  });
});
