// Several threads: the same bits as one, and every way that workers end.

import { execFileSync } from "node:child_process";
import { syncBuiltinESMExports } from "node:module";
import workerThreads, { type Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import {
  Dataset,
  datasets,
  type FitOptions,
  Network,
  type NetworkOptions,
  Trainer,
  type TrainerOptions,
} from "../../src/index.js";
import { normals } from "../arrays.js";

/** The workers that there are, in the order of their threads, to be killed by a test. */
let workers: Worker[] = [];
/** For each call of the kernels: whether its worker had to finish another first. */
let queued: boolean[] = [];
const RealWorker = workerThreads.Worker;
workerThreads.Worker = class extends RealWorker {
  constructor(...args: ConstructorParameters<typeof RealWorker>) {
    super(...args);
    workers.push(this);
    let unanswered = 0;
    this.on("message", () => {
      unanswered -= 1;
    });
    const send = this.postMessage.bind(this);
    this.postMessage = (message: unknown) => {
      if (Array.isArray(message)) queued.push(unanswered > 0);
      unanswered += 1;
      send(message);
    };
    this.on("exit", () => {
      workers = workers.filter((worker) => worker !== this);
    });
  }
};
syncBuiltinESMExports();

afterAll(() => {
  workerThreads.Worker = RealWorker;
  syncBuiltinESMExports();
});

const spirals = datasets.spirals({ samples: 131, classes: 3 });
const points = datasets.moons({ samples: 100 });

/** Rows of normal numbers, as a regression of their sums. */
function sums(rows: number, inputs: number, outputs: number): Dataset {
  const values = normals(rows * inputs, 7);
  const targets = Array.from({ length: rows * outputs }, (_, i) => {
    const row = Math.floor(i / outputs);
    return values.slice(row * inputs, (row + 1) * inputs).reduce((sum, value) => sum + value, i % outputs);
  });
  return Dataset.from({ inputs: values, inputSize: inputs, targets, outputSize: outputs });
}

interface Case {
  name: string;
  network: Omit<NetworkOptions, "seed">;
  trainer: TrainerOptions;
  data: Dataset;
}

const cases: Case[] = [
  {
    name: "softmax and Adam, panels and rows that don't divide",
    network: {
      inputs: 2,
      layers: [
        { units: 37, activation: "relu" },
        { units: 21, activation: "tanh" },
        { units: 3, activation: "softmax" },
      ],
    },
    trainer: { optimizer: { kind: "adam", learningRate: 0.01 }, batchSize: 13 },
    data: spirals,
  },
  {
    name: "plain descent",
    network: {
      inputs: 2,
      layers: [
        { units: 30, activation: "sigmoid" },
        { units: 2, activation: "sigmoid" },
      ],
    },
    trainer: { loss: "quadratic", optimizer: { kind: "sgd", learningRate: 0.5 }, batchSize: 10 },
    data: points,
  },
  {
    name: "momentum, softmax in a hidden layer, batches of 1",
    network: {
      inputs: 2,
      layers: [
        { units: 9, activation: "softmax" },
        { units: 3, activation: "softmax" },
      ],
    },
    trainer: {
      loss: "binaryCrossEntropy",
      optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9, clipNorm: 0.3 },
      batchSize: 1,
    },
    data: spirals,
  },
  {
    name: "regression on many outputs, more inputs than a stretch of the gradient, fewer rows than threads",
    network: { inputs: 150, layers: [{ units: 11, activation: "gelu" }, { units: 70 }] },
    trainer: { loss: "huber", optimizer: { kind: "adam" }, batchSize: 2 },
    data: sums(31, 150, 70),
  },
  {
    name: "one output, the whole dataset in a batch",
    network: { inputs: 5, layers: [{ units: 8, activation: "mish" }, { units: 1 }] },
    trainer: {
      loss: "meanAbsoluteError",
      optimizer: { kind: "sgd", learningRate: 0.01, weightDecay: 0.1 },
      batchSize: 64,
    },
    data: sums(64, 5, 1),
  },
];

