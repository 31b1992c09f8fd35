// Fits that are set up to fail in one way each must be told that way.

import { describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import { Dataset, datasets, type LayerOptions, Network, type OptimizerOptions, Trainer } from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";

const ROWS = 300;
const plain = rowsOf(normals(ROWS * 5, 1), 5);
const sums = plain.map((row) => row.reduce((sum, value) => sum + value, 0));

async function make(layers: LayerOptions[], optimizer: OptimizerOptions, inputs = 5): Promise<Trainer> {
  const network = await Network.create({ inputs, layers, seed: 1, math: "deterministic" });
  return new Trainer(network, { optimizer });
}

/** Steps over all rows that are a little too long for the steepest direction: the loss rises by some percent each. */
async function makeSlowlyExploding(): Promise<Trainer> {
  const network = await Network.create({ inputs: 5, layers: linear, seed: 1, math: "deterministic" });
  return new Trainer(network, { optimizer: { kind: "sgd", learningRate: 0.95, momentum: 0.01 }, batchSize: ROWS });
}
const deep: LayerOptions[] = [{ units: 16, activation: "relu" }, { units: 1 }];
const linear: LayerOptions[] = [{ units: 1 }];
const streamOf = (inputs: number[][], targets: number[]) =>
  Dataset.stream({
    inputSize: 5,
    bufferRows: 64,
    chunks: () => rowsOf(inputs, 50).map((rows, i) => ({ inputs: rows, targets: targets.slice(i * 50, i * 50 + 50) })),
  });

describe("a fit that diverges", () => {
  it("with an explosive learning rate", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums });
    const trainer = await make(deep, { kind: "sgd", learningRate: 50 });
    const { status, diagnosis } = await trainer.fit(data, { epochs: 5 });
    expect(status).toBe("diverged");
    expect(diagnosis).toMatch(
      /^In epoch 1 the loss was no longer finite\. Probably the learning rate, 50, is too large/,
    );
    expect(diagnosis).not.toMatch(/scaled/);
  });

  it("slowly: the loss explodes over epochs, and stays finite all the while", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums });
    const trainer = await makeSlowlyExploding();
    const { status, history, diagnosis } = await trainer.fit(data, { epochs: 5000 });
    expect(status).toBe("diverged");
    const first = history[0]?.loss as number;
    expect(history.every(({ loss }) => loss <= 1000 * Math.max(1, first))).toBe(true);
    expect(diagnosis).toMatch(
      new RegExp(
        `^In epoch ${history.length + 1} the loss rose to \\S+, from \\S+ in epoch 1\\. Probably the learning rate, 0\\.95, ` +
          "is too large: the loss rose in the last \\d+ epochs, and the parameters moved by \\S+ times their own size",
      ),
    );
  });

  it("not while the loss is small, however small it was at first", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums });
    const trainer = await makeSlowlyExploding();
    trainer.network.setParameters([1, 1, 1, 1, 1.00001, 0]);
    let last = 0;
    const { status, history } = await trainer.fit(data, {
      epochs: 5000,
      onEpoch: ({ loss }) => {
        last = loss;
        return loss < 100;
      },
    });
    expect(status).toBe("stopped");
    expect(last / (history[0]?.loss as number)).toBeGreaterThan(1e6);
  });

  for (const kind of ["dataset", "stream"] as const) {
    it(`over a column of a ${kind} that wasn't scaled`, async () => {
      const inputs = plain.map((row, i) => row.map((value, k) => (k === 3 ? (i === 0 ? -2 : i * 137) : value)));
      const targets = sums;
      const data = kind === "dataset" ? Dataset.from({ inputs, targets }) : streamOf(inputs, targets);
      const trainer = await make(deep, { kind: "sgd", learningRate: 0.01 });
      const { status, diagnosis } = await trainer.fit(data, { epochs: 20 });
      expect(status).toBe("diverged");
      expect(diagnosis).toMatch(/column 3 \(from 0\) of the inputs ranges from \S+ to \S+; scale it to about -1 to 1/);
      if (kind === "dataset") expect(diagnosis).toMatch(/ranges from -2 to 41,000;/);
    });
  }

  it("over bytes that nobody scaled, as many columns as there are", async () => {
    const inputs = Uint8Array.from({ length: 200 * 30 }, (_, i) => (i * 97) % 256);
    const unscaled = { inputs, inputSize: 30, targets: Array.from({ length: 200 }, (_, i) => i % 2) };
    const bad = await (await make(deep, { kind: "sgd", learningRate: 0.1 }, 30)).fit(Dataset.from(unscaled), {
      epochs: 5,
    });
    expect(bad.diagnosis).toMatch(/ranges from \d to 255, and 29 more are beyond ±100; scale them/);
    const scaled = Dataset.from({ ...unscaled, scale: 1 / 255 });
    const { diagnosis } = await (await make(deep, { kind: "sgd", learningRate: 900 }, 30)).fit(scaled, { epochs: 5 });
    expect(diagnosis).toMatch(/the learning rate, 900, is too large/);
  });

  it("over targets that weren't scaled", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums.map((sum) => 200_000 + 50_000 * sum) });
    const { status, diagnosis } = await (await make(deep, { kind: "sgd", learningRate: 0.05 })).fit(data, {
      epochs: 50,
    });
    expect(status).toBe("diverged");
    expect(diagnosis).toMatch(
      /column 0 \(from 0\) of the targets ranges from \S+ to \S+; scale it to about -1 to 1, by .*normalizeTargets/,
    );
  });

  it("from its first parameters", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums });
    const trainer = await make(deep, { kind: "sgd" });
    trainer.network.setParameters(trainer.network.parameters().map((value) => Math.sign(value) * 1e30));
    const { diagnosis } = await trainer.fit(data, { epochs: 2 });
    expect(diagnosis).toBe(
      "In epoch 1 the loss was no longer finite. It was so before any update: the parameters that it began with, " +
        "up to 1.0e+30 in size, are too large.",
    );
  });

  it("is told of units that are dead already", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums });
    const layers: LayerOptions[] = [
      { units: 8, activation: "relu", biasInitializer: { kind: "constant", value: -50 } },
      { units: 1 },
    ];
    const { status, diagnosis } = await (await make(layers, { kind: "sgd", learningRate: 1e30 })).fit(data, {
      epochs: 2,
    });
    expect(status).toBe("diverged");
    expect(diagnosis).toMatch(/All 8 units of layers\[0\] \(relu\) are 0 for all 256 rows looked at\.$/);
  });

  it("has the parameters of before that epoch, and an empty optimizer's memory", async () => {
    const data = Dataset.from({ inputs: plain, targets: sums });
    const trainer = await makeSlowlyExploding();
    let last = new Float32Array();
    const { status, history } = await trainer.fit(data, {
      epochs: 5000,
      onEpoch: () => {
        last = trainer.network.parameters();
      },
    });
    expect([status, history.length > 1]).toEqual(["diverged", true]);
    expect(trainer.network.parameters()).toEqual(last);
    // momentum that was kept would show in the next step
    const again = new Trainer(trainer.network, { optimizer: { kind: "sgd", learningRate: 1e-6, momentum: 0.01 } });
    trainer.learningRate = 1e-6;
    trainer.step(plain, sums);
    const stepped = trainer.network.parameters();
    again.network.setParameters(last);
    again.step(plain, sums);
    expect(again.network.parameters()).toEqual(stepped);
  });
});

