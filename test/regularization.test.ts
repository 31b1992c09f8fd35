// Dropout, noise, penalties and bounds: what a step of plain descent did tells what the gradient was.

import { describe, expect, it } from "vitest";
import { Dataset, datasets, Network, type NetworkOptions, Trainer, type TrainerOptions } from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { gradients, unpack } from "./reference.js";
import { U } from "./tolerance.js";

const RATE = 2 ** -3;

/** Trains one step at a time, and tells by how much each parameter moved over −η. */
async function stepper(network: Network, options: TrainerOptions = {}) {
  const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: RATE }, ...options });
  return (inputs: number[][], targets: number[][]) => {
    const before = network.parameters();
    trainer.step(inputs, targets);
    const after = network.parameters();
    network.setParameters(before);
    return before.map((w, i) => (w - (after[i] as number)) / RATE);
  };
}

describe("dropout", () => {
  const UNITS = 50;
  const DROPPED = 0.3;
  const KEPT = Math.fround(1 / (1 - Math.fround(DROPPED)));

  /** One input of 1, units that answer 1, one output of their sum: so that an output weight's gradient is δ·mask. */
  async function counting(options: Partial<NetworkOptions> = {}, dropout = DROPPED) {
    const network = await Network.create({
      inputs: 1,
      layers: [{ units: UNITS, dropout }, { units: 1 }],
      seed: 5,
      ...options,
    });
    network.setParameters([
      ...new Array<number>(UNITS).fill(1),
      ...new Array<number>(UNITS).fill(0),
      ...new Array<number>(UNITS + 1).fill(0),
    ]);
    return network;
  }

  /** The masks of so many steps; the outputs are 0, so quadratic loss and a target of −1 make δ 1. */
  async function masks(network: Network, steps: number): Promise<number[][]> {
    const step = await stepper(network, { loss: "quadratic" });
    return Array.from({ length: steps }, () => [...step([[1]], [[-1]]).slice(2 * UNITS, 3 * UNITS)]);
  }

  it("drops its share, and scales what is left", async () => {
    const drawn = (await masks(await counting(), 400)).flat();
    expect(drawn.every((mask) => mask === 0 || Math.abs(mask - KEPT) < 4 * U * KEPT)).toBe(true);
    const share = drawn.filter((mask) => mask === 0).length / drawn.length;
    // five deviations of a binomial distribution
    expect(Math.abs(share - DROPPED)).toBeLessThan(5 * Math.sqrt((DROPPED * (1 - DROPPED)) / drawn.length));
  });

  it("drops each unit alike, and independently of others and of the step before", async () => {
    const rows = (await masks(await counting({}, 0.5), 800)).map((row) => row.map((mask) => (mask === 0 ? -1 : 1)));
    const bound = 5 / Math.sqrt(rows.length);
    const correlation = (f: (row: number[], i: number) => number) =>
      Math.abs(rows.reduce((sum, row, i) => sum + f(row, i), 0) / rows.length);
    for (let j = 0; j < UNITS; j++) {
      expect(correlation((row) => row[j] as number)).toBeLessThan(bound);
      expect(correlation((row) => (row[j] as number) * (row[(j + 1) % UNITS] as number))).toBeLessThan(bound);
      expect(correlation((row, i) => (row[j] as number) * (rows[(i + 1) % rows.length]?.[j] as number))).toBeLessThan(
        bound,
      );
    }
  });

  it("draws anew for another seed, and for each row", async () => {
    const [first] = await masks(await counting(), 1);
    const [again] = await masks(await counting(), 1);
    const [other] = await masks(await counting({ seed: 6 }), 1);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const step = await stepper(await counting(), { loss: "quadratic" });
    const alone = step([[1]], [[-1]]).slice(2 * UNITS, 3 * UNITS);
    const stepOfTwo = await stepper(await counting(), { loss: "quadratic" });
    const both = stepOfTwo([[1], [1]], [[-1], [-1]]).slice(2 * UNITS, 3 * UNITS);
    const second = both.map((sum, j) => 2 * sum - (alone[j] as number));
    expect([...second].map((mask) => mask > 0.1)).not.toEqual([...alone].map((mask) => mask > 0.1));
  });

  for (const activation of ["tanh", "relu", "softmax", "swish"] as const) {
    it(`after ${activation}: a dropped unit passes no gradient on, the others 1/(1 − rate) of it`, async () => {
      const network = await Network.create({
        inputs: 3,
        layers: [{ units: 9, activation, dropout: 0.4 }, { units: 2 }],
        seed: 8,
      });
      const [x, y] = [normals(3, 1), [0.5, -1]];
      const step = await stepper(network, { loss: "quadratic" });
      const moved = step([[...x]], [y]);
      const { a } = network.trace(x).layers[0] as { a: Float32Array };
      // δ(2) is the output bias' gradient, and w2's is δ(2)·a·mask
      const [w1, b1, w2, b2] = [moved.slice(0, 27), moved.slice(27, 36), moved.slice(36, 54), moved.slice(54)];
      const mask = [...a].map((value, j) => {
        if (value === 0) return 0;
        const [one, other] = [0, 1].map((k) => (w2[k * 9 + j] as number) / ((b2[k] as number) * value));
        expect(Math.abs((one as number) - (other as number))).toBeLessThan(1e-4);
        return Math.round((one as number) * 0.6) / 0.6;
      });
      expect(new Set(mask.map((value) => value > 0)).size).toBe(2);
      // through the mask by hand: the same network without dropout, its output weights masked, has the same δ(1)
      const reference = unpack(3, network.layers, network.parameters());
      const masked = reference.map((layer, l) =>
        l === 0 ? layer : { ...layer, weights: layer.weights.map((row) => row.map((w, j) => w * (mask[j] as number))) },
      );
      const { vector } = gradients(masked, "quadratic", [[...x]], [y]);
      for (const [name, actual, from] of [
        ["w1", w1, 0],
        ["b1", b1, 27],
      ] as const) {
        actual.forEach((value, i) => {
          // parameters of about 1 have lost 2⁻²⁴ each, over η
          expect(Math.abs(value - (vector[from + i] as number)), `${name}[${i}]`).toBeLessThan((16 * U) / RATE);
        });
      }
    });
  }

  it("drops nothing in predictions, evaluations, gradients and traces", async () => {
    const plain = await counting({}, 0);
    const dropping = await counting();
    for (const network of [plain, dropping]) network.setParameters(normals(network.parameterCount, 3));
    expect(dropping.predict([0.5])).toEqual(plain.predict([0.5]));
    const data = Dataset.from({ inputs: [[0.5], [1]], targets: [[1], [2]] });
    const [one, two] = [plain, dropping].map((network) => new Trainer(network));
    expect(await two?.evaluate(data)).toEqual(await one?.evaluate(data));
    expect(two?.gradients([1], [2])).toEqual(one?.gradients([1], [2]));
    expect(two?.trace([1], [2])).toEqual(one?.trace([1], [2]));
  });
});

