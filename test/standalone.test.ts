// Stand-alone modules: what they answer without nablanet, against the network that they were written from.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { AffineStep } from "../src/formats/sequence.js";
import { moduleOf } from "../src/formats/standalone/wasm.js";
import { FormatError, Network, type NetworkOptions } from "../src/index.js";
import { agreement, difference, everything, farFromZero, samples, trained, variety } from "./trained.js";

const folder = mkdtempSync(join(tmpdir(), "nablanet-standalone-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Predictor {
  inputs: number;
  outputs: number;
  predict(sample: ArrayLike<number>): Float32Array;
}

let written = 0;

/** The module, imported from a file, as it would be on its own. */
async function javascript(network: Network): Promise<Predictor> {
  written += 1;
  const path = join(folder, `model ${written}.mjs`);
  await network.save(path);
  return await import(/* @vite-ignore */ path);
}

describe("a JavaScript module", () => {
  it.each(Object.keys(variety))("answers as its network does: %s", async (name) => {
    const network = await trained(variety[name]);
    const { inputs, outputs, predict } = await javascript(network);
    expect([inputs, outputs]).toEqual([network.inputs, network.outputs]);
    const answers = network.predict(samples);
    expect(difference(samples.map(predict), answers)).toBeLessThan(agreement(network, answers));
    expect(predict(Float32Array.from(samples[0] as number[]))).toEqual(predict(samples[0] as number[]));
  });

  it("stays finite wherever its network does", async () => {
    for (const activation of ["gelu", "swish", "mish", "softplus", "elu", "selu", "sigmoid"] as const) {
      const network = await Network.create({ inputs: 1, layers: [{ units: 1, activation }] });
      network.setParameters([1, 0]);
      const { predict } = await javascript(network);
      for (const x of [-1e30, -1e4, -200, -90, 90, 200, 1e4, 1e30]) {
        const [[theirs], [ours]] = [predict([x]), network.predict([x])] as [Float32Array, Float32Array];
        expect(theirs).toBeCloseTo(ours as number, -Math.log10(agreement(network, [[x]])) - 1);
      }
    }
  });

  it("takes inputs as float32, as its network does", async () => {
    const { network, inputs } = await farFromZero();
    const { predict } = await javascript(network);
    const answers = network.predict(inputs);
    expect(difference(inputs.map(predict), answers)).toBeLessThan(agreement(network, answers));
  });

  it("needs nothing but itself, where code from strings is forbidden, too", async () => {
    const network = await trained();
    const code = new TextDecoder().decode(await network.encode("javascript"));
    expect(code).not.toMatch(/\b(import|require|new Function|eval\()/);
    const path = join(folder, "alone.mjs");
    writeFileSync(path, `${code}\nconsole.log(JSON.stringify([...predict([1, 2, 3])]));\n`);
    const output = execFileSync(process.execPath, ["--disallow-code-generation-from-strings", path], {
      encoding: "utf8",
    });
    expect(difference([JSON.parse(output)], [network.predict([1, 2, 3])])).toBeLessThan(agreement(network, [[1]]));
  });

  it("has no function that it doesn't call, and refuses samples of another length", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
    const code = new TextDecoder().decode(await network.encode("javascript"));
    expect(code).not.toMatch(/softmax|Normalization|scale/);
    const { predict } = await javascript(network);
    expect(() => predict([1, 2, 3])).toThrow("sample must have 2 numbers, got 3");
  });

  it("isn't read back", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
    const bytes = await network.encode("javascript");
    await expect(Network.load(bytes)).rejects.toThrow(FormatError);
    await expect(Network.load(bytes, { format: "javascript" })).rejects.toThrow("can be written, not read");
  });

  it("of many numbers has them all", async () => {
    const network = await Network.create({ inputs: 150, layers: [{ units: 150, activation: "tanh" }, { units: 3 }] });
    const sample = Array.from({ length: 150 }, (_, i) => Math.sin(i));
    const answers = [network.predict(sample)];
    const { predict } = await javascript(network);
    expect(difference([predict(sample)], answers)).toBeLessThan(agreement(network, answers));
  });
});

/** What a stand-alone WebAssembly module exports. */
interface Exports {
  memory: WebAssembly.Memory;
  input: WebAssembly.Global;
  output: WebAssembly.Global;
  inputs: WebAssembly.Global;
  outputs: WebAssembly.Global;
  predict(): void;
}

const webAssembly = async (network: Network) => instantiated(await network.encode("wasm"));

async function instantiated(bytes: Uint8Array<ArrayBuffer>): Promise<Predictor> {
  // no imports
  const { instance } = await WebAssembly.instantiate(bytes);
  const { memory, input, output, inputs, outputs, predict } = instance.exports as unknown as Exports;
  return {
    inputs: inputs.value,
    outputs: outputs.value,
    predict(sample) {
      new Float32Array(memory.buffer, input.value, inputs.value).set(sample);
      predict();
      return new Float32Array(memory.buffer, output.value, outputs.value).slice();
    },
  };
}

describe("a WebAssembly module", () => {
  it.each(Object.keys(variety))("gives the bits of its network: %s", async (name) => {
    const network = await trained({ ...(variety[name] as NetworkOptions), math: "deterministic" });
    const { inputs, outputs, predict } = await webAssembly(network);
    expect([inputs, outputs]).toEqual([network.inputs, network.outputs]);
    expect(samples.map(predict)).toEqual(network.predict(samples));
    // what one sample left doesn't show in the next
    expect(samples.map(predict)).toEqual(network.predict(samples));
  });

  it("of any size has room for all of it", async () => {
    for (const [inputs, units] of [
      [1, 1],
      [9, 8],
      [300, 700],
      [8, 1024],
    ] as const) {
      const layers = [{ units, activation: "tanh" as const }, { units: 3 }];
      const network = await Network.create({ inputs, layers, math: "deterministic" });
      const sample = Float32Array.from({ length: inputs }, (_, i) => Math.sin(i));
      expect((await webAssembly(network)).predict(sample)).toEqual(network.predict(sample));
    }
  });

  it("scales its outputs back", async () => {
    const network = await trained({ ...everything, math: "deterministic" });
    const unscaling: AffineStep = {
      kind: "affine",
      factor: Float64Array.of(1 / 3, -2e6),
      offset: Float64Array.of(1e6, 0.1),
    };
    const bytes = await moduleOf({ network: network.options, parameters: network.parameters() }, unscaling);
    const { predict } = await instantiated(bytes);
    const expected = network.predict(samples).map((row) =>
      row.map((a, j) => {
        return (unscaling.factor[j] as number) * a + (unscaling.offset[j] as number);
      }),
    );
    expect(samples.map(predict)).toEqual(expected);
  });

  it("leaves out what is 0", async () => {
    const network = await Network.create({ inputs: 500, layers: [{ units: 500, initializer: "zeros" }] });
    expect((await network.encode("wasm")).length).toBeLessThan(20_000);
    const { predict } = await webAssembly(network);
    expect(predict(new Float32Array(500).fill(1))).toEqual(new Float32Array(500));
  });

  it("is small, and written under its ending", async () => {
    const network = await Network.create({ inputs: 3, layers: [{ units: 2 }] });
    const path = join(folder, "model.wasm");
    await network.save(path);
    const bytes = readFileSync(path);
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(bytes.length).toBeLessThan(20_000);
  });
});
