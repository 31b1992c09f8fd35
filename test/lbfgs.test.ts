// L-BFGS: its directions against the formula in float64, Wolfe's conditions at every step, minima that are known.

import { describe, expect, it } from "vitest";
import { Dataset, Network, type NetworkOptions, Trainer } from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";

const ROWS = 60;
const inputs = rowsOf(normals(ROWS * 3, 1), 3);
/** What no linear function of the inputs is. */
const bent = inputs.map(([a, b, c]) => [Math.fround(a! * b! - Math.sin(2 * c!))]);
const options: NetworkOptions = {
  inputs: 3,
  layers: [{ units: 9, activation: "tanh", l2: 1e-3 }, { units: 1 }],
  seed: 5,
  math: "deterministic",
};
const data = Dataset.from({ inputs, targets: bent });

const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  Array.from(x, (each, i) => each * y[i]!).reduce((a, b) => a + b, 0);
const minus = (x: ArrayLike<number>, y: ArrayLike<number>) => Array.from(x, (each, i) => each - y[i]!);

/** −H·g, H being the BFGS formula (Nocedal & Wright 2006, (6.17)) applied to (sᵀy/yᵀy)·I pair by pair, as a matrix. */
function direction(gradient: ArrayLike<number>, pairs: readonly { s: number[]; y: number[] }[]): number[] {
  const last = pairs.at(-1);
  const gamma = last === undefined ? 1 : dot(last.s, last.y) / dot(last.y, last.y);
  let h = Array.from(gradient, (_, i) => Array.from(gradient, (_, j) => (i === j ? gamma : 0)));
  for (const { s, y } of pairs) {
    const rho = 1 / dot(s, y);
    const left = s.map((si, i) => y.map((yj, j) => (i === j ? 1 : 0) - rho * si * yj));
    const half = left.map((row) => s.map((_, j) => row.reduce((sum, each, k) => sum + each * h[k]![j]!, 0)));
    h = half.map((row, i) => s.map((_, j) => dot(row, left[j]!) + rho * s[i]! * s[j]!));
  }
  return h.map((row) => -dot(row, gradient));
}

/** The cost with its penalty, and its gradient, in the trainer's own numbers. */
function costAndGradient(trainer: Trainer) {
  const { loss, vector } = trainer.gradients(inputs, bent);
  const { weights } = trainer.network.weightsOf(0);
  return { loss, cost: loss + 1e-3 * dot(weights, weights), gradient: vector };
}

it("goes along −H·g, by Wolfe's conditions", async () => {
  const network = await Network.create(options);
  const optimizer = { kind: "lbfgs", historySize: 4 } as const;
  const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer, batchSize: ROWS });
  const pairs: { s: number[]; y: number[] }[] = [];
  for (let step = 0; step < 25; step++) {
    const before = costAndGradient(trainer);
    const w = network.parameters();
    expect(trainer.step(inputs, bent)).toBe(before.loss);
    const s = minus(network.parameters(), w);
    const after = costAndGradient(trainer);
    const d = direction(before.gradient, pairs.slice(-4));
    // ten dot products and sums of float32 vectors, of which the parts may cancel
    expect(dot(s, d) / Math.sqrt(dot(s, s) * dot(d, d))).toBeGreaterThan(1 - 1e-5);
    expect(after.cost).toBeLessThan(before.cost + 1e-4 * dot(before.gradient, s) + 1e-6 * before.cost);
    expect(Math.abs(dot(after.gradient, s))).toBeLessThan(0.9001 * Math.abs(dot(before.gradient, s)));
    pairs.push({ s, y: minus(after.gradient, before.gradient) });
  }
});

