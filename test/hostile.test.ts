// Arrays that run code when they are read, data that changes or vanishes, runs that blow up: nothing may be corrupted.

import { describe, expect, it } from "vitest";
import { Engine } from "../src/engine/engine.js";
import { Dataset, datasets, Network, Trainer } from "../src/index.js";

const make = (inputs: number, units: number, seed = 1) => Network.create({ inputs, layers: [{ units }], seed });

/** A row whose number at `i` is had by running code. */
function rowWith(values: number[], i: number, run: () => void): number[] {
  const value = values[i];
  return Object.defineProperty(values, i, {
    enumerable: true,
    get() {
      run();
      return value;
    },
  });
}

describe("a getter in an array", () => {
  it("may lengthen the array: only as many numbers are taken as there should be", async () => {
    const network = await make(4, 4);
    const neighbour = await make(4, 4, 2);
    const before = neighbour.parameters();
    const row: number[] = rowWith([1, 2, 3, 4], 3, () => {
      if (row.length < 5000) for (let i = 0; i < 5000; i++) Array.prototype.push.call(row, 777);
    });
    network.predict([row]);
    expect(neighbour.parameters()).toEqual(before);
  });

  it("may predict meanwhile", async () => {
    const network = await Network.create({
      inputs: 2,
      layers: [{ units: 1, initializer: { kind: "constant", value: 1 } }],
    });
    expect([...network.predict(rowWith([1, 2], 1, () => network.predict([100, 200])))]).toEqual([3]);
  });

  it("may dispose of the network: its use is refused, and others are left alone", async () => {
    const network = await make(4, 4);
    const row = rowWith([1, 2, 3, 4], 0, () => network.dispose());
    expect(() => network.predict(row)).toThrow("this network was disposed");
    const again = await make(4, 4);
    const trainer = new Trainer(again);
    expect(() =>
      trainer.step(
        rowWith([1, 2, 3, 4], 0, () => again.dispose()),
        [1, 2, 3, 4],
      ),
    ).toThrow("disposed");
  });

  it("may make the memory grow", async () => {
    const network = await make(2, 1);
    const expected = network.predict([1, 2]);
    const answer = network.predict(rowWith([1, 2], 0, () => new Trainer(network, { batchSize: 2 ** 18 })));
    expect(answer).toEqual(expected);
  });

  it("may answer otherwise the second time: it is asked only once", async () => {
    const network = await make(1, 1);
    let asked = 0;
    const vector = Object.defineProperty([0, 0], 1, { get: () => (asked++ === 0 ? 5 : Number.NaN) });
    network.setParameters(vector);
    expect([...network.parameters()]).toEqual([0, 5]);
  });
});

describe("what looks like a typed array or a size", () => {
  it("of a subclass that answers with more numbers is read as it lies", async () => {
    class Liar extends Float32Array {
      override subarray(): Float32Array<ArrayBuffer> {
        return new Float32Array(20_000).fill(777);
      }
    }
    const [network, neighbour] = [await make(4, 4), await make(4, 4, 2)];
    const [before, expected] = [neighbour.parameters(), network.predict([1, 2, 3, 4])];
    expect(network.predict(new Liar([1, 2, 3, 4]))).toEqual(expected);
    network.setParameters(new Liar(network.parameters()));
    expect(network.predict([1, 2, 3, 4])).toEqual(expected);
    expect(neighbour.parameters()).toEqual(before);
  });

  it("and tells another length than it has is refused", async () => {
    const network = await make(4, 4);
    const liar = Object.defineProperty(new Float32Array(2), "length", { value: 4 });
    expect(() => network.predict(liar)).toThrow("sample[0] must be followed by 3 more numbers, got 2 in all");
  });

  it("a network's sizes, layers and classes can't be changed", async () => {
    const network = await make(4, 4);
    const trainer = new Trainer(network);
    const data = Dataset.from({ inputs: [[1]], targets: [0], classes: 2 });
    for (const change of [
      () => Object.assign(network, { inputs: 4000 }),
      () => Object.assign(network.layers[0] as object, { units: 9 }),
      () => Object.assign(trainer, { network: undefined }),
      () => (data.classNames as string[]).pop(),
    ]) {
      expect(change).toThrow(TypeError);
    }
  });
});

