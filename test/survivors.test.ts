// Small promises that the other tests only touch in passing; each of these was broken once without any of them noticing.

import { describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import { encodeCheckpoint } from "../src/formats/checkpoint.js";
import { decodeCheckpoint } from "../src/formats/checkpoint-reader.js";
import { Dataset, datasets, FormatError, Network, Trainer } from "../src/index.js";

const moons = datasets.moons({ samples: 60 });
const network = (seed = 1) => Network.create({ inputs: 2, layers: [{ units: 2 }], seed });
const trainerOf = async (options: ConstructorParameters<typeof Trainer>[1] = {}) =>
  new Trainer(await network(), { loss: "meanSquaredError", ...options });

describe("defaults", () => {
  it("of losses follow the output layer", async () => {
    for (const [activation, loss] of [
      ["softmax", "crossEntropy"],
      ["sigmoid", "binaryCrossEntropy"],
      ["identity", "meanSquaredError"],
    ] as const) {
      expect(new Trainer(await Network.create({ inputs: 1, layers: [{ units: 2, activation }] })).loss).toBe(loss);
    }
  });

  it("of optimizers and batches are those of the documentation", async () => {
    const plain = await trainerOf();
    expect([plain.learningRate, plain.batchSize]).toEqual([0.001, 32]);
    expect(decodeCheckpoint(plain.checkpoint()).trainer.optimizer).toEqual({
      kind: "adam",
      learningRate: 0.001,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      amsgrad: false,
    });
    const sgd = await trainerOf({ optimizer: { kind: "sgd" } });
    expect(decodeCheckpoint(sgd.checkpoint()).trainer.optimizer).toEqual({
      kind: "sgd",
      learningRate: 0.01,
      weightDecay: 0,
      momentum: 0,
      nesterov: false,
    });
  });
});

describe("history", () => {
  it("tells each epoch's own learning rate and seconds", async () => {
    const trainer = await trainerOf();
    const { history } = await trainer.fit(moons, {
      epochs: 40,
      onEpoch: ({ epoch }) => {
        trainer.learningRate = 0.001 / (epoch + 1);
      },
    });
    expect(history.map(({ learningRate }) => learningRate)).toEqual(history.map((_, i) => 0.001 / (i + 1)));
    // seconds that were carried on would rise all the way
    const rises = history.filter(({ seconds }, i) => i > 0 && seconds >= (history[i - 1]?.seconds as number));
    expect(rises.length).toBeLessThan(39);
  });
});

describe("a fit that diverges in a later epoch", () => {
  it("is put back to the start of that epoch, with an empty optimizer", async () => {
    const trainer = await trainerOf({ optimizer: { kind: "adam" } });
    let afterFirst = new Float32Array();
    const { status } = await trainer.fit(moons, {
      epochs: 5,
      onEpoch: ({ epoch }) => {
        if (epoch !== 2) return;
        afterFirst = trainer.network.parameters();
        trainer.learningRate = 3e38;
      },
    });
    expect(status).toBe("diverged");
    expect(trainer.network.parameters()).toEqual(afterFirst);
    const { blocks, counters } = decodeCheckpoint(trainer.checkpoint()).optimizer;
    expect(counters).toMatchObject({ steps: 0, beta1Power: 1, beta2Power: 1, momentumProduct: 1 });
    expect(blocks.every((block) => block.every((value) => value === 0))).toBe(true);
  });
});

describe("memory", () => {
  it("is given back by a fit that onEpoch throws out of", async () => {
    const trainer = await trainerOf();
    const engine = await Engine.shared("fast");
    const before = engine.memoryUsage.used;
    const failing = trainer.fit(moons, {
      epochs: 2,
      onEpoch: () => {
        throw new Error("from the user");
      },
    });
    await expect(failing).rejects.toThrow("from the user");
    expect(engine.memoryUsage.used).toBe(before);
  });
});

describe("views of datasets against plain arrays", () => {
  const values = Array.from({ length: 20 }, (_, i) => i);
  const data = Dataset.from({ inputs: values, inputSize: 1, targets: values });
  const numbers = (view: Dataset) => [...view].map(({ input }) => input[0] as number);

  it("of views", () => {
    const shuffled = data.shuffle(3);
    expect(numbers(shuffled.skip(5).take(4))).toEqual(numbers(shuffled).slice(5, 9));
    expect(numbers(shuffled.shuffle(4).skip(2))).toEqual(numbers(shuffled.shuffle(4)).slice(2));
  });

  it("joined, each in its own order", () => {
    const [first, second] = [data.shuffle(1), data.shuffle(2).take(7)];
    expect(numbers(first.concat(second))).toEqual([...numbers(first), ...numbers(second)]);
  });

  it("joined of bytes and of fractions, which stay fractions in training too", async () => {
    const bytes = Dataset.from({ inputs: new Uint8Array([1, 2]), inputSize: 1, targets: [1, 2] });
    const fractions = Dataset.from({ inputs: [[0.5], [0.25]], targets: [0.5, 0.25] });
    const joined = bytes.concat(fractions);
    expect(numbers(joined)).toEqual([1, 2, 0.5, 0.25]);
    const identity = await Network.create({
      inputs: 1,
      layers: [{ units: 1, initializer: { kind: "constant", value: 1 } }],
    });
    expect((await new Trainer(identity).evaluate(joined)).loss).toBe(0);
  });
});

describe("resuming", () => {
  it("refuses fewer epochs than are done, and a checkpoint with another optimizer's state", async () => {
    const trainer = await trainerOf();
    await trainer.fit(moons, { epochs: 3 });
    const bytes = trainer.checkpoint();
    const resumed = await Trainer.resume(bytes, moons);
    await expect(resumed.fit(moons, { epochs: 2 })).rejects.toThrow(
      "epochs must be at least 3, the epochs that the resumed fit has done (epochs counts them all), got 2",
    );
    const saved = decodeCheckpoint(bytes);
    const forged = encodeCheckpoint({
      ...saved,
      optimizer: { ...saved.optimizer, blocks: Array.from({ length: 8 }, () => saved.parameters.slice().fill(666)) },
    });
    const error = await Trainer.resume(forged, moons).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toBe("this checkpoint must hold 2 blocks of its optimizer's state, got 8");
  });

  it("doesn't go on with a fit after a step was made", async () => {
    const trainer = await trainerOf();
    await trainer.fit(moons, { epochs: 2 });
    trainer.step([1, 2], [0, 1]);
    const resumed = await Trainer.resume(trainer.checkpoint(), moons);
    expect((await resumed.fit(moons, { epochs: 2 })).history.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(decodeCheckpoint(trainer.checkpoint()).progress).toBeUndefined();
  });
});
