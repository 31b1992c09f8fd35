// Datasets that come in chunks: the numbers of one in memory, in constant memory, however the chunks are cut.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import { type Chunk, Dataset, datasets, FormatError, Network, Trainer } from "../src/index.js";

const rows = 500;
const spirals = datasets.spirals({ samples: rows, classes: 3 });
const samples = [...spirals];

/** The spirals in chunks of these sizes, over and over. */
function chunksOf(...sizes: number[]): () => Generator<Chunk> {
  return function* chunks() {
    for (let at = 0, i = 0; at < rows; i++) {
      const part = samples.slice(at, at + (sizes[i % sizes.length] as number));
      yield { inputs: part.map(({ input }) => input), targets: part.map(({ label }) => label as number) };
      at += part.length;
    }
  };
}

const stream = (bufferRows: number, ...sizes: number[]) =>
  Dataset.stream({ chunks: chunksOf(...sizes), inputSize: 2, classes: 3, bufferRows });

async function make(seed = 1) {
  const network = await Network.create({
    inputs: 2,
    layers: [
      { units: 20, activation: "tanh" },
      { units: 3, activation: "softmax" },
    ],
    seed,
  });
  return { network, trainer: new Trainer(network, { batchSize: 16 }) };
}

const untimed = (history: { seconds: number; samplesPerSecond: number }[]) =>
  history.map(({ seconds, samplesPerSecond, ...row }) => row);

