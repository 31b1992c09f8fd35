// Model files that are made to do harm, one kind of harm after the other, in each format that can do it. What is changed at
// random is in the formats' own tests.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { crc32 } from "../src/formats/crc32.js";
import * as schema from "../src/formats/onnx/schema.js";
import { FormatError, type LoadOptions, Network, type Source } from "../src/index.js";

const network = await Network.create({ inputs: 2, layers: [{ units: 3, activation: "tanh" }, { units: 1 }], seed: 1 });
const native = (await network.encode("nablanet")) as Uint8Array<ArrayBuffer>;
const json = (await network.encode("json")) as Uint8Array<ArrayBuffer>;
const safetensors = (await network.encode("safetensors")) as Uint8Array<ArrayBuffer>;
const onnx = (await network.encode("onnx")) as Uint8Array<ArrayBuffer>;
const [[, tfjs], [weightsName, weights]] = [
  ...((await network.encode("tfjs")) as Map<string, Uint8Array<ArrayBuffer>>),
] as [[string, Uint8Array<ArrayBuffer>], [string, Uint8Array<ArrayBuffer>]];
const brain = new TextEncoder().encode(
  '{"type":"NeuralNetwork","sizes":[1,1],"trainOpts":{"activation":"tanh"},"layers":[{"weights":[],"biases":[]},{"weights":[[1]],"biases":[0]}]}',
);

/** Where the header of nablanet's own files begins. */
const HEADER = 20;

/** With a right checksum. */
function mended(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  new DataView(bytes.buffer).setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** A copy that is changed. */
function changed(bytes: Uint8Array<ArrayBuffer>, change: (view: DataView, bytes: Uint8Array) => void) {
  const copy = bytes.slice();
  change(new DataView(copy.buffer), copy);
  return copy;
}

/** JSON whose text is changed. */
function rewritten(bytes: Uint8Array, from: string | RegExp, to: string): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(bytes);
  expect(text).toMatch(from);
  return new TextEncoder().encode(text.replace(from, to));
}

/** A safetensors file with another header. */
function withHeader(header: string): Uint8Array<ArrayBuffer> {
  const before = 8 + Number(new DataView(safetensors.buffer).getBigUint64(0, true));
  const bytes = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = new Uint8Array(BigUint64Array.of(BigInt(bytes.length)).buffer);
  return Uint8Array.from([...length, ...bytes, ...safetensors.subarray(before)]);
}

const safetensorsHeader = new TextDecoder().decode(
  safetensors.subarray(8, 8 + Number(new DataView(safetensors.buffer).getBigUint64(0, true))),
);

async function expectRefused(file: Source, message: string | RegExp, options?: LoadOptions): Promise<void> {
  const outcome = Network.load(file, options);
  await expect(outcome).rejects.toThrow(FormatError);
  await expect(outcome).rejects.toThrow(message);
}

const withWeights = (file: Uint8Array): LoadOptions => ({ files: { [weightsName]: file } });

it("the files are good as they are", async () => {
  for (const file of [native, json, safetensors, onnx, brain]) expect((await Network.load(file)).outputs).toBe(1);
  expect((await Network.load(tfjs, withWeights(weights))).parameters()).toEqual(network.parameters());
});

describe("truncated", () => {
  it.each([
    ["nablanet", native],
    ["json", json],
    ["safetensors", safetensors],
    ["onnx", onnx],
    ["tfjs", tfjs],
    ["brainjs", brain],
  ] as const)("%s, at any length", async (format, file) => {
    // of JSON, whitespace may end it
    const end = new TextDecoder("latin1").decode(file).trimEnd().length;
    for (let length = 0; length < end; length += file.length > 3000 ? 7 : 1) {
      const options = { format, ...withWeights(weights) };
      await expect(Network.load(file.slice(0, length), options), `${length} bytes`).rejects.toThrow(FormatError);
    }
  });

  it("weights of tfjs, at any length", async () => {
    for (let length = 0; length < weights.length; length++) {
      await expectRefused(tfjs, /must have \d+ bytes|weightsManifest/, withWeights(weights.slice(0, length)));
    }
  });
});

it("a wrong checksum", async () => {
  const others = changed(native, (view) => view.setUint8(native.length - 1, view.getUint8(native.length - 1) ^ 1));
  await expectRefused(others, "its checksum doesn't match, so it is damaged or cut off");
});

