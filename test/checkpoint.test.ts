// A run that was stopped and resumed gives the bits of one that never was.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import type { Progress } from "../src/fit-result.js";
import { encodeCheckpoint } from "../src/formats/checkpoint.js";
import { decodeCheckpoint } from "../src/formats/checkpoint-reader.js";
import { crc32 } from "../src/formats/crc32.js";
import { datasets, type EpochRow, FormatError, Network, type OptimizerOptions, Trainer } from "../src/index.js";
import { damaged, damagedJson, fuzzCases } from "./fuzz.js";

const data = datasets.moons({ samples: 230 });
const layers = [
  { units: 9, activation: "gelu" as const, biasInitializer: "small" as const },
  { units: 2, activation: "softmax" as const },
];

async function start(optimizer: OptimizerOptions, batchSize = 16): Promise<Trainer> {
  const network = await Network.create({ inputs: 2, layers, seed: 11, math: "deterministic" });
  return new Trainer(network, { optimizer, batchSize });
}

const optimizers: OptimizerOptions[] = [
  { kind: "nadam", learningRate: 0.01, clipNorm: 0.5 },
  { kind: "rmsProp", learningRate: 0.01, centered: true, momentum: 0.5 },
  { kind: "sgd", learningRate: 0.1 },
  { kind: "sgd", learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 },
  { kind: "adam", learningRate: 0.01, beta1: 0.8, weightDecay: 1e-3 },
];

describe("resuming", () => {
  for (const optimizer of optimizers) {
    it(`between epochs: ${JSON.stringify(optimizer)}`, async () => {
      const stopped = await start(optimizer);
      let bytes = new Uint8Array();
      await stopped.fit(data, {
        epochs: 4,
        onEpoch: ({ epoch }) => {
          if (epoch === 2) bytes = stopped.checkpoint();
        },
      });
      await expectSame(await Trainer.resume(bytes, data), optimizer);
    });

    it(`in the middle of an epoch: ${JSON.stringify(optimizer)}`, async () => {
      const stopped = await start(optimizer);
      const { status, history } = await abortedInThirdEpoch(stopped);
      expect(status).toBe("aborted");
      expect(history).toHaveLength(2);
      const { row } = (JSON.parse(header(stopped.checkpoint())) as { progress: { row: number } }).progress;
      expect(row).toBeGreaterThan(0);
      expect(row).toBeLessThan(data.length);
      await expectSame(await Trainer.resume(stopped.checkpoint(), data), optimizer);
    });
  }

  it("with a changed learning rate", async () => {
    const trainer = await start({ kind: "sgd" });
    trainer.learningRate = 0.5;
    expect((await Trainer.resume(trainer.checkpoint(), data)).learningRate).toBe(0.5);
  });

  /** A fit whose signal says "aborted" in its third epoch, by a clock that makes every slice one mini-batch. */
  async function abortedInThirdEpoch(trainer: Trainer) {
    let asked = Number.NEGATIVE_INFINITY;
    const { signal } = new AbortController();
    Object.defineProperty(signal, "aborted", { get: () => ++asked > 8 });
    const clock = performance.now;
    let time = 0;
    performance.now = () => (time += 100);
    const onEpoch = ({ epoch }: EpochRow) => {
      if (epoch === 2) asked = 0;
    };
    try {
      return await trainer.fit(data, { epochs: 4, signal, onEpoch });
    } finally {
      performance.now = clock;
    }
  }

  /** The resumed fit, and the one after it, give what they give where nothing was stopped. */
  async function expectSame(resumed: Trainer, optimizer: OptimizerOptions): Promise<void> {
    const whole = await start(optimizer);
    const timeless = (history: EpochRow[]) => history.map(({ epoch, loss, accuracy }) => ({ epoch, loss, accuracy }));
    const { history } = await whole.fit(data, { epochs: 4 });
    expect(timeless((await resumed.fit(data, { epochs: 4 })).history)).toEqual(timeless(history));
    expect(resumed.network.parameters()).toEqual(whole.network.parameters());
    for (const trainer of [whole, resumed]) await trainer.fit(data, { epochs: 1 });
    expect(resumed.network.parameters()).toEqual(whole.network.parameters());
  }
});

const header = (bytes: Uint8Array) => {
  const length = new DataView(bytes.buffer).getUint32(16, true);
  return new TextDecoder().decode(bytes.subarray(20, 20 + length));
};

