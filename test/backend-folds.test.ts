// Folds on backends: the numbers of the same calls in this process, a job and a key for each fold.

import { mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "nablanet/backends";
import { afterAll, describe, expect, it } from "vitest";
import { choice, crossValidate, search, type Trial } from "../src/index.js";
import { meanOfFolds } from "../src/selection/mean-of-folds.js";
import { readReference, tableReference } from "../src/tables.js";
import { build, iris, options, type Parameters, reference, trialProcessesOf } from "./backend-trials.js";
import { untimed } from "./trials.js";

const folder = mkdtempSync(join(tmpdir(), "nablanet-folds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { training, heldOut } = await readReference(reference);
const deterministic = (parameters: Parameters) => {
  const { network, ...rest } = build(parameters);
  return { ...rest, network: { ...network, math: "deterministic" as const } };
};
const folded = { ...options, folds: 3, trials: 4 };
const backend = () => local({ processes: 2 });
const setup = build({ learningRate: 0.02, units: 5, dropout: 0.2, batchSize: 12 });
const setupHere = { ...setup, network: { ...setup.network, math: "deterministic" as const } };

/** What a search without a backend has, too. */
const common = ({ number, parameters, seed, status, loss, accuracy, value }: Trial<unknown>) => {
  return { number, parameters, seed, status, loss, accuracy, value };
};

describe("search with folds, on this machine's processes", () => {
  for (const stratified of [true, false]) {
    it(`has the trials of a search without a backend, stratified: ${stratified}`, async () => {
      const told: unknown[] = [];
      const onTrial = (trial: Trial<unknown>) => void told.push(common(trial));
      const here = await search({ ...folded, build: deterministic, data: training, stratified });
      const there = await search({ ...folded, backend: backend(), stratified, onTrial });
      expect(there.trials.map(common)).toEqual(here.trials.map(common));
      expect([there.best?.number, there.status]).toEqual([here.best?.number, "completed"]);
      expect(told).toHaveLength(4);
      expect(told).toEqual(expect.arrayContaining(here.trials.map(common)));
    });
  }

  it("has each fold's key, which other searches know it by", async () => {
    const kept = local({ processes: 2, folder });
    const { trials } = await search({ ...folded, trials: 2, backend: kept });
    const folds = trials.flatMap((trial) => trial.folds ?? []);
    expect(folds.map(({ fold }) => fold)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(new Set(folds.map(({ parametersHash }) => parametersHash)).size).toBe(6);
    const results = () => readdirSync(join(folder, "results")).sort();
    expect(results()).toEqual(folds.map(({ key }) => `${key}.json`).sort());
    const [{ key, loss }] = folds as [(typeof folds)[0]];
    unlinkSync(join(folder, "results", `${key}.json`));
    // what is told of the others isn't what a training would give
    const other = join(folder, "results", `${folds[1]!.key}.json`);
    writeFileSync(other, readFileSync(other, "utf8").replace(/"loss":[^,}]+/, '"loss":100'));
    const again = await search({ ...folded, trials: 2, backend: kept });
    expect(again.trials[0]!.folds!.map((fold) => fold.loss)).toEqual([loss, 100, folds[2]!.loss]);
    expect(again.trials[0]!.loss).toBe((loss + 100 + folds[2]!.loss) / 3);
    // held-out rows are another trial, and other folds, too
    const whole = await search({ ...options, trials: 1, backend: backend() });
    const five = await search({ ...folded, folds: 5, trials: 1, backend: backend() });
    const keys = [whole.trials[0]!.key, ...five.trials[0]!.folds!.map((fold) => fold.key)];
    expect(new Set([...keys, ...folds.map((fold) => fold.key)]).size).toBe(6 + 6);
  });

  it("has rows of trials that throw or diverge, as without a backend", async () => {
    const built: string[] = [];
    const kinds = {
      space: { kind: choice("fine", "throws", "misbuilt", "diverges", "seeded") },
      method: "grid" as const,
      seed: 1,
      folds: 2,
      build: ({ kind }: { kind: string }) => {
        built.push(kind);
        if (kind === "throws") throw new Error("no such network");
        if (kind === "misbuilt") return { network: { inputs: 3, layers: [{ units: 3 }] }, fit: { epochs: 1 } };
        const learningRate = kind === "diverges" ? 1e30 : 0.01;
        const network = { inputs: 4, layers: [{ units: 3 }], math: "deterministic" as const };
        const seed = kind === "seeded" && { seed: 7 };
        return {
          network: { ...network, ...seed },
          trainer: { optimizer: { kind: "sgd" as const, learningRate } },
          fit: { epochs: 2 },
        };
      },
    };
    const message = ({ error }: Trial<unknown>) => (error as Error | undefined)?.message;
    const here = await search({ ...kinds, data: training });
    expect(built.splice(0)).toHaveLength(5);
    const there = await search({ ...kinds, data: reference, backend: backend() });
    expect(built).toHaveLength(5);
    expect(here.trials.map(({ status }) => status)).toEqual([
      ...["completed", "failed", "failed", "diverged", "completed"],
    ]);
    expect(there.trials.map(common)).toEqual(here.trials.map(common));
    expect(there.trials.map(message)).toEqual(here.trials.map(message));
    expect(there.trials[4]!.folds!.map(({ seed }) => seed)).toEqual([7, 7]);
  });

  it("says what became of the first fold that couldn't be measured, else of the first that wasn't completed", () => {
    const measured = { status: "completed" as const, loss: 1, value: 3, accuracy: 0.5 };
    const converged = { status: "converged" as const, loss: 2, value: 5, accuracy: 1 };
    const failed = { status: "failed" as const, error: "reason", loss: Infinity, value: Infinity };
    expect(meanOfFolds([measured, { status: "diverged" }, failed])).toEqual({ status: "diverged" });
    expect(meanOfFolds([measured, failed, { status: "diverged" }])).toEqual({ status: "failed", error: "reason" });
    const unmeasurable = { status: "stopped" as const, loss: Number.NaN, value: 3 };
    expect(meanOfFolds([measured, unmeasurable, failed])).toEqual({ status: "stopped" });
    const mean = { status: "converged", loss: 1.5, value: 4, accuracy: 0.75 };
    expect(meanOfFolds([measured, converged])).toEqual(mean);
    // as all sums, from first to last
    const losses = [1, 1e16, -1e16].map((loss) => ({ ...measured, loss }));
    expect(meanOfFolds(losses).loss).toBe(0);
  });

  it("ends where it is stopped or aborted, with trials that lack folds", async () => {
    const stopped = await search({ ...folded, backend: local({ processes: 1 }), onTrial: ({ number }) => number < 1 });
    expect([stopped.status, stopped.trials.map(({ status }) => status)]).toEqual([
      "stopped",
      ["completed", "completed"],
    ]);
    const controller = new AbortController();
    const long = (parameters: Parameters) => build(parameters, 1_000_000);
    setTimeout(() => controller.abort(), 800);
    const { signal } = controller;
    const aborted = await search({ ...folded, build: long, signal, backend: backend() });
    expect([aborted.status, aborted.trials.map(({ status, loss }) => [status, loss])]).toEqual([
      ...["aborted", [["aborted", Infinity]]],
    ]);
    expect(aborted.trials[0]!.folds).toHaveLength(2);
    expect(trialProcessesOf(process.pid)).toEqual([]);
  });

  it("cuts all rows where the reference holds none out", async () => {
    const data = await tableReference(iris, { target: "species", validation: 0 });
    expect(data.rows).toEqual({ training: 150, heldOut: 0 });
    const all = await readReference(data);
    expect([all.training.length, all.heldOut.length]).toEqual([150, 0]);
    const here = await search({ ...folded, trials: 1, build: deterministic, data: all.training });
    const there = await search({ ...folded, trials: 1, data, backend: backend() });
    expect(there.trials.map(common)).toEqual(here.trials.map(common));
    const none = search({ ...options, data, backend: backend() });
    await expect(none).rejects.toThrow("search needs data with held-out rows, or folds, got neither");
  });

  it("refuses folds that can't be", async () => {
    const refused = (more: object) => expect(search({ ...folded, backend: backend(), ...more })).rejects;
    await refused({ folds: 121 }).toThrow("folds must be at most the dataset's length, 120, got 121");
    await refused({ method: "asha" }).toThrow('folds must be left out, as method is "asha", got 3');
    await refused({ folds: undefined, stratified: true }).toThrow("stratified is for folds, of which there are none");
    await refused({ validation: heldOut }).toThrow("validation must be left out, as the backend or the reference says");
  });
});

describe("crossValidate on this machine's processes", () => {
  it("has the rows of one without a backend, with hashes", async () => {
    const how = { folds: 4, seed: 5 };
    const here = await crossValidate({ ...setupHere, ...how, data: training });
    const told: number[] = [];
    const onTrial = ({ fold }: { fold: number }) => void told.push(fold);
    const there = await crossValidate({ ...setup, ...how, data: reference, backend: backend(), onTrial });
    const bare = there.trials.map(({ key: _, parametersHash: __, ...row }) => row);
    expect(untimed({ ...there, trials: bare })).toEqual(untimed(here));
    expect(bare[0]!.history).toHaveLength(6);
    expect(there.trials.map(({ parametersHash }) => parametersHash?.length)).toEqual([64, 64, 64, 64]);
    expect(new Set(there.trials.map(({ key }) => key)).size).toBe(4);
    expect(told.sort()).toEqual([0, 1, 2, 3]);
  });

  it("takes what a search has trained, but for what that didn't keep", async () => {
    const shared = local({ processes: 2 });
    const one = { ...folded, space: { one: choice(1) }, method: "grid", build: () => setup, backend: shared } as const;
    const found = await search(one);
    const { loss, seconds } = found.trials[0]!.folds![0]!;
    const seeded = { ...setup, network: { ...setup.network, seed: found.trials[0]!.folds![0]!.seed } };
    const validated = await crossValidate({ ...seeded, data: reference, folds: 3, seed: 3, backend: shared });
    expect(validated.trials[0]).toMatchObject({ loss, key: found.trials[0]!.folds![0]!.key });
    // which was trained again for its history
    expect(validated.trials[0]!.seconds).not.toBe(seconds);
    const again = await crossValidate({ ...seeded, data: reference, folds: 3, seed: 3, backend: shared });
    expect(again).toEqual(validated);
  });

  it("has infinite losses where a fit diverges, with its history", async () => {
    const wild = {
      network: { inputs: 4, layers: [{ units: 3 }], math: "deterministic" as const },
      trainer: { optimizer: { kind: "sgd" as const, learningRate: 1e30 } },
      fit: { epochs: 3 },
    };
    const here = await crossValidate({ ...wild, data: training, folds: 2, seed: 1 });
    const there = await crossValidate({ ...wild, data: reference, folds: 2, seed: 1, backend: backend() });
    const rows = ({ trials }: typeof here) => trials.map(({ status, loss, history }) => ({ status, loss, history }));
    expect(rows(here)[0]).toMatchObject({ status: "diverged", loss: Infinity });
    expect(untimed(rows(there))).toEqual(untimed(rows(here)));
    expect(there.mean.loss).toBe(Infinity);
  });

  it("is rejected with what a fold throws, and where it is aborted or stopped", async () => {
    const one = { ...setup, data: reference, folds: 3, backend: backend() };
    const refused = (more: object) => expect(crossValidate({ ...one, ...more })).rejects;
    await refused({ fit: { epochs: 0 } }).toThrow("epochs must be a positive integer, got 0");
    await refused({ fit: { epochs: 1, onEpoch: () => {} } }).toThrow("fit.onEpoch must be what JSON can hold");
    await refused({ onTrial: () => false }).toThrow("onTrial ended the cross-validation");
    const signal = AbortSignal.timeout(500);
    await refused({ fit: { epochs: 1_000_000 }, signal }).toThrow(/timeout/);
    await refused({ data: training }).toThrow("data must be a reference made by tableReference");
    expect(trialProcessesOf(process.pid)).toEqual([]);
  });
});
