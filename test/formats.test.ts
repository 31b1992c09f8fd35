// Model files: what is written is read back, and what isn't a model is refused.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { readSource } from "../src/data/source.js";
import { crc32 } from "../src/formats/crc32.js";
import { modelOf } from "../src/formats/model-of-steps.js";
import { stepsOf } from "../src/formats/steps-of-model.js";
import { Dataset, FormatError, type FormatName, Network, Trainer } from "../src/index.js";
import { readTable } from "../src/tables.js";
import { expectSafe } from "./fuzz-models.js";
import { samples, trained } from "./trained.js";

const folder = mkdtempSync(join(tmpdir(), "nablanet-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(["nablanet", "json", "safetensors", "onnx"] satisfies FormatName[])("%s", (format) => {
  it("keeps a network with every option, to the bit", async () => {
    const network = await trained();
    const vector = network.parameters();
    vector[0] = -0;
    network.setParameters(vector);
    const loaded = await Network.load(await network.encode(format));
    expect(loaded.options).toEqual(network.options);
    expect(new Uint8Array(loaded.parameters().buffer)).toEqual(new Uint8Array(vector.buffer));
    expect(loaded.predict(samples)).toEqual(network.predict(samples));
  });

  it("refuses every file that is cut off, and every file with a changed byte that doesn't give the same model", async () => {
    const network = await Network.create({ inputs: 1, layers: [{ units: 2 }], seed: 1 });
    const bytes = await network.encode(format);
    for (let length = 0; length < bytes.length - 1; length++) {
      await expect(Network.load(bytes.slice(0, length))).rejects.toThrow(FormatError);
    }
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 0x15;
      const outcome = await Network.load(damaged, { format }).catch((error) => error);
      // the others have no checksum: another digit is another number
      if (format === "nablanet") expect(outcome).toBeInstanceOf(FormatError);
      else if (!(outcome instanceof Network)) expect(outcome).toBeInstanceOf(FormatError);
    }
  });
});

describe("damaged files", () => {
  it.each(["nablanet", "json"] satisfies FormatName[])(
    "fuzzed: %s gives a network or a FormatError",
    async (format) => {
      const { schema } = await readTable(new File(["x,c,y\n1,a,yes\n2,b,no\n3,a,yes"], "t.csv"), { target: "y" });
      const normalize = { kind: "standard" as const, center: [2, 0.5, 0.5], factor: [1, 2, 2] };
      const networks = await Promise.all([
        Network.create({ inputs: 2, layers: [{ units: 3, normalization: "batch" }], seed: 1 }),
        Network.create({ schema, layers: [{ units: 1, activation: "sigmoid" }], normalize, seed: 1 }),
      ]);
      // with a checksum that is right
      const mend = (bytes: Uint8Array<ArrayBuffer>) => {
        if (bytes.length > 16) new DataView(bytes.buffer).setUint32(12, crc32(bytes.subarray(16)), true);
        return bytes;
      };
      const models = await Promise.all(networks.map(async (network) => ({ model: await network.encode(format) })));
      await expectSafe(format, models, format === "nablanet" ? mend : undefined);
    },
  );
});

