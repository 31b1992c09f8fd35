// Targets that the network scales by itself.

import { describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import {
  checkGradients,
  choice,
  crossValidate,
  Dataset,
  type LossOptions,
  layerStatistics,
  learningRateRangeTest,
  type Metric,
  MinMaxScaler,
  metrics,
  Network,
  type NetworkOptions,
  type NormalizeKind,
  type NormalizeOptions,
  RobustScaler,
  StandardScaler,
  search,
  Trainer,
  type TrainerOptions,
} from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { U } from "./tolerance.js";

const ROWS = 150;
const inputs = rowsOf(normals(ROWS * 3, 1), 3);
/** Columns of very different kinds; the last is constant. */
const targets = inputs.map(([a = 0, b = 0, c = 0]) => [5000 + 300 * a - 40 * b, 1e-3 * b * c, 7].map(Math.fround));
const data = Dataset.from({ inputs, targets });
const [train, validation] = [data.take(100), data.skip(100)];
const scalers = { minMax: MinMaxScaler, standard: StandardScaler, robust: RobustScaler };
const kinds = Object.keys(scalers) as NormalizeKind[];

type Learned = Exclude<NormalizeOptions, NormalizeKind>;

const shape: NetworkOptions = {
  inputs: 3,
  layers: [{ units: 9, activation: "tanh" }, { units: 3 }],
  ...{ seed: 4, math: "deterministic" },
};
const common: TrainerOptions = { batchSize: 16, optimizer: { kind: "adam", learningRate: 0.01 } };
const make = (normalizeTargets: NormalizeOptions = "standard") => Network.create({ ...shape, normalizeTargets });
const learnedBy = (network: Network) => network.normalizeTargets as Learned;
const scaledBy = ({ center, factor }: Learned, rows: number[][]) =>
  rows.map((row) => row.map((t, k) => Math.fround((t - center[k]!) * factor[k]!)));
const unscaledBy = ({ center, factor }: Learned, answers: Float32Array) =>
  answers.map((a, i) => a / factor[i % 3]! + center[i % 3]!);
const streamOf = (rows: number, onPass = () => {}) =>
  Dataset.stream({
    ...{ inputSize: 3, outputSize: 3 },
    chunks: () => {
      onPass();
      const from = Array.from({ length: Math.ceil(ROWS / rows) }, (_, i) => i * rows);
      return from.map((at) => ({ inputs: inputs.slice(at, at + rows), targets: targets.slice(at, at + rows) }));
    },
  });

async function fitted(epochs = 2, normalizeTargets?: NormalizeOptions) {
  const network = await make(normalizeTargets);
  const trainer = new Trainer(network, common);
  const result = await trainer.fit(train, { epochs });
  return { network, trainer, result };
}

/** A network with the same parameters that scales nothing, and its trainer. */
async function unscaledLike(network: Network) {
  const plain = await Network.create(shape);
  plain.setParameters(network.parameters());
  return { plain, hand: new Trainer(plain, common) };
}

describe("normalizeTargets", () => {
  for (const kind of kinds) {
    it(`${kind}: trains as on targets that were scaled by hand, to the bit, and answers in their units`, async () => {
      const { network, result } = await fitted(3, kind);
      const learned = learnedBy(network);
      const rows = targets.slice(0, 100);
      const plain = await Network.create(shape);
      const byHand = Dataset.from({ inputs: inputs.slice(0, 100), targets: scaledBy(learned, rows) });
      const { history } = await new Trainer(plain, common).fit(byHand, { epochs: 3 });
      expect(network.parameters()).toEqual(plain.parameters());
      expect(result.history.map(({ loss }) => loss)).toEqual(history.map(({ loss }) => loss));
      expect(network.predict(inputs.flat())).toEqual(unscaledBy(learned, plain.predict(inputs.flat())));
      const scaled = new scalers[kind]({ columns: 3 }).fitTransform(rows) as Float32Array[];
      scaledBy(learned, rows).forEach((row, i) => {
        row.forEach((t, k) => {
          const size = 1 + Math.abs(learned.center[k]! * learned.factor[k]!);
          expect(Math.abs(t - scaled[i]![k]!)).toBeLessThan(4 * U * size);
        });
      });
    });
  }

  it("scales answers back however they are asked for", async () => {
    const { network } = await fitted();
    const many = Float32Array.from(normals(3 * 5000, 9));
    const answers = network.predict(many);
    const { plain } = await unscaledLike(network);
    expect(answers).toEqual(unscaledBy(learnedBy(network), plain.predict(many)));
    expect(network.predictInto(many, new Float32Array(15_000))).toEqual(answers);
    for (const threads of [1, 2]) expect(await network.predictAsync(many, { threads })).toEqual(answers);
    const one = many.subarray(3, 6);
    expect(network.predictInto(one, new Float32Array(3))).toEqual(answers.slice(3, 6));
    expect(network.predict([[...one]])[0]).toEqual(answers.slice(3, 6));
    expect(network.trace(one)).toEqual(plain.trace(one));
  });

  it("steps, and tells gradients, traces and losses, in scaled targets", async () => {
    const { network, trainer } = await fitted();
    const { hand } = await unscaledLike(network);
    const batch = [inputs.slice(0, 20), targets.slice(0, 20)] as const;
    const scaled = [batch[0], scaledBy(learnedBy(network), batch[1])] as const;
    const flat = Float32Array.from(batch[1].flat());
    const kept = flat.slice();
    expect(trainer.gradients(batch[0], flat)).toEqual(hand.gradients(...scaled));
    expect(flat).toEqual(kept);
    expect(trainer.trace(batch[0][0]!, batch[1][0]!)).toEqual(hand.trace(scaled[0][0]!, scaled[1][0]!));
    expect(checkGradients(trainer, ...batch)).toEqual(checkGradients(hand, ...scaled));
    expect(checkGradients(trainer, ...batch).worst.error).toBeLessThan(0.05);
    expect(layerStatistics(trainer, ...batch)).toEqual(layerStatistics(hand, ...scaled));
    const byHand = Dataset.from({ inputs: scaled[0], targets: scaled[1] });
    expect((await trainer.evaluate(train.take(20))).loss).toBe((await hand.evaluate(byHand)).loss);
    const weights = batch[0].map((_, i) => i % 3);
    const again = await unscaledLike(network);
    expect(trainer.step(...batch, weights)).toBe(again.hand.step(...scaled, weights));
  });

  it("learns from a stream in one pass, also for inputs, what it learns from a dataset", async () => {
    for (const rows of [37, 150]) {
      let passes = 0;
      const options: NetworkOptions = { ...shape, normalize: "standard", normalizeTargets: "minMax" };
      const [streamed, memory] = [await Network.create(options), await Network.create(options)];
      const stream = streamOf(rows, () => passes++);
      await new Trainer(streamed, common).fit(stream, { epochs: 2 });
      expect(passes).toBe(3);
      await new Trainer(memory, common).fit(data, { epochs: 2, threads: 2 });
      expect([streamed.normalize, streamed.normalizeTargets]).toEqual([memory.normalize, memory.normalizeTargets]);
      expect(streamed.parameters()).toEqual(memory.parameters());
    }
    await expect(new Trainer(await make("robust")).fit(streamOf(50), { epochs: 1 })).rejects.toThrow(
      'normalizeTargets must be "minMax" or "standard" for a stream, got "robust"',
    );
  });

  it("goes with checkpoints, in the middle of an epoch too, on any number of threads", async () => {
    const network = await make();
    const trainer = new Trainer(network, common);
    await trainer.fit(train, { epochs: 3, onBatch: ({ epoch, batch }) => epoch < 2 || batch < 2 });
    const learned = network.normalizeTargets;
    const resumed = await Trainer.resume(trainer.checkpoint(), train);
    expect(resumed.network.normalizeTargets).toEqual(learned);
    await resumed.fit(train, { epochs: 3, threads: 2 });
    const whole = await fitted(3);
    expect(resumed.network.parameters()).toEqual(whole.network.parameters());
    await trainer.fit(train, { epochs: 3, resume: true });
    expect(network.parameters()).toEqual(whole.network.parameters());
    expect(resumed.network.predict(inputs.flat())).toEqual(whole.network.predict(inputs.flat()));
    await new Trainer(network).fit(validation, { epochs: 1 });
    expect(network.normalizeTargets).toEqual(learned);
    const told = await make(learned);
    told.setParameters(network.parameters());
    expect(told.predict(inputs[0]!)).toEqual(network.predict(inputs[0]!));
  });

  it("hands metrics targets as they were given, and answers as predict gives them", async () => {
    const { trainer, network } = await fitted();
    const seen: Float32Array[][] = [];
    const look: Metric = (predictions, given) => seen.push([predictions, given]);
    const answers = network.predict(inputs.flat());
    const { metrics: found } = await trainer.evaluate(data, { metrics: { look, r2: metrics.r2 }, threads: 2 });
    await trainer.evaluate(streamOf(40), { metrics: { look } });
    expect(seen).toEqual([0, 1].map(() => [answers, Float32Array.from(targets.flat())]));
    expect(found?.r2).toBeCloseTo(metrics.r2(rowsOf([...answers], 3), targets), 6);
    await trainer.fit(train, {
      ...{ epochs: 40, validation, metrics: { look, error: metrics.meanAbsoluteError } },
      earlyStopping: { metric: "validationError", patience: 50 },
    });
    const last = network.predict(inputs.slice(100).flat());
    expect(seen.some(([predictions]) => predictions?.every((p, i) => p === last[i]))).toBe(true);
    expect(seen.at(-1)?.[1]).toEqual(Float32Array.from(targets.slice(100).flat()));
  });

  it("is nothing before a fit, and learns nothing from one that was aborted first or failed", async () => {
    const network = await make();
    const plain = await Network.create(shape);
    const trainer = new Trainer(network, common);
    expect(network.normalizeTargets).toBe("standard");
    expect(network.predict(inputs.flat())).toEqual(plain.predict(inputs.flat()));
    expect(trainer.gradients(inputs, targets)).toEqual(new Trainer(plain, common).gradients(inputs, targets));
    await trainer.fit(train, { epochs: 1, signal: AbortSignal.abort() });
    const wild = Dataset.stream({
      inputSize: 3,
      outputSize: 3,
      chunks: () => [{ inputs: [[1, 2, 3]], targets: [[1]] }],
    });
    await expect(trainer.fit(wild, { epochs: 1 })).rejects.toThrow("chunk 0: targets[0] must have 3 numbers, got 1");
    expect(network.normalizeTargets).toBe("standard");
    // many equal numbers and one that lies unheard of far off
    const far = Dataset.from({ inputs, targets: inputs.map((_, i) => [i === 3 ? 3e38 : (i % 2) * 1e-9, 0, 0]) });
    const robust = await make("robust");
    await expect(new Trainer(robust).fit(far, { epochs: 1 })).rejects.toThrow(
      /^targets, scaled by the network's normalizeTargets, must be numbers that float32 holds, got 3.*e\+38/,
    );
    expect(robust.normalizeTargets).toBe("robust");
  });

  it("leaves constant columns finite, and those of the smallest numbers", async () => {
    for (const kind of kinds) {
      const { network, result } = await fitted(2, kind);
      expect(learnedBy(network).factor[2]).toBe(1);
      expect(learnedBy(network).center[2]).toBe(7);
      expect(result.status).toBe("completed");
      const tiny = await make(kind);
      const rows = inputs.map((_, i) => [0, i % 2, 0].map((t) => t * 2 ** -149));
      await new Trainer(tiny).fit(Dataset.from({ inputs, targets: rows }), { epochs: 1 });
      for (const value of [...tiny.predict(inputs.flat()), ...learnedBy(tiny).factor]) {
        expect(Number.isFinite(value)).toBe(true);
      }
    }
  });

  it("trains on targets that lie far off, which is hopeless without", async () => {
    const far = targets.map(([t = 0]) => Math.fround(1e6 + (t - 5000) / 3));
    const rows = Dataset.from({ inputs, targets: far });
    const r2Of = async (more: Partial<NetworkOptions>) => {
      const network = await Network.create({ ...shape, layers: [{ units: 1 }], ...more });
      const trainer = new Trainer(network, { ...common, optimizer: { kind: "adam", learningRate: 0.05 } });
      await trainer.fit(rows, { epochs: 40 });
      return (await trainer.evaluate(rows, { metrics: { r2: metrics.r2 } })).metrics?.r2 as number;
    };
    expect(await r2Of({ normalizeTargets: "standard" })).toBeGreaterThan(0.999);
    expect(await r2Of({})).toBeLessThan(-1000);
  });

  it("is diagnosed as scaled", async () => {
    const rows = Dataset.from({ inputs, targets: targets.map((row) => row.map((t) => 1000 * t)) });
    const network = await Network.create({ ...shape, layers: [{ units: 3 }], normalizeTargets: "standard" });
    const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 50 } });
    const { status, diagnosis } = await trainer.fit(rows, { epochs: 5 });
    expect(status).toBe("diverged");
    expect(diagnosis).toMatch(/the learning rate, 50, is too large/);
    // what was told is taken to be meant
    const told = { kind: "standard", center: [0, 0, 0], factor: [1, 1, 1] } as const;
    const other = await Network.create({ ...shape, layers: [{ units: 3 }], normalizeTargets: told });
    const fit = await new Trainer(other, { optimizer: { kind: "sgd", learningRate: 50 } }).fit(rows, { epochs: 5 });
    expect(fit.diagnosis).not.toMatch(/scale/);
  });

  it("is what a search compares by metrics", async () => {
    const { best } = await search({
      space: { normalizeTargets: choice("none", "standard") },
      build: ({ normalizeTargets: kind }) => ({
        network: { ...shape, ...(kind === "standard" && { normalizeTargets: kind }) },
        ...{ trainer: common, fit: { epochs: 20, metrics: { error: metrics.meanAbsoluteError } } },
      }),
      ...{ data: train, validation, method: "grid", seed: 1 },
      metric: ({ metrics }) => metrics?.error as number,
    });
    expect(best?.parameters.normalizeTargets).toBe("standard");
  });

  it("is learned by each fold for itself, and by the range test", async () => {
    const network: NetworkOptions = { ...shape, normalizeTargets: "standard" };
    const fit = { epochs: 20, metrics: { error: metrics.meanAbsoluteError } };
    const { trials } = await crossValidate({ network, trainer: common, fit, data, folds: 3, seed: 1 });
    for (const { history } of trials) expect(history.at(-1)?.validationError).toBeLessThan(200);
    const { network: trained } = await fitted();
    const steps = { trainer: common, steps: 20, seed: 3 };
    const test = await learningRateRangeTest({ ...steps, network, data: train });
    const rows = scaledBy(learnedBy(trained), targets.slice(0, 100));
    const byHand = Dataset.from({ inputs: inputs.slice(0, 100), targets: rows });
    expect(test).toEqual(await learningRateRangeTest({ ...steps, network: shape, data: byHand }));
  });

  it("refuses losses and data of classes, and numbers that make no sense", async () => {
    const network = await make();
    const { used } = (await Engine.shared("deterministic")).memoryUsage;
    const refused: LossOptions[] = ["crossEntropy", "binaryCrossEntropy", "klDivergence", "poisson", "hinge"];
    for (const loss of [...refused, "squaredHinge", "cosineSimilarity"] as LossOptions[]) {
      expect(() => new Trainer(network, { loss })).toThrow(
        `one of meanSquaredError, quadratic, meanAbsoluteError, huber, logCosh, got "${loss}"`,
      );
    }
    expect((await Engine.shared("deterministic")).memoryUsage.used).toBe(used);
    for (const loss of ["quadratic", "meanAbsoluteError", "logCosh", { kind: "huber", delta: 2 }] as LossOptions[]) {
      new Trainer(network, { loss }).dispose();
    }
    const soft = await Network.create({
      ...shape,
      layers: [{ units: 3, activation: "softmax" }],
      normalizeTargets: "minMax",
    });
    expect(() => new Trainer(soft)).toThrow(/^loss, for a network with normalizeTargets, must be/);
    expect(() => new Trainer(soft, { loss: "focal" })).toThrow(RangeError);
    expect(() => new Trainer(network, { classWeights: [1, 2, 3] })).toThrow(
      /^classWeights need targets that are classes/,
    );
    const trainer = new Trainer(network);
    const classes = Dataset.from({ inputs, targets: inputs.map((_, i) => i % 3), classes: 3 });
    const message = "must have no classes, as the network has normalizeTargets, got 3 classes";
    await expect(trainer.fit(classes, { epochs: 1 })).rejects.toThrow(`dataset ${message}`);
    await expect(trainer.fit(data, { epochs: 1, validation: classes })).rejects.toThrow(`validation ${message}`);
    await expect(trainer.evaluate(classes)).rejects.toThrow(`dataset ${message}`);
    const options: NetworkOptions = { ...shape, normalizeTargets: "standard" };
    await expect(learningRateRangeTest({ network: options, data: classes })).rejects.toThrow(`data ${message}`);
    expect(() => trainer.step(inputs.slice(0, 4), [0, 1, 2, 0])).toThrow(
      "targets must be rows of 3 numbers, not class indices, as the network has normalizeTargets, got an array of length 4",
    );
    expect(network.normalizeTargets).toBe("standard");
    const create = (told: unknown) => make(told as NormalizeOptions);
    await expect(create("zscore")).rejects.toThrow(
      'normalizeTargets must be one of minMax, standard, robust, got "zscore"',
    );
    await expect(create({ kind: "standard", center: [1], factor: [1] })).rejects.toThrow(
      "normalizeTargets.center must have 3 numbers, one for each output, got 1",
    );
    await expect(create({ kind: "standard", center: [0, 0, 0], factor: [1, 1, 0] })).rejects.toThrow(
      /^normalizeTargets.factor\[2\] must be .*above 0/,
    );
  });
});