describe("a newer version", () => {
  it.each<[string, Uint8Array, string]>([
    ["nablanet", changed(native, (view) => view.setUint32(8, 2, true)), "its version must be 1, got 2"],
    ["json", rewritten(json, '"version": 1', '"version": 2'), '"version" must be 1, got 2'],
    ["onnx", onnxWith((model) => (model.operatorSets[0]!.version = 99)), "opset"],
  ])("%s", async (_, file, message) => expectRefused(file, message));
});

describe("the other endianness", () => {
  it("of nablanet's version, header length and numbers", async () => {
    await expectRefused(
      changed(native, (view) => view.setUint32(8, 1)),
      "its version must be 1, got 16777216",
    );
    const length = new DataView(native.buffer).getUint32(16, true);
    await expectRefused(mended(changed(native, (view) => view.setUint32(16, length))), "its header can't be read");
  });

  it("of safetensors' header length", async () => {
    const length = new DataView(safetensors.buffer).getBigUint64(0, true);
    const swapped = changed(safetensors, (view) => view.setBigUint64(0, length));
    await expectRefused(swapped, "its header must be JSON, as long as its first 8 bytes say", {
      format: "safetensors",
    });
  });
});

describe("weights that are NaN or infinite", () => {
  const last = (bytes: Uint8Array<ArrayBuffer>, value: number) =>
    changed(bytes, (view) => view.setFloat32(bytes.length - 4, value, true));
  const cases: [string, (value: number) => [Uint8Array, LoadOptions?]][] = [
    ["nablanet", (value) => [mended(last(native, value))]],
    ["safetensors", (value) => [last(safetensors, value)]],
    ["tfjs", (value) => [tfjs, withWeights(last(weights, value))]],
    ["onnx", (value) => [onnxWith(({ graph }) => changeFirst(graph, value))]],
  ];
  for (const [name, make] of cases) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      it(`${name}: ${value}`, async () => {
        const [file, options] = make(value);
        await expectRefused(file, `finite, got ${value}`, options);
      });
    }
  }

  it("json and brainjs, which have numbers beyond float32", async () => {
    await expectRefused(rewritten(json, /"biases": \[\s*[-\d.e]+/, '"biases": [1e39'), "must be a finite number");
    await expectRefused(rewritten(brain, "[[1]]", "[[1e999]]"), "must be a finite number");
  });
});

describe("a tensor's name twice", () => {
  it("in safetensors, tfjs and onnx", async () => {
    await expectRefused(withHeader(safetensorsHeader.replaceAll('"0.bias"', '"0.weight"')), 'got "0.weight" twice');
    const [first, second] = [...new TextDecoder().decode(tfjs).matchAll(/"name":\s*"(\w+\/\w+)"/g)].map(
      ([, name]) => name,
    );
    await expectRefused(rewritten(tfjs, second as string, first as string), "must be another", withWeights(weights));
    const doubled = onnxWith(({ graph }) => graph!.initializers.push(graph!.initializers[0]!));
    await expectRefused(doubled, /initializer/);
  });
});

describe("paths of other files", () => {
  const folder = mkdtempSync(join(tmpdir(), "nablanet-hostile-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("lead nowhere but beside the model", async () => {
    const inside = join(folder, "model");
    mkdirSync(inside);
    // what a trick would find
    for (const place of [folder, inside]) writeFileSync(join(place, "w.bin"), weights);
    for (const name of [
      "../w.bin",
      "./../w.bin",
      "a/../../w.bin",
      join(folder, "w.bin"),
      `file://${folder}/w.bin`,
      "http://127.0.0.1:1/w.bin",
      "//127.0.0.1:1/w.bin",
      "..\\w.bin",
      "C:\\w.bin",
      "..%2fw.bin",
      "w.bin\u0000",
      ".",
      "",
    ]) {
      const path = join(inside, "model.json");
      writeFileSync(path, rewritten(tfjs, JSON.stringify(weightsName), JSON.stringify(name)));
      await expectRefused(path, /must lie beside it|must be/);
    }
    writeFileSync(join(inside, "model.json"), rewritten(tfjs, weightsName, "w.bin"));
    expect((await Network.load(join(inside, "model.json"))).outputs).toBe(1);
  });

  it("aren't looked up among what objects inherit", async () => {
    for (const name of ["__proto__", "constructor", "toString"]) {
      await expectRefused(rewritten(tfjs, weightsName, name), /must be among files/, { files: {} });
    }
  });
});