describe("files", () => {
  it("are written whole under their name, by their ending, and read by path and URL", async () => {
    const network = await trained();
    for (const ending of ["nabla", "json", "safetensors", "onnx"]) {
      const path = join(folder, `a model.${ending}`);
      await network.save(path);
      await network.save(pathToFileURL(path));
      for (const source of [path, pathToFileURL(path), new Blob([readFileSync(path)]), readFileSync(path)]) {
        expect((await Network.load(source)).parameters()).toEqual(network.parameters());
      }
    }
    expect(readdirSync(folder).sort()).toEqual(
      ["json", "nabla", "onnx", "safetensors"].map((ending) => `a model.${ending}`),
    );
  });

  it("stay as they were where a new one can't be written", async () => {
    const network = await trained();
    const path = join(folder, "a model.nabla");
    const before = readFileSync(path);
    await expect(network.save(join(folder, "none", "model.nabla"))).rejects.toThrow("ENOENT");
    await expect(network.save(join(folder, "model.xyz"))).rejects.toThrow(
      /^path must end in one of \.nabla, \.json, .*or format must be told, got/,
    );
    await expect(network.save(path, { format: "xyz" as FormatName })).rejects.toThrow(
      "format must be one of nablanet, json, safetensors, onnx",
    );
    expect(readFileSync(path)).toEqual(before);
  });

  it("of no known format are refused", async () => {
    const path = join(folder, "foreign.json");
    writeFileSync(path, '{"a": 1}');
    await expect(Network.load(path)).rejects.toThrow("got JSON of another kind");
    await expect(Network.load(new Uint8Array(100))).rejects.toThrow(FormatError);
    await expect(Network.load(new Uint8Array(0))).rejects.toThrow(FormatError);
    rmSync(path);
  });
});

/** A model in JSON, as far as these tests spoil it. */
interface JsonModel {
  format: string;
  version: number;
  network: { layers: Record<string, number>[] };
  layers: { weights?: number[][]; biases?: number[]; gamma?: number[] }[];
}

describe("what a JSON model says of itself", () => {
  const read = async (change: (model: JsonModel) => void) => {
    const network = await Network.create({ inputs: 1, layers: [{ units: 2, normalization: "batch" }], seed: 1 });
    const model = JSON.parse(new TextDecoder().decode(await network.encode("json")));
    change(model);
    return Network.load(new TextEncoder().encode(JSON.stringify(model)), { format: "json" });
  };
  it.each<[string, (model: JsonModel) => void, string]>([
    ["another format", (m) => (m.format = "x"), '"format" must be "nablanet", got "x"'],
    ["a newer version", (m) => (m.version = 2), '"version" must be 1, got 2'],
    ["a missing row", (m) => m.layers[0]!.weights!.pop(), "layers[0].weights must have 2 rows, got 1"],
    ["a missing number", (m) => m.layers[0]!.weights![1]!.pop(), "layers[0].weights[1] must have at least one entry"],
    ["no gamma", (m) => delete m.layers[0]!.gamma, "layers[0].gamma must be an array, got undefined"],
    ["a number too large", (m) => (m.layers[0]!.biases![1] = 1e39), "layers[0].biases[1] in float32"],
    ["an unknown option", (m) => (m.network.layers[0]!.x = 1), 'has no option "x"'],
    ["a layer too many", (m) => m.layers.push({}), "layers must be 1 as in network.layers, got 2"],
    ["more units than numbers", (m) => (m.network.layers[0]!.units = 2 ** 24), "must have 16777216 rows, got 2"],
  ])("is refused with %s", async (_, change, message) => {
    const outcome = read(change);
    await expect(outcome).rejects.toThrow(FormatError);
    await expect(outcome).rejects.toThrow(message);
  });
});

describe("steps", () => {
  it("of a regression that scales its targets make one", async () => {
    for (const activation of ["identity", "tanh"] as const) {
      const layers = [
        { units: 4, activation: "relu" as const },
        { units: 1, activation },
      ];
      const network = await Network.create({ inputs: 3, normalizeTargets: "minMax", layers, seed: 4 });
      const rows = Array.from({ length: 20 }, (_, i) => [i / 20, (i % 3) / 3, 1]);
      const dataset = Dataset.from({ inputs: rows, targets: rows.map(([a, b]) => 1000 + 50 * a! * b!) });
      await new Trainer(network).fit(dataset, { epochs: 2 });
      const again = modelOf(stepsOf({ network: network.options, parameters: network.parameters() }));
      expect(again.network.normalizeTargets === undefined).toBe(activation === "identity");
      const other = await Network.create(again.network);
      other.setParameters(again.parameters);
      const [expected, found] = [network.predict(rows.flat()), other.predict(rows.flat())];
      // a few roundings of numbers of about 1000
      for (let i = 0; i < 20; i++) expect(Math.abs(found[i]! - expected[i]!)).toBeLessThan(8 * 1000 * 2 ** -23);
    }
  });

  it("of a model make a model that answers the same", async () => {
    const network = await trained();
    const model = { network: network.options, parameters: network.parameters() };
    const again = modelOf(stepsOf(model));
    const other = await Network.create({ ...again.network, math: "deterministic" });
    other.setParameters(again.parameters);
    expect(other.predict(samples)).toEqual(network.predict(samples));
    expect(other.layers.map((layer) => layer.dropout)).toEqual([0.25, 0, 0]);
  });
});

