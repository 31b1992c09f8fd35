// Metrics measured by evaluate and fit are those of the network's own predictions.

import { describe, expect, it } from "vitest";
import { Dataset, datasets, historyToCsv, type Metric, metrics, Network, Trainer } from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";

const { f1, rocAuc, accuracy, logLoss, meanSquaredError, r2 } = metrics;

async function make(inputs: number, outputs: number, activation: "softmax" | "sigmoid" | "identity") {
  const layers = [
    { units: 7, activation: "tanh" as const },
    { units: outputs, activation },
  ];
  const network = await Network.create({ inputs, layers, seed: 3 });
  return { network, trainer: new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.01 } }) };
}

const flat = (rows: Iterable<ArrayLike<number>>) => Float32Array.from([...rows].flatMap((row) => Array.from(row)));
const targetsOf = (data: Dataset) => flat([...data].map(({ target }) => target));
const inputsOf = (data: Dataset) => flat([...data].map(({ input }) => input));

/** Keeps what it is given. */
function recorder() {
  const seen: { predictions: Float32Array; targets: Float32Array; sizes: object }[] = [];
  const record: Metric = (predictions, targets, sizes) => {
    seen.push({ predictions: predictions.slice(), targets: targets.slice(), sizes });
    predictions.fill(0);
    targets.fill(0);
    return seen.length;
  };
  return { seen, record };
}

describe("evaluate", () => {
  const spirals = datasets.spirals({ samples: 700, classes: 3 });
  for (const threads of [1, 2]) {
    it(`gives metrics all outputs and targets, in order, on ${threads} threads`, async () => {
      const { network, trainer } = await make(2, 3, "softmax");
      const { seen, record } = recorder();
      const shuffled = spirals.shuffle(4).take(517);
      const evaluation = await trainer.evaluate(shuffled, { threads, metrics: { record, f1, rocAuc, accuracy, r2 } });
      const predictions = network.predict(inputsOf(shuffled));
      const targets = targetsOf(shuffled);
      const sizes = { outputs: 3, classes: 3 };
      expect(seen).toEqual([{ predictions, targets, sizes }]);
      expect(evaluation.metrics).toEqual({
        record: 1,
        f1: f1(predictions, targets, sizes),
        rocAuc: rocAuc(predictions, targets, sizes),
        accuracy: evaluation.accuracy,
        r2: r2(predictions, targets, sizes),
      });
      const plain = await trainer.evaluate(shuffled);
      expect(plain.metrics).toBeUndefined();
      expect([plain.loss, plain.accuracy]).toEqual([evaluation.loss, evaluation.accuracy]);
    });
  }

  it("takes two classes in one output, and numbers", async () => {
    const moons = datasets.moons({ samples: 130, outputSize: 1 });
    const binary = await make(2, 1, "sigmoid");
    const evaluation = await binary.trainer.evaluate(moons, { metrics: { logLoss, f1 } });
    const predictions = binary.network.predict(inputsOf(moons));
    expect(evaluation.metrics).toEqual({
      logLoss: logLoss(predictions, targetsOf(moons)),
      f1: f1(predictions, targetsOf(moons)),
    });
    const inputs = rowsOf(normals(300 * 4, 1), 4);
    const numbers = Dataset.from({ inputs, targets: rowsOf(normals(300 * 2, 2), 2) });
    const regression = await make(4, 2, "identity");
    const { seen, record } = recorder();
    const measured = await regression.trainer.evaluate(numbers, { metrics: { record, meanSquaredError, r2 } });
    expect(seen[0]?.sizes).toEqual({ outputs: 2 });
    const answers = regression.network.predict(inputsOf(numbers));
    expect(measured.metrics?.meanSquaredError).toBe(meanSquaredError(answers, targetsOf(numbers)));
    expect(measured.metrics?.r2).toBe(r2(answers, targetsOf(numbers), { outputs: 2 }));
  });

  it("joins the stretches of a stream", async () => {
    const chunks = () => [...spirals.batches(90)];
    const stream = Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 256 });
    const { trainer } = await make(2, 3, "softmax");
    const [ofStream, ofDataset] = [recorder(), recorder()];
    await trainer.evaluate(stream, { metrics: { record: ofStream.record } });
    await trainer.evaluate(spirals, { metrics: { record: ofDataset.record } });
    expect(ofStream.seen).toEqual(ofDataset.seen);
  });

  for (const threads of [1, 2]) {
    it(`tells of rows as they go by, as metrics are given them, on ${threads} threads`, async () => {
      const chunks = () => [...spirals.batches(90)];
      const stream = Dataset.stream({ chunks, inputSize: 2, classes: 3, bufferRows: 256 });
      const { trainer } = await make(2, 3, "softmax");
      const { seen, record } = recorder();
      const whole = await trainer.evaluate(spirals, { metrics: { record } });
      const told: { predictions: Float32Array; targets: Float32Array }[] = [];
      const { metrics: none, ...rest } = await trainer.evaluate(stream, {
        threads,
        onRows: (predictions, targets, sizes) => {
          expect(sizes).toEqual({ outputs: 3, classes: 3 });
          told.push({ predictions, targets });
        },
      });
      expect(none).toBeUndefined();
      expect({ ...rest, metrics: { record: 1 } }).toEqual(whole);
      expect(told.length).toBeGreaterThan(3);
      expect(flat(told.map(({ predictions }) => predictions))).toEqual(seen[0]?.predictions);
      expect(flat(told.map(({ targets }) => targets))).toEqual(seen[0]?.targets);
    });
  }

  it("is ended by an onRows that throws, and takes no other things", async () => {
    const { trainer } = await make(2, 3, "softmax");
    const enough = new Error("enough");
    const onRows = () => {
      throw enough;
    };
    await expect(trainer.evaluate(spirals, { onRows })).rejects.toBe(enough);
    expect((await trainer.evaluate(spirals)).accuracy).toBeGreaterThan(0);
    await expect(trainer.evaluate(spirals, { onRows: 1 } as never)).rejects.toThrow("onRows must be a function, got 1");
  });

  it("says NaN where the outputs aren't finite", async () => {
    const { network, trainer } = await make(2, 1, "identity");
    network.setParameters(network.parameters().fill(3e38));
    const data = Dataset.from({ inputs: [[1, 1]], targets: [1] });
    expect((await trainer.evaluate(data, { metrics: { meanSquaredError } })).metrics).toEqual({
      meanSquaredError: Number.NaN,
    });
  });
});

