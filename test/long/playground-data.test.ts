// The playground's problems: seeded to the bit, balanced, as separable and as noisy as they say.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Dataset, Network, Trainer } from "nablanet";
import { describe, expect, it } from "vitest";
import { imageOf, type Stroke } from "../../playground/src/data/digit-image.js";
import type { Problem, Rows } from "../../playground/src/data/problem.js";
import { problems } from "../../playground/src/data/problems.js";
import { columnsOf, readProblem } from "../../playground/src/data/table.js";
import { drawn } from "../drawn-digits.js";

const hash = ({ inputs, targets }: Rows) => createHash("sha256").update(inputs).update(targets).digest("hex");
const named = (name: string) => problems.find((problem) => problem.name === name) as Problem;
const each = problems.map((problem) => [problem.name, problem] as const);

/** The rows as a dataset. */
async function datasetOf(problem: Problem, sampling = { samples: 300, noise: 0, seed: 1 }): Promise<Dataset> {
  const rows = await problem.make(sampling);
  return Dataset.from({ ...rows, ...(problem.classNames && { classes: problem.classNames }) });
}

describe.each(each)("%s", (_, problem) => {
  it("has the same bits for the same seed, and others for another", async () => {
    const sampling = { samples: 200, noise: 0.2, seed: 5 };
    const first = hash(await problem.make(sampling));
    expect(hash(await problem.make(sampling))).toBe(first);
    expect(hash(await problem.make({ ...sampling, seed: 6 }))).not.toBe(first);
    expect(hash(await problem.make({ ...sampling, noise: 0 }))).not.toBe(first);
  });

  it("makes as many rows as asked for, which a dataset takes", async () => {
    for (const samples of [20, 201]) {
      const dataset = await datasetOf(problem, { samples, noise: 0.5, seed: 2 });
      expect([dataset.length, dataset.inputSize]).toEqual([samples, problem.inputNames.length]);
      expect(dataset.classNames).toEqual(problem.classNames);
    }
  });

  it("stays within −1..1 where there is no noise", async () => {
    const { inputs } = await problem.make({ samples: 2000, noise: 0, seed: 3 });
    const most = inputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    // clouds are normal: beyond 6 deviations, 1 in 500 million
    expect(most).toBeLessThanOrEqual(problem.name === "gaussians" ? 0.6 + 6 * 0.12 : 1 + 2 ** -20);
    expect(most).toBeGreaterThan(0.8);
  });
});

describe.each(each.filter(([name, { task }]) => task === "classification" && name !== "digits"))("%s", (_, problem) => {
  it("shares its rows out evenly between the classes", async () => {
    const { targets } = await problem.make({ samples: 301, noise: 0.1, seed: 4 });
    const counts = (problem.classNames ?? []).map((_, label) => targets.filter((each) => each === label).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(301);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it("can be learned without a mistake where there is no noise, and not where there is much", async () => {
    const learned = async (noise: number) => {
      const dataset = await datasetOf(problem, { samples: 300, noise, seed: 1 });
      const network = await Network.create({
        inputs: 2,
        layers: [
          { units: 24, activation: "tanh" },
          { units: 24, activation: "tanh" },
          { units: dataset.outputSize, activation: dataset.outputSize === 1 ? "sigmoid" : "softmax" },
        ],
        seed: 1,
        math: "deterministic",
      });
      const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.01 }, batchSize: 16 });
      await trainer.fit(dataset, { epochs: 400, onEpoch: ({ accuracy = 0 }) => accuracy < 1 });
      const unseen = await datasetOf(problem, { samples: 300, noise, seed: 2 });
      return (await trainer.evaluate(unseen)).accuracy as number;
    };
    expect(await learned(0)).toBeGreaterThan(0.98);
    expect(await learned(1)).toBeLessThan(0.9);
  });
});