describe("a prototype in JSON", () => {
  const polluting =
    '"__proto__": {"polluted": 1, "units": 9, "inputs": 9}, "constructor": {"prototype": {"polluted": 1}}, ';
  const first = (bytes: Uint8Array) => rewritten(bytes, "{", `{${polluting}`);
  const nested = (bytes: Uint8Array) => rewritten(bytes, /("layers":\s*\[\s*\{|"config":\s*\{)/, `$1${polluting}`);
  const header = new TextDecoder().decode(
    native.subarray(HEADER, HEADER + new DataView(native.buffer).getUint32(16, true)),
  );
  const nativeWith = (text: string) => {
    const bytes = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 4) * 4));
    const file = Uint8Array.from([
      ...native.subarray(0, 16),
      0,
      0,
      0,
      0,
      ...bytes,
      ...native.subarray(HEADER + header.length),
    ]);
    new DataView(file.buffer).setUint32(16, bytes.length, true);
    return mended(file);
  };
  it.each<[string, Uint8Array, LoadOptions?]>([
    ["nablanet's header", nativeWith(header.replace("{", `{${polluting}`))],
    ["nablanet's network", nativeWith(header.replace('"network":{', `"network":{${polluting}`))],
    ["json", first(json)],
    ["json's layers", nested(json)],
    ["safetensors' header", withHeader(safetensorsHeader.replace("{", `{${polluting}`))],
    [
      "safetensors' metadata",
      withHeader(safetensorsHeader.replace('"__metadata__":{', '"__metadata__":{"__proto__":"x",')),
    ],
    ["tfjs", first(tfjs), withWeights(weights)],
    ["tfjs' layers", nested(tfjs), withWeights(weights)],
    ["brainjs", first(brain)],
  ])("of %s changes no object, and no other network comes of it", async (_, file, options) => {
    const outcome = await Network.load(file, options).catch((error: unknown) => error);
    if (outcome instanceof Network) expect([1, 2]).toContain(outcome.inputs);
    else expect(outcome).toBeInstanceOf(FormatError);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe("a forged length", () => {
  const most = 0xffffffff;
  it.each<[string, Uint8Array, string | RegExp, LoadOptions?]>([
    [
      "of nablanet's header",
      mended(changed(native, (view) => view.setUint32(16, most, true))),
      "its header can't be read",
    ],
    [
      "of safetensors' header",
      changed(safetensors, (view) => view.setBigUint64(0, 2n ** 62n, true)),
      "its header must be JSON",
      { format: "safetensors" },
    ],
    [
      "of a safetensors tensor",
      withHeader(safetensorsHeader.replace(/"shape":\[3\]/, `"shape":[${2 ** 40}]`)),
      "tensor",
    ],
    [
      "of a tfjs weight",
      rewritten(tfjs, /"shape":\s*\[2,\s*3\]/, `"shape":[2,${2 ** 40}]`),
      "bytes, got 52",
      withWeights(weights),
    ],
    ["of json's units", rewritten(json, '"units": 3', `"units": ${2 ** 24}`), "rows, got 3"],
    [
      "of onnx's sizes",
      onnxWith(({ graph }) => (graph!.initializers[0]!.dimensions = [2 ** 26, 2 ** 26])),
      /more numbers|must/,
    ],
  ])("%s isn't believed, let alone allocated", async (_, file, message, options) => {
    const before = process.memoryUsage().arrayBuffers;
    await expectRefused(file, message, options);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });
});

/** The model in ONNX, changed, without the options that would give it back. */
function onnxWith(change: (model: schema.OnnxModel) => void): Uint8Array {
  const model = schema.model.decode(onnx);
  change(model);
  return schema.model.encode(model);
}

function changeFirst(graph: schema.OnnxModel["graph"], value: number): void {
  const [tensor] = graph!.initializers;
  const raw = tensor!.raw.slice();
  new DataView(raw.buffer).setFloat32(0, value, true);
  tensor!.raw = raw;
}
