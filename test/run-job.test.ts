// A job that goes on from a checkpoint which was taken while it was under way comes to the result of one that nothing stopped.

import { afterEach, describe, expect, it, vi } from "vitest";
import { runJob, type Trained } from "../src/backends/run-job.js";
import { configure, type TrialConfiguration, type TrialJob, trialKey } from "../src/backends/trial-job.js";
import type { FitStatus } from "../src/fit-result.js";
import { historyFromJson } from "../src/history.js";
import type { TrialOptions } from "../src/selection/trial.js";
import { build, reference } from "./backend-trials.js";

const drawn = { learningRate: 0.02, units: 8, dropout: 0.2, batchSize: 16 };

/** All but what a clock says, and checkpoints, which say it, too. */
function untimed({ result: { seconds: _, history, ...result }, model }: Trained) {
  const rows = historyFromJson(history ?? "[]").map(({ seconds: _, samplesPerSecond: __, ...row }) => row);
  return { result, rows, model };
}

function jobOf(setup: TrialOptions, part: Pick<TrialConfiguration, "fold" | "until"> = {}): TrialJob {
  const trial = configure(setup, 7, reference, part);
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
function hasten(): void {
  let time = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    time += 1e6;
    return time;
  });
}

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
});