describe("fit", () => {
  const [train, validation] = datasets.moons({ samples: 400 }).split(0.7);

  it("writes a column for each metric of each epoch, which history's writers take", async () => {
    const { network, trainer } = await make(2, 2, "softmax");
    const expected: number[] = [];
    const { history } = await trainer.fit(train, {
      epochs: 3,
      validation,
      metrics: { f1, "my own": () => 7 },
      onEpoch: (row) => {
        const predictions = network.predict(inputsOf(validation));
        expected.push(f1(predictions, targetsOf(validation), { outputs: 2 }));
        expect(row.validationF1).toBe(expected.at(-1));
      },
    });
    expect(history.map(({ validationF1 }) => validationF1)).toEqual(expected);
    expect(history.map((row) => row["validationMy own"])).toEqual([7, 7, 7]);
    expect(historyToCsv(history)).toMatch(/,samplesPerSecond,validationF1,validationMy own\r\n/);
  });

  it("may be stopped by a metric", async () => {
    const { trainer } = await make(2, 2, "softmax");
    const { best, history } = await trainer.fit(train, {
      epochs: 300,
      validation,
      metrics: { rocAuc },
      earlyStopping: { metric: "validationRocAuc", patience: 5 },
    });
    expect(best?.value).toBe(Math.max(...history.map(({ validationRocAuc }) => validationRocAuc as number)));
    expect((await trainer.evaluate(validation, { metrics: { rocAuc } })).metrics?.rocAuc).toBe(best?.value);
  });

  it("is rejected with what a metric throws, and can be gone on with", async () => {
    const { trainer } = await make(2, 2, "softmax");
    const metrics = {
      failing: () => {
        throw new Error("from the metric");
      },
    };
    await expect(trainer.fit(train, { epochs: 2, validation, metrics })).rejects.toThrow("from the metric");
    const { history } = await trainer.fit(train, { epochs: 2, validation, resume: true });
    const whole = await make(2, 2, "softmax");
    await whole.trainer.fit(train, { epochs: 2, validation });
    expect(history).toHaveLength(2);
    expect(trainer.network.parameters()).toEqual(whole.network.parameters());
    const text = { text: (() => "7") as unknown as Metric };
    await expect(trainer.evaluate(validation, { metrics: text })).rejects.toThrow(
      'what metrics.text gives must be a number, got "7"',
    );
  });
});
