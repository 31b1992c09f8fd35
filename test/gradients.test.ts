// Forward and backward pass in WebAssembly against the float64 reference, layer by layer: each layer is handed the very
// float32 numbers that the library computed below (or above) it, so each tolerance is that of one layer's own arithmetic.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Network, Trainer } from "../src/index.js";
import { distributions, normals, rowsOf } from "./arrays.js";
import {
  type ActivationName,
  activate,
  activationNames,
  costAndDelta,
  differentiate,
  gradients,
  isFused,
  isPair,
  type LossName,
  losses,
  lossNames,
  unpack,
} from "./reference.js";
import { sumTolerance, U } from "./tolerance.js";

/** Roundings in an activation, its derivative or a loss, around one elementary function; see kernels.test.ts. */
const ROUNDINGS = 32;

interface Shape {
  inputs: number;
  layers: { units: number; activation: ActivationName }[];
}

async function build({ inputs, layers }: Shape, loss: LossName, seed: number) {
  const network = await Network.create({ inputs, layers, seed });
  network.setParameters(normals(network.parameterCount, seed, 0.5));
  return { network, trainer: new Trainer(network, { loss, batchSize: 4 }) };
}

function absoluteSum(weights: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++) sum += Math.abs((weights[k] as number) * (values[k] as number));
  return sum;
}

/** Checks every number of one sample's trace. */
async function checkTrace(shape: Shape, loss: LossName, seed: number): Promise<void> {
  const { network, trainer } = await build(shape, loss, seed);
  const reference = unpack(shape.inputs, shape.layers, network.parameters());
  const x = normals(shape.inputs, seed + 1);
  const [y] = distributions(1, network.outputs, seed + 2) as [number[]];
  const { layers, loss: cost } = trainer.trace(x, y);

  let below: ArrayLike<number> = x;
  layers.forEach(({ z, a }, l) => {
    const { weights, biases, activation } = reference[l]!;
    weights.forEach((row, j) => {
      const exact = row.reduce((sum, w, k) => sum + w * (below[k] as number), biases[j] as number);
      const magnitude = absoluteSum(row, below) + Math.abs(biases[j] as number);
      expect(Math.abs((z[j] as number) - exact), `z${l + 1}[${j}]`).toBeLessThanOrEqual(
        sumTolerance(row.length + 1, magnitude),
      );
    });
    activate(activation, [...z]).forEach((exact, j) => {
      const tolerance = ROUNDINGS * U * Math.max(1, ...z.map(Math.abs)) * Math.abs(exact) + 1e-35;
      expect(Math.abs((a[j] as number) - exact), `a${l + 1}[${j}]`).toBeLessThanOrEqual(tolerance);
    });
    below = a;
  });

  const output = layers.at(-1)!;
  const activation = shape.layers.at(-1)!.activation;
  const exact = outputExact(loss, activation, [...output.z], [...output.a], y);
  const slope =
    Math.max(1, ...exact.delta.map(Math.abs), ...exact.slopes.map(Math.abs)) *
    (activation === "softmax" ? y.length : 1);
  expect(Math.abs(cost - exact.cost)).toBeLessThanOrEqual(
    (ROUNDINGS + y.length) * U * (Math.abs(exact.cost) + Math.max(1, ...output.z.map(Math.abs))),
  );
  exact.delta.forEach((delta, j) => {
    expect(Math.abs((output.delta[j] as number) - delta), `δL[${j}]`).toBeLessThanOrEqual(
      (ROUNDINGS + y.length) * U * slope,
    );
  });

  for (let l = layers.length - 1; l > 0; l--) {
    const { weights } = reference[l]!;
    const above = layers[l]!.delta;
    const here = layers[l - 1]!;
    const d = [...here.z].map((_, k) =>
      weights.reduce((sum, row, j) => sum + (row[k] as number) * (above[j] as number), 0),
    );
    const magnitudes = d.map((_, k) =>
      absoluteSum(
        weights.map((row) => row[k] as number),
        above,
      ),
    );
    const most = Math.max(...magnitudes);
    const name = shape.layers[l - 1]!.activation;
    differentiate(name, [...here.z], d).forEach((delta, k) => {
      // σ' ≤ 1.13; softmax's takes all of the row
      const magnitude = name === "softmax" ? most * 2 : (magnitudes[k] as number) * 1.13;
      const tolerance = sumTolerance(weights.length + ROUNDINGS + (name === "softmax" ? d.length : 0), magnitude);
      expect(Math.abs((here.delta[k] as number) - delta), `δ${l}[${k}]`).toBeLessThanOrEqual(tolerance);
    });
  }

  // for one sample, ∂C/∂w = δ·a is a product, rounded once
  layers.forEach(({ delta, weightGradient, biasGradient }, l) => {
    const a: ArrayLike<number> = l === 0 ? x : layers[l - 1]!.a;
    delta.forEach((d, j) => {
      expect(biasGradient[j]).toBe(d);
      for (let k = 0; k < a.length; k++) {
        expect(weightGradient[j * a.length + k]).toBe(Math.fround(Math.fround(a[k] as number) * d) + 0);
      }
    });
  });
}