describe("inputs", () => {
  const INPUTS = 40;
  const inputsSeen = async (options: Partial<NetworkOptions>, steps: number) => {
    const network = await Network.create({ inputs: INPUTS, layers: [{ units: 1 }], seed: 3, ...options });
    network.setParameters(new Float32Array(INPUTS + 1));
    const step = await stepper(network, { loss: "quadratic" });
    const ones = new Array<number>(INPUTS).fill(1);
    return Array.from({ length: steps }, () => [...step([ones], [[-1]]).slice(0, INPUTS)]).flat();
  };

  it("are dropped at their own rate", async () => {
    const seen = await inputsSeen({ inputDropout: 0.2 }, 300);
    const share = seen.filter((x) => x === 0).length / seen.length;
    expect(Math.abs(share - 0.2)).toBeLessThan(5 * Math.sqrt((0.2 * 0.8) / seen.length));
    expect(seen.every((x) => x === 0 || Math.abs(x - 1.25) < 1e-6)).toBe(true);
  });

  it("get normal noise of the deviation that was asked for", async () => {
    const noise = (await inputsSeen({ inputNoise: 0.5 }, 500)).map((x) => (x - 1) / 0.5);
    const n = noise.length;
    const moment = (k: number) => noise.reduce((sum, x) => sum + x ** k, 0) / n;
    // five deviations of each moment's estimate: var x^k = E x^2k − (E x^k)²
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    // Kolmogorov–Smirnov against Φ, by its series; 1.95/√n is passed once in a thousand
    const sorted = [...noise].sort((a, b) => a - b);
    const worst = Math.max(...sorted.map((x, i) => Math.abs(phi(x) - (i + 0.5) / n)));
    expect(worst).toBeLessThan(1.95 / Math.sqrt(n));
  });

  /** Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/15 + …) (Marsaglia 2004) */
  function phi(x: number): number {
    let [sum, term] = [x, x];
    for (let i = 1; i < 200 && Math.abs(term) > 1e-17; i++) {
      term *= (x * x) / (2 * i + 1);
      sum += term;
    }
    return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
  }
});

