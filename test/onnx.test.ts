// ONNX models of other libraries: those in fixtures/onnx-models.json answer as PyTorch does, or are refused by name.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as schema from "../src/formats/onnx/schema.js";
import { graphOf } from "../src/formats/onnx/writing.js";
import { FormatError, Network } from "../src/index.js";
import { expectSafe } from "./fuzz-models.js";
import { U } from "./tolerance.js";

interface Case {
  name: string;
  /** Base64. */
  model: string;
  inputs: number[][];
  outputs: number[][];
}

const { torch, cases, refused }: { torch: string; cases: Case[]; refused: (Case & { reason: string })[] } = JSON.parse(
  readFileSync(new URL("fixtures/onnx-models.json", import.meta.url), "utf8"),
);

const bytesOf = ({ model }: Case) => new Uint8Array(Buffer.from(model, "base64"));

/**
 * Roundings of two or three layers: sums of at most 7 terms and a bias, a normalization (three such sums) or a folded straight
 * line, an activation (about 16); magnitudes stay below 8 within, and are passed on by weights of norms up to 4.
 */
const ROUNDINGS = 4 * 8 * 3 * (8 + 3 * 8 + 16);

describe(`models of other libraries, PyTorch ${torch}`, () => {
  it.each(cases)("$name", async (each) => {
    const network = await Network.load(bytesOf(each));
    const exact = each.outputs.flat();
    const answers = network.predict(each.inputs.flat());
    expect(answers.length).toBe(exact.length);
    const size = Math.max(1, ...exact.map(Math.abs));
    const worst = Math.max(...exact.map((value, i) => Math.abs(value - answers[i])));
    expect(worst).toBeLessThan(ROUNDINGS * U * size);
    // and it's kept by a second round
    const again = await Network.load((await network.encode("onnx")) as Uint8Array);
    expect(again.predict(each.inputs.flat())).toEqual(answers);
  });

  it.each(refused)("$name is refused by name", async (each) => {
    const outcome = Network.load(bytesOf(each));
    await expect(outcome).rejects.toThrow(new RegExp(each.reason, "u"));
    await expect(outcome).rejects.toThrow(FormatError);
  });
});

const own = () => new Uint8Array(readFileSync(new URL("fixtures/own.onnx", import.meta.url)));

it("today's writer writes the file that ONNX itself has checked", async () => {
  const network = await Network.load(own());
  expect(await network.encode("onnx")).toEqual(own());
});

/** A model of x·W + b, then relu, whose parts may be changed before it is a file. */
function modelOf(change: (model: schema.OnnxModel, graph: schema.Graph) => void): Uint8Array<ArrayBuffer> {
  const float = (name: string, dimensions: number[], raw = new Uint8Array(4 * dimensions.reduce((a, b) => a * b, 1))) =>
    schema.tensor.of({ name, dimensions, dataType: schema.DataType.FLOAT, raw });
  const value = (name: string) =>
    schema.value.of({
      name,
      type: schema.type.of({ tensor: schema.tensorType.of({ elementType: schema.DataType.FLOAT }) }),
    });
  const graph = schema.graph.of({
    nodes: [
      schema.node.of({ operator: "Gemm", inputs: ["x", "w", "b"], outputs: ["h"] }),
      schema.node.of({ operator: "Relu", inputs: ["h"], outputs: ["y"] }),
    ],
    initializers: [float("w", [2, 3]), float("b", [3])],
    inputs: [value("x")],
    outputs: [value("y")],
  });
  const model = schema.model.of({ irVersion: 8, operatorSets: [schema.operatorSet.of({ version: 17 })], graph });
  change(model, graph);
  return schema.model.encode(model);
}

