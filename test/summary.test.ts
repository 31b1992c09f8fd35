// The table of a network: its numbers against the network and the engine, its looks line by line.

import { describe, expect, it } from "vitest";
import { Network, summary, Trainer } from "../src/index.js";

const inputs = 784;
const layers = [
  { units: 128, activation: "relu" },
  { units: 10, activation: "softmax" },
] as const;

describe("summary", () => {
  it("tells layers, outputs and parameters in columns", async () => {
    expect(summary(await Network.create({ inputs, layers }))).toBe(
      [
        "layer    activation  outputs  parameters",
        "────────────────────────────────────────",
        "input    –               784           0",
        "dense 1  relu            128     100,480",
        "dense 2  softmax          10       1,290",
        "────────────────────────────────────────",
        "101,770 parameters in 397.5 KiB",
      ].join("\n"),
    );
  });

  it("is no wider than 80 characters, and its parameters add up", async () => {
    const many = Array.from({ length: 120 }, () => ({ units: 3, activation: "hardSigmoid" as const }));
    const network = await Network.create({ inputs: 300_000, layers: [{ units: 20 }, ...many] });
    const lines = summary(network, { batchSize: 1000 }).split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    const counts = lines.slice(2, -3).map((line) => Number(line.split(/ {2,}/).at(-1)?.replaceAll(",", "")));
    expect(counts).toHaveLength(122);
    expect(counts.reduce((sum, count) => sum + count)).toBe(network.parameterCount);
    expect(new Set(lines.slice(0, -2).map(({ length }) => length)).size).toBe(1);
    expect(lines.at(-2)).toBe("6,001,511 parameters in 22.9 MiB");
    network.dispose();
  });

  it.each([
    ["adam", 1],
    ["adam", 32],
    ["sgd", 1],
    ["sgd", 500],
  ] as const)("tells what a trainer with %s takes at a batch of %i", async (kind, batchSize) => {
    const network = await Network.create({ inputs, layers });
    const { engine } = network.block;
    const before = engine.memoryUsage.used;
    const trainer = new Trainer(network, { optimizer: { kind }, batchSize });
    const taken = engine.memoryUsage.used - before;
    trainer.dispose();
    const line = summary(network, { batchSize }).split("\n").at(-1) ?? "";
    expect(line).toMatch(new RegExp(`^a trainer adds, at ${batchSize} samples a batch, .* with adam, .* with sgd$`));
    const [, number, unit] = line.match(new RegExp(`([\\d.]+) ([KM]iB) with ${kind}`)) ?? [];
    const told = Number(number) * (unit === "MiB" ? 2 ** 20 : 2 ** 10);
    // the optimizer's and trainer's own fields, and rounding to a tenth
    expect(Math.abs(taken - told)).toBeLessThan(1024 + (unit === "MiB" ? 2 ** 20 : 2 ** 10) / 20);
  });

  it("tells few parameters in bytes", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
    expect(summary(network)).toMatch(/\n3 parameters in 12 bytes$/);
  });

  it("refuses what isn't a network, and tells of a disposed one what needs no memory", async () => {
    expect(() => summary({} as Network)).toThrow(new TypeError("network must be a Network, got an object"));
    const network = await Network.create({ inputs, layers });
    expect(() => summary(network, { batchSize: 0 })).toThrow(
      new RangeError("batchSize must be an integer from 1 to 16777216, got 0"),
    );
    expect(() => summary(network, { batch: 1 } as object)).toThrow(
      new RangeError('summary has no option "batch"; its options are batchSize'),
    );
    const told = summary(network);
    network.dispose();
    expect(summary(network)).toBe(told);
    expect(() => summary(network, { batchSize: 1 })).toThrow("this network was disposed");
  });
});
