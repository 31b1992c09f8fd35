// Callbacks, in their order; and a fit that was interrupted by them or a signal and goes on in the same process, bit for bit.

import { describe, expect, it } from "vitest";
import {
  type BatchRow,
  Dataset,
  datasets,
  type EpochRow,
  type FitOptions,
  type FitResult,
  Network,
  Trainer,
} from "../../src/index.js";
import { normals } from "../arrays.js";
import { withSlowClock } from "../slow-clock.js";

const data = datasets.moons({ samples: 230 });
const batches = Math.ceil(230 / 16);

async function make(): Promise<Trainer> {
  const layers = [
    { units: 40, activation: "gelu" as const },
    { units: 2, activation: "softmax" as const },
  ];
  const network = await Network.create({ inputs: 2, layers, seed: 11 });
  return new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.01 }, batchSize: 16 });
}

const timeless = (history: readonly EpochRow[]) => history.map(({ seconds, samplesPerSecond, ...row }) => row);

async function expectSame(trainer: Trainer, { history }: FitResult, options: Partial<FitOptions> = {}): Promise<void> {
  const whole = await make();
  const expected = await whole.fit(data, { epochs: 5, ...options });
  expect(timeless(history)).toEqual(timeless(expected.history));
  // also what the optimizer remembers, and the next fit's shuffle
  for (const one of [trainer, whole]) await one.fit(data, { epochs: 1 });
  expect(trainer.network.parameters()).toEqual(whole.network.parameters());
}

