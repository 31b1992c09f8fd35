// TensorFlow.js models: what it saved is read (test/fixtures/tensorflow.mjs), what is written is read back, and what networks
// here can't do is refused by its name. That TensorFlow.js reads what is written is tested in test/interop.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FormatError, Network } from "../src/index.js";
import { normals } from "./arrays.js";
import models from "./fixtures/tensorflow.json" with { type: "json" };
import { expectSafe } from "./fuzz-models.js";
import { U } from "./tolerance.js";
import { agreement, difference, everything, trained, variety } from "./trained.js";

const folder = mkdtempSync(join(tmpdir(), "nablanet-tensorflow-"));
afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, "base64"));
const encoded = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/** A fixture's files by name, model.json apart. */
function filesOf(fixture: (typeof models)[number]) {
  const { "model.json": model, ...others } = fixture.files as Record<string, string> & { "model.json": string };
  return {
    model: bytesOf(model),
    files: Object.fromEntries(Object.entries(others).map(([name, file]) => [name, bytesOf(file)])),
  };
}

const fixture = (name: string) => filesOf(models.find((each) => each.name === name) as (typeof models)[number]);

describe("models that TensorFlow.js saved", () => {
  it.each(models)("answer the same: $name", async (saved) => {
    const { model, files } = filesOf(saved);
    const network = await Network.load(model, { files });
    expect(difference(network.predict(saved.inputs), saved.outputs)).toBeLessThan(agreement(network, saved.outputs));
  });

  it("have the options that networks here have, too", async () => {
    const penalised = fixture("penalties, three shards");
    const { layers } = await Network.load(penalised.model, { files: penalised.files });
    expect(layers.map(({ l1, l2 }) => [l1, l2])).toEqual([
      [0.25, 0.5],
      [0, 0],
    ]);
    const normalised = fixture("batch normalization everywhere");
    const network = await Network.load(normalised.model, { files: normalised.files });
    expect(network.layers[0]?.normalization).toEqual({ kind: "batch", momentum: 0.1, epsilon: 0.01 });
    const dropping = fixture("functional");
    expect((await Network.load(dropping.model, { files: dropping.files })).layers[0]?.dropout).toBe(0.25);
  });
});

describe("models that are written", () => {
  const held = Object.keys(variety).filter((name) => !["gelu", "hardSwish"].includes(name));
  it.each(held)("come back: %s", async (name) => {
    const network = await trained(variety[name]);
    const path = join(folder, "model.json");
    await network.save(path, { format: "tfjs" });
    const loaded = await Network.load(path);
    expect(loaded.options).toEqual(network.options);
    // TensorFlow.js' hard sigmoid takes ⅚ of ours
    if (name.includes("hardSigmoid")) {
      expect(difference([loaded.parameters()], [network.parameters()])).toBeLessThan(
        agreement(network, [loaded.parameters()]),
      );
    } else expect(loaded.parameters()).toEqual(network.parameters());
  });

  it("have their inputs' scaling in numbers that hold it exactly", async () => {
    const center = normals(50, 1, 1e4);
    const factor = center.map((each) => Math.abs(each) / 3e7);
    const normalize = { kind: "robust", center, factor } as const;
    const network = await Network.create({ inputs: 50, layers: [{ units: 1 }], normalize });
    const path = join(folder, "far.json");
    await network.save(path, { format: "tfjs" });
    expect((await Network.load(path)).normalize).toEqual(network.normalize);
  });

  it("are two files, the second named after the first", async () => {
    const network = await trained();
    await network.save(join(folder, "two words.json"), { format: "tfjs" });
    const file = expect.stringMatching(/^two_words\.[0-9a-f]{8}\.weights\.bin$/);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["two words.json", file]));
    expect((await Network.load(join(folder, "two words.json"))).parameters()).toEqual(network.parameters());
    expect([...(await network.encode("tfjs")).keys()]).toEqual([
      "model.json",
      expect.stringMatching(/^model\.[0-9a-f]{8}\.weights\.bin$/),
    ]);
  });

  it("never stand beside the weights of another model of their name, wherever saving stops", async () => {
    const make = (seed: number) => Network.create({ inputs: 2, layers: [{ units: 2 }], seed });
    const [old, young] = [await make(1), await make(2)];
    const path = join(folder, "over.json");
    await old.save(path, { format: "tfjs" });
    const [, [weightsFile, weights]] = [...(await young.encode("tfjs"))] as [unknown, [string, Uint8Array]];
    // all that save has done before it writes the first file
    writeFileSync(join(folder, weightsFile.replace("model", "over")), weights);
    expect((await Network.load(path)).parameters()).toEqual(old.parameters());
    await young.save(path, { format: "tfjs" });
    expect((await Network.load(path)).parameters()).toEqual(young.parameters());
  });

  it("have the numbers of the file, whatever the options beside it say", async () => {
    const [[, model], [name, weights]] = [...(await (await trained()).encode("tfjs"))] as [
      [string, Uint8Array],
      [string, Uint8Array],
    ];
    const json = JSON.parse(new TextDecoder().decode(model));
    const told = json.userDefinedMetadata.nablanet.network;
    const load = (network: unknown) => {
      json.userDefinedMetadata.nablanet.network = network;
      return Network.load(encoded(json), { files: { [name]: weights } });
    };
    expect((await load({ ...told, seed: 77 })).seed).toBe(77);
    for (const other of [{ ...told, inputs: 4 }, { ...told, layers: told.layers.slice(1) }, { ...told, x: 1 }, null]) {
      const network = await load(other);
      expect([network.inputs, network.layers.length]).toEqual([3, 3]);
      expect(network.seed).not.toBe(everything.seed);
    }
  });

  it("can't have activations that TensorFlow.js can't load", async () => {
    for (const activation of ["gelu", "hardSwish"] as const) {
      const network = await Network.create({ inputs: 1, layers: [{ units: 1, activation }] });
      await expect(network.encode("tfjs")).rejects.toThrow(RangeError);
    }
  });
});

