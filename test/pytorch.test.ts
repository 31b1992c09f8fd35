// The reference and the library against PyTorch, whose results (in float64) are in fixtures/pytorch.json.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Network, type OptimizerOptions, Trainer } from "../src/index.js";
import { type ActivationName, forward, gradients, type LossName, unpack } from "./reference.js";
import { fresh, reference as referenceOf } from "./reference-optimizers.js";
import { U } from "./tolerance.js";

interface Case {
  inputs: number;
  layers: { units: number; activation: ActivationName }[];
  loss: LossName;
  parameters: number[];
  x: number[][];
  y: number[][];
  outputs: number[][];
  value: number;
  gradient: number[];
}

interface Run {
  optimizer: OptimizerOptions;
  parameters: number[];
  x: number[][];
  y: number[][];
  losses: number[];
  vectors: number[][];
}

const { torch, cases, runs }: { torch: string; cases: Case[]; runs: Run[] } = JSON.parse(
  readFileSync(new URL("fixtures/pytorch.json", import.meta.url), "utf8"),
);

/** Both sides compute in float64, in another order; but PyTorch's hardsigmoid takes 1/6 in float32 even then. */
const sameFor = (layers: { activation: ActivationName }[]) =>
  layers.some(({ activation }) => activation === "hardSigmoid") ? 1e-8 : 1e-12;

/**
 * Roundings along the longest path through these networks, forward and back: three sums of at most 8 terms each way, an
 * activation (about 16) and a derivative (about 16) at each layer, the loss. The magnitudes involved stay below 8.
 */
const ROUNDINGS = 8 * (2 * 3 * 8 + 3 * 32 + 16);

const largest = (values: number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function expectNear(actual: ArrayLike<number>, exact: number[], tolerance: number): void {
  expect(actual.length).toBe(exact.length);
  const worst = largest(exact.map((value, i) => (actual[i] as number) - value));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe(`networks and losses, PyTorch ${torch}`, () => {
  for (const { inputs, layers, loss, parameters, x, y, outputs, value, gradient } of cases) {
    const name = `${layers.map(({ activation }) => activation).join(", ")}: ${loss}`;

    it(`${name}, the reference`, () => {
      const reference = unpack(inputs, layers, parameters);
      const same = sameFor(layers);
      x.forEach((row, i) => {
        expectNear(forward(reference, row).a.at(-1) as number[], outputs[i] as number[], same);
      });
      const result = gradients(reference, loss, x, y);
      expect(Math.abs(result.loss - value)).toBeLessThan(same);
      expectNear(result.vector, gradient, same * Math.max(1, largest(gradient)));
    });

    it(`${name}, the library`, async () => {
      const network = await Network.create({ inputs, layers, seed: 1 });
      network.setParameters(parameters);
      expectNear(network.predict(x.flat()), outputs.flat(), ROUNDINGS * U * Math.max(1, largest(outputs.flat())));
      const result = new Trainer(network, { loss }).gradients(x, y);
      const tolerance = ROUNDINGS * U * Math.max(1, largest(gradient));
      expect(Math.abs(result.loss - value)).toBeLessThan(ROUNDINGS * U * Math.max(1, value));
      expectNear(result.vector, gradient, tolerance);
    });
  }
});

describe(`optimizers, 12 steps, PyTorch ${torch}`, () => {
  const layers = [
    { units: 5, activation: "tanh" },
    { units: 2, activation: "identity" },
  ] as const;

  for (const { optimizer, parameters, x, y, losses, vectors } of runs) {
    const name = JSON.stringify(optimizer);

    it(`${name}, the reference`, () => {
      const update = referenceOf(optimizer);
      const state = fresh();
      let vector = parameters;
      losses.forEach((value, step) => {
        const result = gradients(unpack(3, layers, vector), "meanSquaredError", x, y);
        expect(Math.abs(result.loss - value)).toBeLessThan(1e-10);
        vector = update(vector, result.vector, state);
        expectNear(vector, vectors[step] as number[], 1e-10);
      });
    });

    it(`${name}, the library`, async () => {
      const network = await Network.create({ inputs: 3, layers, seed: 1 });
      network.setParameters(parameters);
      const trainer = new Trainer(network, { loss: "meanSquaredError", optimizer, batchSize: 6 });
      losses.forEach((value, step) => {
        // each step adds its own roundings to what the steps before it brought; Adam, whose steps divide by the
        // gradient's size, passes on relative errors
        const tolerance = (step + 1) * ROUNDINGS * U;
        expect(Math.abs(trainer.step(x, y) - value)).toBeLessThan(tolerance);
        expectNear(network.parameters(), vectors[step] as number[], tolerance);
      });
    });
  }
});