describe("a fit whose loss stands still", () => {
  const data = datasets.moons({ samples: 300 });
  const dying = (index: number, units: number): LayerOptions[] => [
    ...Array.from({ length: 2 }, (_, i): LayerOptions => {
      const biasInitializer = { kind: "constant" as const, value: i === index ? -100 : 0.1 };
      return { units, activation: "relu", biasInitializer };
    }),
    { units: 2, activation: "softmax" },
  ];

  for (const index of [0, 1]) {
    it(`because layer ${index} is dead`, async () => {
      const trainer = await make(dying(index, 12), { kind: "adam" }, 2);
      const { status, diagnosis } = await trainer.fit(data, { epochs: 30 });
      expect(status).toBe("completed");
      expect(diagnosis).toBe(
        `All 12 units of layers[${index}] (relu) are 0 for all 256 rows looked at: ` +
          `${index === 0 ? "its weights don't" : "neither its weights nor those before it"} learn any more. ` +
          "Make the network anew, with another initializer or leakyRelu, and train it with a smaller learning rate.",
      );
    });
  }

  it("with one unit alive isn't told so, nor with activations that have no dead units", async () => {
    const trainer = await make(dying(0, 12), { kind: "sgd", learningRate: 1e-9 }, 2);
    const parameters = trainer.network.parameters();
    // the biases of the first layer lie behind its 24 weights
    parameters[24] = 1;
    trainer.network.setParameters(parameters);
    expect((await trainer.fit(data, { epochs: 3 })).diagnosis).toBeUndefined();
    const smooth = await make([{ units: 2, activation: "softmax" }], { kind: "sgd", learningRate: 1e-9 }, 2);
    expect((await smooth.fit(data, { epochs: 3 })).diagnosis).toBeUndefined();
  });

  it("but one that learns is told nothing", async () => {
    const trainer = await make(
      [
        { units: 12, activation: "relu" },
        { units: 2, activation: "softmax" },
      ],
      { kind: "adam" },
      2,
    );
    expect((await trainer.fit(data, { epochs: 20 })).diagnosis).toBeUndefined();
  });
});

it("diagnoses, metrics and early stopping give their memory back", async () => {
  const data = Dataset.from({ inputs: plain, targets: sums });
  const engine = await Engine.shared("deterministic");
  const trainer = await make(deep, { kind: "sgd", learningRate: 50 });
  const options = { epochs: 3, validation: data, metrics: { one: () => 1 }, earlyStopping: true };
  const before = engine.memoryUsage.used;
  expect((await trainer.fit(data, options)).diagnosis).toBeTypeOf("string");
  trainer.learningRate = 1e-12;
  expect((await trainer.fit(data, options)).status).toBe("completed");
  expect(engine.memoryUsage.used).toBe(before);
});
