// Batch and layer normalization against PyTorch, whose results (in float64) are in fixtures/pytorch-normalization.json.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  datasets,
  type LayerOptions,
  Network,
  type NetworkOptions,
  Trainer,
  type TrainerOptions,
} from "../src/index.js";
import { normals } from "./arrays.js";
import { U } from "./tolerance.js";

interface Case {
  name: string;
  inputs: number;
  layers: LayerOptions[];
  parameters: number[];
  x: number[][];
  y: number[][];
  gradient: number[];
  losses: number[];
  vectors: [first: number[], last: number[]];
  answers: number[][];
}

const { torch, cases }: { torch: string; cases: Case[] } = JSON.parse(
  readFileSync(new URL("fixtures/pytorch-normalization.json", import.meta.url), "utf8"),
);

/**
 * Roundings along the longest path, forward and back: three sums of at most 20 terms each way, an activation, a
 * normalization and their derivatives in each layer. Standardised sums are of about 1, divided by deviations above 1/8.
 */
const ROUNDINGS = 8 * (2 * 3 * 20 + 3 * 48);

const largest = (values: readonly number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function expectNear(actual: ArrayLike<number>, exact: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(exact.length);
  const worst = largest(exact.map((value, i) => (actual[i] as number) - value));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

const optimizer = { kind: "sgd", learningRate: 0.0625, momentum: 0.5 } as const;

describe(`PyTorch ${torch}`, () => {
  for (const { name, inputs, layers, parameters, x, y, gradient, losses, vectors, answers } of cases) {
    const make = async (options: TrainerOptions = {}) => {
      const network = await Network.create({ inputs, layers, seed: 1 });
      network.setParameters(parameters);
      return {
        network,
        trainer: new Trainer(network, { loss: "meanSquaredError", optimizer, batchSize: 32, ...options }),
      };
    };

    it(`${name}: loss and gradient`, async () => {
      const { network, trainer } = await make();
      expect(network.parameterCount).toBe(parameters.length);
      const found = trainer.gradients(x, y);
      expect(Math.abs(found.loss - (losses[0] as number))).toBeLessThan(
        ROUNDINGS * U * Math.max(1, losses[0] as number),
      );
      expectNear(found.vector, gradient, ROUNDINGS * U * Math.max(1, largest(gradient)));
      // nothing has changed, the running statistics neither
      expect(network.parameters()).toEqual(Float32Array.from(parameters));
      const parts = found.layers.flatMap(({ weights, biases, gamma = [] }) => [...weights, ...biases, ...gamma]);
      expect(parts).toEqual(
        [...found.vector].filter((_, i) => gradient[i] !== 0 || found.vector[i] !== 0 || !isRunning(i)),
      );
    });

    /** Whether a place of the vector is a running statistic's. */
    function isRunning(i: number): boolean {
      let [at, below] = [0, inputs];
      for (const { units, normalization } of layers) {
        at += units * (below + (normalization ? 2 : 1));
        const statistics = (normalization as { kind?: string })?.kind === "batch" ? 2 * units : 0;
        if (i < at) return false;
        if (i < at + statistics) return true;
        at += statistics;
        below = units;
      }
      return false;
    }

    for (const clipNorm of [undefined, 1e6]) {
      it(`${name}: twelve steps${clipNorm ? ", by way of the whole gradient" : ""}`, async () => {
        const { network, trainer } = await make(clipNorm ? { optimizer: { ...optimizer, clipNorm } } : {});
        losses.forEach((loss, step) => {
          // each step adds its own roundings to what the steps before it brought
          const tolerance = (step + 1) * ROUNDINGS * U * Math.max(1, loss);
          expect(Math.abs(trainer.step(x, y) - loss)).toBeLessThan(tolerance);
          const exact = step === 0 ? vectors[0] : step === 11 ? vectors[1] : undefined;
          if (exact) expectNear(network.parameters(), exact, tolerance * Math.max(1, largest(exact)));
        });
        const tolerance = 12 * ROUNDINGS * U * Math.max(1, largest(answers.flat()));
        expectNear(network.predict(x.flat()), answers.flat(), tolerance);
        // one by one, as the running statistics don't hang on who else is predicted
        expectNear(
          x.flatMap((row) => [...network.predict(row)]),
          answers.flat(),
          tolerance,
        );
        const { a } = network.trace(x[0] as number[]).layers.at(-1) as { a: Float32Array };
        expect(a).toEqual(network.predict(x[0] as number[]));
      });
    }
  }
});

describe("a trace", () => {
  for (const kind of ["batch", "layer"] as const) {
    it(`of ${kind} normalization goes by the network's answer, as finite differences do`, async () => {
      const network = await Network.create({
        inputs: 3,
        layers: [{ units: 9, activation: "tanh", normalization: kind }, { units: 2 }],
        seed: 2,
      });
      const start = normals(network.parameterCount, 4).map((value, i) =>
        // the running variance
        kind === "batch" && i >= 54 && i < 63 ? 0.5 + Math.abs(value) : value,
      );
      network.setParameters(start);
      const trainer = new Trainer(network, { loss: "quadratic" });
      const [x, y] = [
        [0.5, -1, 0.25],
        [1, -1],
      ];
      const { layers, loss } = trainer.trace(x, y);
      const lossAt = (i: number, by: number) => {
        network.setParameters(start.map((value, k) => (k === i ? value + by : value)));
        const answer = network.predict(x);
        return 0.5 * y.reduce((sum, target, j) => sum + ((answer[j] as number) - target) ** 2, 0);
      };
      expect(Math.abs(lossAt(0, 0) - loss)).toBeLessThan(1e-5);
      for (let i = 0; i < 36; i++) {
        // second-order differences: truncation ~h², rounding ~U·C/h
        const h = 2 ** -8;
        const slope = (lossAt(i, h) - lossAt(i, -h)) / (2 * h);
        const told = i < 27 ? layers[0]?.weightGradient[i] : layers[0]?.biasGradient[i - 27];
        expect(Math.abs(slope - (told as number)), `${i}`).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
      }
    });
  }
});

it("running statistics are neither decayed nor moved by optimizers", async () => {
  for (const clipNorm of [undefined, 1]) {
    for (const kind of ["adamW", "lion", "sgd"] as const) {
      const network = await Network.create({
        inputs: 2,
        layers: [{ units: 3, normalization: { kind: "batch", momentum: 1e-30 } }, { units: 1 }],
        seed: 1,
        l2: 0.5,
      });
      const options = { kind, learningRate: 0.1, weightDecay: 0.5, ...(clipNorm && { clipNorm }) };
      const trainer = new Trainer(network, { optimizer: options });
      for (let i = 0; i < 5; i++) trainer.step([1, 2, 3, 4], [1, 2]);
      // but for the mini-batches' share of 1e-30
      const moved = [...network.parameters().slice(12, 18)].map((value, i) => Math.abs(value - (i < 3 ? 0 : 1)));
      expect(Math.max(...moved)).toBeLessThan(1e-25);
    }
  }
});

it("running statistics have a gradient of 0, whatever lay in the memory before", async () => {
  const dirty = await Network.create({ inputs: 8, layers: [{ units: 64 }, { units: 9 }], seed: 1 });
  const layers = [{ units: 64, normalization: "batch" as const }, { units: 8 }];
  const network = await Network.create({ inputs: 8, layers, seed: 1 });
  const [x, y] = [normals(8 * 4, 1), normals(8 * 4, 2)];
  const trainer = new Trainer(network);
  const clean = trainer.gradients(x, y).vector;
  // the gradient is computed in memory that is borrowed: what another left there must not shine through
  new Trainer(dirty).gradients(normals(8 * 9, 3), normals(9 * 9, 4));
  expect(trainer.gradients(x, y).vector).toEqual(clean);
  expect([...clean.slice(64 * 10, 64 * 12)].every((value) => value === 0)).toBe(true);
});

const both: NetworkOptions = {
  inputs: 2,
  layers: [
    { units: 37, activation: "relu", normalization: "batch", dropout: 0.2 },
    { units: 20, activation: "softmax", normalization: "layer" },
    { units: 11, activation: "tanh", normalization: { kind: "batch", momentum: 0.3 }, maxNorm: 1 },
    { units: 3, activation: "softmax" },
  ],
  ...{ seed: 5, math: "deterministic" },
};

it("the bits are the same at any number of threads, after a checkpoint in mid-epoch, and with the best restored", async () => {
  const data = datasets.spirals({ samples: 201, classes: 3, seed: 1 });
  const make = async () => new Trainer(await Network.create(both), { batchSize: 16 });
  const fit = { epochs: 4, earlyStopping: { metric: "loss", patience: 1, minimumChange: 10, startEpoch: 2 } } as const;
  const whole = await make();
  const seen: Float32Array[] = [];
  const { best } = await whole.fit(data, {
    ...fit,
    onEpoch: () => void seen.push(whole.network.parameters()),
    threads: 1,
  });
  expect(whole.network.parameters()).toEqual(seen[(best?.epoch as number) - 1]);
  for (const threads of [2, 3, 4]) {
    const trainer = await make();
    await trainer.fit(data, { ...fit, threads });
    expect(trainer.network.parameters()).toEqual(whole.network.parameters());
  }
  const stopped = await make();
  await stopped.fit(data, { ...fit, onBatch: ({ epoch, batch }) => epoch < 2 || batch < 3 });
  const resumed = await Trainer.resume(stopped.checkpoint(), data);
  await resumed.fit(data, fit);
  expect(resumed.network.parameters()).toEqual(whole.network.parameters());
});

it("a fit that diverges gives the running statistics back, too", async () => {
  const data = datasets.moons({ samples: 64 });
  const network = await Network.create({
    inputs: 2,
    layers: [{ units: 4, normalization: "batch" }, { units: 2 }],
    seed: 1,
  });
  const before = network.parameters();
  const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer: { kind: "sgd", learningRate: 1e30 } });
  expect((await trainer.fit(data, { epochs: 2 })).status).toBe("diverged");
  expect(network.parameters()).toEqual(before);
});

it("options that make no sense are refused", async () => {
  const create = (normalization: unknown) =>
    Network.create({ inputs: 1, layers: [{ units: 2, normalization: normalization as "batch" }] });
  await expect(create("group")).rejects.toThrow('layers[0].normalization must be one of batch, layer, got "group"');
  await expect(create({ kind: "layer", momentum: 0.1 })).rejects.toThrow(/"layer" has no option "momentum"/);
  await expect(create({ kind: "batch", momentum: 0 })).rejects.toThrow(/normalization.momentum must be .*above 0/);
  await expect(create({ kind: "batch", epsilon: 0 })).rejects.toThrow(/normalization.epsilon must be .*above 0/);
});
