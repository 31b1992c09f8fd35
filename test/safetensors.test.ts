// safetensors against PyTorch: its state dicts answer here as there, and ours there as here; everything else is refused.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type ActivationName, FormatError, Network } from "../src/index.js";
import { expectSafe } from "./fuzz-models.js";
import { U } from "./tolerance.js";

interface Case {
  inputs: number[][];
  outputs: number[][];
}

interface StateDict extends Case {
  name: string;
  /** Base64. */
  file: string;
  activations: ActivationName[];
}

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));
const { torch, cases, own }: { torch: string; cases: StateDict[]; own: Case } = JSON.parse(
  String(fixture("pytorch-safetensors.json")),
);
const bytesOf = ({ file }: StateDict) => new Uint8Array(Buffer.from(file, "base64"));

/**
 * Roundings of seven layers: sums of at most 9 terms and a bias, a normalization (three such sums), an activation (about 16);
 * magnitudes stay below 8 within.
 */
const ROUNDINGS = 8 * 7 * (10 + 3 * 10 + 16);

function expectAnswers(network: Network, { inputs, outputs }: Case): void {
  const answers = network.predict(inputs.flat());
  const exact = outputs.flat();
  expect(answers.length).toBe(exact.length);
  const worst = Math.max(...exact.map((value, i) => Math.abs(value - answers[i])));
  expect(worst).toBeLessThan(ROUNDINGS * U * Math.max(1, ...exact.map(Math.abs)));
}

describe(`state dicts of PyTorch ${torch}`, () => {
  it.each(cases)("$name", async (each) => {
    expectAnswers(await Network.load(bytesOf(each), { activations: each.activations }), each);
  });

  it("that nablanet wrote are loaded there by their names, and answer the same", async () => {
    const network = await Network.load(fixture("own.safetensors"));
    expectAnswers(network, own);
    // and today's writer still writes that file
    expect(Buffer.from((await network.encode("safetensors")) as Uint8Array)).toEqual(fixture("own.safetensors"));
  });

  it("ask for activations that suit their layers", async () => {
    const file = bytesOf(cases[0]);
    const load = (activations?: unknown) =>
      Network.load(file, activations ? { activations: activations as never } : {});
    await expect(load()).rejects.toThrow(
      "the file doesn't tell the activations; give the option activations with a name for each of its 2 layers",
    );
    await expect(load()).rejects.toThrow(FormatError);
    await expect(load(["relu"])).rejects.toThrow("activations must have 2 names, one for each layer, got 1");
    await expect(load(["relu", "rellu"])).rejects.toThrow("activations[1] must be one of identity, sigmoid");
    await expect(load("relu")).rejects.toThrow(TypeError);
  });
});

interface Entry {
  dtype: string;
  shape: unknown;
  data_offsets: unknown;
}

/** A file whose header is this text or object. */
function fileOf(header: unknown, data = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** Float32 tensors by their shapes, one behind the other. */
function tensors(shapes: Record<string, number[]>, change: (header: Record<string, Entry>) => void = () => {}) {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, shape]): [string, Entry] => {
    const from = end;
    end += 4 * shape.reduce((product, each) => product * each, 1);
    return [name, { dtype: "F32", shape, data_offsets: [from, end] }];
  });
  const header = Object.fromEntries(entries);
  change(header);
  return fileOf(header, new Uint8Array(end));
}

const layer = { "0.weight": [3, 2], "0.bias": [3] };
const two = { ...layer, "2.weight": [1, 3] };