it("digits are as many as there are, and their noise stays within black and white", async () => {
  const { inputs, targets } = await named("digits").make({ samples: 5000, noise: 0.5, seed: 1 });
  expect([targets.length, inputs.length]).toEqual([1797, 1797 * 64]);
  expect(inputs.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
});

it("the noise of a surface is in its targets", async () => {
  const sampling = { samples: 5000, seed: 1 };
  const [clean, noisy] = await Promise.all([0, 0.1].map((noise) => named("plane").make({ ...sampling, noise })));
  // without noise the plane is exact but for the rounding of inputs and sum to float32
  const error = ({ inputs, targets }: Rows) =>
    Math.sqrt(
      targets.reduce((sum, y, i) => sum + (y - (inputs[2 * i] + inputs[2 * i + 1]) / 2) ** 2, 0) / targets.length,
    );
  expect(error(clean as Rows)).toBeLessThan(2 ** -22);
  // the deviation of a deviation from 5,000 is 1 %
  expect(Math.abs(error(noisy as Rows) / 0.1 - 1)).toBeLessThan(0.05);
});

describe("a drawing", () => {
  const moved = (strokes: readonly Stroke[], scale: number, shift: number) =>
    strokes.map((stroke) => stroke.map((value) => scale * value + shift));

  it("is recognised, each digit, by a network that was trained on the set", async () => {
    const dataset = await datasetOf(named("digits"), { samples: 600, noise: 0, seed: 1 });
    const layers = [
      { units: 32, activation: "tanh" as const },
      { units: 10, activation: "softmax" as const },
    ];
    const network = await Network.create({ inputs: 64, layers, seed: 1, math: "deterministic" });
    await new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.005 } }).fit(dataset, { epochs: 40 });
    const read = drawn.map((strokes) => {
      const answer = network.predict(imageOf(strokes));
      return answer.indexOf(Math.max(...answer));
    });
    expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("has as much ink as the set's images, wherever and however large it is drawn", () => {
    for (const strokes of drawn) {
      const image = imageOf(strokes);
      expect(image.reduce((sum, pixel) => sum + pixel, 0)).toBeCloseTo(312 / 16, 5);
      expect(imageOf(moved(strokes, 256, 512))).toEqual(image);
    }
  });

  it("may be nothing, a dot or a dash", () => {
    expect(imageOf([]).every((pixel) => pixel === 0)).toBe(true);
    expect(imageOf([[]]).every((pixel) => pixel === 0)).toBe(true);
    for (const strokes of [[[3, 4]], [[0, 0, 10, 0]], [[2, 2, 2, 2]]]) {
      const image = imageOf(strokes);
      expect(image.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
      expect(image.some((pixel) => pixel > 0.5)).toBe(true);
    }
  });
});

describe("a table of one's own", () => {
  const iris = new File([readFileSync(new URL("../fixtures/iris.csv", import.meta.url))], "iris.csv");

  it("tells its columns, and becomes a problem", async () => {
    expect(await columnsOf(iris)).toEqual(["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]);
    const problem = await readProblem(iris, { target: "species", ignore: ["sepal_width"] });
    expect(problem).toMatchObject({
      title: "iris.csv",
      task: "classification",
      classNames: ["setosa", "versicolor", "virginica"],
      inputNames: ["sepal_length", "petal_length", "petal_width"],
      rows: 150,
    });
    const dataset = await datasetOf(problem, { samples: 1000, noise: 0, seed: 3 });
    expect([dataset.length, dataset.inputSize, dataset.outputSize]).toEqual([150, 3, 3]);
    const sampling = { samples: 100, noise: 0.1, seed: 3 };
    expect(hash(await problem.make(sampling))).toBe(hash(await problem.make(sampling)));
  });

  it("adds noise to numbers, in their deviations, and not to categories", async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `${(i % 20) * 50},${i % 3 === 0 ? "red" : "green"},${i}`);
    const problem = await readProblem(new File([`size,color,y\n${lines.join("\n")}`], "t.csv"), {
      target: "y",
      ignore: [],
    });
    expect(problem).toMatchObject({ task: "regression", targetNames: ["y"] });
    expect(problem.inputNames).toEqual(["size", "color = green", "color = red"]);
    const [clean, noisy] = (await Promise.all(
      [0, 0.5].map((noise) => problem.make({ samples: 400, noise, seed: 1 })),
    )) as [Rows, Rows];
    expect(noisy.targets).toEqual(clean.targets);
    const differences = noisy.inputs.map((value, i) => value - clean.inputs[i]);
    expect(differences.every((difference, i) => i % 3 === 0 || difference === 0)).toBe(true);
    const deviation = Math.sqrt(differences.reduce((sum, each) => sum + each ** 2, 0) / 400);
    // of 0, 50, …, 950: 50 √((20² − 1)/12); from 400 it is known to 3.5 %
    expect(Math.abs(deviation / (0.5 * 50 * Math.sqrt(399 / 12)) - 1)).toBeLessThan(0.15);
  });

  it("finds the columns of JSON lines in all rows", async () => {
    expect(await columnsOf(new File(['{"a":1}\n{"a":2,"b":3}\n'], "rows.jsonl"))).toEqual(["a", "b"]);
  });

  it("says in words what is wrong, and where", async () => {
    const bad = new File(["a,b\n1,2\n3,4,5\n"], "bad.csv");
    const reading = readProblem(bad, { target: "b", ignore: [] });
    await expect(reading).rejects.toThrow(/^bad\.csv: row 2 must have 2 values, got 3$/);
    const huge = { name: "huge.csv", size: 100 * 2 ** 20 } as File;
    await expect(columnsOf(huge)).rejects.toThrow("huge.csv must be at most 64 MB, got 100 MB");
  });
});
