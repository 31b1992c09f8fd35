// Inputs that the network scales by itself.

import { describe, expect, it } from "vitest";
import {
  Dataset,
  MinMaxScaler,
  Network,
  type NetworkOptions,
  type NormalizeKind,
  type NormalizeOptions,
  RobustScaler,
  StandardScaler,
  Trainer,
} from "../src/index.js";
import { normals, rowsOf } from "./arrays.js";
import { U } from "./tolerance.js";

const ROWS = 90;
/** Columns of very different kinds; the last is constant. */
const rows = rowsOf(normals(ROWS * 11, 3), 11).map((row) =>
  row.map((x, k) => Math.fround(k === 10 ? 7 : 2000 * k + x * 10 ** (k - 4))),
);
const targets = rows.map((_, i) => i % 3);
const raw = Dataset.from({ inputs: rows, targets, classes: 3 });
const scalers = { minMax: MinMaxScaler, standard: StandardScaler, robust: RobustScaler };
const kinds = Object.keys(scalers) as NormalizeKind[];

type Learned = Exclude<NormalizeOptions, NormalizeKind>;

const shape: NetworkOptions = {
  inputs: 11,
  layers: [
    { units: 9, activation: "tanh" },
    { units: 3, activation: "softmax" },
  ],
  ...{ seed: 4, math: "deterministic" },
};

describe("normalize", () => {
  for (const kind of kinds) {
    it(`${kind}: trains and answers as on rows that a scaler has scaled`, async () => {
      const network = await Network.create({ ...shape, normalize: kind });
      expect(network.normalize).toBe(kind);
      await new Trainer(network, { batchSize: 16 }).fit(raw, { epochs: 3 });
      const scaled = new scalers[kind]({ columns: 11 }).fitTransform(rows) as Float32Array[];
      const plain = await Network.create(shape);
      await new Trainer(plain, { batchSize: 16 }).fit(Dataset.from({ inputs: scaled, targets, classes: 3 }), {
        epochs: 3,
      });
      // scaled inputs differ by the rounding of center and factor, times what is taken off: 2⁻²⁴ of center/deviation,
      // which is 8e-3 at most here; training passes it on
      const answers = network.predict(rows.flat());
      plain.predict(scaled.flatMap((row) => [...row])).forEach((value, i) => {
        expect(Math.abs((answers[i] as number) - value)).toBeLessThan(0.02);
      });
      const { center, factor } = network.normalize as Learned;
      rows.slice(0, 5).forEach((row, i) => {
        row.forEach((x, k) => {
          const [c, f] = [center[k] as number, factor[k] as number];
          const off = Math.abs((x - c) * f - (scaled[i]?.[k] as number));
          expect(off).toBeLessThan(4 * U * (1 + Math.abs(c * f)));
        });
      });
    });
  }

  it("is what the hidden layer sees, also one by one, in traces, gradients and evaluations", async () => {
    const network = await Network.create({ ...shape, normalize: "standard" });
    const trainer = new Trainer(network);
    await trainer.fit(raw, { epochs: 1 });
    const { center, factor } = network.normalize as Learned;
    const x = rows[3] as number[];
    const scaled = x.map((value, k) => Math.fround(Math.fround(value - (center[k] as number)) * (factor[k] as number)));
    const plain = await Network.create(shape);
    plain.setParameters(network.parameters());
    expect(network.predict(x)).toEqual(plain.predict(scaled));
    expect(network.trace(x)).toEqual(plain.trace(scaled));
    expect(trainer.trace(x, [1, 0, 0])).toEqual(new Trainer(plain).trace(scaled, [1, 0, 0]));
    expect(trainer.gradients(x, [0, 1, 0])).toEqual(new Trainer(plain).gradients(scaled, [0, 1, 0]));
    expect((await trainer.evaluate(raw.take(4).skip(3))).loss).toBe(
      (await new Trainer(plain).evaluate(Dataset.from({ inputs: [scaled], targets: [0], classes: 3 }))).loss,
    );
  });

  it("is learned once, goes with checkpoints, and can be told", async () => {
    const network = await Network.create({ ...shape, normalize: "standard" });
    const trainer = new Trainer(network, { batchSize: 16 });
    await trainer.fit(raw, { epochs: 2, onBatch: ({ epoch, batch }) => epoch < 2 || batch < 2 });
    const learned = network.normalize;
    const resumed = await Trainer.resume(trainer.checkpoint(), raw);
    expect(resumed.network.normalize).toEqual(learned);
    await resumed.fit(raw, { epochs: 2 });
    const whole = await Network.create({ ...shape, normalize: "standard" });
    await new Trainer(whole, { batchSize: 16 }).fit(raw, { epochs: 2, threads: 2 });
    expect(resumed.network.parameters()).toEqual(whole.parameters());
    await new Trainer(network).fit(raw.take(10), { epochs: 1 });
    expect(network.normalize).toEqual(learned);
    const told = await Network.create({ ...shape, ...(learned && { normalize: learned }) });
    told.setParameters(network.parameters());
    expect(told.predict(rows.flat())).toEqual(network.predict(rows.flat()));
  });

  it("is learned from streams and from bytes as the network sees them", async () => {
    const chunks = () =>
      [0, 50].map((from) => ({ inputs: rows.slice(from, from + 50), targets: targets.slice(from, from + 50) }));
    for (const kind of ["minMax", "standard"] as const) {
      const [streamed, memory] = [
        await Network.create({ ...shape, normalize: kind }),
        await Network.create({ ...shape, normalize: kind }),
      ];
      await new Trainer(streamed).fit(Dataset.stream({ inputSize: 11, classes: 3, chunks }), { epochs: 1 });
      await new Trainer(memory).fit(raw, { epochs: 1 });
      const [one, other] = [streamed.normalize, memory.normalize] as Learned[];
      one?.factor.forEach((f, k) => {
        expect(Math.abs(f / (other?.factor[k] as number) - 1)).toBeLessThan(2 * U);
      });
    }
    const network = await Network.create({ inputs: 1, layers: [{ units: 1 }], normalize: "minMax" });
    const bytes = Dataset.from({ inputs: new Uint8Array([10, 30]), inputSize: 1, scale: 0.5, targets: [0, 1] });
    await new Trainer(network).fit(bytes, { epochs: 1 });
    const { center, factor } = network.normalize as Learned;
    expect([center, factor]).toEqual([[5], [Math.fround(0.1)]]);
  });

  it("learns nothing from a fit that was aborted first, and refuses what makes no sense", async () => {
    const network = await Network.create({ ...shape, normalize: "robust" });
    const trainer = new Trainer(network);
    await trainer.fit(raw, { epochs: 1, signal: AbortSignal.abort() });
    expect(network.normalize).toBe("robust");
    const chunks = () => [{ inputs: rows.flat(), targets }];
    await expect(trainer.fit(Dataset.stream({ inputSize: 11, classes: 3, chunks }), { epochs: 1 })).rejects.toThrow(
      'normalize must be "minMax" or "standard" for a stream, got "robust"',
    );
    const create = (normalize: unknown) => Network.create({ ...shape, normalize: normalize as NormalizeKind });
    await expect(create("zscore")).rejects.toThrow('normalize must be one of minMax, standard, robust, got "zscore"');
    await expect(create({ kind: "standard", center: [1], factor: [1] })).rejects.toThrow(
      "normalize.center must have 11 numbers, one for each input, got 1",
    );
    const zeros = new Array<number>(11).fill(0);
    await expect(create({ kind: "standard", center: zeros, factor: zeros })).rejects.toThrow(
      /^normalize.factor\[0\] must be .*above 0/,
    );
  });
});
