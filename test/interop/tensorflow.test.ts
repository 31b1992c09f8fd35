// TensorFlow.js loads what is written here, and what it saves is loaded here; both answer the same.

import { describe, expect, it } from "vitest";
import { FormatError, Network } from "../../src/index.js";
import { agreement, difference, farFromZero, samples, trained, variety } from "../trained.js";
import { answers, convolutional, type Files, names, saved, trainedFurther } from "./tensorflow.mjs";

/** As a user opens one of several files. */
function open(files: Files): Promise<Network> {
  const [[, model], ...others] = [...files] as [[string, Uint8Array], ...[string, Uint8Array][]];
  return Network.load(model, { files: Object.fromEntries(others) });
}

describe("what is written here", () => {
  it.each(Object.keys(variety).filter((name) => !["gelu", "hardSwish"].includes(name)))(
    "is loaded: %s",
    async (name) => {
      const network = await trained(variety[name]);
      const ours = network.predict(samples);
      const theirs = await answers(await network.encode("tfjs"), samples);
      expect(difference(ours, theirs)).toBeLessThan(agreement(network, ours));
    },
  );

  it("is loaded with inputs far from 0", async () => {
    const { network, inputs } = await farFromZero();
    const ours = network.predict(inputs);
    const theirs = await answers(await network.encode("tfjs"), inputs);
    expect(difference(ours, theirs)).toBeLessThan(agreement(network, ours));
  });

  it.each(["gelu", "hardSwish"])("isn't, as it has no %s that it can load", async (activation) => {
    const network = await trained(variety[activation]);
    await expect(network.encode("tfjs")).rejects.toThrow(
      `layers[0].activation must be one that TensorFlow.js can load, got "${activation}"`,
    );
  });

  it("is trained further there, and comes back with its options", async () => {
    const network = await trained();
    const { files, outputs } = await trainedFurther(await network.encode("tfjs"), samples, [
      [1, 0],
      [0, 1],
    ]);
    const again = await open(files);
    expect(again.parameters()).not.toEqual(network.parameters());
    expect(difference(again.predict(samples), outputs)).toBeLessThan(agreement(again, outputs));
    const { normalize, ...options } = network.options;
    expect(again.options).toMatchObject(options);
    expect(again.normalize).toMatchObject({ kind: "standard" });
  });
});

describe("what it saves", () => {
  it.each(names)("is loaded here: %s", async (name) => {
    const { files, inputs, outputs } = await saved(name);
    const network = await open(files);
    expect(difference(network.predict(inputs), outputs)).toBeLessThan(agreement(network, outputs));
  });

  it("is refused by the name of a layer that networks here don't have", async () => {
    const outcome = open(await convolutional());
    await expect(outcome).rejects.toThrow(FormatError);
    await expect(outcome).rejects.toThrow(
      "Reshape 'reshape_Reshape1' (layer 2) is of a class that no network here can do",
    );
  });
});