/** The output layer's loss and δ; where probabilities are clipped, the float32 a decides on which side. */
function outputExact(loss: LossName, activation: ActivationName, z: number[], a: number[], y: number[]) {
  const slopes = losses[loss].gradient(a, y);
  if (isFused(loss, activation)) return { ...costAndDelta(loss, activation, z, y), slopes: [0] };
  return { cost: losses[loss].value(a, y), delta: differentiate(activation, z, slopes), slopes };
}

describe("every activation × loss, every number of a trace", () => {
  for (const activation of activationNames) {
    for (const loss of lossNames.filter((name) => isPair(name, activation))) {
      it(`${activation} × ${loss}`, async () => {
        const layers = [
          { units: 9, activation: "tanh" as const },
          { units: 12, activation },
          { units: 5, activation },
        ];
        await checkTrace({ inputs: 7, layers }, loss, 3);
      });
    }
  }
});

describe("shapes", () => {
  const units = fc.integer({ min: 1, max: 41 });
  const layer = fc.record({
    units,
    activation: fc.constantFrom(...activationNames.filter((name) => name !== "softmax")),
  });

  it("any sizes and depths", async () => {
    await fc.assert(
      fc.asyncProperty(
        units,
        fc.array(layer, { minLength: 1, maxLength: 4 }),
        fc.nat(1000),
        async (inputs, layers, seed) => {
          await checkTrace({ inputs, layers }, "quadratic", seed);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("any batch: the gradient is the mean of the samples' own", async () => {
    await fc.assert(
      fc.asyncProperty(
        units,
        units,
        units,
        fc.integer({ min: 1, max: 21 }),
        fc.nat(1000),
        async (inputs, hidden, outputs, rows, seed) => {
          const layers = [
            { units: hidden, activation: "sigmoid" as const },
            { units: outputs, activation: "tanh" as const },
          ];
          const { network, trainer } = await build({ inputs, layers }, "huber", seed);
          const x = rowsOf(normals(rows * inputs, seed + 1), inputs);
          const y = rowsOf(normals(rows * outputs, seed + 2), outputs);
          const batch = trainer.gradients(x, y);
          const single = x.map((row, i) => trainer.gradients(row, y[i] as number[]));
          batch.vector.forEach((gradient, i) => {
            const terms = single.map(({ vector }) => (vector[i] as number) / rows);
            const exact = terms.reduce((sum, term) => sum + term, 0);
            const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
            // each sample's δ is scaled by 1/rows before the passes below, which rounds anew at each of their steps
            expect(Math.abs(gradient - exact)).toBeLessThanOrEqual(
              sumTolerance(rows + outputs + 8, magnitude) +
                spread(
                  single.map(({ vector }) => vector),
                  rows,
                  outputs,
                ),
            );
          });
          const mean = single.reduce((sum, { loss }) => sum + loss / rows, 0);
          expect(Math.abs(batch.loss - mean)).toBeLessThanOrEqual((rows + 4) * U * mean);
          expect(network.predict(x.flat())).toEqual(Float32Array.from(x.flatMap((row) => [...network.predict(row)])));
        },
      ),
      { numRuns: 30 },
    );
  });

  /** Rounding of the hidden δ's sums, relative to the largest gradient anywhere. */
  function spread(vectors: Float32Array[], rows: number, outputs: number): number {
    let most = 0;
    for (const vector of vectors) for (const value of vector) most = Math.max(most, Math.abs(value) / rows);
    return (outputs + 8) * U * most * rows;
  }
});

it("a batch end to end against the reference", async () => {
  const layers = [
    { units: 30, activation: "relu" as const },
    { units: 10, activation: "softmax" as const },
  ];
  const { network, trainer } = await build({ inputs: 64, layers }, "crossEntropy", 5);
  const x = rowsOf(normals(64 * 13, 6), 64);
  const y = distributions(13, 10, 7);
  const exact = gradients(unpack(64, layers, network.parameters()), "crossEntropy", x, y);
  const { loss, vector } = trainer.gradients(x, y);
  const most = Math.max(...exact.vector.map(Math.abs));
  // 64 + 30 + 10 + 13 terms summed one after the other along the longest path, on magnitudes below 16
  const tolerance = 16 * 128 * U;
  expect(Math.abs(loss - exact.loss)).toBeLessThan(tolerance * exact.loss);
  exact.vector.forEach((value, i) => {
    expect(Math.abs((vector[i] as number) - value)).toBeLessThan(tolerance * Math.max(1, most));
  });
});