describe("a stream", () => {
  it("that fits into its buffer trains to the bits of a dataset in memory", async () => {
    const one = await make();
    const whole = await one.trainer.fit(spirals, { epochs: 4, validation: spirals });
    for (const sizes of [[rows], [7, 100, 1], [33]]) {
      const two = await make();
      const result = await two.trainer.fit(stream(1000, ...sizes), { epochs: 4, validation: stream(40, 9) });
      expect(two.network.parameters()).toEqual(one.network.parameters());
      expect(untimed(result.history).map(({ validationLoss, ...row }: Record<string, unknown>) => row)).toEqual(
        untimed(whole.history).map(({ validationLoss, ...row }: Record<string, unknown>) => row),
      );
      for (const [i, { validationLoss }] of result.history.entries()) {
        expect(validationLoss).toBeCloseTo(whole.history[i]?.validationLoss as number, 12);
      }
    }
  });

  it("without shuffle does so for any buffer, on any number of threads", async () => {
    const one = await make();
    await one.trainer.fit(spirals, { epochs: 3, shuffle: false });
    for (const [buffer, threads] of [
      [16, 1],
      [47, 2],
      [160, 3],
    ] as const) {
      const two = await make();
      const result = await two.trainer.fit(stream(buffer, 13, 50), { epochs: 3, shuffle: false, threads });
      expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
      expect(two.network.parameters()).toEqual(one.network.parameters());
    }
  });

  it("is shuffled within its buffer, in each epoch anew, whatever the chunks", async () => {
    const parameters = [];
    for (const sizes of [[100], [9, 31]]) {
      const { network, trainer } = await make();
      await trainer.fit(stream(64, ...sizes), { epochs: 3 });
      parameters.push(network.parameters());
    }
    expect(parameters[0]).toEqual(parameters[1]);
    const inOrder = await make();
    await inOrder.trainer.fit(stream(64, 100), { epochs: 3, shuffle: false });
    expect(parameters[0]).not.toEqual(inOrder.network.parameters());
  });

  it("is evaluated as a dataset is", async () => {
    const { trainer } = await make();
    await trainer.fit(spirals, { epochs: 5 });
    const whole = await trainer.evaluate(spirals);
    const streamed = await trainer.evaluate(stream(130, 17));
    expect(streamed.accuracy).toBe(whole.accuracy);
    expect(streamed.confusionMatrix).toEqual(whole.confusionMatrix);
    expect(streamed.loss).toBeCloseTo(whole.loss, 12);
  });

  it("goes on from a checkpoint in the middle of an epoch, bit for bit", async () => {
    const one = await make();
    await one.trainer.fit(stream(64, 30), { epochs: 3 });
    const two = await make();
    const controller = new AbortController();
    let passes = 0;
    const chunks = function* () {
      passes += 1;
      let i = 0;
      for (const chunk of chunksOf(30)()) {
        if (passes === 2 && ++i === 9) controller.abort();
        yield chunk;
      }
    };
    const data = Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 64 });
    const { status } = await two.trainer.fit(data, { epochs: 3, signal: controller.signal });
    expect(status).toBe("aborted");
    const resumed = await Trainer.resume(two.trainer.checkpoint(), data);
    await resumed.fit(stream(64, 30), { epochs: 3 });
    expect(resumed.network.parameters()).toEqual(one.network.parameters());
    await expect(Trainer.resume(two.trainer.checkpoint(), spirals)).rejects.toThrow(/dataset.length must be 0/);
  });

  it("takes bytes, rows of numbers, async chunks, and chunks whose arrays are used again", async () => {
    const bytes = new Uint8Array(2 * 50);
    const chunks = async function* () {
      for (let chunk = 0; chunk < 4; chunk++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        bytes.forEach((_, i) => {
          bytes[i] = (i * 7 + chunk * 13) % 256;
        });
        yield { inputs: bytes, targets: Float32Array.from({ length: 50 }, (_, i) => (i + chunk) / 54) };
      }
    };
    const all = Array.from({ length: 400 }, (_, i) => (((i % 100) * 7 + Math.floor(i / 100) * 13) % 256) / 255);
    const targets = Array.from({ length: 200 }, (_, i) => ((i % 50) + Math.floor(i / 50)) / 54);
    const network = await Network.create({ inputs: 2, layers: [{ units: 1 }], seed: 1 });
    const trainer = new Trainer(network);
    const streamed = Dataset.stream({ chunks, inputSize: 2, scale: 1 / 255, bufferRows: 60 });
    const whole = Dataset.from({ inputs: all, inputSize: 2, targets });
    expect((await trainer.evaluate(streamed)).loss).toBeCloseTo((await trainer.evaluate(whole)).loss, 6);
  });

  it("is refused a checkpoint of another buffer, or fewer rows, in the middle of an epoch", async () => {
    const { trainer } = await make();
    const controller = new AbortController();
    let chunk = 0;
    const chunks = function* () {
      for (const part of chunksOf(30)()) {
        if (++chunk === 9) controller.abort();
        yield part;
      }
    };
    await trainer.fit(Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 64 }), {
      epochs: 3,
      signal: controller.signal,
    });
    const checkpoint = trainer.checkpoint();
    const other = await Trainer.resume(checkpoint, stream(128, 30));
    await expect(other.fit(stream(128, 30), { epochs: 3 })).rejects.toThrow(/bufferRows.* must be 64, as in/);
    const shorter = Dataset.stream({
      chunks: () => [...chunksOf(30)()].slice(0, 2),
      inputSize: 2,
      classes: 3,
      bufferRows: 64,
    });
    const third = await Trainer.resume(checkpoint, shorter);
    await expect(third.fit(shorter, { epochs: 3 })).rejects.toThrow(
      /must give the \d+ rows that it gave before, got 60/,
    );
  });

  it("may ask the network that it trains, on any number of threads", async () => {
    for (const threads of [1, 2]) {
      const { network, trainer } = await make();
      const chunks = async function* () {
        for (const part of chunksOf(20)()) {
          for (let i = 0; i < 5; i++) {
            await Promise.resolve();
            network.predict([0, 0]);
          }
          yield part;
        }
      };
      const data = Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 48 });
      const { status } = await trainer.fit(data, { epochs: 5, threads });
      expect(status).toBe("completed");
    }
  });

  it("takes memory for its buffer only, however many rows come", async () => {
    const engine = await Engine.shared("fast");
    const { total } = engine.memoryUsage;
    const inputs = new Float32Array(1000 * 100);
    const targets = new Float32Array(1000);
    const chunks = function* () {
      for (let i = 0; i < 400; i++) yield { inputs, targets };
    };
    const network = await Network.create({ inputs: 100, layers: [{ units: 1 }] });
    const data = Dataset.stream({ chunks, inputSize: 100, bufferRows: 2000 });
    await new Trainer(network).fit(data, { epochs: 1 });
    // 160 MB of rows, of which two buffers of 0.8 MB were staged
    expect(engine.memoryUsage.total - total).toBeLessThan(8e6);
  });
});