interface KerasModel {
  format: string;
  modelTopology: {
    class_name: string;
    config: {
      layers: { class_name: string; config: Record<string, unknown>; inbound_nodes: unknown }[];
      output_layers: unknown;
    };
  };
  weightsManifest: {
    paths: string[];
    weights: { name: string; shape: unknown; dtype: string; quantization?: object }[];
  }[];
}

describe("a TensorFlow.js model", () => {
  const layersOf = (model: KerasModel) => model.modelTopology.config.layers;
  const weightOf = (model: KerasModel) => model.weightsManifest[0]!.weights[0]!;
  it.each<[string, (model: KerasModel) => void, string]>([
    ["of another format", (m) => (m.format = "graph-model"), 'its format must be "layers-model", got "graph-model"'],
    [
      "of another class",
      (m) => (m.modelTopology.class_name = "Mine"),
      'must be Sequential, Functional or Model, got "Mine"',
    ],
    [
      "with a convolution",
      (m) => (layersOf(m)[2]!.class_name = "Conv2D"),
      "Conv2D 'batch_normalization_BatchNormalization",
    ],
    [
      "with an unknown activation",
      (m) => (layersOf(m)[1]!.config.activation = "gelu"),
      'got "gelu" (by the error function',
    ],
    [
      "with a branch",
      (m) =>
        (layersOf(m)[3]!.inbound_nodes = [
          [
            ["a", 0, 0, {}],
            ["b", 0, 0, {}],
          ],
        ]),
      "must take one input once, got 2",
    ],
    ["that turns round", (m) => (layersOf(m)[1]!.inbound_nodes = layersOf(m)[4]!.inbound_nodes), "not met before"],
    [
      "of two outputs",
      (m) =>
        (m.modelTopology.config.output_layers = [
          ["a", 0, 0],
          ["b", 0, 0],
        ]),
      "output_layers must be one, got 2",
    ],
    ["with an axis", (m) => (layersOf(m)[2]!.config.axis = 2), "its axis must be -1, got 2"],
    ["of other units", (m) => (layersOf(m)[1]!.config.units = 6), "its units must be an integer from 5 to 5, got 6"],
    ["of a huge shape", (m) => (weightOf(m).shape = [2 ** 40, 2 ** 40]), "the files of weightsManifest[0] must have"],
    ["of another shape", (m) => (weightOf(m).shape = [5, 4]), "its units must be an integer from 4 to 4, got 5"],
    ["of another type", (m) => (weightOf(m).dtype = "int32"), "kernel must be float32, got int32"],
    ["of a name twice", (m) => (m.weightsManifest[0]!.weights[1]!.name = weightOf(m).name), "must be another one, got"],
    ["without a weight", (m) => (weightOf(m).name = "x"), 'must have weights called "dense_Dense'],
    ["with a file twice", (m) => m.weightsManifest[0]!.paths.push("./model.weights.bin"), "must be another file, got"],
    ["with a file elsewhere", (m) => (m.weightsManifest[0]!.paths = ["../model.weights.bin"]), "must be among files"],
    [
      "with quantised numbers",
      (m) => (weightOf(m).quantization = { dtype: "uint8" }),
      "quantization.scale must be a finite number",
    ],
  ])("%s is refused", async (_, change, message) => {
    const { model, files } = fixture("functional");
    const json = JSON.parse(new TextDecoder().decode(model));
    change(json);
    const outcome = Network.load(encoded(json), { files });
    await expect(outcome).rejects.toThrow(FormatError);
    await expect(outcome).rejects.toThrow(message);
  });

  it("that was part of another has weights with longer names", async () => {
    const { model, files } = fixture("functional");
    const renamed = new TextDecoder().decode(model).replaceAll(/"name":"(\w+\/\w+)"/g, '"name":"outer/$1:0"');
    expect(renamed).toContain('/kernel:0"');
    const [one, other] = await Promise.all(
      [model, new TextEncoder().encode(renamed)].map((each) => Network.load(each, { files })),
    );
    expect(other?.parameters()).toEqual(one?.parameters());
  });

  it("whose files are longer than its weights is refused", async () => {
    const { model, files } = fixture("functional");
    const longer = Object.entries(files).map(([name, file]) => [name, Uint8Array.of(...file, 0, 0, 0, 0)]);
    const outcome = Network.load(model, { files: Object.fromEntries(longer) });
    await expect(outcome).rejects.toThrow("the files of weightsManifest[0] must have 228 bytes, got 232");
  });

  it("of Keras 3 is read in its way of telling a chain, and its hard sigmoid is ours", async () => {
    const { model, files } = fixture("functional");
    const before = await Network.load(model, { files });
    const json = JSON.parse(new TextDecoder().decode(model));
    json.modelTopology.keras_version = "3.4.1";
    const { config } = json.modelTopology;
    [config.input_layers] = config.input_layers;
    [config.output_layers] = config.output_layers;
    for (const layer of config.layers) {
      const [[source]] = layer.inbound_nodes.length > 0 ? layer.inbound_nodes : [[]];
      if (source === undefined) continue;
      const tensor = { class_name: "__keras_tensor__", config: { keras_history: source.slice(0, 3) } };
      layer.inbound_nodes = [{ args: [tensor], kwargs: {} }];
    }
    expect((await Network.load(encoded(json), { files })).predict([1, 2, 3, 4])).toEqual(before.predict([1, 2, 3, 4]));
    config.layers.at(-1).config.activation = "hard_sigmoid";
    const three = await Network.load(encoded(json), { files });
    expect(three.weightsOf(1)).toEqual(before.weightsOf(1));
    json.modelTopology.keras_version = "2.15.0";
    const two = await Network.load(encoded(json), { files });
    const scaled = before.weightsOf(1).weights.map((weight) => weight * (6 / 5));
    // rounded to float32 once more than what is read
    expect(difference([two.weightsOf(1).weights], [scaled])).toBeLessThan(4 * U);
  });

  it("is read without options that are nested too deep to be any", async () => {
    const { model, files } = fixture("functional");
    const deep = `${'{"a":'.repeat(1e5)}0${"}".repeat(1e5)}`;
    const text = new TextDecoder()
      .decode(model)
      .replace(/}\s*$/, `,"userDefinedMetadata":{"nablanet":{"network":${deep}}}}`);
    const network = await Network.load(new TextEncoder().encode(text), { files });
    expect(network.parameters()).toEqual((await Network.load(model, { files })).parameters());
  });

  it("fuzzed: is another model or refused", async () => {
    await expectSafe("tfjs", models.map(filesOf));
  });
});