async function train(
  { network: options, trainer: trainerOptions, data }: Case,
  threads: FitOptions["threads"],
  more = {},
) {
  const network = await Network.create({ ...options, seed: 3 });
  const trainer = new Trainer(network, trainerOptions);
  const result = await trainer.fit(data, { epochs: 3, validation: data.take(50), threads, ...more } as FitOptions);
  const history = result.history.map(({ seconds, samplesPerSecond, ...row }) => row);
  return { network, trainer, result, history, parameters: network.parameters() };
}

const first = cases[0] as Case;

async function make({ network: options, trainer: trainerOptions }: Case) {
  const network = await Network.create({ ...options, seed: 3 });
  return { network, trainer: new Trainer(network, trainerOptions) };
}

describe("1, 2, 3 and 4 threads give the same bits", () => {
  for (const one of cases) {
    it(one.name, async () => {
      const alone = await train(one, 1);
      expect(alone.result.threads).toEqual({ used: 1, reason: "one was asked for" });
      for (const threads of [2, 3, 4]) {
        const together = await train(one, threads);
        expect(together.result.threads).toEqual({ used: threads, reason: `${threads} were asked for` });
        expect(together.parameters).toEqual(alone.parameters);
        expect(together.history).toEqual(alone.history);
      }
    });
  }

  it("also where a checkpoint of two threads goes on with three", async () => {
    const whole = await train(first, 1, { epochs: 4 });
    const controller = new AbortController();
    const { trainer } = await train(first, 2, {
      epochs: 4,
      onEpoch: ({ epoch }: { epoch: number }) => epoch === 2 && controller.abort(),
      signal: controller.signal,
    });
    const resumed = await Trainer.resume(trainer.checkpoint(), first.data);
    await resumed.fit(first.data, { epochs: 4, threads: 3, validation: first.data.take(50) });
    expect(resumed.network.parameters()).toEqual(whole.parameters);
  });

  it("and where fits of different sizes run at once", async () => {
    const alone = await train(first, 1);
    const both = await Promise.all([train(first, 3), train(first, 2), train(first, 4), train(first, 1)]);
    for (const { parameters } of both) expect(parameters).toEqual(alone.parameters);
  });
});