describe("a resumed fit", () => {
  it("must shuffle as the first did, and survives a fit that did nothing", async () => {
    const data = datasets.moons({ samples: 50 });
    const trainer = new Trainer(await make(2, 2), { loss: "meanSquaredError" });
    await trainer.fit(data, { epochs: 2 });
    const resumed = await Trainer.resume(trainer.checkpoint(), data);
    await expect(resumed.fit(data, { epochs: 3, shuffle: false })).rejects.toThrow(
      "shuffle must be true, as in the fit that is resumed, got false",
    );
    expect((await resumed.fit(data, { epochs: 3, signal: AbortSignal.abort() })).status).toBe("aborted");
    expect((await resumed.fit(data, { epochs: 3 })).history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect((await resumed.fit(data, { epochs: 3 })).history).toHaveLength(3);
  });
});

it("predicts as many rows as it is given, each as if it were alone", async () => {
  const network = await make(3, 2);
  for (const rows of [63, 64, 65, 130]) {
    const samples = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i));
    const alone = Array.from({ length: rows }, (_, i) => [...network.predict(samples.slice(i * 3, i * 3 + 3))]);
    expect([...network.predict(samples)]).toEqual(alone.flat());
  }
});

describe("data that isn't what it was", () => {
  it("is refused once its buffer is gone", async () => {
    const inputs = new Float32Array(16);
    const data = Dataset.from({ inputs, inputSize: 2, targets: new Float32Array(8) });
    structuredClone(inputs.buffer, { transfer: [inputs.buffer] });
    const network = await make(2, 1);
    const before = network.parameters();
    await expect(new Trainer(network).fit(data, { epochs: 1 })).rejects.toThrow(
      "a typed array of this dataset had 16 numbers and now has 0",
    );
    expect(network.parameters()).toEqual(before);
    expect(
      (await new Trainer(network).fit(Dataset.from({ inputs: [[1, 2]], targets: [1] }), { epochs: 1 })).status,
    ).toBe("completed");
  });

  it("can be joined thousands of times", () => {
    const one = Dataset.from({ inputs: [[1]], targets: [2] });
    let all = one;
    for (let i = 0; i < 2000; i++) all = all.concat(one);
    expect(all.length).toBe(2001);
    expect([...all.sample(2000).target]).toEqual([2]);
  });
});

describe("padding", () => {
  it("stays 0 whatever the parameters were, so that no other number depends on it", async () => {
    const network = await Network.create({
      inputs: 3,
      layers: [
        { units: 5, activation: "tanh" },
        { units: 3, activation: "tanh" },
      ],
      seed: 1,
    });
    const newTrainer = () => new Trainer(network, { loss: "meanSquaredError", optimizer: { kind: "adam" } });
    const good = network.parameters();
    network.setParameters(good.map(() => 3e38));
    newTrainer().step([100, 100, 100], [0.5, 0.5, 0.5]);
    network.setParameters(good);
    expectSumsAlike(network);
    const trainer = newTrainer();
    trainer.step([1, 2, 3], [0.5, 0.5, 0.5]);
    await trainer.fit(Dataset.from({ inputs: [[1, 2, 3]], targets: [[0.1, 0.2, 0.3]] }), { epochs: 5 });
    expectSumsAlike(network);
  });

  /** The absolute numbers of the whole block, padding included, add up to those of the parameters alone. */
  function expectSumsAlike({ block, parameterCount }: Network): void {
    const sum = (values: Float32Array) => values.reduce((total, value) => total + Math.abs(value), 0);
    const whole = block.engine.copyFloats(block.parameters, block.blockBytes / 4);
    const own = block.readBlock(block.parameters);
    expect(whole.filter((value) => value !== 0)).toHaveLength(own.filter((value) => value !== 0).length);
    expect(own).toHaveLength(parameterCount);
    // sorted, so that both add up in the same order
    expect(sum(whole.filter((value) => value !== 0).sort())).toBe(sum(own.filter((value) => value !== 0).sort()));
  }
});

