// brain.js' networks: what it wrote is read (test/fixtures/brain.mjs), and what networks here can't do is refused.

import { describe, expect, it } from "vitest";
import { FormatError, Network } from "../src/index.js";
import networks from "./fixtures/brain.json" with { type: "json" };
import { expectSafe } from "./fuzz-models.js";
import { agreement, difference } from "./trained.js";

const encoded = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

describe("networks that brain.js wrote", () => {
  it.each(networks)("answer the same: $name", async ({ json, inputs, outputs }) => {
    const network = await Network.load(encoded(json));
    expect(difference(network.predict(inputs), outputs)).toBeLessThan(agreement(network, outputs));
  });
});

/** What these tests spoil of brain.js 2's JSON. */
interface BrainJson {
  type: string;
  sizes: number[];
  layers: { weights: (number | null)[][]; biases: number[] }[];
  trainOpts: { activation: string; leakyReluAlpha: number };
}

describe("a network of brain.js", () => {
  it.each<[string, (json: BrainJson) => void, string]>([
    ["of another type", (j) => (j.type = "LSTM"), 'its type must be NeuralNetwork or NeuralNetworkGPU, got "LSTM"'],
    [
      "of another activation",
      (j) => (j.trainOpts.activation = "elu"),
      "activation must be one of sigmoid, tanh, relu, leaky-relu",
    ],
    ["of another slope", (j) => (j.trainOpts.leakyReluAlpha = 0.02), "leakyReluAlpha must be 0.01"],
    ["of other sizes", (j) => (j.sizes[1] = 2 ** 24), "layers[1] must have 16777216 neurons, got 4"],
    ["with a layer less", (j) => j.layers.pop(), "layers must be as many as sizes"],
    ["with a weight less", (j) => j.layers[1]!.weights[2]!.pop(), "layers[1].weights[2] must have 3 numbers, got 2"],
    [
      "with NaN, which JSON has as null",
      (j) => (j.layers[2]!.weights[1]![0] = null),
      "layers[2].weights[1][0] must be a finite",
    ],
  ])("%s is refused", async (_, change, message) => {
    const json = structuredClone(networks.find(({ name }) => name === "brain.js two, leaky-relu, arrays")?.json);
    change(json as unknown as BrainJson);
    const outcome = Network.load(encoded(json));
    await expect(outcome).rejects.toThrow(FormatError);
    await expect(outcome).rejects.toThrow(message);
  });

  it("of version 1 is read by its members' names, whatever they are", async () => {
    const text =
      '{"sizes":[2,1],"activation":"tanh","layers":[{"__proto__":{},"constructor":{}},' +
      '{"y":{"bias":0.5,"weights":{"constructor":2,"__proto__":-1}}}]}';
    const network = await Network.load(new TextEncoder().encode(text));
    expect([...network.parameters()]).toEqual([-1, 2, 0.5]);
  });

  it("fuzzed: is another network or refused", async () => {
    await expectSafe(
      "brainjs",
      networks.map(({ json }) => ({ model: encoded(json) })),
    );
  });
});