describe("a fit on threads", () => {
  /** Takes far longer than a test. */
  const long: Case = { ...first, data: datasets.spirals({ samples: 20_000, classes: 3 }) };

  it("leaves the calling thread free", async () => {
    let turns = 0;
    let training = true;
    const turn = () => {
      turns += 1;
      if (training) setImmediate(turn);
    };
    setImmediate(turn);
    // a single slice, which on the calling thread would let nobody else have a turn
    const wide = sums(64, 400, 300);
    const network = await Network.create({ inputs: 400, layers: [{ units: 700 }, { units: 300 }] });
    const trainer = new Trainer(network, { batchSize: 64 });
    turns = 0;
    await trainer.fit(wide, { epochs: 5, threads: 2 });
    training = false;
    expect(turns).toBeGreaterThan(50);
  });

  it("is aborted in the middle of an epoch", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const { result, network } = await train(long, 2, { epochs: 1_000_000, signal: controller.signal });
    expect(result.status).toBe("aborted");
    expect(network.predict([0, 0])).toHaveLength(3);
  });

  it("stands still between two mini-batches whenever it is looked at: a checkpoint taken at any time is exact", async () => {
    const one: Case = { ...first, data: datasets.spirals({ samples: 5000, classes: 3 }) };
    const network = await Network.create({ ...one.network, seed: 3 });
    const trainer = new Trainer(network, one.trainer);
    const checkpoints: Uint8Array[] = [];
    let fitting = true;
    const look = () => {
      checkpoints.push(trainer.checkpoint());
      if (fitting) setTimeout(look, 3);
    };
    setTimeout(look, 3);
    await trainer.fit(one.data, { epochs: 6, threads: 2 });
    fitting = false;
    expect(checkpoints.length).toBeGreaterThan(1);
    for (const checkpoint of checkpoints) {
      const resumed = await Trainer.resume(checkpoint, one.data);
      await resumed.fit(one.data, { epochs: 6, threads: 1 });
      expect(resumed.network.parameters()).toEqual(network.parameters());
    }
  });

  it("that loses a worker goes on without, says so, and comes to the same bits", async () => {
    const { network, trainer } = await make(long);
    await trainer.fit(long.data, { epochs: 1, threads: 2 });
    const [, second] = workers;
    const count = workers.length;
    const fitting = trainer.fit(long.data, { epochs: 40, threads: 2 });
    setTimeout(() => second?.terminate(), 60);
    const result = await fitting;
    expect(result.status).toBe("completed");
    expect(result.threads.used).toBe(1);
    expect(result.threads.reason).toMatch(
      /^the calling thread went on in epoch \d+, as a thread was lost: its worker exited with code 1$/,
    );
    const { network: plainNetwork, trainer: plain } = await make(long);
    await plain.fit(long.data, { epochs: 1, threads: 1 });
    const { history } = await plain.fit(long.data, { epochs: 40, threads: 1 });
    expect(network.parameters()).toEqual(plainNetwork.parameters());
    expect(result.history.map(({ loss, accuracy }) => [loss, accuracy])).toEqual(
      history.map(({ loss, accuracy }) => [loss, accuracy]),
    );
    // those who waited for it have left, and only it is gone
    await expect.poll(() => workers.length).toBe(count - 1);
    // everything works on, with new workers
    const { status, threads } = await trainer.fit(long.data, { epochs: 1, threads: 2 });
    expect([status, threads.used]).toEqual(["completed", 2]);
    expect((await train(first, 2)).parameters).toEqual((await train(first, 1)).parameters);
  });

  it("doesn't suffer from another's lost worker", async () => {
    const [one, other] = await Promise.all([make(long), make(long)]);
    await one.trainer.fit(long.data, { epochs: 1, threads: 2 });
    await train(first, 4);
    const [, , , fourth] = workers;
    const doomed = other.trainer.fit(long.data, { epochs: 40, threads: 4 });
    const fine = one.trainer.fit(long.data, { epochs: 3, threads: 2 });
    setTimeout(() => fourth?.terminate(), 50);
    expect((await doomed).threads.used).toBe(1);
    expect((await fine).threads.used).toBe(2);
    const alone = await make(long);
    await alone.trainer.fit(long.data, { epochs: 1, threads: 1 });
    await alone.trainer.fit(long.data, { epochs: 3, threads: 1 });
    expect(one.network.parameters()).toEqual(alone.network.parameters());
  });

  it("is looked at, evaluated and predicted with in between, by anybody, and is none the worse", async () => {
    const { network, trainer } = await make(long);
    const inputs = new Float32Array(4000).fill(0.5);
    let fitting = true;
    const others = (async () => {
      const answers = [];
      while (fitting) {
        answers.push(await network.predictAsync(inputs, { threads: 3 }), network.predict(inputs));
        answers.push(await network.predictAsync(inputs, { threads: 1 }));
        const { loss } = await trainer.evaluate(first.data, { threads: 2 });
        expect(loss).toBeGreaterThan(0);
        expect(trainer.checkpoint().length).toBeGreaterThan(0);
      }
      return answers;
    })();
    await trainer.fit(long.data, { epochs: 2, threads: 2 });
    fitting = false;
    // all rows are the same, so an answer that saw parameters change shows it
    for (const answer of await others) {
      for (let i = 3; i < answer.length; i++) if (answer[i] !== answer[i - 3]) expect.fail(`row ${i / 3} differs`);
    }
    const { trainer: same, network: sameNetwork } = await make(long);
    await same.fit(long.data, { epochs: 2, threads: 1 });
    expect(network.parameters()).toEqual(sameNetwork.parameters());
  });

  it("that loses a worker in its first epoch, far from its start, comes to the same bits", async () => {
    const data = datasets.spirals({ samples: 300_000, classes: 3 });
    const parameters = [];
    for (const threads of [1, 2] as const) {
      const network = await Network.create({ ...long.network, seed: 3 });
      const trainer = new Trainer(network, { ...long.trainer, batchSize: 1 });
      await train(first, 2);
      const [, second] = workers;
      if (threads === 2) setTimeout(() => second?.terminate(), 400);
      const batches: number[] = [];
      const onBatch = ({ batch }: { batch: number }) => void batches.push(batch);
      const result = await trainer.fit(data, { epochs: 1, threads, onBatch });
      expect(result.threads.used).toBe(1);
      // those that were trained again aren't told again
      expect(batches).toEqual([...new Set(batches)].sort((a, b) => a - b));
      parameters.push(network.parameters());
    }
    expect(parameters[1]).toEqual(parameters[0]);
  });
});

