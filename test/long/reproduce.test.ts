// `npm run reproduce`: its runs can be trained, its page shows its results, and its command line says what is wrong.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readCommandLine } from "../../reproduce/command-line.mjs";
import { readPage, renderedPage } from "../../reproduce/page.mjs";
import { readResults } from "../../reproduce/results.mjs";
import { runs, settings } from "../../reproduce/runs.mjs";
import { Network, Trainer } from "../../src/index.js";

const script = fileURLToPath(new URL("../../reproduce/run.mjs", import.meta.url));

describe("what is reproduced", () => {
  it.each(runs.map((run) => [run.name, run] as const))("%s can be trained", async (_, run) => {
    const { network: options, trainer: trainerOptions } = settings(run);
    const network = await Network.create({ ...options, seed: 1 });
    const before = network.parameters();
    const trainer = new Trainer(network, trainerOptions);
    const inputs = Array.from({ length: 4 }, (_, i) => Float32Array.from({ length: 784 }, (_, j) => ((i + j) % 7) / 7));
    expect(trainer.step(inputs, [0, 1, 2, 3])).toBeGreaterThan(0);
    expect(network.parameters()).not.toEqual(before);
    network.dispose();
  });

  it("has names of its own", () => expect(new Set(runs.map(({ name }) => name)).size).toBe(runs.length));

  it("takes Nielsen's steps: w − η(∂C/∂w + λ/n·w), C summed over the outputs", async () => {
    const run = runs.find(({ name }) => name === "nielsen-l2-30")!;
    const [eta, lambda, images, batch] = [0.5, 5, 50_000, 10];
    const network = await Network.create({ ...run.network, math: "deterministic", seed: 1 });
    const inputs = Array.from({ length: batch }, (_, i) => Float32Array.from({ length: 784 }, (_, j) => (i + j) % 2));
    const labels = inputs.map((_, i) => i);
    const weights = network.parameters();
    // the mean over samples and outputs, without the penalty, of the same network
    const plain = await Network.create({ ...run.network, l2: 0, math: "deterministic", seed: 1 });
    const { vector } = new Trainer(plain, { loss: "binaryCrossEntropy" }).gradients(inputs, labels);
    new Trainer(network, run.trainer).step(inputs, labels);
    const after = network.parameters();
    const biases = new Set<number>();
    for (let i = 0; i < 30; i++) biases.add(784 * 30 + i);
    for (let i = 0; i < 10; i++) biases.add(weights.length - 1 - i);
    const worst = after.reduce((most, weight, i) => {
      const decay = biases.has(i) ? 0 : ((eta * lambda) / images) * weights[i]!;
      return Math.max(most, Math.abs(weights[i]! - decay - eta * 10 * vector[i]! - weight));
    }, 0);
    // a rounding or two of numbers below 8
    expect(worst).toBeLessThan(8 * 2 ** -23);
    expect((eta * lambda) / images).toBeGreaterThan(10 * 2 ** -23);
  });
});

describe("docs/reproduction.md", () => {
  it("has the tables of results.json", () => {
    expect(readPage()).toBe(renderedPage(readPage(), readResults()));
  });

  it("has results of the runs as they are now", () => {
    for (const result of readResults()) {
      const run = runs.find(({ name }) => name === result.name)!;
      expect(JSON.parse(JSON.stringify(settings(run)))).toEqual(result.settings);
    }
  });

  it("has results of every run that doesn't take hours", () => {
    const names = new Set(readResults().map(({ name }) => name));
    expect(runs.filter(({ name, long }) => !long && !names.has(name))).toEqual([]);
  });
});

describe("the command line", () => {
  it("chooses by names, with what takes hours only if told", () => {
    const chosen = (...args: string[]) => readCommandLine(args, {}).chosen.map(({ name }) => name);
    expect(chosen("keras")).toEqual(["keras-mnist-mlp"]);
    expect(chosen().length).toBe(runs.filter(({ long }) => !long).length);
    expect(chosen("--long")).toEqual(runs.map(({ name }) => name));
    expect(() => chosen("srivastava")).toThrow("add --long");
    expect(() => chosen("lenet")).toThrow('there is no run named "lenet"');
    expect(() => chosen("--seeds", "0")).toThrow('--seeds must be a whole number of at least 1, got "0"');
    expect(readCommandLine(["--seeds", "3"], { MNIST_DIR: "a" })).toMatchObject({ seeds: [1, 2, 3], folder: "a" });
    expect(readCommandLine(["--data", "b"], { MNIST_DIR: "a" }).folder).toBe("b");
  });

  it("says what it needs, and ends with 2", () => {
    const run = (MNIST_DIR: string) =>
      spawnSync(process.execPath, [script, "keras"], { env: { ...process.env, MNIST_DIR }, encoding: "utf8" });
    for (const folder of ["", "there is no such folder"]) {
      const { status, stderr } = run(folder);
      expect(status).toBe(2);
      expect(stderr).toContain("MNIST_DIR or --data");
    }
    expect(run("there is no such folder").stderr).toMatch(/isn't there: .*train-images-idx3-ubyte/);
  });
});