describe("checkpoint bytes", () => {
  it("say what is wrong with those that can't be resumed", async () => {
    const trainer = await start({ kind: "adam" });
    await trainer.fit(data, { epochs: 1 });
    const bytes = trainer.checkpoint();
    const changed = (at: number) => {
      const copy = bytes.slice();
      copy[at]! ^= 1;
      return copy;
    };
    const refusals: [Uint8Array, RegExp][] = [
      [new Uint8Array(3), /it must start with "nablackp"/],
      [changed(0), /it must start with "nablackp"/],
      [changed(8), /its version must be 4, got 5/],
      [changed(12), /its checksum doesn't match, so it is damaged or cut off/],
      [changed(40), /its checksum doesn't match/],
      [changed(bytes.length - 1), /its checksum doesn't match/],
      [bytes.slice(0, -4), /its checksum doesn't match/],
    ];
    for (const [broken, message] of refusals) {
      const error = await Trainer.resume(broken, data).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toMatch(message);
    }
    await expect(Trainer.resume("text" as unknown as Uint8Array, data)).rejects.toThrow(TypeError);
  });

  it("belong to a dataset of the same shape", async () => {
    const trainer = await start({ kind: "adam" });
    await trainer.fit(data, { epochs: 1 });
    const bytes = trainer.checkpoint();
    await expect(Trainer.resume(bytes, data.take(100))).rejects.toThrow(
      "dataset.length must be 230, as in the fit that is resumed, got 100",
    );
    await expect(Trainer.resume(bytes, datasets.xor())).rejects.toThrow(
      "dataset.outputSize must be 2, the network's outputs (if the targets are class indices, make the dataset with classes: 2), got 1",
    );
  });

  it("that don't suit the data leave no memory taken", async () => {
    const trainer = await start({ kind: "adam" });
    await trainer.fit(data, { epochs: 1 });
    const bytes = trainer.checkpoint();
    const { trainer: options, ...rest } = decodeCheckpoint(bytes);
    const unusable = encodeCheckpoint({ ...rest, trainer: { ...options, loss: "lost" as never } });
    const engine = await Engine.shared("deterministic");
    const before = engine.memoryUsage.used;
    await expect(Trainer.resume(bytes, data.take(100))).rejects.toThrow(RangeError);
    await expect(Trainer.resume(bytes, datasets.xor())).rejects.toThrow(RangeError);
    await expect(Trainer.resume(unusable, data)).rejects.toThrow("this checkpoint describes no trainer: loss must be");
    expect(engine.memoryUsage.used).toBe(before);
  });

  it("are refused or resumed, never anything else, with any byte changed", async () => {
    const trainer = await start({ kind: "adam" });
    const bytes = trainer.checkpoint();
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const copy = bytes.slice();
        copy[at]! ^= mask;
        await expect(Trainer.resume(copy, data)).rejects.toBeInstanceOf(FormatError);
      }),
      { numRuns: 500 },
    );
  });
});

it("fuzzed: with a right checksum, too, a checkpoint is resumed and trained on or refused", async () => {
  const few = datasets.moons({ samples: 12 });
  const network = await Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }], seed: 1 });
  const saving = new Trainer(network, { optimizer: { kind: "adam" }, batchSize: 4 });
  await saving.fit(few, { epochs: 2, validation: few, earlyStopping: { patience: 5 } });
  const bytes = saving.checkpoint();
  const start = 20 + new DataView(bytes.buffer).getUint32(16, true);
  const [frame, header, vectors] = [bytes.slice(0, 20), bytes.slice(20, start), bytes.slice(start)];
  const withHeader = damagedJson(header).map((json) => {
    const file = Uint8Array.from([...frame, ...json, ...vectors]);
    new DataView(file.buffer).setUint32(16, json.length, true);
    return file;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(damaged(bytes), withHeader), async (file) => {
      if (file.length > 16) new DataView(file.buffer).setUint32(12, crc32(file.subarray(16)), true);
      const outcome = await Trainer.resume(file, few).catch((error: unknown) => error);
      if (outcome instanceof Trainer) {
        await outcome.fit(few, { epochs: 3 }).catch((error: unknown) => expect(error).toBeInstanceOf(RangeError));
        expect(outcome.network.parameters().every(Number.isFinite)).toBe(true);
        outcome.network.dispose();
      } else if (!(outcome instanceof FormatError)) {
        // of another network or fit than these data are for
        expect(outcome).toBeInstanceOf(RangeError);
        expect((outcome as Error).message).toMatch(/^dataset\./);
      }
      expect(({} as { x?: unknown }).x).toBeUndefined();
    }),
    { numRuns: fuzzCases },
  );
});

it("a forged header can't have parameters written that are longer than the network's", async () => {
  const trainer = await start({ kind: "adam" });
  await trainer.fit(data, { epochs: 1 });
  const saved = decodeCheckpoint(trainer.checkpoint());
  const stopping = { metric: "loss", higherIsBetter: false, restoreBest: false, waited: 0, restored: true };
  // in the header itself, where encodeCheckpoint wouldn't put it
  const forging = { ...stopping, toJSON: () => ({ ...stopping, kept: new Array(9000).fill(7) }) };
  const forged = encodeCheckpoint({ ...saved, progress: { ...(saved.progress as Progress), stopping: forging } });
  const resumed = await Trainer.resume(forged, data);
  const other = await start({ kind: "adam" });
  const before = other.network.parameters();
  await resumed.fit(data, { epochs: 2 });
  expect(resumed.network.parameters()).not.toContain(7);
  expect(other.network.parameters()).toEqual(before);
});

it("a forged header can't have room made for more rows than there are", async () => {
  const trainer = await start({ kind: "adam" });
  const saved = decodeCheckpoint(trainer.checkpoint());
  const forged = encodeCheckpoint({ ...saved, trainer: { ...saved.trainer, batchSize: 2 ** 23 } });
  await expect(Trainer.resume(forged, data)).rejects.toThrow("the checkpoint's batchSize must be at most 65536");
});