describe('threads: "worker"', () => {
  const told = { used: 1, reason: "a worker was asked for" };

  it("gives the same bits, from fits, evaluations and predictions", async () => {
    for (const one of cases) {
      const alone = await train(one, 1);
      const { network, trainer, result, history, parameters } = await train(one, "worker");
      expect(result.threads).toEqual(told);
      expect(parameters).toEqual(alone.parameters);
      expect(history).toEqual(alone.history);
      expect(await trainer.evaluate(one.data, { threads: "worker" })).toEqual(await trainer.evaluate(one.data));
      const inputs = new Float32Array([...one.data].flatMap(({ input }) => [...input]));
      expect(await network.predictAsync(inputs, { threads: "worker" })).toEqual(network.predict(inputs));
    }
  });

  it("works on a worker, and each of several fits at once on one of its own", async () => {
    const alone = await train(first, 1, { epochs: 40 });
    for (const fits of [1, 3]) {
      queued = [];
      const all = await Promise.all(Array.from({ length: fits }, () => train(first, "worker", { epochs: 40 })));
      for (const { parameters } of all) expect(parameters).toEqual(alone.parameters);
      expect(queued.length).toBeGreaterThanOrEqual(80 * fits);
      expect(queued).not.toContain(true);
    }
  });

  it("can be looked at in the middle of a slice, beside fits on several threads", async () => {
    const data = datasets.spirals({ samples: 5000, classes: 3 });
    const { network, trainer } = await make(first);
    const { trainer: other } = await make(first);
    const checkpoints: Uint8Array[] = [];
    const timer = setInterval(() => checkpoints.push(trainer.checkpoint()), 3);
    await Promise.all([
      trainer.fit(data, { epochs: 6, threads: "worker" }),
      other.fit(data, { epochs: 6, threads: 2 }),
    ]);
    clearInterval(timer);
    expect(checkpoints.length).toBeGreaterThan(1);
    expect(other.network.parameters()).toEqual(network.parameters());
    for (const checkpoint of checkpoints) {
      const resumed = await Trainer.resume(checkpoint, data);
      await resumed.fit(data, { epochs: 6, threads: 1 });
      expect(resumed.network.parameters()).toEqual(network.parameters());
    }
  });

  it("that loses its worker goes on without, and the next has another", async () => {
    const data = datasets.spirals({ samples: 20_000, classes: 3 });
    const { trainer, network } = await make(first);
    const fitting = trainer.fit(data, { epochs: 30, threads: "worker" });
    const ended = new Promise((resolve) => {
      setTimeout(() => resolve(Promise.all(workers.map((worker) => worker.terminate()))), 60);
    });
    expect((await fitting).threads.reason).toMatch(/^the calling thread went on in epoch \d+, as a thread was lost/);
    const { trainer: plain, network: plainNetwork } = await make(first);
    await plain.fit(data, { epochs: 30, threads: 1 });
    expect(network.parameters()).toEqual(plainNetwork.parameters());
    // one that is ending still takes what it is told
    await ended;
    expect((await train(first, "worker")).parameters).toEqual((await train(first, 1)).parameters);
  });
});

it("a worker lost while it has nothing to do is replaced", async () => {
  const { parameters } = await train(first, 4);
  await Promise.all(workers.slice(1, 3).map((worker) => worker.terminate()));
  expect((await train(first, 4)).parameters).toEqual(parameters);
});

