// The playground's runs: what the parameters are depends on the settings and the steps, not on how they were played.

import { createHash } from "node:crypto";
import { Network, Trainer } from "nablanet";
import { describe, expect, it } from "vitest";
import { problems } from "../../playground/src/data/problems.js";
import { networkOptions, trainerOptions } from "../../playground/src/model/plan.js";
import { presets } from "../../playground/src/model/presets.js";
import { Run } from "../../playground/src/model/run.js";
import { type Clock, Session } from "../../playground/src/model/session.js";
import { defaults, type Settings } from "../../playground/src/model/settings.js";
import { parseSettings } from "../../playground/src/model/url.js";
import { warningsOf } from "../../playground/src/model/warnings.js";

const problemOf = ({ data }: Settings) => problems.find(({ name }) => name === data.kind)!;
const hash = ({ network }: Run) => createHash("sha256").update(network.parameters()).digest("hex");

/** The defaults, but for some members of a group. */
function but<G extends "data" | "network" | "trainer">(group: G, some: Partial<Settings[G]>, of = defaults): Settings {
  return { ...of, [group]: { ...of[group], ...some } };
}

/** Time that passes by itself, each look at it; frames are asked for by hand. */
class Frames implements Clock {
  time = 0;
  #callback: (() => void) | undefined;

  constructor(readonly look: number) {}

  now(): number {
    this.time += this.look;
    return this.time;
  }

  request(callback: () => void): number {
    this.#callback = callback;
    return 1;
  }

  cancel(): void {
    this.#callback = undefined;
  }

  /** The next frame; false where none was asked for. */
  next(): boolean {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
    return callback !== undefined;
  }
}

async function sessionOf(settings: Settings, look = 1) {
  const frames = new Frames(look);
  return { frames, session: await Session.create(settings, problemOf(settings), () => {}, frames) };
}

describe("a run", () => {
  const settings = but("data", { kind: "spirals", normalise: "standard" });

  it("gives the bits of trainer.fit", async () => {
    const run = await Run.create(settings, problemOf(settings));
    while (run.progress.epoch < 3) run.stepBatch();
    const { shape, trainData } = run.data;
    const network = await Network.create(networkOptions(settings, shape, { inputs: "standard" }));
    await new Trainer(network, trainerOptions(settings, shape)).fit(trainData, { epochs: 3 });
    expect(run.network.parameters()).toEqual(network.parameters());
  });

  it("gives the same bits in one go, step by step and at any frame rate", async () => {
    const alone = await Run.create(settings, problemOf(settings));
    for (let step = 0; step < 100; step++) alone.stepBatch();
    for (const look of [0.1, 1, 5, 40]) {
      const { session, frames } = await sessionOf(settings, look);
      session.play();
      while (session.run.progress.steps < 50 && frames.next());
      session.pause();
      expect(frames.next()).toBe(false);
      expect(session.run.progress.steps).toBeGreaterThanOrEqual(50);
      while (session.run.progress.steps < 100) session.stepBatch();
      expect(hash(session.run)).toBe(hash(alone));
    }
  });

  it("is other with another seed, of the weights or of the data", async () => {
    const hashes = new Set<string>();
    for (const other of [settings, { ...settings, seed: 2 }, but("data", { seed: 2 }, settings)]) {
      const run = await Run.create(other, problemOf(other));
      run.stepBatch();
      hashes.add(hash(run));
    }
    expect(hashes.size).toBe(3);
  });

  it.each(problems.map(({ name }) => name))("learns %s", async (kind) => {
    const layers = [16, 16].map((units) => ({ units, activation: "tanh" as const, dropout: 0 }));
    const some = but("trainer", { optimizer: "adam", learningRate: 0.02 }, but("network", { layers }));
    const ready = but("data", { kind, samples: 200, noise: 0.02 }, some);
    const run = await Run.create(ready, problemOf(ready));
    const before = run.measure();
    while (run.progress.epoch < 100) run.stepBatch();
    const { loss, testLoss, accuracy } = run.measure();
    expect(loss).toBeLessThan(before.loss);
    expect(testLoss).toBeLessThan(before.testLoss);
    if (accuracy !== undefined) expect(accuracy).toBeGreaterThan(before.accuracy!);
  });
});