describe("weights of samples", () => {
  it("count in the steps of the range test, and are checked", async () => {
    const weigh = (weights: number[]) => Dataset.from({ inputs, targets, sampleWeights: weights });
    const test = (rows: Dataset) =>
      learningRateRangeTest({ network: shape, trainer: common, data: rows, steps: 20, seed: 3 });
    const plain = await test(data);
    expect(await test(weigh(inputs.map(() => 1)))).toEqual(plain);
    // powers of two change no digits: a doubled loss has doubled gradients, which Adam's steps don't tell
    const [first] = (await test(weigh(inputs.map(() => 2)))).rows;
    expect(first?.loss).toBe(2 * plain.rows[0]!.loss);
    // rows that count nothing
    const half = inputs.map((_, i) => i % 2);
    const weighed = weigh(half);
    const [batch] = weighed.batches(ROWS);
    expect([...batch!.sampleWeights!]).toEqual(half);
    const odd = (rows: number[][]) => rows.filter((_, i) => i % 2 === 1);
    const trainer = new Trainer(await Network.create(shape), common);
    const gradients = trainer.gradients(batch!.inputs, batch!.targets, batch!.sampleWeights);
    // the same numbers, summed in float64
    const most = ROWS * Number.EPSILON;
    expect(Math.abs(gradients.loss / trainer.gradients(odd(inputs), odd(targets)).loss - 0.5)).toBeLessThan(most);
    expect(Math.abs(gradients.loss / (await trainer.evaluate(weighed)).loss - 1)).toBeLessThan(most);
    expect(() => trainer.step(inputs, targets, [1])).toThrow(
      "sampleWeights must have a number for each of the 150 rows",
    );
    expect(() =>
      trainer.step(
        inputs,
        targets,
        half.map((w) => -w),
      ),
    ).toThrow(/^sampleWeights\[1\] must be a number of at least 0/);
  });
});

