// The kernels that pages begin with: they compute what all of them compute, and what they lack is loaded when it is asked for.

import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { Activation, Loss, Optimizer } from "../../src/abi.js";
import { namesOf } from "../../src/checks.js";
import type { ActivationName, LossName, NetworkOptions, TrainerOptions } from "../../src/index.js";

type Library = typeof import("../../src/index.js");

/** The package anew, which begins with these kernels. */
async function begin(kernels: "core" | "full"): Promise<Library> {
  vi.resetModules();
  const library = await import("../../src/index.js");
  library.init({ kernels });
  return library;
}

const core = await begin("core");
const full = await begin("full");

const rows = 40;
const inputs = Float32Array.from({ length: rows * 5 }, (_, i) => Math.sin(i * 1.7));
const layered = (activation: ActivationName, output: ActivationName, more: object = {}): NetworkOptions => ({
  inputs: 5,
  layers: [
    { units: 11, activation, ...more },
    { units: 3, activation: output },
  ],
  seed: 3,
});

/** Everything that a network and its trainer answer, and whether all kernels are there now. */
async function work({ Network, Trainer, Dataset }: Library, options: NetworkOptions, trainerOptions: TrainerOptions) {
  const network = await Network.create(options);
  const trainer = new Trainer(network, { batchSize: 8, ...trainerOptions });
  const targets = Int32Array.from({ length: rows }, (_, i) => (i * i) % 3);
  const data = Dataset.from({ inputs, targets, inputSize: 5, classes: 3 });
  const { history } = await trainer.fit(data, { epochs: 3, threads: 1 });
  const { loss } = await trainer.evaluate(data);
  const sample = inputs.subarray(0, 5);
  const answers = {
    parameters: network.parameters(),
    losses: history.map((row) => row.loss),
    loss,
    answer: network.predict(sample),
    gradient: trainer.gradients(sample, [0, 1, 0]).vector,
    trace: trainer.trace(sample, [0, 1, 0]),
    step: trainer.step(inputs, targets),
  };
  const { isFull } = network.block.engine;
  network.dispose();
  return { answers, isFull };
}

/** The answers on either, which must be the same bits. */
async function compare(options: NetworkOptions, trainerOptions: TrainerOptions): Promise<boolean> {
  const expected = await work(await begin("full"), options, trainerOptions);
  const { answers, isFull } = await work(await begin("core"), options, trainerOptions);
  expect(answers).toEqual(expected.answers);
  return isFull;
}

describe("the core", () => {
  const basic: [string, NetworkOptions, TrainerOptions][] = [
    ["sigmoid", layered("sigmoid", "sigmoid"), { loss: "quadratic", optimizer: { kind: "sgd", learningRate: 0.5 } }],
    ["tanh", layered("tanh", "sigmoid"), { loss: "binaryCrossEntropy" }],
    ["relu", layered("relu", "softmax"), { optimizer: { kind: "adamW", weightDecay: 0.1 } }],
    ["identity", layered("identity", "identity"), { optimizer: { kind: "sgd", momentum: 0.9, nesterov: true } }],
    ["a hidden softmax", layered("softmax", "softmax"), { loss: "meanSquaredError" }],
    [
      "momentum and decay",
      layered("tanh", "softmax"),
      { optimizer: { kind: "sgd", momentum: 0.5, weightDecay: 0.01 } },
    ],
    ["normalize", { ...layered("relu", "softmax"), normalize: "standard" }, {}],
  ];

  it.each(basic)("%s: does it to the bits of all kernels, and loads no others", async (_, options, trainerOptions) => {
    expect(await compare(options, trainerOptions)).toBe(false);
  });

  it("lies behind the data of all kernels, which share its memory", async () => {
    const end = async (name: string) => {
      const bytes = readFileSync(new URL(`../../build/${name}.wasm`, import.meta.url));
      const memory = new WebAssembly.Memory({ initial: 1 });
      const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
      return (instance.exports as { heapBase(): number }).heapBase();
    };
    expect(await end("simd")).toBeLessThan(32768);
    expect(await end("relaxed").catch(() => 0)).toBeLessThan(32768);
    expect(await end("simdCore")).toBeGreaterThan(32768);
  });
});