describe("an ONNX file", () => {
  it("is read where nothing is wrong with it", async () => {
    const { inputs, layers } = await Network.load(modelOf(() => {}));
    expect([inputs, layers[0].units, layers[0].activation]).toEqual([2, 3, "relu"]);
  });

  it.each<[string, (model: schema.OnnxModel, graph: schema.Graph) => void, string]>([
    ["without a graph", (m) => (m.graph = undefined), "the model must have a graph, got none"],
    ["with functions", (m) => m.functions.push(new Uint8Array(1)), "functions of the model's own can't be read"],
    [
      "with an initializer twice",
      (_, g) => g.initializers.push(g.initializers[0]),
      'initializer "w" must be there once',
    ],
    [
      "that gives a value twice",
      (_, g) => (g.nodes[1].outputs = ["h"]),
      'Relu at node 1 gives "h", which is there already',
    ],
    ["with nodes out of order", (_, g) => g.nodes.reverse(), 'Relu at node 0 takes "h", which nothing before it gives'],
    [
      "with a circle",
      (_, g) => (g.nodes[0].inputs[0] = "y"),
      'Gemm at node 0 takes "y", which nothing before it gives',
    ],
    ["with two inputs", (_, g) => g.inputs.push(schema.value.of({ name: "z" })), "must have one input, got 2 (x, z)"],
    ["with an output that nobody gives", (_, g) => (g.outputs[0].name = "z"), 'the output "z" takes "z" beside "x"'],
    [
      "with sizes that multiply to too much",
      (_, g) => (g.initializers[0].dimensions = [2 ** 26, 2 ** 26]),
      "takes more numbers",
    ],
    ["with too few numbers", (_, g) => (g.initializers[0].raw = new Uint8Array(20)), "must have 6 numbers, got 5"],
    ["with half a number", (_, g) => (g.initializers[0].raw = new Uint8Array(23)), "must have 6 numbers, got 5.75"],
    ["with a negative size", (_, g) => (g.initializers[0].dimensions = [-2, -3]), "must have sizes of at least 0"],
    ["with whole numbers", (_, g) => (g.initializers[0].dataType = 7), "must have floating-point numbers, got type 7"],
    [
      "with an activation of its own",
      (_, g) => {
        const node = (operator: string, inputs: string[], output: string) =>
          schema.node.of({ operator, inputs, outputs: [output] });
        const raw = new Uint8Array(new Float32Array([2]).buffer);
        g.initializers.push(schema.tensor.of({ name: "two", dataType: schema.DataType.FLOAT, raw }));
        g.nodes.splice(1, 1, node("Mul", ["h", "two"], "d"), node("Sigmoid", ["d"], "s"), node("Mul", ["h", "s"], "y"));
      },
      "Mul at node 1 computes no activation that is known here",
    ],
    [
      "with NaN",
      (_, g) => g.initializers[0].raw.fill(0xff),
      "the model's parameters must be finite, got NaN as number 0",
    ],
    ["with biases from the input", (_, g) => (g.nodes[0].inputs[2] = "x"), "Gemm at node 0 must have constant biases"],
    [
      "with biases of another size",
      (_, g) => (g.initializers[1] = { ...g.initializers[1], dimensions: [1, 2], raw: new Uint8Array(8) }),
      'initializer "b" must have 3 numbers, got [1, 2]',
    ],
    [
      "that takes the same weights again and again",
      (_, g) => {
        g.initializers = [{ ...g.initializers[0], dimensions: [400, 400], raw: new Uint8Array(640_000) }];
        g.nodes = Array.from({ length: 100 }, (_, i) =>
          schema.node.of({
            operator: "MatMul",
            inputs: [i === 0 ? "x" : `h${i}`, "w"],
            outputs: [i === 99 ? "y" : `h${i + 1}`],
          }),
        );
      },
      "takes more numbers than the file can have",
    ],
  ])("%s is refused", async (_, change, message) => {
    const outcome = Network.load(modelOf(change), { format: "onnx" });
    await expect(outcome).rejects.toThrow(FormatError);
    await expect(outcome).rejects.toThrow(message);
  });

  it.each<[string, string, number[]]>([
    ["a rectifier that ends at 200", "Clip", [0, 200]],
    ["one that ends beyond all that is tried everywhere", "Clip", [0, 1e13]],
    ["a bound at 1e12", "Min", [1e12]],
    ["a bound at -2e15", "Max", [-2e15]],
  ])("isn't taken for what it is like near 0: %s", async (_, operator, constants) => {
    const change = (__: unknown, g: schema.Graph) => {
      const inputs = constants.map((value, i) => {
        const raw = new Uint8Array(Float32Array.of(value).buffer);
        g.initializers.push(schema.tensor.of({ name: `c${i}`, dataType: schema.DataType.FLOAT, raw }));
        return `c${i}`;
      });
      g.nodes[1] = schema.node.of({ operator, inputs: ["h", ...inputs], outputs: ["y"] });
    };
    await expect(Network.load(modelOf(change))).rejects.toThrow(`${operator} at node 1 computes no activation`);
  });

  it("may cast floats to wider ones, but not round them", async () => {
    const { FLOAT, DOUBLE, FLOAT16, BFLOAT16 } = schema.DataType;
    const cast = (to: number, input: string, output: string) =>
      schema.node.of({
        operator: "Cast",
        inputs: [input],
        outputs: [output],
        attributes: [schema.attribute.of({ name: "to", int: to, type: schema.AttributeType.INT })],
      });
    /** Of the input, or of the weights that it is multiplied with. */
    const load = (to: number, name: "x" | "w", type: number = FLOAT) =>
      Network.load(
        modelOf((_, g) => {
          g.nodes[0].inputs[name === "x" ? 0 : 1] = "cast";
          g.nodes.unshift(cast(to, name, "cast"));
          const [weights] = g.initializers;
          if (type !== FLOAT) g.initializers[0] = { ...weights, dataType: type, raw: new Uint8Array(12) };
        }),
      );
    for (const to of [FLOAT, DOUBLE]) {
      for (const name of ["x", "w"] as const) expect((await load(to, name)).layers).toHaveLength(1);
    }
    for (const type of [FLOAT16, BFLOAT16]) {
      expect((await load(FLOAT, "w", type)).weightsOf(0).weights[0]).toBe(0);
      expect((await load(type, "w", type)).weightsOf(0).weights[0]).toBe(0);
    }
    await expect(load(FLOAT16, "x")).rejects.toThrow("Cast at node 0 rounds to float16, which no network here does");
    await expect(load(FLOAT16, "w")).rejects.toThrow(FormatError);
    await expect(load(BFLOAT16, "w", FLOAT16)).rejects.toThrow("Cast at node 0 rounds to bfloat16");
  });

  it("may have a threshold or bounds that are no more than rounding, but no others", async () => {
    const float = (name: string, value: number) =>
      schema.attribute.of({ name, float: value, type: schema.AttributeType.FLOAT });
    const load = (operator: string, ...attributes: schema.Attribute[]) =>
      Network.load(
        modelOf((model, g) => {
          model.operatorSets = [schema.operatorSet.of({ version: 10 })];
          g.nodes[1] = schema.node.of({ operator, inputs: ["h"], outputs: ["y"], attributes });
        }),
      );
    await expect(load("ThresholdedRelu", float("alpha", 0.01))).rejects.toThrow("with alpha 0.009999");
    await expect(load("ThresholdedRelu", float("alpha", 0.0003))).rejects.toThrow("computes no activation");
    expect((await load("ThresholdedRelu", float("alpha", 0))).layers[0].activation).toBe("relu");
    // float32's largest, as some exporters write no bound
    expect((await load("Clip", float("min", 0), float("max", 2 ** 128 - 2 ** 104))).layers[0].activation).toBe("relu");
  });

  it("may write softplus by exponentials, which overflow far out", async () => {
    const { layers } = await Network.load(
      modelOf((_, g) => {
        const raw = new Uint8Array(Float32Array.of(1).buffer);
        g.initializers.push(schema.tensor.of({ name: "one", dataType: schema.DataType.FLOAT, raw }));
        const node = (operator: string, inputs: string[], output: string) =>
          schema.node.of({ operator, inputs, outputs: [output] });
        g.nodes.splice(1, 1, node("Exp", ["h"], "e"), node("Add", ["e", "one"], "s"), node("Log", ["s"], "y"));
      }),
    );
    expect(layers[0].activation).toBe("softplus");
  });

  it("is refused with lengths that aren't there, or fields of another type", async () => {
    const load = (...bytes: number[]) => Network.load(Uint8Array.from(bytes), { format: "onnx" });
    await expect(load(8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f)).rejects.toThrow(
      "4294967295 bytes are announced where 0",
    );
    await expect(load(8, ...Array(11).fill(0xff))).rejects.toThrow("a number has more than 64 bits");
    await expect(load(0x0a, 1, 0)).rejects.toThrow("field 1 has another type");
    await expect(load(0x0b)).rejects.toThrow("field 1 has another type");
    await expect(load(0x7b)).rejects.toThrow("there is no wire type 3");
    await expect(load(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)).rejects.toThrow(
      "length or tag is -1",
    );
  });

  it("may keep its weights in a file beside it", async () => {
    const data = new Float32Array([0, 1, 2, 3, 4, 5, 6]);
    const outside = (location: string, length = "24") =>
      modelOf((_, { initializers: [weights] }) => {
        const told = { location, offset: "4", length };
        const external = Object.entries(told).map(([key, value]) => schema.entry.of({ key, value }));
        Object.assign(weights, { raw: new Uint8Array(), location: 1, external });
      });
    const files = { "w.bin": new Uint8Array(data.buffer) };
    const network = await Network.load(outside("w.bin"), { files });
    expect([...network.weightsOf(0).weights]).toEqual([1, 4, 2, 5, 3, 6]);
    await expect(Network.load(outside("w.bin", "28"), { files })).rejects.toThrow(
      'must lie within the 28 bytes of "w.bin"',
    );
    await expect(Network.load(outside("../w.bin"))).rejects.toThrow("the model's other files must lie beside it");
  });

  it("of one input keeps its scaling to the bit, and a small bias", async () => {
    const normalize = { kind: "standard" as const, center: [Math.fround(1e12)], factor: [Math.fround(1 / 3)] };
    const options = { inputs: 1, normalize, layers: [{ units: 1, activation: "relu" as const }], seed: 1 };
    const network = await Network.create(options);
    network.setParameters([1, 1e-6]);
    const loaded = await Network.load((await network.encode("onnx")) as Uint8Array);
    expect(loaded.options).toEqual(network.options);
    expect(loaded.parameters()).toEqual(network.parameters());
    // without the options, the graph alone
    const model = schema.model.decode((await network.encode("onnx")) as Uint8Array);
    model.metadata = [];
    model.graph!.nodes[2] = {
      ...model.graph!.nodes[2],
      operator: "MatMul",
      inputs: model.graph!.nodes[2].inputs.slice(0, 2),
    };
    model.graph!.nodes.splice(
      3,
      0,
      schema.node.of({ operator: "Add", inputs: ["s", "layers_0_biases"], outputs: ["t"] }),
    );
    model.graph!.nodes[2].outputs = ["s"];
    model.graph!.nodes[4].inputs = ["t"];
    const bare = await Network.load(schema.model.encode(model));
    expect(bare.normalize).toEqual(normalize);
    expect(bare.parameters()).toEqual(network.parameters());
  });

  it("may end in a scaling of the outputs", async () => {
    const place = "layers[0]";
    const weights = Float32Array.of(1, 2, 3, 4);
    const graph = graphOf([
      { place, kind: "dense", inputs: 2, units: 2, weights, biases: Float32Array.of(5, 6) },
      { place: "outputs", kind: "affine", factor: Float64Array.of(2, -3), offset: Float64Array.of(10, 20) },
    ]);
    expect(graph.nodes.map(({ operator }) => operator)).toEqual(["Gemm", "Mul", "Add"]);
    const operatorSets = [schema.operatorSet.of({ version: 17 })];
    const network = await Network.load(schema.model.encode(schema.model.of({ irVersion: 8, operatorSets, graph })));
    // 2·(1 + 2 + 5) + 10, −3·(3 + 4 + 6) + 20
    expect([...network.predict([1, 1])]).toEqual([26, -19]);
  });

  it("that was changed since keeps no options that it no longer computes", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 3, activation: "tanh", l2: 0.5 }], seed: 5 });
    const model = schema.model.decode((await network.encode("onnx")) as Uint8Array);
    expect((await Network.load(schema.model.encode(model))).layers[0].l2).toBe(0.5);
    model.graph!.nodes[1].operator = "Sigmoid";
    const [layer] = (await Network.load(schema.model.encode(model))).layers;
    expect([layer.activation, layer.l2]).toEqual(["sigmoid", 0]);
  });
});

it("fuzzed: whatever is changed in a file, it gives a network or a FormatError", async () => {
  const some = cases.filter((_, i) => i % 12 === 0).map(bytesOf);
  await expectSafe(
    "onnx",
    [own(), modelOf(() => {}), ...some].map((model) => ({ model })),
  );
});