describe("a change of settings", () => {
  it.each([
    ["the learning rate", but("trainer", { learningRate: 0.5 })],
    ["the batch size", but("trainer", { batchSize: 3 })],
    ["the optimizer", but("trainer", { optimizer: "adam" })],
    ["L2", but("trainer", { l2: 0.01 })],
    ["the loss", but("trainer", { loss: "quadratic" })],
    ["dropout", but("network", { layers: defaults.network.layers.map((layer) => ({ ...layer, dropout: 0.5 })) })],
  ])("of %s keeps the weights, and trains as it says", async (_, after) => {
    const { session } = await sessionOf(defaults);
    for (let step = 0; step < 5; step++) session.stepBatch();
    const { run } = session;
    const before = hash(run);
    await session.change(after);
    expect(hash(session.run)).toBe(before);
    session.stepBatch();
    expect(session.run.progress.steps).toBe(6);
    const { session: unchanged } = await sessionOf(defaults);
    for (let step = 0; step < 6; step++) unchanged.stepBatch();
    expect(hash(session.run)).not.toBe(hash(unchanged.run));
  });

  it.each([
    ["a unit more", but("network", { layers: [{ units: 5, activation: "tanh", dropout: 0 }] })],
    ["another activation", but("network", { layers: [{ units: 4, activation: "relu", dropout: 0 }] })],
    ["other data", but("data", { kind: "moons" })],
    ["another seed", { ...defaults, seed: 9 }],
  ])("to %s begins anew", async (_, after) => {
    const { session } = await sessionOf(defaults);
    session.stepBatch();
    await session.change(after, problemOf(after));
    expect(session.run.progress).toEqual({ epoch: 0, steps: 0, samples: 0 });
    expect(session.history).toHaveLength(1);
    const { session: fresh } = await sessionOf(after);
    expect(hash(session.run)).toBe(hash(fresh.run));
  });
});

describe("a lesson", () => {
  it("goes through the layers forward, backward, and updates by the gradients it showed", async () => {
    const { session } = await sessionOf(defaults);
    const start = hash(session.run);
    const row = session.run.next;
    const steps: number[] = [];
    for (let layer = 0; layer < 3; layer++) {
      session.stepForwardLayer();
      steps.push(session.lesson!.step);
    }
    for (let layer = 0; layer < 3; layer++) {
      session.stepBackwardLayer();
      steps.push(session.lesson!.step);
    }
    expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect(hash(session.run)).toBe(start);
    session.stepBackwardLayer();
    const { before, after, layers, row: shown } = session.lesson!;
    expect(shown).toBe(row);
    layers.forEach(({ weightGradient, biasGradient }, l) => {
      weightGradient.forEach((gradient, i) => {
        expect(after![l].weights[i]).toBeCloseTo(before[l].weights[i] - 0.1 * gradient, 6);
      });
      biasGradient.forEach((gradient, j) => {
        expect(after![l].biases[j]).toBeCloseTo(before[l].biases[j] - 0.1 * gradient, 6);
      });
    });
    const alone = await Run.create(defaults, problemOf(defaults));
    alone.stepSample();
    expect(hash(session.run)).toBe(hash(alone));
  });

  it("has the activations that the network's equations give", async () => {
    const { session } = await sessionOf(but("data", { normalise: "standard" }));
    session.stepForwardLayer();
    const { input, before, layers } = session.lesson!;
    const [{ units, inputs, weights, biases }] = before;
    for (let j = 0; j < units; j++) {
      let z = biases[j];
      for (let k = 0; k < inputs; k++) z += weights[j * inputs + k] * input[k];
      expect(layers[0].z[j]).toBeCloseTo(z, 5);
      expect(layers[0].a[j]).toBeCloseTo(Math.tanh(z), 5);
    }
  });
});

describe("a session", () => {
  it("stops where the loss is no number any more, and begins anew", async () => {
    const layers = [{ units: 8, activation: "relu" as const, dropout: 0 }];
    const wild = but("trainer", { learningRate: 1000 }, but("network", { layers }, but("data", { kind: "ripple" })));
    const { session, frames } = await sessionOf(wild);
    session.play();
    for (let frame = 0; frame < 200 && frames.next(); frame++);
    expect([session.diverged, session.playing]).toEqual([true, false]);
    session.play();
    expect(session.playing).toBe(false);
    await session.reset();
    expect(session.diverged).toBe(false);
    session.play();
    expect(session.playing).toBe(true);
    session.dispose();
  });

  it("takes as many mini-batches a second as asked for", async () => {
    const { session, frames } = await sessionOf(defaults, 10);
    session.setSpeed(10);
    session.play();
    const begin = frames.time;
    while (frames.time < begin + 5000) frames.next();
    expect(session.run.progress.steps).toBeGreaterThan(40);
    expect(session.run.progress.steps).toBeLessThan(60);
    session.dispose();
  });
});

describe("the examples of what goes wrong", () => {
  const warned = {
    "Dead neurons": /silent for every sample/,
    Saturation: /are saturated/,
    "A learning rate too large": /no number/,
  };

  it.each(Object.entries(warned))("%s: is warned of", async (name, warning) => {
    const { settings } = parseSettings(presets.find((preset) => preset.name === name)!.hash);
    const { session } = await sessionOf(settings);
    for (let step = 0; step < 200 && !session.diverged; step++) session.stepBatch();
    expect(warningsOf(session).join()).toMatch(warning);
    session.dispose();
  });
});