describe("what the core lacks is loaded when it is asked for:", () => {
  it.each(namesOf<ActivationName>(Activation))("activation %s", async (activation) => {
    await compare(layered(activation, "softmax"), {});
  });

  it.each(
    namesOf<LossName>(Loss).flatMap((loss) =>
      (["softmax", "sigmoid"] as const).map((output) => [loss, output] as const),
    ),
  )("loss %s behind %s", async (loss, output) => {
    await compare(layered("tanh", output), { loss });
  });

  it.each(namesOf<keyof typeof Optimizer>(Optimizer))("optimizer %s", async (kind) => {
    await compare(layered("tanh", "softmax"), { optimizer: { kind } as never, batchSize: rows });
  });

  it.each<[string, object, TrainerOptions]>([
    ["dropout", { dropout: 0.5 }, {}],
    ["batch normalization", { normalization: "batch" }, {}],
    ["layer normalization", { normalization: "layer" }, {}],
    ["l1", { l1: 0.01 }, {}],
    ["l2", { l2: 0.01 }, {}],
    ["maxNorm", { maxNorm: 0.5 }, {}],
    ["amsgrad", {}, { optimizer: { kind: "adam", amsgrad: true } }],
    ["clipValue", {}, { optimizer: { kind: "sgd", clipValue: 0.01 } }],
    ["clipNorm", {}, { optimizer: { kind: "adam", clipNorm: 0.01 } }],
    ["labelSmoothing", {}, { labelSmoothing: 0.1 }],
    ["classWeights", {}, { classWeights: [1, 2, 3] }],
  ])("%s", async (_, layer, trainerOptions) => {
    expect(await compare(layered("tanh", "softmax", layer), trainerOptions)).toBe(true);
  });

  it.each(["inputDropout", "inputNoise"] as const)("%s", async (name) => {
    expect(await compare({ ...layered("tanh", "softmax"), [name]: 0.3 }, {})).toBe(true);
  });

  it("step says that it must wait for the kernels, and works once they are there", async () => {
    const { Network, Trainer } = await begin("core");
    const network = await Network.create(layered("tanh", "softmax"));
    const trainer = new Trainer(network, { optimizer: { kind: "lion" } });
    const before = network.parameters();
    expect(() => trainer.step(inputs, new Array(rows).fill(0))).toThrow(
      "the kernels that this trainer needs are being loaded: await trainer.ready first",
    );
    expect(network.parameters()).toEqual(before);
    await trainer.ready;
    trainer.step(inputs, new Array(rows).fill(0));
    expect(network.parameters()).not.toEqual(before);
  });

  it("while workers train with the core, without a change of their bits", async () => {
    const options = layered("tanh", "softmax");
    const trained = async ({ Network, Trainer, Dataset }: Library, disturb: () => Promise<unknown>) => {
      const network = await Network.create(options);
      const data = Dataset.from({ inputs, targets: new Array(rows).fill(1), inputSize: 5, classes: 3 });
      let disturbed: Promise<unknown> | undefined;
      const onBatch = () => {
        disturbed ??= disturb();
      };
      const result = await new Trainer(network).fit(data, { epochs: 400, threads: 2, onBatch });
      expect(result.threads.used).toBe(2);
      await disturbed;
      return network.parameters();
    };
    const library = await begin("core");
    const disturbed = await trained(library, () => library.Network.create(layered("gelu", "softmax")));
    expect(disturbed).toEqual(await trained(full, async () => {}));
  });

  it("by workers that have begun with the core", async () => {
    const trained = async ({ Network, Trainer, Dataset }: Library) => {
      const data = Dataset.from({ inputs, targets: new Array(rows).fill(1), inputSize: 5, classes: 3 });
      const parameters: Float32Array[] = [];
      for (const activation of ["tanh", "gelu"] as const) {
        const network = await Network.create(layered(activation, "softmax"));
        const { threads } = await new Trainer(network).fit(data, { epochs: 3, threads: 2 });
        expect(threads.used).toBe(2);
        parameters.push(network.parameters());
      }
      return parameters;
    };
    const expected = await trained(await begin("full"));
    expect(await trained(await begin("core"))).toEqual(expected);
  });

  it("in a worker that trains, too", async () => {
    const { Network, Trainer, Dataset } = await begin("core");
    const options = layered("tanh", "softmax");
    const data = Dataset.from({ inputs, targets: new Array(rows).fill(1), inputSize: 5, classes: 3 });
    const trained = async (optimizer: { kind: "adam" | "nadam" }, worker: boolean) => {
      const network = await Network.create(options);
      const { status } = await new Trainer(network, { optimizer }).fit(data, { epochs: 3, worker });
      expect(status).toBe("completed");
      return network.parameters();
    };
    for (const kind of ["adam", "nadam"] as const) {
      expect(await trained({ kind }, true)).toEqual(await trained({ kind }, false));
    }
  });
});

describe("init", () => {
  const compiled = () => new WebAssembly.Module(readFileSync(new URL("../../build/simd.wasm", import.meta.url)));

  it("takes kernels that were compiled elsewhere", async () => {
    vi.resetModules();
    const library = await import("../../src/index.js");
    library.init({ wasm: compiled() });
    const compile = vi.spyOn(WebAssembly, "compile").mockRejectedValue(new Error("no compiling here"));
    try {
      const options = layered("mish", "softmax");
      expect((await work(library, options, {})).answers).toEqual((await work(full, options, {})).answers);
    } finally {
      compile.mockRestore();
    }
    expect((await library.capabilities()).kernels.deterministic).toBe("simd");
  });

  it("refuses what it can't use, and says what it expected", () => {
    expect(() => core.init({ kernels: "some" as never })).toThrow('kernels must be one of core, full, got "some"');
    expect(() => core.init({ wasm: new Uint8Array(8) as never })).toThrow(/wasm/);
    expect(() => core.init({ wasm: "simd.wasm" as never })).toThrow(
      'wasm must be a WebAssembly.Module, or an object with some by name, got "simd.wasm"',
    );
    expect(() => core.init({ wasm: {} })).toThrow(
      "wasm must have one of simd, relaxed, simdShared, relaxedShared, got none",
    );
    expect(() => core.init({ wasm: { simd: "simd.wasm" as never } })).toThrow(
      'wasm.simd must be a WebAssembly.Module, got "simd.wasm"',
    );
  });

  it("says which kernels it would have needed", async () => {
    vi.resetModules();
    const library = await import("../../src/index.js");
    library.init({ wasm: { relaxedShared: compiled() } });
    await expect(library.Network.create({ ...layered("tanh", "tanh"), math: "deterministic" })).rejects.toThrow(
      'init({ wasm }) must have one of simdShared, simd, for math "deterministic" here, got relaxedShared',
    );
  });
});