describe("runs that blow up", () => {
  it("are seen in the very last update, and put back", async () => {
    const network = await make(1, 1);
    const before = network.parameters();
    const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 3e38 }, batchSize: 1 });
    const { status } = await trainer.fit(Dataset.from({ inputs: [[10]], targets: [100] }), { epochs: 1 });
    expect(status).toBe("diverged");
    expect(network.parameters()).toEqual(before);
  });

  it("resume from where their epoch began", async () => {
    const inputs = Float32Array.from({ length: 64 }, (_, i) => (i === 63 ? 3e38 : 0.1));
    const data = Dataset.from({ inputs, inputSize: 1, targets: inputs.map((x) => -x) });
    const network = await make(1, 1);
    const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 0.1 }, batchSize: 1 });
    expect((await trainer.fit(data, { epochs: 1, shuffle: false })).status).toBe("diverged");
    const resumed = await Trainer.resume(trainer.checkpoint(), data);
    trainer.learningRate = 1e-3;
    const row = await resumed.fit(data, { epochs: 1, shuffle: false });
    expect(row.status).toBe("diverged");
    expect(resumed.network.parameters()).toEqual(network.parameters());
  });

  it("a network that was changed since isn't taken for the fit's", async () => {
    const data = datasets.moons({ samples: 50 });
    const network = await make(2, 2);
    const trainer = new Trainer(network, { loss: "meanSquaredError" });
    await trainer.fit(data, { epochs: 2 });
    network.setParameters(network.parameters());
    const resumed = await Trainer.resume(trainer.checkpoint(), data);
    // a fit of its own, not the end of the last one
    expect((await resumed.fit(data, { epochs: 2 })).history.map(({ epoch }) => epoch)).toEqual([1, 2]);
    expect(resumed.network.parameters()).not.toEqual(network.parameters());
  });

  it("an onEpoch that meddles with its row changes no history", async () => {
    const trainer = new Trainer(await make(2, 2), { loss: "meanSquaredError" });
    const { history } = await trainer.fit(datasets.moons({ samples: 50 }), {
      epochs: 2,
      onEpoch: (row) => {
        row.loss = 42;
        return true;
      },
    });
    expect(history.every(({ loss }) => loss !== 42)).toBe(true);
    history.length = 0;
    const resumed = await Trainer.resume(trainer.checkpoint(), datasets.moons({ samples: 50 }));
    expect((await resumed.fit(datasets.moons({ samples: 50 }), { epochs: 2 })).history).toHaveLength(2);
  });
});

describe("an abort", () => {
  const big = Dataset.from({ inputs: new Float32Array(2_000_000), inputSize: 1, targets: new Float32Array(2_000_000) });

  it("from the start stages nothing", async () => {
    const network = await make(1, 1);
    const { total } = (await Engine.shared("fast")).memoryUsage;
    expect((await new Trainer(network).fit(big, { epochs: 1, signal: AbortSignal.abort() })).status).toBe("aborted");
    expect((await Engine.shared("fast")).memoryUsage.total).toBe(total);
  });

  it("ends staging and validation too", async () => {
    const network = await make(1, 1);
    const small = Dataset.from({ inputs: [[1]], targets: [1] });
    for (const [data, options] of [
      [big, {}],
      [small, { validation: big }],
    ] as const) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 1);
      let called = 0;
      const onEpoch = () => called++;
      const { status } = await new Trainer(network).fit(data, {
        epochs: 3,
        signal: controller.signal,
        onEpoch,
        ...options,
      });
      expect(status).toBe("aborted");
      expect(called).toBeLessThan(3);
    }
  });
});

