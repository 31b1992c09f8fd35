// What trials of the tests are made of.

import { afterEach, beforeAll, expect } from "vitest";
import { Engine } from "../src/engine/engine.js";
import { datasets, Network } from "../src/index.js";

export const moons = datasets.moons({ samples: 120 });
export const [train, validation] = moons.split(0.75, { seed: 1 });
export const network = {
  inputs: 2,
  layers: [
    { units: 6, activation: "tanh" as const },
    { units: 2, activation: "softmax" as const },
  ],
};
export const trainer = { optimizer: { kind: "adam" as const, learningRate: 0.02 }, batchSize: 16 };
export const fit = { epochs: 4 };

/** Takes far longer than a test. */
export const never = { ...fit, epochs: 1_000_000 };

/** Without what a clock says. */
export const untimed = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, part) => (/^seconds$|^samplesPerSecond$/.test(key) ? undefined : part)));

/** Trials' memory is given back, however they end: looked at after each test of a file. */
export function guardMemory(): void {
  let used: number;
  beforeAll(async () => {
    (await Network.create(network)).dispose();
    used = (await Engine.shared("fast")).memoryUsage.used;
  });
  afterEach(async () => expect((await Engine.shared("fast")).memoryUsage.used).toBe(used));
}