describe("a stream's mistakes", () => {
  const failing = async (chunks: () => Iterable<unknown>, more = {}) => {
    const { network, trainer } = await make();
    const before = network.parameters();
    const data = Dataset.stream({ chunks: chunks as () => Iterable<Chunk>, inputSize: 2, classes: 3, ...more });
    const error = await trainer.fit(data, { epochs: 2 }).then(
      () => "completed",
      (reason: Error) => `${reason.name}: ${reason.message}`,
    );
    expect(network.parameters()).toEqual(before);
    // nothing is held on to
    network.dispose();
    return error;
  };
  const good = { inputs: [1, 2, 3, 4], targets: [0, 1] };

  it("are told with the chunk's number, and change nothing", async () => {
    expect(await failing(() => [])).toBe("RangeError: the stream must give at least one row, got none");
    expect(await failing(() => [good, { inputs: [1, Number.NaN], targets: [0] }])).toBe(
      "RangeError: chunk 1: inputs[1] must be finite in float32, got NaN",
    );
    expect(await failing(() => [good, { inputs: [1, 2], targets: [3] }])).toBe(
      "RangeError: chunk 1: targets[0] must be a class index from 0 to 2, got 3",
    );
    expect(await failing(() => [{ inputs: new Uint8Array(4), targets: [0, 1] }, good])).toBe(
      "TypeError: chunk 1: inputs must be bytes (Uint8Array), as those of the chunk before it",
    );
    expect(await failing(() => [good, { inputs: [1, 2], targets: [[1, 0, 0]] }])).toBe(
      "TypeError: chunk 1: targets must be one class a row, as those of the chunk before it",
    );
    expect(await failing(() => [good, 5])).toMatch(/^TypeError: the options of chunk 1 must be a plain object, got 5/);
    expect(
      await failing(function* () {
        yield good;
        throw new Error("the wire was cut");
      }),
    ).toBe("Error: the wire was cut");
  });

  it("in options are refused at once", () => {
    // @ts-expect-error chunks is a function
    expect(() => Dataset.stream({ chunks: [good], inputSize: 2 })).toThrow("chunks must be a function");
    expect(() => Dataset.stream({ chunks: () => [], inputSize: 0 })).toThrow("inputSize must be a positive integer");
    expect(() => Dataset.stream({ chunks: () => [], inputSize: 2, bufferRows: 0 })).toThrow(/bufferRows must be/);
    // @ts-expect-error no such option
    expect(() => Dataset.stream({ chunks: () => [], inputSize: 2, buffer: 2 })).toThrow(/buffer/);
  });

  it("never come to light where a source stalls: an abort ends what waits for it", async () => {
    const never = new Promise<never>(() => {});
    const chunks = async function* () {
      yield good;
      await never;
    };
    const { network, trainer } = await make();
    const data = Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 16 });
    const stop = () => ({ signal: AbortSignal.timeout(30) });
    expect((await trainer.fit(data, { epochs: 1, ...stop() })).status).toBe("aborted");
    expect((await trainer.fit(spirals, { epochs: 1, validation: data, ...stop() })).status).toBe("aborted");
    await expect(trainer.evaluate(data, stop())).rejects.toThrow(/timeout/);
    network.dispose();
  });

  it("leave the optimizer's memory as it was where nothing was trained", async () => {
    const [one, two] = [await make(), await make()];
    for (const { trainer } of [one, two]) await trainer.fit(spirals, { epochs: 1 });
    const bad = Dataset.stream({ chunks: () => [{ inputs: [1], targets: [0] }], inputSize: 2, classes: 3 });
    await expect(two.trainer.fit(bad, { epochs: 1 })).rejects.toThrow(/chunk 0/);
    for (const { trainer } of [one, two]) trainer.step([1, 2], [1]);
    expect(two.network.parameters()).toEqual(one.network.parameters());
  });

  it("close the source, also where the fit is aborted", async () => {
    let closed = 0;
    const chunks = async function* () {
      try {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 0));
          yield good;
        }
      } finally {
        closed += 1;
      }
    };
    const { trainer } = await make();
    const data = Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 16 });
    const { status } = await trainer.fit(data, { epochs: 1, signal: AbortSignal.timeout(50) });
    expect(status).toBe("aborted");
    await expect.poll(() => closed).toBe(1);
  });
});

