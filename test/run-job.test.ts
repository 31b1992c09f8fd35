// A job that goes on from a checkpoint which was taken while it was under way comes to the result of one that nothing stopped; and
// what becomes of its checkpoints.

import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { runJob, type Trained } from "../src/backends/run-job.js";
import { memoryStores } from "../src/backends/stores.js";
import { trainJob } from "../src/backends/train-job.js";
import { configure, type TrialConfiguration, type TrialJob, trialKey } from "../src/backends/trial-job.js";
import type { RunOptions } from "../src/backends/trial-processes.js";
import type { FitStatus } from "../src/fit-result.js";
import { historyFromJson } from "../src/history.js";
import { OutOfMemoryError } from "../src/index.js";
import type { TrialOptions } from "../src/selection/trial.js";
import { build, iris, reference } from "./backend-trials.js";

const drawn = { learningRate: 0.02, units: 8, dropout: 0.2, batchSize: 16 };

/** All but what a clock says, and checkpoints, which say it, too. */
function untimed({ result: { seconds: _, history, ...result }, model }: Trained) {
  const rows = historyFromJson(history ?? "[]").map(({ seconds: _, samplesPerSecond: __, ...row }) => row);
  return { result, rows, model };
}

function jobOf(
  setup: TrialOptions,
  part: Pick<TrialConfiguration, "fold" | "until"> = {},
  source = reference.source,
): TrialJob {
  const trial = configure(setup, 7, { ...reference, source }, part);
  return { key: trialKey(trial), trial, keep: ["history", "model", "checkpoint"] };
}

const { network, trainer, fit } = build(drawn, 9);
const earlyStopping = { patience: 2, minimumChange: 0.01 };
const jobs: Record<string, { job: TrialJob; ends: FitStatus }> = {
  "that is trained to its end": { job: jobOf({ network, trainer, fit }), ends: "completed" },
  "that stops early, and puts its best parameters back": {
    job: jobOf({ network, trainer, fit: { epochs: 60, earlyStopping } }),
    ends: "converged",
  },
  "of a fold": {
    job: jobOf({ network, trainer, fit }, { fold: { number: 1, folds: 3, stratified: true, seed: 4 } }),
    ends: "completed",
  },
  "of successive halving": { job: jobOf({ network, trainer, fit }, { until: 5 }), ends: "stopped" },
  "that diverges": {
    job: jobOf({
      // float32 overflows after some epochs
      network: { inputs: 4, layers: [{ units: 3 }, { units: 3 }] },
      trainer: { optimizer: { kind: "sgd", learningRate: 0.12 }, batchSize: 120 },
      fit: { epochs: 60 },
    }),
    ends: "diverged",
  },
};

/** A clock by which each look at it is long after the last one, so that a checkpoint is soon due. */
function hasten(ms = 1e6): { time: number } {
  const clock = { time: 0 };
  vi.spyOn(performance, "now").mockImplementation(() => {
    clock.time += ms;
    return clock.time;
  });
  return clock;
}