describe("resume", () => {
  for (const [before, after] of [
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 3],
  ]) {
    it(`goes on where a signal came in the middle of an epoch, on ${before} and then ${after} threads`, async () => {
      const trainer = await make();
      const controller = new AbortController();
      const seen: number[] = [];
      const paused = await withSlowClock(() =>
        trainer.fit(data, {
          epochs: 5,
          threads: before,
          signal: controller.signal,
          onBatch: ({ epoch, batch }) => {
            if (epoch < 3) return;
            seen.push(batch);
            if (batch >= 4) controller.abort();
          },
        }),
      );
      expect(paused.status).toBe("aborted");
      expect(paused.history).toHaveLength(2);
      expect(seen.at(-1)).toBeLessThan(batches);
      // the slice that the signal kept from being trained isn't told
      expect(new Set(seen).size).toBe(seen.length);
      const result = await trainer.fit(data, { epochs: 5, threads: after, resume: true });
      expect(result.status).toBe("completed");
      await expectSame(trainer, result, { threads: 1 });
    });
  }

  it("goes on where onBatch ended the fit, as often as one likes, behind an epoch's last mini-batch too", async () => {
    const trainer = await make();
    let result = await trainer.fit(data, { epochs: 5, onBatch: ({ batch }) => batch < batches });
    expect([result.status, result.history.length]).toEqual(["stopped", 0]);
    let calls = 0;
    for (; result.status !== "completed"; calls++) {
      result = await withSlowClock(() =>
        trainer.fit(data, { epochs: 5, resume: true, onBatch: ({ batch }) => batch % 6 !== 0 }),
      );
    }
    expect(calls).toBe(9);
    await expectSame(trainer, result);
  });

  it("goes on where onEpoch ended the fit, and with more epochs than were asked for", async () => {
    const trainer = await make();
    await trainer.fit(data, { epochs: 5, onEpoch: ({ epoch }) => epoch < 2 });
    await trainer.fit(data, { epochs: 4, resume: true });
    await expectSame(trainer, await trainer.fit(data, { epochs: 5, resume: true }));
  });

  it("goes on where a callback threw", async () => {
    for (const callback of ["onBatch", "onEpoch"] as const) {
      const trainer = await make();
      const throwing = {
        [callback]: ({ epoch }: { epoch: number }) => {
          if (epoch === 2) throw new Error("from the user");
        },
      };
      const failing = withSlowClock(() => trainer.fit(data, { epochs: 5, ...throwing }));
      await expect(failing).rejects.toThrow("from the user");
      await expectSame(trainer, await trainer.fit(data, { epochs: 5, resume: true }));
    }
  });

  it("goes on with a stream in the middle of an epoch", async () => {
    const chunks = () => [...data.batches(50)].map(({ inputs, targets }) => ({ inputs, targets }));
    const stream = Dataset.stream({ chunks, inputSize: 2, outputSize: 2, classes: 2, bufferRows: 64 });
    const run = async (interrupted: boolean) => {
      const trainer = await make();
      const onBatch = ({ epoch, batch, batches }: BatchRow) => {
        expect(batches).toBeUndefined();
        return !(interrupted && epoch === 2 && batch === 6);
      };
      let result = await withSlowClock(() => trainer.fit(stream, { epochs: 4, onBatch }));
      expect(result.status).toBe(interrupted ? "stopped" : "completed");
      if (interrupted) result = await trainer.fit(stream, { epochs: 4, resume: true });
      return [timeless(result.history), trainer.network.parameters()];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it("goes on after a divergence from the parameters that were put back", async () => {
    const trainer = await make();
    const onEpoch = ({ epoch }: EpochRow) => {
      if (epoch === 2) trainer.learningRate = 3e38;
    };
    expect((await trainer.fit(data, { epochs: 4, onEpoch })).status).toBe("diverged");
    trainer.learningRate = 0.001;
    const { status, history } = await trainer.fit(data, { epochs: 4, resume: true });
    expect([status, history.length]).toEqual(["completed", 4]);
  });

  it("is refused where there is nothing to go on with, or other rows or options", async () => {
    const trainer = await make();
    const resume = (dataset = data, more = {}) => trainer.fit(dataset, { epochs: 3, resume: true, ...more });
    const nothing = "there is no fit to resume: this trainer had none, or the network was changed otherwise since";
    await expect(resume()).rejects.toThrow(nothing);
    await trainer.fit(data, { epochs: 2 });
    await expect(resume(data.take(100))).rejects.toThrow(
      "dataset.length must be 230, as in the fit that is resumed, got 100",
    );
    await expect(resume(data, { shuffle: false })).rejects.toThrow(
      "shuffle must be true, as in the fit that is resumed, got false",
    );
    await expect(resume(data, { epochs: 1 })).rejects.toThrow(/^epochs must be at least 2, the epochs that/);
    trainer.network.setParameters(trainer.network.parameters());
    await expect(resume()).rejects.toThrow(nothing);
  });

  it("told false, begins anew also after Trainer.resume", async () => {
    const trainer = await make();
    await trainer.fit(data, { epochs: 2 });
    const resumed = await Trainer.resume(trainer.checkpoint(), data);
    const { history } = await resumed.fit(data, { epochs: 3, resume: false });
    expect(history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    await trainer.fit(data, { epochs: 3 });
    expect(resumed.network.parameters()).toEqual(trainer.network.parameters());
  });
});

describe("callbacks", () => {
  it("come in order, are told where the fit is, and are waited for", async () => {
    const trainer = await make();
    const events: string[] = [];
    const rows: BatchRow[] = [];
    let inside = 0;
    const slowly = async (event: string) => {
      expect(inside).toBe(0);
      inside += 1;
      await new Promise((resolve) => setTimeout(resolve));
      inside -= 1;
      events.push(event);
    };
    let ended: FitResult | undefined;
    const result = await withSlowClock(() =>
      trainer.fit(data, {
        epochs: 2,
        onBatch: (row) => {
          rows.push(row);
          return slowly(`batch ${row.epoch}/${row.batch}`);
        },
        onEpoch: ({ epoch }) => slowly(`epoch ${epoch}`),
        onTrainEnd: (told) => {
          ended = told;
          // the fit is over
          trainer.network.setParameters(trainer.network.parameters());
          return slowly("end");
        },
      }),
    );
    const epoch = (number: number) => [
      ...Array.from({ length: batches }, (_, i) => `batch ${number}/${i + 1}`),
      `epoch ${number}`,
    ];
    expect(events).toEqual([...epoch(1), ...epoch(2), "end"]);
    expect(ended).toBe(result);
    const lasts = rows.filter(({ batch }) => batch === batches);
    expect(lasts.map(({ loss }) => loss)).toEqual(result.history.map(({ loss }) => loss));
    expect(rows.every((row) => row.batches === batches && row.loss > 0)).toBe(true);
  });

  it("onTrainEnd is told of every ending, but not of a failure", async () => {
    const statuses: string[] = [];
    const onTrainEnd = ({ status }: FitResult) => {
      statuses.push(status);
      return false;
    };
    const trainer = await make();
    await trainer.fit(data, { epochs: 1, onTrainEnd });
    await trainer.fit(data, { epochs: 2, onTrainEnd, onEpoch: () => false });
    await trainer.fit(data, { epochs: 1, onTrainEnd, signal: AbortSignal.abort() });
    await trainer.fit(data, { epochs: 99, onTrainEnd, earlyStopping: { patience: 1, minimumChange: 100 } });
    trainer.learningRate = 3e38;
    await trainer.fit(data, { epochs: 2, onTrainEnd });
    expect(statuses).toEqual(["completed", "stopped", "aborted", "converged", "diverged"]);
    const onEpoch = () => {
      throw new Error("from onEpoch");
    };
    trainer.learningRate = 0.01;
    await expect(trainer.fit(data, { epochs: 1, onTrainEnd, onEpoch })).rejects.toThrow("from onEpoch");
    expect(statuses).toHaveLength(5);
    const failing = () => {
      throw new Error("from onTrainEnd");
    };
    await expect(trainer.fit(data, { epochs: 1, onTrainEnd: failing })).rejects.toThrow("from onTrainEnd");
  });

  it("may evaluate and take checkpoints between two mini-batches", async () => {
    const trainer = await make();
    let bytes = new Uint8Array();
    const result = await withSlowClock(() =>
      trainer.fit(data, {
        epochs: 5,
        onBatch: async ({ epoch, batch }) => {
          if (epoch !== 3 || batch !== 5) return;
          bytes = trainer.checkpoint();
          expect((await trainer.evaluate(data)).loss).toBeGreaterThan(0);
        },
      }),
    );
    const resumed = await Trainer.resume(bytes, data);
    await expectSame(resumed, await resumed.fit(data, { epochs: 5 }));
    await expectSame(trainer, result);
  });
});

it("a fit that fails before it did anything changes nothing: the one before can still be gone on with", async () => {
  const make = async () => {
    const layers = [{ units: 5, activation: "tanh" as const }, { units: 1 }];
    return new Trainer(await Network.create({ inputs: 2, layers, seed: 3 }), { batchSize: 4 });
  };
  const rows = Dataset.from({ inputs: normals(40, 1), inputSize: 2, targets: normals(20, 2), outputSize: 1 });
  const whole = await make();
  await whole.fit(rows, { epochs: 3 });
  const trainer = await make();
  await trainer.fit(rows, { epochs: 3, onEpoch: ({ epoch }) => epoch < 2 });
  const bad = Dataset.stream({ inputSize: 2, chunks: () => [{ inputs: [1], targets: [0] }] });
  await expect(trainer.fit(bad, { epochs: 1 })).rejects.toThrow(/^chunk 0/);
  await trainer.fit(rows, { epochs: 3, resume: true });
  expect(trainer.network.parameters()).toEqual(whole.network.parameters());
  // and the next shuffles as if that had never been
  await expect(trainer.fit(bad, { epochs: 1 })).rejects.toThrow(/^chunk 0/);
  await trainer.fit(rows, { epochs: 1 });
  await whole.fit(rows, { epochs: 1 });
  expect(trainer.network.parameters()).toEqual(whole.network.parameters());
});
