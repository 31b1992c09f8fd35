// Randomness and the functions it stands on.

import { describe, expect, it } from "vitest";
import { cosSin, exp, log } from "../src/exact.js";
import { Network } from "../src/index.js";
import { Random, shuffled, shuffleStretch } from "../src/random.js";

describe("exact functions", () => {
  it("log agrees with Math.log to 2 ulp, from the smallest normal number to the largest", () => {
    const random = new Random(1);
    for (let i = 0; i < 20000; i++) {
      const x = i % 2 === 0 ? 2 ** (random.uniform() * 2046 - 1022) : random.uniform() + 0.5;
      const exact = Math.log(x);
      expect(Math.abs(log(x) - exact)).toBeLessThanOrEqual(Math.max(2 * 2 ** -52 * Math.abs(exact), 1e-16));
    }
  });

  it("exp agrees with Math.exp to 2 ulp, from the smallest normal number to the largest", () => {
    const random = new Random(2);
    for (let i = 0; i < 20000; i++) {
      const x = i % 2 === 0 ? random.uniform() * 1417 - 708 : random.uniform() * 2 - 1;
      const exact = Math.exp(x);
      expect(Math.abs(exp(x) - exact)).toBeLessThanOrEqual(2 * 2 ** -52 * exact);
    }
    expect([exp(0), exp(709.7), exp(Math.log(2 ** -1022))].map((y) => y > 0 && y < Infinity)).toEqual([
      true,
      true,
      true,
    ]);
    expect(exp(0)).toBe(1);
  });

  it("cosSin agrees with Math.cos and Math.sin", () => {
    for (let turns = -3; turns <= 3; turns += 0.01) {
      const [cos, sin] = cosSin(turns);
      // Math's own argument, 2π·turns, is off by a few ulp
      expect(Math.abs(cos - Math.cos(2 * Math.PI * turns))).toBeLessThan(1e-14);
      expect(Math.abs(sin - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-14);
    }
    expect(cosSin(0.25)).toEqual([-0, 1]);
  });
});

describe("Random", () => {
  it("gives published numbers for a seed: a change would break every user's results", () => {
    const random = new Random(42, 1);
    const first = Array.from({ length: 4 }, () => random.uint32());
    expect(first).toMatchInlineSnapshot(`
      [
        661374719,
        781852467,
        1034464968,
        715604380,
      ]
    `);
    expect(random.uniform()).toMatchInlineSnapshot(`0.8281171171844894`);
    expect(random.normal()).toMatchInlineSnapshot(`-1.2075772736923327`);
  });

  it("gives other numbers for another seed or stream, also beyond 32 bits", () => {
    const firsts = [[0], [1], [2 ** 32], [2 ** 32 + 1], [2 ** 52], [0, 0], [0, 1], [1, 0], [0, 1, 0]].map(
      ([seed, ...stream]) => new Random(seed as number, ...stream).uint32(),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it("is uniform: 16 bins of 160,000 numbers, and each bit, within 5 deviations", () => {
    const random = new Random(7);
    const n = 160_000;
    const bins = new Array<number>(16).fill(0);
    const bits = new Array<number>(32).fill(0);
    for (let i = 0; i < n; i++) {
      const value = random.uint32();
      bins[value >>> 28]! += 1;
      for (let bit = 0; bit < 32; bit++) bits[bit]! += (value >>> bit) & 1;
    }
    for (const count of bins) expect(Math.abs(count - n / 16)).toBeLessThan(5 * Math.sqrt(n * (1 / 16) * (15 / 16)));
    for (const count of bits) expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });

  it("is normal: mean, deviation, and the shares within 1 and 2 deviations", () => {
    const random = new Random(8);
    const n = 200_000;
    const values = Array.from({ length: n }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / n;
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / n;
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    const within = (d: number) => values.filter((value) => Math.abs(value) < d).length / n;
    expect(within(1)).toBeCloseTo(0.6827, 2);
    expect(within(2)).toBeCloseTo(0.9545, 2);
  });

  it("shuffles every row to every place about equally often", () => {
    const counts = Array.from({ length: 5 }, () => new Array<number>(5).fill(0));
    for (let seed = 0; seed < 5000; seed++) {
      shuffled(5, new Random(seed)).forEach((row, place) => {
        counts[row]![place]! += 1;
      });
    }
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(5000 * 0.2 * 0.8));
  });

  it("shuffles in stretches as it does at once", () => {
    const order = Uint32Array.from({ length: 100 }, (_, i) => i);
    const random = new Random(3);
    for (const [from, to] of [
      [0, 1],
      [1, 40],
      [40, 100],
    ] as const)
      shuffleStretch(order, from, to, random);
    expect(order).toEqual(shuffled(100, new Random(3)));
  });
});

describe("initializers", () => {
  const n = 300;
  const m = 200;
  const deviations = {
    small: 0.1,
    normal: 1,
    uniform: 0.05 / Math.sqrt(3),
    glorotUniform: Math.sqrt(2 / (n + m)),
    glorotNormal: Math.sqrt(2 / (n + m)),
    heUniform: Math.sqrt(2 / n),
    heNormal: Math.sqrt(2 / n),
    lecunUniform: Math.sqrt(1 / n),
    lecunNormal: Math.sqrt(1 / n),
  };

  for (const [initializer, deviation] of Object.entries(deviations) as [keyof typeof deviations, number][]) {
    it(`${initializer} has deviation ${deviation.toFixed(4)}`, async () => {
      const network = await Network.create({ inputs: n, layers: [{ units: m, initializer }], seed: 5 });
      const weights = network.parameters().slice(0, n * m);
      const mean = weights.reduce((sum, w) => sum + w, 0) / weights.length;
      const measured = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
      expect(Math.abs(mean)).toBeLessThan((5 * deviation) / Math.sqrt(n * m));
      expect(Math.abs(measured / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * n * m));
      const most = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
      if (initializer.endsWith("niform")) expect(most).toBeLessThanOrEqual(deviation * Math.sqrt(3) * (1 + 1e-6));
      else expect(most).toBeGreaterThan(3.5 * deviation);
      network.dispose();
    });
  }

  it("zeros, constants and options; biases start at 0 unless told", async () => {
    const network = await Network.create({
      inputs: 2,
      layers: [
        { units: 2, initializer: "zeros", biasInitializer: { kind: "constant", value: 0.5 } },
        { units: 1, initializer: { kind: "constant", value: -2 } },
      ],
    });
    expect([...network.parameters()]).toEqual([0, 0, 0, 0, 0.5, 0.5, -2, -2, 0]);
    const wide = await Network.create({
      inputs: 100,
      layers: [{ units: 100, initializer: { kind: "normal", deviation: 3 } }],
      seed: 1,
    });
    const measured = Math.sqrt(wide.parameters().reduce((sum, w) => sum + w * w, 0) / 10_000);
    expect(measured).toBeCloseTo(3, 1);
  });

  it("suit the activation by default", async () => {
    const layers = (["relu", "selu", "sigmoid", "softmax"] as const).map((activation) => ({ units: 4, activation }));
    const network = await Network.create({ inputs: 3, layers });
    expect(network.layers.map(({ initializer }) => initializer.kind)).toEqual([
      "heNormal",
      "lecunNormal",
      "glorotUniform",
      "glorotUniform",
    ]);
  });

  it("a layer's weights don't depend on the other layers", async () => {
    const one = await Network.create({ inputs: 3, layers: [{ units: 4, activation: "tanh" }, { units: 2 }], seed: 9 });
    const two = await Network.create({
      inputs: 3,
      layers: [{ units: 4, activation: "tanh" }, { units: 2 }, { units: 2 }],
      seed: 9,
    });
    expect(two.parameters().slice(0, 26)).toEqual(one.parameters());
  });
});
