// Cross-validation: the same fits by hand, whatever the concurrency, however they end.

import { describe, expect, it } from "vitest";
import { crossValidate, Dataset, kFold, Network, Trainer } from "../src/index.js";
import { fit, guardMemory, moons, network, never, trainer, untimed } from "./trials.js";

guardMemory();

describe("crossValidate", () => {
  it("is the same fits by hand, bit for bit", async () => {
    const { trials, mean, deviation, seed } = await crossValidate({
      network,
      trainer,
      fit,
      data: moons,
      folds: 4,
      seed: 5,
    });
    expect([trials.length, seed]).toEqual([4, 5]);
    for (const [i, fold] of kFold(moons, { folds: 4, seed: 5 }).entries()) {
      const trial = trials[i]!;
      const own = await Network.create({ ...network, seed: trial.seed });
      const hand = new Trainer(own, trainer);
      const { history, status } = await hand.fit(fold.train, { ...fit, validation: fold.validation, threads: 1 });
      const { loss, accuracy } = await hand.evaluate(fold.validation);
      expect(untimed(trial)).toEqual(untimed({ fold: i, seed: trial.seed, loss, accuracy, status, history }));
      hand.dispose();
      own.dispose();
    }
    expect(new Set(trials.map((trial) => trial.seed)).size).toBe(4);
    const losses = trials.map(({ loss }) => loss);
    const average = losses.reduce((sum, loss) => sum + loss) / 4;
    expect(mean.loss).toBe(average);
    expect(deviation.loss).toBeCloseTo(Math.sqrt(losses.reduce((sum, x) => sum + (x - average) ** 2, 0) / 3), 14);
    expect(mean.accuracy).toBeGreaterThan(0.3);
  });

  it("gives the same rows whatever the concurrency, and tells of each as it ends", async () => {
    const all = [];
    for (const concurrency of [1, 2, 3, "auto"] as const) {
      const told: number[] = [];
      const onTrial = ({ fold }: { fold: number }) => void told.push(fold);
      all.push(untimed(await crossValidate({ network, trainer, fit, data: moons, seed: 1, concurrency, onTrial })));
      expect(told.sort()).toEqual([0, 1, 2, 3, 4]);
    }
    for (const one of all) expect(one).toEqual(all[0]);
  });

  it("measures regressions, without accuracies, and takes the network's own seed", async () => {
    const x = Float32Array.from({ length: 30 }, (_, i) => i / 30);
    const data = Dataset.from({ inputs: x, inputSize: 1, targets: x.map((value) => 2 * value) });
    const line = { inputs: 1, layers: [{ units: 1 }], seed: 8 };
    const { trials, mean } = await crossValidate({ network: line, fit, data, folds: 3 });
    expect(trials.map(({ seed }) => seed)).toEqual([8, 8, 8]);
    expect([mean.accuracy, trials[0]?.accuracy]).toEqual([undefined, undefined]);
  });

  it("has infinite losses where a fit diverges", async () => {
    const wild = { loss: "meanSquaredError" as const, optimizer: { kind: "sgd" as const, learningRate: 1e30 } };
    const lines = { inputs: 2, layers: [{ units: 2 }] };
    const { trials, mean, deviation } = await crossValidate({
      network: lines,
      trainer: wild,
      fit,
      data: moons,
      folds: 2,
    });
    expect(trials.map(({ status, loss }) => [status, loss])).toEqual(Array(2).fill(["diverged", Infinity]));
    expect([mean.loss, deviation.loss]).toEqual([Infinity, Number.NaN]);
  });

  it("is rejected when it is aborted, promptly, or what it is given throws", async () => {
    for (const concurrency of [1, 2]) {
      const signal = AbortSignal.timeout(40);
      const long = { network, trainer, fit: never, data: moons, concurrency };
      await expect(crossValidate({ ...long, signal })).rejects.toThrow(/timeout/);
      await expect(crossValidate({ ...long, signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
      const onEpoch = () => {
        throw new Error("onEpoch threw");
      };
      await expect(crossValidate({ ...long, fit: { ...never, onEpoch } })).rejects.toThrow("onEpoch threw");
      const onTrial = () => false;
      await expect(crossValidate({ ...long, fit, onTrial })).rejects.toThrow("onTrial ended the cross-validation");
    }
  });

  it("refuses options that can't be used", async () => {
    const refused = (more: object) => expect(crossValidate({ network, fit, data: moons, ...more })).rejects;
    await refused({ network: undefined }).toThrow("network must be the options of a network, got undefined");
    await refused({ network: null }).toThrow("the options of network must be a plain object, got null");
    await refused({ fit: undefined }).toThrow("fit must be the options of a fit, got undefined");
    await refused({ fit: { epochs: 0 } }).toThrow("epochs must be a positive integer, got 0");
    await refused({ fit: { epochs: 1, threads: 2 } }).toThrow(
      "fit.threads must be left out, as each trial has its own",
    );
    await refused({ fit: { epochs: 1, resume: false } }).toThrow(
      "fit.resume must be left out, as each trial has its own",
    );
    await refused({ data: [] }).toThrow("data must be a Dataset, got an array of length 0");
    await refused({ folds: 121 }).toThrow("folds must be at most the dataset's length, 120, got 121");
    await refused({ concurrency: 0 }).toThrow("concurrency must be an integer from 1 to 256, got 0");
    await refused({ concurrency: "all" }).toThrow('concurrency must be "auto" or a number of trials, got "all"');
    await refused({ onTrial: 1 }).toThrow("onTrial must be a function, got 1");
    await refused({ fold: 1 }).toThrow('crossValidate has no option "fold"');
  });
});