it("a fit that is aborted before its first mini-batch has learned nothing", async () => {
  const network = await Network.create({
    inputs: 1,
    layers: [{ units: 1 }],
    normalize: "standard",
    normalizeTargets: "standard",
    seed: 1,
  });
  const abort = new AbortController();
  const rows = Dataset.from({ inputs: [[1], [2], [3]], targets: [[1000], [1001], [1002]] });
  const stream = Dataset.stream({
    inputSize: 1,
    chunks: function* () {
      yield { inputs: [1, 2, 3], targets: [1000, 1001, 1002] };
      // what was learned is known, and nothing is trained yet
      if (network.normalize !== "standard") abort.abort();
    },
  });
  const before = network.predict([2]);
  const { status } = await new Trainer(network).fit(stream, { epochs: 1, signal: abort.signal });
  expect(status).toBe("aborted");
  expect(network.predict([2])).toEqual(before);
  expect(network.normalizeTargets).toBe("standard");
  await new Trainer(network).fit(rows, { epochs: 1 });
  expect(network.predict([2])[0]).toBeGreaterThan(900);
});

it("an evaluation that was begun before the first fit is of the network before it", async () => {
  const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], normalizeTargets: "standard", seed: 1 });
  const trainer = new Trainer(network);
  const rows = 1_500_000;
  const many = Dataset.from({
    inputs: Float32Array.from({ length: rows }, (_, i) => i / rows),
    inputSize: 1,
    targets: new Float32Array(rows).fill(1100),
  });
  const error = (predictions: ArrayLike<number>, targets: ArrayLike<number>) => Math.abs(predictions[0]! - targets[0]!);
  const expected = (await trainer.evaluate(many.shuffle(3), { metrics: { error } })).metrics;
  const evaluation = trainer.evaluate(many.shuffle(3), { metrics: { error }, threads: 1 });
  const few = Dataset.from({ inputs: [[0], [1]], targets: [[1099], [1101]] });
  await trainer.fit(few, { epochs: 200 });
  expect((await evaluation).metrics).toEqual(expected);
});
