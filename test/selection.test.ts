// Searches: the same trials whatever the concurrency, however they end.

import { describe, expect, it } from "vitest";
import {
  choice,
  crossValidate,
  Dataset,
  integer,
  logUniform,
  Network,
  type SearchOptions,
  search,
  Trainer,
  uniform,
} from "../src/index.js";
import { fit, guardMemory, network, never, train, trainer, untimed, validation } from "./trials.js";

guardMemory();

const space = { learningRate: logUniform(1e-4, 1e-1), units: choice(4, 8, 16), batchSize: integer(1, 40) };
const options = {
  space,
  build: ({ learningRate, units, batchSize }) => ({
    network: { ...network, layers: [{ units, activation: "tanh" }, network.layers[1]!] },
    trainer: { optimizer: { kind: "sgd", learningRate }, batchSize },
    fit,
  }),
  data: train,
  validation,
  trials: 6,
  seed: 3,
} satisfies SearchOptions<typeof space>;

describe("search", () => {
  it("gives the same trials with the same bits whatever the concurrency, and others for another seed", async () => {
    const all = [];
    for (const concurrency of [1, 2, 3]) all.push(untimed(await search({ ...options, concurrency })));
    for (const one of all) expect(one).toEqual(all[0]);
    const again = await search({ ...options, seed: 4 });
    expect(untimed(again.trials)).not.toEqual((all[0] as { trials: unknown }).trials);
  });

  it("finds the least loss, which the same fit by hand gives again", async () => {
    const { best, trials, status, seed } = await search(options);
    expect([status, seed]).toEqual(["completed", 3]);
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(best?.loss).toBe(Math.min(...trials.map(({ loss }) => loss)));
    expect(best?.value).toBe(best?.loss);
    const built = options.build(best!.parameters);
    const own = await Network.create({ ...built.network, seed: best!.seed } as Parameters<typeof Network.create>[0]);
    const hand = new Trainer(own, built.trainer as object);
    await hand.fit(train, fit);
    const { loss, accuracy } = await hand.evaluate(validation);
    expect([best?.loss, best?.accuracy]).toEqual([loss, accuracy]);
    hand.dispose();
    own.dispose();
  });

  it("draws one more parameter, or more trials, without changing the others", async () => {
    const { trials } = await search({ ...options, trials: 3 });
    const more = { ...space, momentum: uniform(0, 0.9) };
    const wider = await search({ ...options, space: more, trials: 4 });
    expect(wider.trials.slice(0, 3)).toMatchObject(trials.map(({ parameters, seed }) => ({ parameters, seed })));
    for (const { parameters } of wider.trials) expect(parameters.momentum).toBeLessThan(0.9);
  });

  it("goes over a grid as nested loops would", async () => {
    const grid = { a: choice("x", "y"), b: integer(1, 2), c: logUniform(0.01, 1, { steps: 3 }) };
    const build = () => ({ network, trainer, fit: { epochs: 1 } });
    const { trials } = await search({ ...options, space: grid, build, method: "grid", trials: 100 });
    const expected = ["x", "y"].flatMap((a) => [1, 2].flatMap((b) => [0.01, 0.1, 1].map((c) => ({ a, b, c }))));
    expect(trials.map(({ parameters: { a, b, c } }) => ({ a, b, c: Number(c.toFixed(12)) }))).toEqual(expected);
    const few = await search({ ...options, space: grid, build, method: "grid", trials: 2 });
    expect(few.trials.map(({ parameters }) => parameters)).toEqual(trials.slice(0, 2).map((trial) => trial.parameters));
  });

  it("goes on where trials throw or diverge, which are rows", async () => {
    const which = { kind: choice("fine", "throws", "misbuilt", "diverges") };
    for (const concurrency of [1, 2]) {
      const { best, trials } = await search({
        space: which,
        method: "grid",
        data: train,
        validation,
        concurrency,
        build: ({ kind }) => {
          if (kind === "throws") throw new Error("no such network");
          if (kind === "misbuilt") return { network: { ...network, inputs: 3 }, fit };
          if (kind === "fine") return { network, trainer, fit };
          const wild = { loss: "meanSquaredError", optimizer: { kind: "sgd", learningRate: 1e30 } } as const;
          return { network: { inputs: 2, layers: [{ units: 2 }] }, trainer: wild, fit };
        },
      });
      expect(trials.map(({ status }) => status)).toEqual(["completed", "failed", "failed", "diverged"]);
      expect(trials.map(({ error }) => (error as Error | undefined)?.message)).toEqual([
        undefined,
        "no such network",
        "dataset.inputSize must be 3, the network's inputs, got 2",
        undefined,
      ]);
      expect(trials.slice(1).map(({ loss, value }) => [loss, value])).toEqual(Array(3).fill([Infinity, Infinity]));
      expect(best?.number).toBe(0);
    }
    await expect(search({ ...options, build: () => ({ network, fit: { epochs: -1 } }) })).rejects.toThrow(
      "all 6 trials failed, the first with: epochs must be a positive integer, got -1",
    );
  });

  it("makes the metric best: the most accuracy, the least of a function", async () => {
    const accurate = await search({ ...options, metric: "accuracy" });
    const values = accurate.trials.map(({ value, accuracy }) => [value, accuracy]);
    for (const [value, accuracy] of values) expect(value).toBe(accuracy);
    expect(accurate.best?.value).toBe(Math.max(...values.map(([value]) => value!)));
    // the worst loss is the least of its negative
    const worst = await search({ ...options, metric: ({ loss, confusionMatrix }) => -loss * confusionMatrix!.length });
    expect(worst.best?.loss).toBe(Math.max(...worst.trials.map(({ loss }) => loss)));
  });

  it("measures on folds, which are crossValidate's mean", async () => {
    const { validation: _, ...rest } = options;
    const seeded = (parameters: Parameters<typeof options.build>[0]) => {
      const built = options.build(parameters);
      return { ...built, network: { ...built.network, seed: 9 } };
    };
    const both = [];
    for (const concurrency of [1, 2]) {
      both.push(await search({ ...rest, build: seeded as typeof options.build, folds: 3, trials: 2, concurrency }));
    }
    expect(untimed(both[0])).toEqual(untimed(both[1]));
    for (const { parameters, loss, accuracy } of both[0]!.trials) {
      const setup = seeded(parameters) as ReturnType<typeof options.build>;
      const { mean } = await crossValidate({ ...setup, data: train, folds: 3, seed: 3 } as Parameters<
        typeof crossValidate
      >[0]);
      expect({ loss, accuracy }).toEqual(mean);
    }
  });

  it("that is aborted ends promptly with what is done", async () => {
    for (const concurrency of [1, 2]) {
      const controller = new AbortController();
      let ended = 0;
      const { trials, status, best } = await search({
        ...options,
        concurrency,
        signal: controller.signal,
        build: (parameters) => ({ ...options.build(parameters), fit: ended < 2 ? fit : never }) as never,
        onTrial: () => {
          ended += 1;
          if (ended === 2) setTimeout(() => controller.abort(), 30);
        },
      });
      expect(status).toBe("aborted");
      const statuses = trials.map((trial) => trial.status);
      expect(statuses.filter((one) => one === "completed").length).toBe(ended);
      expect(statuses.filter((one) => one === "aborted").length).toBe(concurrency);
      expect(best?.status).toBe("completed");
    }
    const none = await search({ ...options, signal: AbortSignal.abort() });
    expect([none.status, none.trials, none.best]).toEqual(["aborted", [], undefined]);
  });

  it("is ended by onTrial, with false or by what it throws", async () => {
    const { status, trials } = await search({ ...options, concurrency: 1, onTrial: ({ number }) => number < 2 });
    expect([status, trials.length]).toEqual(["stopped", 3]);
    const onTrial = () => {
      throw new Error("onTrial threw");
    };
    await expect(search({ ...options, concurrency: 3, onTrial })).rejects.toThrow("onTrial threw");
  });

  it("refuses options that can't be used", async () => {
    const refused = (more: object) => expect(search({ ...options, ...more } as typeof options)).rejects;
    await refused({ space: {} }).toThrow("space must have at least one parameter, got none");
    await refused({ space: { a: [1, 2] } }).toThrow("space.a must be made by uniform, logUniform, integer or choice");
    await refused({ build: {} }).toThrow("build must be a function, got an object");
    await refused({ validation: undefined }).toThrow("search needs validation or folds, got neither");
    await refused({ folds: 3 }).toThrow("search needs validation or folds, got both");
    await refused({ stratified: true }).toThrow("stratified is for folds, of which there are none");
    await refused({ method: "grid" }).toThrow("space.learningRate must have few values for a grid");
    await refused({ method: "bayes" }).toThrow('method must be one of random, grid, asha, got "bayes"');
    await refused({ metric: "f1" }).toThrow('metric must be one of loss, accuracy, got "f1"');
    await refused({ trials: 0 }).toThrow("trials must be a positive integer, got 0");
    await refused({ validation: 3 }).toThrow("validation must be a Dataset, got 3");
    const line = Dataset.from({ inputs: [[1], [2]], targets: [1, 2] });
    await refused({ data: line, validation: line, metric: "accuracy" }).toThrow('metric "accuracy" needs a dataset');
  });
});

describe("dimensions", () => {
  it("refuse what can't be drawn from", () => {
    expect(() => uniform(1, 1)).toThrow("uniform's to must be a finite number above 1, got 1");
    expect(() => logUniform(0, 1)).toThrow(
      "logUniform's from must be a finite number of at least 2.2250738585072014e-308",
    );
    expect(() => uniform(0, 1, { steps: 1 })).toThrow("uniform's steps must be an integer from 2 to 1000000, got 1");
    expect(() => integer(2, 1)).toThrow("integer's to must be an integer of at least 2, got 1");
    expect(() => integer(0.5, 1)).toThrow("integer's from must be an integer");
    expect(() => choice()).toThrow("choice must have at least one value, got none");
  });
});