describe("known minima", () => {
  it("of ridge regression: (XᵀX/n + λI)w = Xᵀy/n, found from far off and by steps of any first length", async () => {
    const lambda = 0.05;
    const [w1, w2] = [2, -3];
    const x = rowsOf(normals(80, 3), 2);
    const y = x.map(([a, b]) => w1 * a! + w2 * b! + 0.5);
    // with the means taken out, the bias is what is left of the mean of y
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const [ma, mb, my] = [mean(x.map((r) => r[0]!)), mean(x.map((r) => r[1]!)), mean(y)];
    const [aa, ab, bb, ay, by] = [
      mean(x.map(([a]) => (a! - ma) ** 2)) + lambda,
      mean(x.map(([a, b]) => (a! - ma) * (b! - mb))),
      mean(x.map(([, b]) => (b! - mb) ** 2)) + lambda,
      mean(x.map(([a], i) => (a! - ma) * (y[i]! - my))),
      mean(x.map(([, b], i) => (b! - mb) * (y[i]! - my))),
    ] as [number, number, number, number, number];
    const det = aa * bb - ab * ab;
    const solved = [(bb * ay - ab * by) / det, (aa * by - ab * ay) / det] as const;
    const bias = my - solved[0] * ma - solved[1] * mb;
    for (const learningRate of [1, 1e-6, 1e6]) {
      const network = await Network.create({ inputs: 2, layers: [{ units: 1, l2: lambda }], seed: 1 });
      network.setParameters([1000, 1000, -500]);
      const optimizer = { kind: "lbfgs", tolerance: 1e-6, learningRate } as const;
      const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer, batchSize: 40 });
      const result = await trainer.fit(Dataset.from({ inputs: x, targets: y }), { epochs: 100 });
      expect(result.status).toBe("converged");
      expect(result.history.length).toBeLessThan(40);
      const found = network.parameters();
      // a gradient of 1e-6, or costs equal to 1e-9, leave w within the root of that
      [...solved, bias].forEach((each, i) => {
        expect(Math.abs(found[i]! - each)).toBeLessThan(2e-4);
      });
    }
  });

  it("of logistic regression: no number of the gradient is larger than the tolerance", async () => {
    const network = await Network.create({
      inputs: 3,
      layers: [{ units: 2, activation: "softmax", l2: 1e-3 }],
      seed: 1,
    });
    const trainer = new Trainer(network, { optimizer: { kind: "lbfgs", tolerance: 1e-4 }, batchSize: ROWS });
    const targets = inputs.map(([a, b], i) => Number(a! + b! + Math.sin(i) > 0));
    const { status, history } = await trainer.fit(Dataset.from({ inputs, targets, classes: 2 }), { epochs: 200 });
    expect(status).toBe("converged");
    const { vector } = trainer.gradients(inputs, targets);
    expect(Math.max(...vector.map(Math.abs))).toBeLessThanOrEqual(1.001e-4);
    expect(history.length).toBeLessThan(60);
  });
});

it("never raises the cost, tells its loss and accuracy epoch by epoch, and ends where asked", async () => {
  const network = await Network.create({
    inputs: 3,
    layers: [
      { units: 8, activation: "relu" },
      { units: 2, activation: "softmax" },
    ],
    seed: 2,
  });
  const trainer = new Trainer(network, { optimizer: { kind: "lbfgs" }, batchSize: 100 });
  const labels = bent.map(([y]) => Number(y! > 0));
  const dataset = Dataset.from({ inputs, targets: labels, classes: 2 });
  const told: { loss: number; accuracy: number | undefined }[] = [];
  const result = await trainer.fit(dataset, {
    epochs: 12,
    onEpoch: async () => {
      const { loss, accuracy } = await trainer.evaluate(dataset);
      told.push({ loss, accuracy });
    },
  });
  expect(result.status).toBe("completed");
  expect(result.history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  // an epoch's loss is that before its step; shuffled rows are summed in another order
  for (let i = 1; i < 12; i++) {
    const row = result.history[i]!;
    expect(row.loss).toBeCloseTo(told[i - 1]!.loss, 5);
    expect(row.accuracy).toBe(told[i - 1]!.accuracy);
    expect(row.loss).toBeLessThan(result.history[i - 1]!.loss * (1 + 1e-6));
  }
});

describe("the same bits", () => {
  const fitted = async (threads: number, more: Partial<NetworkOptions> = {}) => {
    const network = await Network.create({ ...options, ...more });
    const trainer = new Trainer(network, { optimizer: { kind: "lbfgs", historySize: 3 }, batchSize: ROWS });
    return { network, trainer, fit: (epochs: number) => trainer.fit(data, { epochs, threads }) };
  };

  it.each([
    ["plain", {}],
    ["with dropout and noise", { inputDropout: 0.2, inputNoise: 0.1 }],
  ] as const)("on 1 to 4 threads, and resumed at any step: %s", async (_, more) => {
    const whole = await fitted(1, more);
    await whole.fit(8);
    const expected = whole.network.parameters();
    for (const threads of [2, 3, 4]) {
      const other = await fitted(threads, more);
      await other.fit(8);
      expect(other.network.parameters()).toEqual(expected);
    }
    for (const stop of [1, 4, 7]) {
      const first = await fitted(1, more);
      let bytes: Uint8Array | undefined;
      await first.trainer.fit(data, {
        epochs: 8,
        onEpoch: ({ epoch }) => {
          if (epoch === stop) bytes = first.trainer.checkpoint();
          return epoch < stop;
        },
      });
      const second = await Trainer.resume(bytes!, data);
      await second.fit(data, { epochs: 8, threads: 2 });
      expect(second.network.parameters()).toEqual(expected);
    }
  });
});

it("takes the cost anew where data or parameters are others", async () => {
  const network = await Network.create(options);
  const trainer = new Trainer(network, { optimizer: { kind: "lbfgs" }, batchSize: ROWS });
  await trainer.fit(data, { epochs: 3 });
  const other = Dataset.from({ inputs, targets: bent.map(([y]) => [y! + 1]) });
  const { loss } = await trainer.evaluate(other);
  const { history } = await trainer.fit(other, { epochs: 2 });
  expect(history[0]!.loss).toBeCloseTo(loss, 5);
  const before = network.parameters().map((each) => each / 2);
  network.setParameters(before);
  const expected = await trainer.evaluate(other);
  expect((await trainer.fit(other, { epochs: 1 })).history[0]!.loss).toBeCloseTo(expected.loss, 5);
  expect(trainer.step(inputs, bent)).toBeCloseTo((await new Trainer(network).evaluate(data)).loss, -1);
});

it("takes the cost anew where a fit is resumed with other data", async () => {
  const network = await Network.create(options);
  const trainer = new Trainer(network, { optimizer: { kind: "lbfgs" }, batchSize: ROWS });
  await trainer.fit(data, { epochs: 3 });
  const other = Dataset.from({ inputs, targets: bent.map(([y]) => [y! + 3]) });
  const { loss } = await trainer.evaluate(other);
  const { history } = await trainer.fit(other, { epochs: 5, resume: true });
  expect(history[3]!.loss).toBeCloseTo(loss, 4);
  expect(history[4]!.loss).toBeLessThan(loss);
});

it("isn't stopped by a first step that gains nothing", async () => {
  const network = await Network.create({
    inputs: 2,
    layers: [{ units: 8, activation: "tanh" }, { units: 1 }],
    seed: 1,
  });
  const points = Array.from({ length: 64 }, (_, i) => [Math.sin(i), Math.cos(i * 1.7)] as const);
  // a step of length 1, with which it begins, is nothing to weights that have to reach 1e8
  const targets = points.map(([a, b]) => [1e9 * (a * 0.7 - 0.3 * b + 0.2 * a * b)]);
  const trainer = new Trainer(network, { optimizer: { kind: "lbfgs" }, batchSize: 64 });
  const { history } = await trainer.fit(Dataset.from({ inputs: points, targets }), { epochs: 500 });
  expect(history[1]!.loss).toBeGreaterThan(0.999 * history[0]!.loss);
  expect(history.at(-1)!.loss).toBeLessThan(0.3 * history[0]!.loss);
});

it("says that a gradient which isn't finite diverges", async () => {
  const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], seed: 1 });
  network.setParameters([0, 0]);
  const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer: { kind: "lbfgs" }, batchSize: 2 });
  const { status } = await trainer.fit(Dataset.from({ inputs: [[1e25], [-1e25]], targets: [[1e15], [-1e15]] }), {
    epochs: 3,
  });
  expect(status).toBe("diverged");
  expect(network.parameters()).toEqual(new Float32Array(2));
});

