// Exported ONNX files in onnxruntime, the runtime of most of those who use them: its answers against ours.

import { beforeAll, describe, expect, it } from "vitest";
import { Activation } from "../../src/abi.js";
import { namesOf } from "../../src/checks.js";
import { type ActivationName, Dataset, Network, type NetworkOptions, Trainer } from "../../src/index.js";
import { normals, rowsOf } from "../arrays.js";
import { U } from "../tolerance.js";

/** As much of onnxruntime-web as is used here; its own types are only there once it is installed. */
interface Runtime {
  env: { wasm: { numThreads: number } };
  Tensor: new (type: "float32", data: Float32Array, dimensions: readonly number[]) => { data: Float32Array };
  InferenceSession: {
    create(
      bytes: Uint8Array,
      options: { executionProviders: string[] },
    ): Promise<{
      run(inputs: Record<string, unknown>): Promise<Record<string, { data: Float32Array; dims: number[] }>>;
    }>;
  };
}

const packageName = "onnxruntime-web";
let runtime: Runtime;
beforeAll(async () => {
  runtime = await import(packageName);
  runtime.env.wasm.numThreads = 1;
});

const INPUTS = 6;
const inputs = Float32Array.from(normals(50 * INPUTS, 1, 2));

async function answersOf(network: Network, samples = inputs): Promise<Float32Array> {
  const bytes = (await network.encode("onnx")) as Uint8Array;
  const session = await runtime.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  const rows = samples.length / network.inputs;
  const { output } = await session.run({ input: new runtime.Tensor("float32", samples, [rows, network.inputs]) });
  expect(output.dims).toEqual([rows, network.outputs]);
  return output.data;
}

/**
 * Both sides round in every layer: a sum of at most 16 products and a bias, a normalization (three sums of that length), an
 * activation (about 16). What numbers of this size lose in one layer is passed on by weights whose rows have a norm near 1.
 */
const ROUNDINGS = 2 * 3 * (17 + 3 * 17 + 16);

async function expectSame(network: Network, samples = inputs): Promise<void> {
  const theirs = await answersOf(network, samples);
  const ours = network.predict(samples);
  const size = Math.max(1, ...ours.map(Math.abs));
  const worst = Math.max(...ours.map((each, i) => Math.abs(each - theirs[i])));
  expect(worst).toBeLessThan(ROUNDINGS * U * size);
}

/** Some training, so that scalings and running statistics are no longer what they began as. */
async function trained(options: NetworkOptions): Promise<Network> {
  const network = await Network.create(options);
  const rows = rowsOf([...inputs], INPUTS);
  const dataset = Dataset.from({ inputs: rows, targets: rows.map(([a, b]) => [a * 3, b - 5]) });
  const trainer = new Trainer(network, { loss: "meanSquaredError", batchSize: 10 });
  expect((await trainer.fit(dataset, { epochs: 2 })).status).toBe("completed");
  return network;
}

describe("onnxruntime answers as nablanet does", () => {
  it.each(namesOf<ActivationName>(Activation))("%s by itself", async (activation) => {
    const network = await Network.create({ inputs: INPUTS, layers: [{ units: INPUTS, activation }], seed: 1 });
    // z = x exactly
    const identity = Array.from({ length: INPUTS * (INPUTS + 1) }, (_, i) => Number(i % (INPUTS + 1) === 0));
    network.setParameters(identity.map((each, i) => (i < INPUTS * INPUTS ? each : 0)));
    const ours = network.predict(inputs);
    const theirs = await answersOf(network);
    // each side rounds an activation some eight times; none of their derivatives is above 1.2
    ours.forEach((each, i) => {
      expect(Math.abs(each - theirs[i])).toBeLessThan(16 * U * Math.max(1, Math.abs(inputs[i])));
    });
  });

  it.each(namesOf<ActivationName>(Activation))("%s", async (activation) => {
    const layers = [
      { units: 16, activation },
      { units: 4, activation },
    ];
    const network = await Network.create({ inputs: INPUTS, layers, seed: 1 });
    // biases that aren't 0, sums from far below to far above
    network.setParameters(network.parameters().map((each, i) => each * 2 + Math.sin(i)));
    await expectSame(network);
  });

  it.each<[string, Partial<NetworkOptions>]>([
    ["nothing but weighted sums", {}],
    ["batch normalization", { layers: [{ units: 9, activation: "tanh", normalization: "batch" }, { units: 2 }] }],
    [
      "batch normalization at the output, of another epsilon",
      { layers: [{ units: 2, normalization: { kind: "batch", epsilon: 0.1 } }] },
    ],
    ["layer normalization", { layers: [{ units: 9, activation: "gelu", normalization: "layer" }, { units: 2 }] }],
    ["scaled inputs", { normalize: "standard", layers: [{ units: 2, activation: "identity" }] }],
    [
      "dropout and noise, which answers don't have",
      { inputDropout: 0.5, layers: [{ units: 5, dropout: 0.5 }, { units: 2 }] },
    ],
  ])("%s", async (_, options) => {
    await expectSame(await trained({ inputs: INPUTS, layers: [{ units: 2 }], seed: 2, ...options }));
  });

  it("for inputs that a large center is taken from", async () => {
    const far = inputs.map((each) => 1e6 + Math.round(each * 100));
    const network = await Network.create({ inputs: INPUTS, layers: [{ units: 2 }], normalize: "standard", seed: 1 });
    const dataset = Dataset.from({ inputs: far, inputSize: INPUTS, targets: new Float32Array(100), outputSize: 2 });
    await new Trainer(network, { loss: "meanSquaredError", batchSize: 10 }).fit(dataset, { epochs: 1 });
    await expectSame(network, far);
  });
});