it("isn't taken for a gzipped file, however long its header is", async () => {
  const header = JSON.stringify({ "0.weight": { dtype: "F32", shape: [1, 1], data_offsets: [0, 4] } });
  const file = fileOf(header.padEnd(0x8b1f), new Uint8Array(4));
  expect([...file.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  expect((await Network.load(file, { activations: ["relu"] })).inputs).toBe(1);
});

it("may have metadata of millions of escapes, brackets and colons", async () => {
  const metadata = { '{": [,\\"': '"\\'.repeat(4e6), b: ':"{[,' };
  const file = tensors(two, (header) => Object.assign(header, { __metadata__: metadata }));
  const network = await Network.load(file, { activations: ["tanh", "identity"] });
  expect(network.inputs).toBe(2);
});

describe("a safetensors file is refused", () => {
  const huge = new Uint8Array(20);
  new DataView(huge.buffer).setBigUint64(0, 2n ** 63n, true);

  it.each<[string, Uint8Array, string]>([
    ["with a header longer than the file", huge, "its header must be JSON, as long as its first 8 bytes say"],
    ["with a header that is no object", fileOf("[]"), "its header must be JSON"],
    ["with a header that is cut off", fileOf('{"a": '), "this is no safetensors file that can be read"],
    ["with a name twice", fileOf(`{"a": {}, "b": {"a": "a"}, "a": {}}`), 'must be different, got "a" twice'],
    ["with a name twice, written in two ways", fileOf('{"a" : {"b": [":"]},"\\u0061": {}}'), 'got "a" twice'],
    ["with overlapping tensors", tensors(layer, (h) => (h["0.bias"].data_offsets = [20, 32])), "must begin at byte 24"],
    ["with a gap", tensors(two, (h) => delete h["0.bias"]), "tensor '2.weight' must begin at byte 24, where"],
    ["with bytes left over", tensors(layer, (h) => delete h["0.bias"]), "its tensors must take 24 bytes, got 36"],
    [
      "with offsets beyond its end",
      tensors(layer, (h) => Object.assign(h["0.bias"], { shape: [4], data_offsets: [24, 40] })),
      "must take 40 bytes, got 36",
    ],
    [
      "with a forged shape",
      tensors(layer, (h) => (h["0.bias"].shape = [2 ** 40])),
      "tensor '0.bias' of F32 [1099511627776]",
    ],
    [
      "with a negative size",
      tensors(layer, (h) => (h["0.bias"].shape = [-3])),
      "tensor '0.bias''s shape[0] must be an integer",
    ],
    [
      "of an unknown kind",
      tensors(layer, (h) => (h["0.bias"].dtype = "F31")),
      "tensor '0.bias''s dtype must be one of",
    ],
    [
      "of whole numbers",
      tensors(two, (h) => (h["0.bias"].dtype = "I32")),
      "tensor '0.bias' must have numbers of one of F64",
    ],
    [
      "with numbers that aren't aligned",
      fileOf(
        { a: { dtype: "U8", shape: [1], data_offsets: [0, 1] }, b: { dtype: "F32", shape: [1], data_offsets: [1, 5] } },
        new Uint8Array(5),
      ),
      "tensor 'b' must begin at a multiple of 4 bytes, got 1",
    ],
    [
      "with sizes that don't fit",
      tensors({ ...two, "2.weight": [1, 4] }),
      "tensor '2.weight' must take 3 numbers, got 4",
    ],
    ["with a bias of another size", tensors({ ...two, "0.bias": [4] }), "tensor '0.bias' must have 3 numbers, got 4"],
    [
      "with a convolution",
      tensors({ ...two, "2.weight": [1, 3, 2] }),
      "tensor '2.weight' must be [to, from] of a dense layer",
    ],
    [
      "with what isn't a layer's",
      tensors({ ...two, "lstm.weight_ih": [3, 3] }),
      "tensor 'lstm.weight_ih' must be called",
    ],
    ["with half a normalization", tensors({ ...two, "1.running_var": [3] }), "module '1' must have a weight"],
    [
      "whose order isn't told",
      tensors({ "decoder.0.weight": [2, 2], "encoder.0.weight": [2, 2] }),
      "the order of the modules 'decoder.0', 'encoder.0' must be told by the numbers in their names",
    ],
    ["with no layer", tensors({ "0.weight": [3], "0.bias": [3] }), "there must be a dense layer, got none"],
  ])("%s", async (_, file, message) => {
    const outcome = Network.load(file, { format: "safetensors", activations: ["tanh", "identity"] });
    await expect(outcome).rejects.toThrow(message);
  });

  it("whose own options ask for other tensors, or for more than there is", async () => {
    const read = (network: string, shapes: Record<string, number[]>) =>
      Network.load(tensors(shapes, (header) => Object.assign(header, { __metadata__: { nablanet: network } })));
    const options = '{"inputs": 2, "layers": [{"units": 3}]}';
    await expect(read(options, { "0.weight": [2, 3], "0.bias": [3] })).rejects.toThrow(
      "tensor '0.weight' must be of the shape [3, 2], got [2, 3]",
    );
    await expect(read(options, { ...layer, "0.x": [1] })).rejects.toThrow("tensor '0.x' is none of the network");
    await expect(read('{"inputs": 2, "layers": [{"units": 16777216}]}', layer)).rejects.toThrow(
      "the model must have 50331648 numbers, got 9",
    );
    await expect(read('{"inputs": 2}', layer)).rejects.toThrow("the model's options can't be read: layers must be");
  });
});

describe("modules whose names have no numbers", () => {
  const load = (shapes: Record<string, number[]>, hints: object = {}) =>
    Network.load(tensors(shapes), { activations: ["relu", "identity"], ...hints });

  it("follow each other by their sizes, where only one order fits, whatever the order in the file", async () => {
    const network = await load({ "down.weight": [1, 3], "norm.weight": [3], "norm.bias": [3], "up.weight": [3, 2] });
    expect([network.inputs, network.layers.map(({ units }) => units)]).toEqual([2, [3, 1]]);
    expect(network.layers.map(({ normalization }) => normalization?.kind)).toEqual(["layer", undefined]);
    // numbers still tell what they can
    const activations = ["relu", "relu", "relu"];
    const headed = await load({ "fc1.weight": [2, 2], "fc2.weight": [2, 2], "head.weight": [1, 2] }, { activations });
    expect(headed.layers.map(({ units }) => units)).toEqual([2, 2, 1]);
  });

  it("are refused where several orders fit, or none, until they are told", async () => {
    const square = { "down.weight": [2, 2], "up.weight": [2, 2] };
    await expect(load(square)).rejects.toThrow(FormatError);
    await expect(load(square)).rejects.toThrow(
      'the option modules with all their names in order: ["down","up"] or ["up","down"] say',
    );
    await expect(load({ "down.weight": [2, 2], "up.weight": [3, 3] })).rejects.toThrow("none was found");
    await expect(
      load(Object.fromEntries(Array.from("abcdefghijklm", (name) => [`${name}.weight`, [2, 2]]))),
    ).rejects.toThrow(FormatError);
    const file = tensors(square);
    // the weights of down: 1 at first
    new DataView(file.buffer).setFloat32(file.length - 32, 1, true);
    const told = (modules: unknown) =>
      Network.load(file, { activations: ["relu", "identity"], modules: modules as never });
    expect((await told(["up", "down"])).weightsOf(1).weights[0]).toBe(1);
    expect((await told(["down", "up"])).weightsOf(0).weights[0]).toBe(1);
    await expect(told(["up"])).rejects.toThrow("modules must have 2 names, one for each module, got 1");
    await expect(told(["up", "up"])).rejects.toThrow('modules must have each name once, got "up" twice');
    await expect(told(["up", "left"])).rejects.toThrow("modules[1] must be one of down, up");
    await expect(told("up, down")).rejects.toThrow(TypeError);
  });
});

it("fuzzed: whatever is changed in a file, it gives a network or a FormatError", async () => {
  const small = tensors(two);
  await expectSafe(
    "safetensors",
    [fixture("own.safetensors"), bytesOf(cases[0]), bytesOf(cases[6]), small].map((model) => ({ model })),
  );
});