it("keeps the parameters where a loss is not finite", async () => {
  const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], seed: 1 });
  const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer: { kind: "lbfgs" }, batchSize: 2 });
  network.setParameters([3e38, 3e38]);
  const before = network.parameters();
  expect((await trainer.fit(Dataset.from({ inputs: [[3e38], [1]], targets: [[1], [2]] }), { epochs: 2 })).status).toBe(
    "diverged",
  );
  expect(network.parameters()).toEqual(before);
});

describe("refused", () => {
  const trainer = async (layer: object, more: object = {}) =>
    new Trainer(await Network.create({ inputs: 1, layers: [{ units: 2, ...layer }] }), {
      optimizer: { kind: "lbfgs" },
      ...more,
    });
  it.each([
    [
      { normalization: "batch" },
      {},
      'optimizer "lbfgs" needs layers without batch normalization, got layers[0] with it',
    ],
    [{ l1: 0.1 }, {}, 'optimizer "lbfgs" needs layers without l1, got layers[0] with it'],
    [{ maxNorm: 1 }, {}, 'optimizer "lbfgs" needs layers without maxNorm, got layers[0] with it'],
    [{}, { schedule: { kind: "cosine" } }, 'optimizer "lbfgs" has steps of its own, which no schedule changes'],
    [{}, { optimizer: { kind: "lbfgs", historySize: 2.5 } }, "optimizer.historySize must be an integer from"],
    [
      {},
      { optimizer: { kind: "lbfgs", historySize: 0 } },
      "optimizer.historySize must be a finite number of at least 1",
    ],
    [{}, { optimizer: { kind: "lbfgs", historySize: 101 } }, "optimizer.historySize must be a finite number"],
  ])("%j %j", async (layer, more, message) => {
    await expect(trainer(layer, more)).rejects.toThrow(message);
  });

  it("batches that aren't all rows", async () => {
    const small = await trainer({}, { batchSize: 1 });
    const rows = Dataset.from({
      inputs: [[1], [2]],
      targets: [
        [1, 2],
        [3, 4],
      ],
    });
    await expect(small.fit(rows, { epochs: 1 })).rejects.toThrow(
      'batchSize, for optimizer "lbfgs", must be at least the dataset\'s length, 2, got 1',
    );
    expect(() => {
      small.learningRate = 1;
    }).toThrow('optimizer "lbfgs" has steps of its own, which learningRate only begins');
  });
});
