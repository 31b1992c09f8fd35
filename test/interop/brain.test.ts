// What brain.js trains and writes is loaded here, and answers the same.

import { describe, expect, it } from "vitest";
import { Dataset, Network, Trainer } from "../../src/index.js";
import { agreement, difference } from "../trained.js";
import { flat, names, recurrent, saved, steeper, trainedFurther } from "./brain.mjs";

const load = (json: object) => Network.load(new TextEncoder().encode(JSON.stringify(json)));

describe("what brain.js writes", () => {
  it.each(names)("is loaded: %s", async (name) => {
    const { json, inputs, outputs } = saved(name);
    const network = await load(json);
    expect(difference(network.predict(inputs), outputs)).toBeLessThan(agreement(network, outputs));
  });

  it("is trained further as it would be there", async () => {
    const { json, inputs, targets, outputs } = trainedFurther();
    const network = await load(json);
    const optimizer = { kind: "sgd" as const, learningRate: 0.3 };
    const trainer = new Trainer(network, { loss: "quadratic", optimizer, batchSize: 1 });
    const before = network.predict(inputs);
    await trainer.fit(Dataset.from({ inputs, targets }), { epochs: 50, shuffle: false });
    // each of the steps rounds numbers of about 1 to float32
    const steps = 50 * inputs.length;
    expect(difference(network.predict(inputs), outputs)).toBeLessThan(steps * 2 ** -24);
    expect(difference(before, outputs)).toBeGreaterThan(0.01);
  });

  it("is refused where networks here can't do it", async () => {
    await expect(load(flat())).rejects.toThrow(
      "activation must not be leaky-relu in brain.js 1, whose leaky-relu is none",
    );
    await expect(load(steeper())).rejects.toThrow("leakyReluAlpha must be 0.01, as leakyRelu has it here, got 0.02");
    await expect(load(recurrent())).rejects.toThrow(
      'its type must be NeuralNetwork or NeuralNetworkGPU, got "LSTMTimeStep"',
    );
  });
});