describe("an abort, by a clock that makes every slice a single unit", () => {
  const data = datasets.moons({ samples: 400 });
  const validation = datasets.moons({ samples: 300, seed: 1 });

  /** A fit with a signal that says "aborted" when asked for the nth time; how often it was asked in all, and its end. */
  async function abortedWhenAsked(nth: number, options: { epochs: number; validation?: Dataset }) {
    const network = await make(2, 2);
    const trainer = new Trainer(network, { loss: "meanSquaredError", batchSize: 10 });
    let asked = 0;
    const { signal } = new AbortController();
    Object.defineProperty(signal, "aborted", { get: () => ++asked >= nth });
    const clock = performance.now;
    let time = 0;
    performance.now = () => (time += 100);
    try {
      const { status } = await trainer.fit(data, { ...options, signal });
      return { status, asked, trainer };
    } finally {
      performance.now = clock;
    }
  }

  it("is obeyed at once in staging, training and validation", async () => {
    // a fit asks about 400 times while it stages, 300 for the validation data, then 40 and 30 times an epoch
    for (const nth of [1, 2, 200, 500, 710, 745, 760, 775, 830]) {
      const { status, asked } = await abortedWhenAsked(nth, { epochs: 3, validation });
      expect(status).toBe("aborted");
      expect(asked).toBeLessThan(nth + 4);
    }
  });

  it("at any of them, a resumed fit gives the same history, calls and parameters", async () => {
    const whole = new Trainer(await make(2, 2), { loss: "meanSquaredError", batchSize: 10 });
    const timeless = (rows: { loss: number; validationLoss?: number }[]) =>
      rows.map(({ loss, validationLoss }) => ({ loss, validationLoss }));
    const { history } = await whole.fit(data, { epochs: 3, validation });
    for (let nth = 690; nth < 920; nth += 13) {
      const { trainer } = await abortedWhenAsked(nth, { epochs: 3, validation });
      const resumed = await Trainer.resume(trainer.checkpoint(), data);
      const result = await resumed.fit(data, { epochs: 3, validation });
      expect(timeless(result.history)).toEqual(timeless(history));
      expect(resumed.network.parameters()).toEqual(whole.network.parameters());
    }
  });
});

it("an abort in the middle of an epoch that blew up finds it out", async () => {
  const inputs = new Float32Array(200).fill(10);
  const data = Dataset.from({ inputs, inputSize: 1, targets: inputs.map(() => 100) });
  const network = await make(1, 1);
  const before = network.parameters();
  const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 3e38 }, batchSize: 1 });
  // the first slice is one mini-batch, and the signal is asked before the next
  let blownUp = false;
  const { signal } = new AbortController();
  Object.defineProperty(signal, "aborted", { get: () => (blownUp ||= !network.parameters().every(Number.isFinite)) });
  const { status } = await trainer.fit(data, { epochs: 3, signal });
  expect(status).toBe("diverged");
  expect(network.parameters()).toEqual(before);
});

it("no slice of a fit takes a large part of it", async () => {
  const network = await Network.create({
    inputs: 8,
    layers: [{ units: 256, activation: "relu" }, { units: 256, activation: "relu" }, { units: 1 }],
    seed: 1,
  });
  const inputs = Float32Array.from({ length: 30_000 * 8 }, (_, i) => Math.sin(i));
  const data = Dataset.from({ inputs, inputSize: 8, targets: inputs.subarray(0, 30_000) });
  let longest = 0;
  let last = performance.now();
  let running = true;
  const turn = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const start = performance.now();
  await new Trainer(network).fit(data, { epochs: 1 });
  running = false;
  // slices take about 4 ms of a fit of some 400; a quarter of it leaves room for whatever else the machine does
  expect(longest).toBeLessThan((performance.now() - start) / 4);
});