const folder = mkdtempSync(join(tmpdir(), "nablanet-run-job-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => vi.restoreAllMocks());

describe("a job", () => {
  it.each(Object.entries(jobs))("%s goes on from each of its checkpoints", async (_, { job, ends }) => {
    const undisturbed = await runJob(job);
    expect(undisturbed.result.status).toBe(ends);
    hasten();
    const taken: Uint8Array[] = [];
    const watched = await runJob(job, undefined, (checkpoint) => taken.push(checkpoint));
    expect(untimed(watched)).toEqual(untimed(undisturbed));
    expect(taken).not.toEqual([]);
    for (const checkpoint of taken) expect(untimed(await runJob(job, checkpoint))).toEqual(untimed(undisturbed));
  });

  it("waits until each checkpoint is where it goes, as more than one would fill the memory", async () => {
    hasten();
    let underWay = 0;
    const most: number[] = [];
    await runJob(jobs["of a fold"]?.job as TrialJob, undefined, async () => {
      underWay += 1;
      most.push(underWay);
      await new Promise((resolve) => setTimeout(resolve, 20));
      underWay -= 1;
    });
    expect(most.length).toBeGreaterThan(1);
    expect(Math.max(...most)).toBe(1);
  });

  it("doesn't fail where a checkpoint can't be taken", async () => {
    const { job } = jobs["of a fold"] as { job: TrialJob };
    const undisturbed = await runJob(job);
    hasten();
    const onCheckpoint = vi.fn(() => {
      throw new RangeError("Array buffer allocation failed");
    });
    expect(untimed(await runJob(job, undefined, onCheckpoint))).toEqual(untimed(undisturbed));
    expect(onCheckpoint.mock.calls.length).toBeGreaterThan(1);
  });

  it("has none taken in the first ten seconds", async () => {
    const onCheckpoint = vi.fn();
    await runJob(jobs["of a fold"]?.job as TrialJob, undefined, onCheckpoint);
    expect(onCheckpoint).not.toHaveBeenCalled();
  });

  const short = { network, trainer, fit: { epochs: 2 } };

  it("takes checkpoints for a fiftieth of the time at most", async () => {
    const clock = hasten(10);
    const times: number[] = [];
    await runJob(jobOf({ network, trainer, fit: { epochs: 4000 } }), undefined, () => {
      times.push(clock.time);
      clock.time += 1000;
    });
    expect(times.length).toBeGreaterThan(2);
    times.slice(1).forEach((time, i) => {
      expect(time - (times[i] as number)).toBeGreaterThanOrEqual(51_000);
    });
  });

  it("is begun anew where its checkpoint is damaged", async () => {
    const job = jobs["of a fold"]?.job as TrialJob;
    const { checkpoint } = await runJob(job);
    const damaged = (checkpoint as Uint8Array).map((byte, i) => (i === 100 ? byte ^ 1 : byte));
    for (const bytes of [damaged, new Uint8Array(3)]) {
      expect(untimed(await runJob(job, bytes))).toEqual(untimed(await runJob(job)));
    }
  });

  it("isn't failed by what is wrong with this machine: that is thrown", async () => {
    const { key, ...job } = jobOf(short);
    await expect(runJob({ ...job, key: "another" })).rejects.toThrow(
      `makes the key ${key} of a trial that is called another`,
    );
    const huge = { ...network, layers: [{ units: 2 ** 15 }, { units: 2 ** 15 }, { units: 3 }] };
    await expect(runJob(jobOf({ ...short, network: huge }))).rejects.toThrow(OutOfMemoryError);
    const path = join(folder, "later.csv");
    const later = jobOf(short, {}, path);
    await expect(runJob(later)).rejects.toThrow("later.csv can't be read: ENOENT");
    // once it is there, it is read
    copyFileSync(iris, path);
    expect((await runJob(later)).result.status).toBe("completed");
  });

  it("finds the last four tables in memory", async () => {
    const paths = [0, 1, 2, 3, 4].map((i) => join(folder, `${i}.csv`));
    const [first, second, third, ...others] = paths.map((path) => jobOf(short, {}, path)) as [
      TrialJob,
      TrialJob,
      ...TrialJob[],
    ];
    for (const path of paths) copyFileSync(iris, path);
    for (const job of [first, second, third, others[0], first, others[1]]) await runJob(job as TrialJob);
    for (const path of paths) rmSync(path);
    for (const job of [first, third, ...others])
      expect((await runJob(job as TrialJob)).result.status).toBe("completed");
    await expect(runJob(second)).rejects.toThrow("1.csv can't be read: ENOENT");
  });
});

describe("a job's checkpoints", () => {
  const job = { ...(jobs["that is trained to its end"]?.job as TrialJob), from: "" };

  it("are kept one at a time, also where some can't be, and none once there is a result", async () => {
    hasten();
    const { blobs, latest } = memoryStores();
    let [asked, under, most] = [0, 0, 0];
    let release = () => {};
    const isTrained = new Promise<void>((resolve) => {
      release = resolve;
    });
    const put = async (key: string, checkpoint: Uint8Array) => {
      asked += 1;
      if (asked === 1) throw new Error("the disk is full");
      under += 1;
      most = Math.max(most, under);
      await isTrained;
      await latest.put(key, checkpoint);
      under -= 1;
    };
    const run = async (job: TrialJob, from: Uint8Array | undefined, { onCheckpoint }: RunOptions) => {
      const trained = await runJob(job, from, onCheckpoint);
      setTimeout(release, 5);
      return trained;
    };
    const stores = { checkpoints: blobs, models: blobs, latest: { ...latest, put } };
    const { key, checkpoint, modelHash } = await trainJob(job, { run }, stores);
    expect([key, asked, most, under]).toEqual([job.key, 2, 1, 0]);
    expect(await latest.get(key)).toBeDefined();
    expect([await blobs.has(checkpoint as string), await blobs.has(modelHash as string)]).toEqual([true, true]);
  });

  it("that is the latest is gone on from, rather than the one that the job names", async () => {
    const { blobs, latest } = memoryStores();
    const stores = { checkpoints: blobs, models: blobs, latest };
    const from = await blobs.put(Uint8Array.of(1));
    const given: (Uint8Array | undefined)[] = [];
    const run = async ({ key }: TrialJob, checkpoint: Uint8Array | undefined): Promise<Trained> => {
      given.push(checkpoint);
      return { result: { key, status: "completed", epochs: 1, seconds: 0 } };
    };
    await trainJob({ ...job, from: "0".repeat(64) }, { run }, stores);
    await trainJob({ ...job, from }, { run }, stores);
    await latest.put(job.key, Uint8Array.of(2));
    await trainJob({ ...job, from }, { run }, stores);
    expect(given).toEqual([undefined, Uint8Array.of(1), Uint8Array.of(2)]);
  });
});
