// Whole fits: they learn, repeat, end in every way they can, and give their memory back.

import { describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import {
  Dataset,
  datasets,
  type EpochRow,
  Network,
  type NetworkOptions,
  Trainer,
  type TrainerOptions,
} from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { gradients, unpack } from "./reference.js";
import { fresh, reference } from "./reference-optimizers.js";
import { U } from "./tolerance.js";

const xorNetwork: NetworkOptions = {
  inputs: 2,
  layers: [
    { units: 8, activation: "tanh" },
    { units: 1, activation: "sigmoid" },
  ],
  seed: 1,
};

const digitsNetwork = (seed: number): NetworkOptions => ({
  inputs: 64,
  layers: [
    { units: 32, activation: "relu" },
    { units: 10, activation: "softmax" },
  ],
  seed,
});

async function make(network: NetworkOptions, options?: TrainerOptions) {
  const made = await Network.create(network);
  return { network: made, trainer: new Trainer(made, options) };
}

describe("learning", () => {
  it("exclusive or, by gradient descent and by Adam", async () => {
    for (const optimizer of [
      { kind: "sgd", learningRate: 1 },
      { kind: "sgd", learningRate: 0.3, momentum: 0.9, nesterov: true },
      { kind: "adam", learningRate: 0.05 },
    ] as const) {
      const { network, trainer } = await make(xorNetwork, { optimizer, batchSize: 4 });
      const { status, history } = await trainer.fit(datasets.xor(), { epochs: 1000 });
      expect(status).toBe("completed");
      expect(history).toHaveLength(1000);
      expect(history.at(-1)?.accuracy).toBe(1);
      const answers = network
        .predict([
          [0, 0],
          [0, 1],
          [1, 0],
          [1, 1],
        ])
        .map(([answer]) => Math.round(answer as number));
      expect(answers).toEqual([0, 1, 1, 0]);
    }
  });

  it("spirals, moons and circles", async () => {
    for (const data of [
      datasets.spirals({ samples: 600 }),
      datasets.moons({ samples: 600 }),
      datasets.circles({ samples: 600 }),
    ]) {
      const [train, test] = data.split(0.8);
      const { trainer } = await make(
        {
          inputs: 2,
          layers: [
            { units: 32, activation: "tanh", initializer: "normal" },
            { units: 32, activation: "tanh" },
            { units: 2, activation: "softmax" },
          ],
          seed: 1,
        },
        { optimizer: { kind: "adam", learningRate: 0.01 } },
      );
      await trainer.fit(train, { epochs: 150 });
      expect((await trainer.evaluate(test)).accuracy).toBeGreaterThan(0.95);
    }
  });

  it("handwritten digits to 97 % on rows it never saw, on the average of three seeds", async () => {
    const [train, test] = (await datasets.digits()).split(0.8, { stratified: true, seed: 1 });
    let accuracy = 0;
    for (const seed of [1, 2, 3]) {
      const { trainer } = await make(
        {
          ...digitsNetwork(seed),
          layers: [
            { units: 64, activation: "relu" },
            { units: 10, activation: "softmax" },
          ],
        },
        { batchSize: 16 },
      );
      const { history } = await trainer.fit(train, { epochs: 30, validation: test });
      expect(history.at(-1)?.loss).toBeLessThan((history[0] as EpochRow).loss / 10);
      accuracy += (history.at(-1)?.validationAccuracy as number) / 3;
    }
    expect(accuracy).toBeGreaterThan(0.97);
  });

  it("a regression", async () => {
    const x = Float32Array.from({ length: 400 }, (_, i) => (i / 200 - 1) * Math.PI);
    const data = Dataset.from({ inputs: x, inputSize: 1, targets: x.map(Math.sin) });
    const { network, trainer } = await make(
      { inputs: 1, layers: [{ units: 24, activation: "tanh" }, { units: 1 }], seed: 2 },
      { optimizer: { kind: "adam", learningRate: 0.01 } },
    );
    const { history } = await trainer.fit(data, { epochs: 300 });
    expect(history.at(-1)?.accuracy).toBeUndefined();
    expect((await trainer.evaluate(data)).loss).toBeLessThan(1e-3);
    expect(network.predict([1])[0]).toBeCloseTo(Math.sin(1), 1);
  });
});

describe("one epoch, followed by hand", () => {
  it("takes every row once, the last mini-batch over its own size, each step as the reference does", async () => {
    const layers = [
      { units: 5, activation: "sigmoid" as const },
      { units: 2, activation: "identity" as const },
    ];
    const x = rowsOf(normals(3 * 23, 1), 3);
    const y = rowsOf(normals(2 * 23, 2), 2);
    const { network, trainer } = await make(
      { inputs: 3, layers, seed: 4 },
      { loss: "quadratic", optimizer: { kind: "sgd", learningRate: 0.1 }, batchSize: 10 },
    );
    let vector = [...network.parameters()];
    const update = reference({ kind: "sgd", learningRate: 0.1 });
    let total = 0;
    for (const [from, to] of [
      [0, 10],
      [10, 20],
      [20, 23],
    ] as const) {
      const { loss, vector: gradient } = gradients(
        unpack(3, layers, vector),
        "quadratic",
        x.slice(from, to),
        y.slice(from, to),
      );
      total += loss * (to - from);
      vector = update(vector, gradient, fresh());
    }
    const { history } = await trainer.fit(Dataset.from({ inputs: x, targets: y }), { epochs: 1, shuffle: false });
    // three steps of sums of at most 10 terms, on magnitudes of a few units
    expect(Math.abs((history[0] as EpochRow).loss - total / 23)).toBeLessThan(3 * 32 * U * 4);
    network.parameters().forEach((value, i) => {
      expect(Math.abs(value - (vector[i] as number))).toBeLessThan(3 * 32 * U * 4);
    });
  });

  it("reports history as promised", async () => {
    const [train, test] = (await datasets.digits()).split(0.9);
    const { trainer } = await make(digitsNetwork(1), { optimizer: { kind: "adam", learningRate: 0.002 } });
    const rows: EpochRow[] = [];
    const result = await trainer.fit(train, { epochs: 3, validation: test, onEpoch: (row) => rows.push(row) });
    expect(rows).toEqual(result.history);
    expect(rows.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    const evaluation = await trainer.evaluate(test);
    const last = rows.at(-1) as EpochRow;
    expect(evaluation.loss).toBe(last.validationLoss);
    expect(evaluation.accuracy).toBe(last.validationAccuracy);
    expect(last.learningRate).toBe(0.002);
    expect(last.samplesPerSecond).toBeCloseTo(train.length / last.seconds, 6);
    const matrix = evaluation.confusionMatrix as number[][];
    expect(matrix.flat().reduce((sum, count) => sum + count, 0)).toBe(test.length);
    const hits = matrix.reduce((sum, row, i) => sum + (row[i] as number), 0);
    expect(hits / test.length).toBe(evaluation.accuracy);
    const counted = [...test].filter(({ input, label }) => {
      const answer = trainer.network.predict(input);
      return answer.indexOf(Math.max(...answer)) === label;
    });
    expect(counted.length).toBe(hits);
    expect(result.threads.used).toBe(1);
  });
});

describe("the same seed, the same bits", () => {
  it("in weights, shuffles and training", async () => {
    const data = await datasets.digits();
    const runs = [];
    for (let i = 0; i < 2; i++) {
      const { network, trainer } = await make(digitsNetwork(7), { batchSize: 17 });
      await trainer.fit(data, { epochs: 3 });
      runs.push(network.parameters());
    }
    expect(runs[0]).toEqual(runs[1]);
    const { network, trainer } = await make(digitsNetwork(8), { batchSize: 17 });
    await trainer.fit(data, { epochs: 3 });
    expect(network.parameters()).not.toEqual(runs[0]);
  });

  it("however the epochs are cut into slices", async () => {
    const data = datasets.moons({ samples: 333 });
    const { network, trainer } = await make({
      ...xorNetwork,
      layers: [
        { units: 5, activation: "gelu" },
        { units: 2, activation: "softmax" },
      ],
    });
    await trainer.fit(data, { epochs: 4 });
    const { network: slow, trainer: slowTrainer } = await make({
      ...xorNetwork,
      layers: [
        { units: 5, activation: "gelu" },
        { units: 2, activation: "softmax" },
      ],
    });
    const clock = performance.now;
    let time = 0;
    // a clock by which every slice is far too long
    performance.now = () => (time += 100);
    try {
      await slowTrainer.fit(data, { epochs: 4 });
    } finally {
      performance.now = clock;
    }
    expect(slow.parameters()).toEqual(network.parameters());
  });

  it("from data of any kind", async () => {
    const bytes = Uint8Array.from({ length: 50 * 20 }, (_, i) => (i * 37) % 256);
    const labels = Array.from({ length: 50 }, (_, i) => i % 3);
    const scale = 1 / 255;
    const targets = labels.map((label) => [0, 1, 2].map((j) => (j === label ? 1 : 0)));
    const kinds = [
      Dataset.from({ inputs: bytes, inputSize: 20, targets: labels, classes: 3, scale }),
      Dataset.from({
        inputs: Float32Array.from(bytes),
        inputSize: 20,
        targets: Uint8Array.from(labels),
        classes: 3,
        scale,
      }),
      Dataset.from({ inputs: Float64Array.from(bytes), inputSize: 20, targets, scale }),
      Dataset.from({
        inputs: rowsOf([...bytes], 20),
        targets: Float32Array.from(targets.flat()),
        outputSize: 3,
        scale,
      }),
      Dataset.from({
        inputs: [...bytes],
        inputSize: 20,
        targets: labels.map((label) => "abc"[label] as string),
        classes: ["a", "b", "c"],
        scale,
      }),
    ];
    const results = [];
    for (const data of kinds) {
      const { network, trainer } = await make(
        { inputs: 20, layers: [{ units: 3, activation: "softmax" }], seed: 3 },
        { batchSize: 8 },
      );
      await trainer.fit(data, { epochs: 3 });
      results.push(network.parameters());
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it("a seed that nobody chose can be read and used again", async () => {
    const { seed: _, ...unseeded } = xorNetwork;
    const network = await Network.create(unseeded);
    const again = await Network.create({ ...unseeded, seed: network.seed });
    expect(again.parameters()).toEqual(network.parameters());
    expect((await Network.create(unseeded)).seed).not.toBe(network.seed);
  });
});

describe("ways to end", () => {
  const data = datasets.moons({ samples: 4000 });
  const moons = {
    inputs: 2,
    layers: [
      { units: 16, activation: "relu" as const },
      { units: 2, activation: "softmax" as const },
    ],
    seed: 1,
  };

  it("aborted before it begins: nothing changed", async () => {
    const { network, trainer } = await make(moons);
    const before = network.parameters();
    const { status, history } = await trainer.fit(data, { epochs: 5, signal: AbortSignal.abort() });
    expect(status).toBe("aborted");
    expect(history).toEqual([]);
    expect(network.parameters()).toEqual(before);
  });

  it("aborted in the middle, soon, with a network that works", async () => {
    const { network, trainer } = await make(moons);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const start = performance.now();
    const { status } = await trainer.fit(data, { epochs: 1e6, signal: controller.signal });
    expect(status).toBe("aborted");
    expect(performance.now() - start).toBeLessThan(2000);
    expect([...network.parameters()].every(Number.isFinite)).toBe(true);
    expect((await trainer.fit(data, { epochs: 1 })).status).toBe("completed");
  });

  it("stopped by onEpoch, which may take its time", async () => {
    const { trainer } = await make(moons);
    const { status, history } = await trainer.fit(data, {
      epochs: 50,
      onEpoch: async ({ epoch }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return epoch < 3;
      },
    });
    expect(status).toBe("stopped");
    expect(history).toHaveLength(3);
  });

  it("thrown out of by onEpoch, and usable after", async () => {
    const { trainer } = await make(moons);
    const failing = trainer.fit(data, {
      epochs: 50,
      onEpoch: () => {
        throw new Error("from the user");
      },
    });
    await expect(failing).rejects.toThrow("from the user");
    expect((await trainer.fit(data, { epochs: 1 })).status).toBe("completed");
  });

  it("thrown out of by onBatch when it had diverged, but that wasn't known yet", async () => {
    const network = await Network.create({ inputs: 1, layers: [{ units: 2, activation: "softmax" }], seed: 1 });
    const before = network.parameters();
    const trainer = new Trainer(network, { batchSize: 1, optimizer: { kind: "sgd", learningRate: 100 } });
    // a loss that float32 holds, and a gradient that it holds, but not a hundred times it
    const far = Dataset.from({ inputs: [[1e38], [1]], targets: [1, 0], classes: 2 });
    const onBatch = () => {
      expect(network.parameters()).toContain(Number.POSITIVE_INFINITY);
      throw new Error("enough");
    };
    await expect(trainer.fit(far, { epochs: 1, shuffle: false, onBatch })).rejects.toThrow("enough");
    expect(network.parameters()).toEqual(before);
  });

  it("diverged: says so, and puts back the parameters from before that epoch", async () => {
    const x = rowsOf(normals(200, 1, 1e6), 2);
    const regression = Dataset.from({ inputs: x, targets: x.map(([a]) => [a as number]) });
    const { network, trainer } = await make(
      { inputs: 2, layers: [{ units: 4 }, { units: 1 }], seed: 1 },
      { optimizer: { kind: "sgd", learningRate: 10 } },
    );
    const before = network.parameters();
    const { status, history } = await trainer.fit(regression, { epochs: 20 });
    expect(status).toBe("diverged");
    expect(history).toEqual([]);
    expect(network.parameters()).toEqual(before);
  });

  it("a step whose loss isn't finite changes nothing", async () => {
    const { network, trainer } = await make(
      { inputs: 1, layers: [{ units: 1 }], seed: 1 },
      { optimizer: { kind: "adam" } },
    );
    const before = network.parameters();
    expect(trainer.step([3e38], [-3e38])).toBe(Number.POSITIVE_INFINITY);
    expect(network.parameters()).toEqual(before);
  });

  it("lets the event loop turn while it trains", async () => {
    const { trainer } = await make(moons);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const start = performance.now();
    await trainer.fit(data, { epochs: 300 });
    clearInterval(timer);
    // a turn is due every 10 ms; half of that many leaves room for a busy machine
    expect(turns).toBeGreaterThan((performance.now() - start) / 20 - 1);
  });
});

describe("classes", () => {
  /** A network of identity outputs that answers with its biases. */
  async function constant(biases: number[], data: Dataset) {
    const layers = [{ units: biases.length, initializer: "zeros" as const }];
    const { network, trainer } = await make({ inputs: 1, layers, seed: 1 }, { loss: "meanSquaredError" });
    network.setParameters([...biases.map(() => 0), ...biases]);
    return trainer.evaluate(data);
  }

  it("are named by the largest output, the first of equal ones; rows are what is, columns what is said", async () => {
    const data = Dataset.from({ inputs: [[1], [1], [1]], targets: [0, 1, 1], classes: 3 });
    const { accuracy, confusionMatrix } = await constant([0.2, 0.7, 0.7], data);
    expect(accuracy).toBe(2 / 3);
    expect(confusionMatrix).toEqual([
      [0, 1, 0],
      [0, 2, 0],
      [0, 0, 0],
    ]);
  });

  it("are two where there is one output: from ½ on it is the second", async () => {
    const data = Dataset.from({ inputs: [[1], [1], [1]], targets: [0, 1, 1], classes: 2, outputSize: 1 });
    const matrix = async (answer: number) => (await constant([answer], data)).confusionMatrix;
    expect(await matrix(0.5)).toEqual([
      [0, 1],
      [0, 2],
    ]);
    expect(await matrix(0.49999997)).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });
});

it("evaluates thousands of classes, without a confusion matrix", async () => {
  const targets = Uint16Array.from({ length: 40 }, (_, i) => i * 70);
  const inputs = new Float32Array(40).fill(1);
  const data = Dataset.from({ inputs, inputSize: 1, targets, classes: 3000 });
  const { trainer } = await make({ inputs: 1, layers: [{ units: 3000, activation: "softmax" }], seed: 1 });
  const evaluation = await trainer.evaluate(data);
  expect(evaluation.accuracy).toBeTypeOf("number");
  expect(evaluation.confusionMatrix).toBeUndefined();
});

describe("steps and single samples", () => {
  it("step trains on exactly what it is given and returns the loss before", async () => {
    const { network, trainer } = await make(digitsNetwork(1), {
      batchSize: 4,
      optimizer: { kind: "sgd", learningRate: 0.1 },
    });
    const x = rowsOf(normals(64 * 11, 1), 64);
    const labels = Array.from({ length: 11 }, (_, i) => i % 10);
    const { loss, vector } = trainer.gradients(x, labels);
    const before = network.parameters();
    // 11 samples, though batchSize is 4: one update on their mean
    expect(trainer.step(x, labels)).toBe(loss);
    network.parameters().forEach((value, i) => {
      const exact = (before[i] as number) - 0.1 * (vector[i] as number);
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(3 * U * (Math.abs(exact) + Math.abs(vector[i] as number)));
    });
    expect(trainer.gradients(x, labels).loss).toBeLessThan(loss);
  });

  it("gradients change nothing", async () => {
    const { network, trainer } = await make(digitsNetwork(1));
    const before = network.parameters();
    const { vector, layers } = trainer.gradients(new Float32Array(128).fill(0.5), [1, 2]);
    expect(network.parameters()).toEqual(before);
    expect(layers.flatMap(({ weights, biases }) => [...weights, ...biases])).toEqual([...vector]);
    expect(layers.map(({ weights, biases }) => [weights.length, biases.length])).toEqual([
      [2048, 32],
      [320, 10],
    ]);
  });

  it("a trace agrees with predict and with the gradient of its sample", async () => {
    const { network, trainer } = await make(xorNetwork);
    const { layers } = network.trace([0.3, -0.7]);
    expect(layers.at(-1)?.a).toEqual(network.predict([0.3, -0.7]));
    const trace = trainer.trace([0.3, -0.7], [1]);
    expect(trace.layers.map(({ z, a }) => ({ z, a }))).toEqual(layers);
    const { vector, loss } = trainer.gradients([0.3, -0.7], [1]);
    expect(trace.loss).toBe(loss);
    expect(trace.layers.flatMap(({ weightGradient, biasGradient }) => [...weightGradient, ...biasGradient])).toEqual([
      ...vector,
    ]);
  });

  it("parameters can be taken and set back", async () => {
    const { network } = await make(digitsNetwork(1));
    const vector = Float32Array.from(normals(network.parameterCount, 3));
    network.setParameters(vector);
    expect(network.parameters()).toEqual(vector);
  });
});

describe("memory", () => {
  const used = async () => (await Engine.shared("fast")).memoryUsage;
  const collect = async () => {
    for (let i = 0; i < 3; i++) {
      gc?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it("long training keeps it flat", async () => {
    const [train, test] = datasets.moons({ samples: 500 }).split(0.8);
    const { trainer } = await make({
      inputs: 2,
      layers: [
        { units: 8, activation: "tanh" },
        { units: 2, activation: "softmax" },
      ],
      seed: 1,
    });
    await trainer.fit(train, { epochs: 2, validation: test });
    await collect();
    const before = await used();
    await trainer.fit(train, { epochs: 2000, validation: test });
    for (let i = 0; i < 200; i++) {
      trainer.step([1, 2], [1]);
      trainer.gradients(new Float32Array(200), new Float32Array(100).fill(1));
      trainer.trace([1, 2], [0, 1]);
      trainer.network.predict(new Float32Array(2000));
      await trainer.evaluate(test);
    }
    await collect();
    const after = await used();
    expect(after.total).toBe(before.total);
    // other tests' networks may have been reclaimed meanwhile
    expect(after.used).toBeLessThanOrEqual(before.used);
  });

  it("what is disposed of is given back at once", async () => {
    await collect();
    const before = await used();
    for (let i = 0; i < 500; i++) {
      const { network, trainer } = await make(digitsNetwork(i));
      trainer.step(new Float32Array(64), [3]);
      trainer.dispose();
      network.dispose();
      network.dispose();
    }
    expect((await used()).used).toBe(before.used);
  });

  it("what is forgotten is given back too: 5,000 networks", async () => {
    const createAndForget = async () => {
      for (let i = 0; i < 2500; i++) {
        const { network } = await make(digitsNetwork(i));
        network.predict(new Float32Array(64));
        if (i % 250 === 249) await collect();
      }
      await collect();
      return used();
    };
    await collect();
    const before = await used();
    const first = await createAndForget();
    const second = await createAndForget();
    // the last ones may still stand on the stack
    expect(second.used - before.used).toBeLessThan(300_000);
    expect(second.total).toBe(first.total);
  });

  it("a network that doesn't fit says so and leaves everything working", async () => {
    const { trainer } = await make(xorNetwork);
    const before = await used();
    const huge = Network.create({ inputs: 40_000, layers: [{ units: 26_000 }, { units: 20_000 }], seed: 1 });
    await expect(huge).rejects.toThrow(/out of memory: 59\d\d MiB more than the \d+ MiB in use were refused/);
    expect(await used()).toEqual(before);
    expect((await trainer.fit(datasets.xor(), { epochs: 1 })).status).toBe("completed");
  });
});