it("a gzipped model isn't unzipped to more than it may be", async () => {
  const zipped = new Uint8Array(gzipSync(new Uint8Array(2e6)));
  expect((await readSource(zipped, "the model", 2e6)).length).toBe(2e6);
  const outcome = readSource(zipped, "the model", 2e6 - 1);
  await expect(outcome).rejects.toThrow(FormatError);
  await expect(outcome).rejects.toThrow(
    "the model can't be unzipped: it becomes more than 1999999 bytes; what is larger must be given unzipped",
  );
});

it("a length that begins as gzip does isn't taken for it", async () => {
  // that of a .safetensors file's header
  const bytes = new Uint8Array(100);
  new DataView(bytes.buffer).setBigUint64(0, 0x8b1fn, true);
  expect(await readSource(bytes, "the model")).toEqual(bytes);
});

describe("a file that is saved over another", () => {
  const make = () => Network.create({ inputs: 1, layers: [{ units: 1 }] });

  it.skipIf(process.platform === "win32")("keeps its mode, and symbolic links to it", async () => {
    const own = join(folder, "links");
    mkdirSync(own);
    const file = join(own, "real.nabla");
    const link = join(own, "link.nabla");
    writeFileSync(file, "old");
    chmodSync(file, 0o606);
    symlinkSync("real.nabla", link);
    const network = await make();
    await network.save(link);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect((await Network.load(file)).parameters()).toEqual(network.parameters());
    // more than the umask lets new files have
    expect((statSync(file).mode & 0o777).toString(8)).toBe("606");
    expect(readdirSync(own).sort()).toEqual(["link.nabla", "real.nabla"]);
  });

  it("may have as long a name as files may have", async () => {
    const path = join(folder, `${"n".repeat(249)}.nabla`);
    const network = await make();
    await network.save(path);
    expect((await Network.load(path)).parameters()).toEqual(network.parameters());
  });

  it.skipIf(process.platform === "win32")("may be a pipe", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    // both ends, so that neither waits for the other
    const ends = openSync(pipe, "r+");
    const network = await make();
    await network.save(pipe, { format: "nablanet" });
    const bytes = new Uint8Array(2 ** 16);
    const length = statSync(pipe).isFIFO() ? readSync(ends, bytes) : 0;
    closeSync(ends);
    expect((await Network.load(bytes.subarray(0, length))).parameters()).toEqual(network.parameters());
  });
});

it("a negative running variance is refused, whatever the format", async () => {
  const layers = [{ units: 2 }, { units: 3, normalization: "batch" as const }, { units: 1 }];
  const network = await Network.create({ inputs: 2, layers });
  const parameters = network.parameters();
  // behind 2·(2 + 1) numbers of the first layer, the 3·2 weights and three rows of the second
  parameters[6 + 6 + 9 + 1] = -0.25;
  network.setParameters(parameters);
  for (const format of ["nablanet", "json", "safetensors"] as const) {
    const outcome = Network.load((await network.encode(format)) as Uint8Array);
    await expect(outcome).rejects.toThrow(FormatError);
    await expect(outcome).rejects.toThrow(
      "the running variances of layers[1] must be at least 0, got -0.25 for unit 1",
    );
  }
});
