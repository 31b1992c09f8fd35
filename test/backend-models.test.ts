// Whole networks from backends, by their hashes: the best of a search, the members of an ensemble.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "nablanet/backends";
import { afterAll, describe, expect, it } from "vitest";
import { answers } from "../src/backends/known-result.js";
import { memoryStores } from "../src/backends/stores.js";
import type { TrialJob, TrialResult } from "../src/backends/trial-job.js";
import { crossValidate, integer, Network, search, Trainer, type Trial } from "../src/index.js";
import { readReference } from "../src/tables.js";
import { build, hashByHand, options, reference } from "./backend-trials.js";
import { untimed } from "./trials.js";

const folder = mkdtempSync(join(tmpdir(), "nablanet-models-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { training, heldOut } = await readReference(reference);
const backend = () => local({ processes: 2 });
const setup = build({ learningRate: 0.02, units: 5, dropout: 0.2, batchSize: 12 });

describe("keepModels", () => {
  const members = { ...options, space: { member: integer(1, 3) }, method: "grid", build: () => setup } as const;
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

  it("has the networks of an ensemble ready to load, as they were trained", async () => {
    const kept = backend();
    const { trials } = await search({ ...members, backend: kept, keepModels: true });
    const networks = await Promise.all(trials.map(async (trial) => Network.load(await kept.model(trial))));
    for (const [i, network] of networks.entries()) {
      const { seed, parametersHash, loss } = trials[i]!;
      const hash = sha256(new Uint8Array(network.parameters().buffer));
      expect([hash, hash]).toEqual([parametersHash, await hashByHand(setup, seed)]);
      // scaling and schema came along
      expect((await new Trainer(network, setup.trainer).evaluate(heldOut)).loss).toBe(loss);
      const flower = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
      expect(network.predictRow(flower)).toMatchObject({ label: "setosa" });
    }
    expect(new Set(trials.map(({ parametersHash }) => parametersHash)).size).toBe(3);
  });

  it("trains again where a known trial's model wasn't kept or is lost", async () => {
    const kept = local({ processes: 2, folder });
    const without = await search({ ...members, backend: kept });
    await expect(kept.model(without.trials[0]!)).rejects.toThrow(
      "the trial has no modelHash: its search needs keepModels",
    );
    const { trials } = await search({ ...members, backend: kept, keepModels: true });
    const [first, second] = trials as [Trial<unknown>, Trial<unknown>];
    writeFileSync(join(folder, "blobs", second.modelHash!), "damaged");
    unlinkSync(join(folder, "blobs", first.modelHash!));
    await expect(kept.model(first)).rejects.toThrow(`the model ${first.modelHash} isn't there any more: search again`);
    await expect(kept.model(second)).rejects.toThrow("isn't there any more");
    const again = await search({ ...members, backend: local({ processes: 2, folder }), keepModels: true });
    expect(again.trials.slice(1)).toEqual(trials.slice(1));
    expect(untimed(again.trials)).toEqual(untimed(trials));
    expect(sha256(await kept.model(first))).toBe(first.modelHash);
  });

  it("trains nothing again for what no training would leave", async () => {
    const { blobs } = memoryStores();
    const modelHash = await blobs.put(Uint8Array.of(1, 2, 3));
    const evaluation = { loss: 1 };
    const known = (more: Partial<TrialResult>, ...keep: NonNullable<TrialJob["keep"]>) =>
      answers(
        { key: "k", status: "completed", epochs: 1, seconds: 1, ...more },
        { keep } as unknown as TrialJob,
        blobs,
      );
    expect(await known({ evaluation })).toBe(true);
    expect(await known({ evaluation, modelHash }, "model")).toBe(true);
    expect(await known({ evaluation }, "model")).toBe(false);
    expect(await known({ evaluation, modelHash: sha256(Uint8Array.of(4)) }, "model")).toBe(false);
    expect(await known({ evaluation }, "history")).toBe(false);
    expect(await known({ evaluation, history: "[]" }, "history", "model")).toBe(false);
    expect(await known({ evaluation, history: "[]" }, "history", "checkpoint")).toBe(true);
    // one that diverged leaves no model, and one that failed no history
    expect(await known({ status: "diverged", history: "[]" }, "history", "model")).toBe(true);
    expect(await known({ status: "diverged" }, "history", "model")).toBe(false);
    expect(await known({ status: "failed" }, "history", "model")).toBe(true);
  });

  it("keeps them of folds and of successive halving", async () => {
    const kept = backend();
    const { trials } = await crossValidate({ ...setup, data: reference, folds: 2, backend: kept, keepModels: true });
    for (const trial of trials) {
      const network = await Network.load(await kept.model(trial));
      expect(sha256(new Uint8Array(network.parameters().buffer))).toBe(trial.parametersHash);
    }
    const found = await search({ ...options, folds: 3, trials: 1, backend: kept, keepModels: true });
    expect(sha256(await kept.model(found.trials[0]!.folds![2]!))).toBe(found.trials[0]!.folds![2]!.modelHash);
    const asha = { minEpochs: 2, maxEpochs: 6 };
    const halved = await search({ ...options, trials: 4, method: "asha", asha, backend: kept, keepModels: true });
    for (const trial of halved.trials) {
      const network = await Network.load(await kept.model(trial));
      expect(sha256(new Uint8Array(network.parameters().buffer))).toBe(trial.parametersHash);
    }
    expect(new Set(halved.trials.map(({ epochs }) => epochs)).size).toBe(2);
  });

  it("needs a backend", async () => {
    const here = { ...options, data: training, validation: heldOut, keepModels: true };
    await expect(search(here)).rejects.toThrow("keepModels needs a backend, got none");
  });
});