describe("evaluations and predictions on threads", () => {
  it("give the same numbers, slice by slice", async () => {
    for (const { network: options, trainer: trainerOptions, data } of cases) {
      const network = await Network.create({ ...options, seed: 3 });
      const trainer = new Trainer(network, trainerOptions);
      const alone = await trainer.evaluate(data, { threads: 1 });
      const inputs = Float32Array.from([...data].flatMap(({ input }) => [...input]));
      const answers = network.predict(inputs);
      for (const threads of [1, 2, 3] as const) {
        expect(await trainer.evaluate(data, { threads })).toEqual(alone);
        expect(await network.predictAsync(inputs, { threads })).toEqual(answers);
      }
      const rows = [...data].map(({ input }) => input);
      expect(await network.predictAsync(rows, { threads: 2 })).toEqual(rows.map((row) => network.predict(row)));
    }
  });

  it("of more rows than go into one slice", async () => {
    const network = await Network.create({
      inputs: 3,
      layers: [{ units: 70, activation: "tanh" }, { units: 11 }],
      seed: 1,
    });
    const inputs = new Float32Array(normals(3 * 5003, 2));
    const answers = network.predict(inputs);
    expect(await network.predictAsync(inputs, { threads: 4 })).toEqual(answers);
    expect(await network.predictAsync(inputs)).toEqual(answers);
  });

  it("are ended by a signal, with its reason", async () => {
    const network = await Network.create({
      inputs: 2,
      layers: [
        { units: 300, activation: "tanh" },
        { units: 3, activation: "softmax" },
      ],
    });
    const data = datasets.spirals({ samples: 200_000, classes: 3 });
    const inputs = new Float32Array(400_000);
    for (const threads of [1, 2]) {
      const stop = () => ({ threads, signal: AbortSignal.timeout(30) });
      await expect(new Trainer(network).evaluate(data, stop())).rejects.toThrow(/timeout/);
      await expect(network.predictAsync(inputs, stop())).rejects.toThrow(/timeout/);
    }
    network.dispose();
  });

  it("refuse what predict refuses, before anything begins", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
    await expect(network.predictAsync([1, 2, 3])).rejects.toThrow("samples must hold rows of 2 numbers, got 3 numbers");
    await expect(network.predictAsync([1, Number.NaN], { threads: 2 })).rejects.toThrow(/samples\[1\] must be finite/);
    await expect(network.predictAsync([1, 2], { threads: 0 })).rejects.toThrow(
      /threads must be an integer from 1 to 256/,
    );
  });
});

describe('threads: "auto"', () => {
  it("uses one for work that is too small", async () => {
    const { result } = await train(first, "auto");
    expect(result.threads).toEqual({ used: 1, reason: "the work is too small to gain from more" });
  });

  it("tries several for work that is large, with the same bits, and says what they gained", async () => {
    const large: Case = {
      name: "",
      network: { inputs: 64, layers: [{ units: 256, activation: "relu" }, { units: 10 }] },
      trainer: { batchSize: 64 },
      data: sums(4000, 64, 10),
    };
    const chosen = await train(large, "auto", { epochs: 200 });
    expect(chosen.result.threads.reason).toMatch(/^\d+ threads were \d+\.\d\d times as fast as one$/);
    expect(chosen.parameters).toEqual((await train(large, 1, { epochs: 200 })).parameters);
  });
});

it("idle workers don't keep Node alive, and a fit under way does", () => {
  const program = `
    const { Network, Trainer, datasets } = require("./dist/index.cjs");
    (async () => {
      const network = await Network.create({ inputs: 2, layers: [{ units: 8, activation: "tanh" }, { units: 2, activation: "softmax" }] });
      const { status, threads } = await new Trainer(network).fit(datasets.moons({ samples: 5000 }), { epochs: 3, threads: 2 });
      console.log(status, threads.used);
    })();`;
  const output = execFileSync(process.execPath, ["-e", program], { timeout: 20_000, encoding: "utf8" });
  expect(output).toBe("completed 2\n");
});