describe("idxStream", () => {
  let folder: string;
  const head = (...shape: number[]) => {
    const bytes = Buffer.alloc(4 + 4 * shape.length);
    bytes.set([0, 0, 8, shape.length]);
    shape.forEach((length, i) => {
      bytes.writeUInt32BE(length, 4 + 4 * i);
    });
    return bytes;
  };
  const count = 3000;
  const pixels = Uint8Array.from({ length: count * 16 }, (_, i) => (i * i + Math.floor(i / 16) * 80) % 256);
  const images = Buffer.concat([head(count, 4, 4), pixels]);
  const labels = Buffer.concat([head(count), Uint8Array.from({ length: count }, (_, i) => i % 5)]);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "nablanet-"));
    writeFileSync(join(folder, "images"), images);
    writeFileSync(join(folder, "images.gz"), gzipSync(images));
    writeFileSync(join(folder, "labels"), labels);
    writeFileSync(join(folder, "short"), images.subarray(0, 20_000));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const train = async (data: Parameters<Trainer["fit"]>[0]) => {
    const layers = [{ units: 9, activation: "relu" } as const, { units: 5, activation: "softmax" } as const];
    const network = await Network.create({ inputs: 16, layers, seed: 2 });
    await new Trainer(network).fit(data, { epochs: 2 });
    return network.parameters();
  };

  it("reads files, gzipped or not, and bytes, to the bits of idx", async () => {
    const expected = await train(await datasets.idx({ inputs: images, targets: labels }));
    for (const name of ["images", "images.gz"]) {
      const data = await datasets.idxStream({ inputs: join(folder, name), targets: join(folder, "labels") });
      expect([data.inputSize, data.outputSize, data.scale]).toEqual([16, 5, 1 / 255]);
      expect(await train(data)).toEqual(expected);
    }
    expect(await train(await datasets.idxStream({ inputs: new Blob([images]), targets: labels }))).toEqual(expected);
  });

  it("says what is wrong with a file", async () => {
    const cut = await datasets.idxStream({ inputs: join(folder, "short"), targets: join(folder, "labels") });
    await expect(train(cut)).rejects.toThrow(
      new FormatError(`inputs is cut off: it must have ${count} rows, got ${Math.floor((20_000 - 16) / 16)}`),
    );
    await expect(datasets.idxStream({ inputs: labels, targets: images })).rejects.toThrow(/one label a row, got 16/);
    await expect(datasets.idxStream({ inputs: join(folder, "none"), targets: labels })).rejects.toThrow(/ENOENT/);
    await expect(datasets.idxStream({ inputs: images.subarray(0, 6), targets: labels })).rejects.toThrow(
      /inputs is no IDX file: its length must be/,
    );
    const zipped = gzipSync(images);
    const torn = zipped.subarray(0, zipped.length / 2);
    await expect(train(await datasets.idxStream({ inputs: torn, targets: labels }))).rejects.toThrow(/inputs/);
  });
});