describe("penalties", () => {
  const [x, y] = [rowsOf(normals(5 * 4, 1), 4), rowsOf(normals(5 * 2, 2), 2)];
  const shape = { inputs: 4, layers: [{ units: 9, activation: "tanh" as const }, { units: 2 }], seed: 2 };
  const penalties = { l1: 0.25, l2: 0.125 };

  for (const options of [{}, { optimizer: { kind: "sgd", learningRate: RATE, clipNorm: 1e6 } }] as TrainerOptions[]) {
    it(`are in the gradient, biases apart${options.optimizer ? ", also where its norm is bounded" : ""}`, async () => {
      const network = await Network.create({ ...shape, ...penalties });
      const plain = await Network.create(shape);
      const moved = (await stepper(network, { loss: "quadratic", ...options }))(x, y);
      const without = new Trainer(plain, { loss: "quadratic" }).gradients(x, y).vector;
      const { vector } = new Trainer(network, { loss: "quadratic" }).gradients(x, y);
      const isBias = (i: number) => (i >= 36 && i < 45) || i >= 63;
      network.parameters().forEach((w, i) => {
        const exact = (without[i] as number) + (isBias(i) ? 0 : 0.25 * Math.sign(w) + 0.25 * w);
        expect(Math.abs((vector[i] as number) - exact), `gradient ${i}`).toBeLessThan(4 * U * (1 + Math.abs(exact)));
        expect(Math.abs((moved[i] as number) - exact), `step ${i}`).toBeLessThan((4 * U * (1 + Math.abs(w))) / RATE);
      });
    });
  }

  it("of a layer take the place of the network's", async () => {
    const network = await Network.create({
      ...shape,
      l2: 0.5,
      layers: [
        { ...shape.layers[0]!, l2: 0 },
        { units: 2, l1: 1 },
      ],
    });
    expect(network.layers.map(({ l1, l2 }) => [l1, l2])).toEqual([
      [0, 0],
      [1, 0.5],
    ]);
  });
});

describe("maxNorm", () => {
  it("bounds the weights into each neuron after each step, in their direction, and leaves the others alone", async () => {
    const shape = {
      inputs: 11,
      layers: [{ units: 13, activation: "relu" as const, maxNorm: 1.4 }, { units: 3 }],
      seed: 4,
    };
    const network = await Network.create(shape);
    const free = await Network.create({ ...shape, layers: [{ units: 13, activation: "relu" }, { units: 3 }] });
    for (const each of [network, free]) new Trainer(each).step(normals(11 * 6, 1), normals(3 * 6, 2));
    const [bounded, unbounded] = [network.parameters(), free.parameters()];
    let bound = 0;
    for (let j = 0; j < 13; j++) {
      const row = unbounded.slice(j * 11, (j + 1) * 11);
      const norm = Math.hypot(...row);
      bound += norm > 1.4 ? 1 : 0;
      const scale = Math.min(1, 1.4 / norm);
      row.forEach((w, k) => {
        expect(Math.abs((bounded[j * 11 + k] as number) - w * scale)).toBeLessThanOrEqual(scale === 1 ? 0 : 16 * U);
      });
    }
    expect(bound).toBeGreaterThan(3);
    expect(bound).toBeLessThan(13);
    expect(bounded.slice(143)).toEqual(unbounded.slice(143));
  });
});

it("all of it gives the same bits at any number of threads, and after a checkpoint in mid-epoch", async () => {
  const data = datasets.spirals({ samples: 300, classes: 3, seed: 1 });
  const options: NetworkOptions = {
    inputs: 2,
    layers: [
      { units: 40, activation: "relu", dropout: 0.3 },
      { units: 21, activation: "softmax", dropout: 0.2 },
      { units: 3, activation: "softmax" },
    ],
    ...{ inputDropout: 0.1, inputNoise: 0.05, l1: 1e-4, l2: 1e-3, maxNorm: 2 },
    ...{ seed: 9, math: "deterministic" },
  };
  const make = async () => new Trainer(await Network.create(options), { batchSize: 7 });
  const whole = await make();
  await whole.fit(data, { epochs: 3, threads: 1 });
  for (const threads of [2, 3, 4]) {
    const trainer = await make();
    await trainer.fit(data, { epochs: 3, threads });
    expect(trainer.network.parameters()).toEqual(whole.network.parameters());
  }
  const stopped = await make();
  const controller = new AbortController();
  await stopped.fit(data, { epochs: 3, signal: controller.signal, onEpoch: () => controller.abort() });
  const resumed = await Trainer.resume(stopped.checkpoint(), data);
  await resumed.fit(data, { epochs: 3 });
  expect(resumed.network.parameters()).toEqual(whole.network.parameters());
});

it("what makes no sense is refused", async () => {
  const create = (layer: object, network: object = {}) =>
    Network.create({ inputs: 2, layers: [{ units: 2, ...layer }, { units: 1 }], ...network });
  await expect(create({ dropout: 1 })).rejects.toThrow(
    /^layers\[0\].dropout must be a finite number of at least 0 and below 1/,
  );
  await expect(create({ l2: -1 })).rejects.toThrow("layers[0].l2 must be a finite number of at least 0, got -1");
  await expect(create({}, { maxNorm: 0 })).rejects.toThrow("maxNorm must be a finite number above 0, got 0");
  await expect(create({}, { inputNoise: -1 })).rejects.toThrow(
    "inputNoise must be a finite number of at least 0, got -1",
  );
  await expect(Network.create({ inputs: 2, layers: [{ units: 1, dropout: 0.5 }] })).rejects.toThrow(
    "layers[0].dropout must be 0, as its outputs are the answer, got 0.5",
  );
});
