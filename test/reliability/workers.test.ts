// Workers that are lost, wherever that may be: before they are told, in the middle of a step, at a barrier, between two slices; and
// messages that can't be sent, or get lost. The fit says so, goes on without, and comes to the bits of a plain run.

import { createHash } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import workerThreads, { type Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { Silence } from "../../src/engine/silence.js";
import {
  Dataset,
  datasets,
  type FitOptions,
  type FitResult,
  Network,
  type ScheduleOptions,
  ThreadError,
  Trainer,
} from "../../src/index.js";

/** Called with each message to a worker: whether it is sent. */
let sending: (worker: Worker, message: unknown) => boolean = () => true;
/** Called with each message from a worker: whether it comes. */
let hearing: (worker: Worker, message: unknown) => boolean = () => true;
const RealWorker = workerThreads.Worker;
workerThreads.Worker = class extends RealWorker {
  constructor(...args: ConstructorParameters<typeof RealWorker>) {
    super(...args);
    const send = this.postMessage.bind(this);
    this.postMessage = (message: unknown, ...moved: unknown[]) => {
      if (sending(this, message)) send(message, ...(moved as []));
    };
  }

  override on(event: string, listener: (...args: never[]) => void): this {
    const hear = listener as (message: unknown) => void;
    const heard = (message: unknown) => {
      if (hearing(this, message)) hear(message);
    };
    return super.on(event, event === "message" ? heard : (listener as () => void));
  }
};
syncBuiltinESMExports();

const undisturbed = () => {
  sending = () => true;
  hearing = () => true;
};
afterEach(undisturbed);
afterAll(() => {
  workerThreads.Worker = RealWorker;
  syncBuiltinESMExports();
});

const data = datasets.spirals({ samples: 3000, classes: 3 });
const EPOCHS = 5;
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
/** Whose rate and moments hang on the mini-batch. */
const trainerOptions = {
  optimizer: { kind: "adam" as const, learningRate: 0.003 },
  schedule: { kind: "cosine" as const },
  batchSize: 8,
};

const make = async (schedule: ScheduleOptions = trainerOptions.schedule) => {
  const layers = [
    { units: 30, activation: "tanh" as const },
    { units: 3, activation: "softmax" as const },
  ];
  return new Trainer(await Network.create({ inputs: 2, layers, seed: 3 }), { ...trainerOptions, schedule });
};

/** What a plain run comes to, and what it tells. */
const plain = (async () => {
  const trainer = await make();
  const { history } = await trainer.fit(data, { epochs: EPOCHS, threads: 1 });
  return { parameters: trainer.network.parameters(), losses: history.map(({ loss }) => loss) };
})();

async function assertPlain(trainer: Trainer, { status, history }: FitResult): Promise<void> {
  const { parameters, losses } = await plain;
  expect(status).toBe("completed");
  expect(trainer.network.parameters()).toEqual(parameters);
  expect(history.map(({ loss }) => loss)).toEqual(losses);
}

const isCall = (message: unknown) => Array.isArray(message) && message[0] === "train";

let timer: NodeJS.Timeout | undefined;
let ending: Promise<number> | undefined;

function end(worker: Worker): void {
  ending = worker.terminate();
}

/** Once nothing more is ended: a fit may be done before, and the next one isn't to lose its thread. */
async function settled(): Promise<void> {
  undisturbed();
  clearTimeout(timer);
  await ending;
}

/** Calls `lose` with the worker that gets the train call number n, as it does; whether it gets it. */
function atCall(n: number, lose: (worker: Worker) => boolean): void {
  let calls = 0;
  sending = (worker, message) => !isCall(message) || calls++ !== n || lose(worker);
}

/** Ways to lose one of the two threads of a fit, at its call number `n`. */
const losses: Record<string, (n: number) => void> = {
  "before it is told": (n) =>
    atCall(n, (worker) => {
      end(worker);
      return false;
    }),
  "as it is told": (n) =>
    atCall(n, (worker) => {
      end(worker);
      return true;
    }),
  ...Object.fromEntries(
    [0, 1, 3, 6, 9].map((ms) => [
      `${ms} ms into a slice`,
      (n: number) =>
        atCall(n, (worker) => {
          timer = setTimeout(() => end(worker), ms);
          return true;
        }),
    ]),
  ),
  "between two slices": (n) => {
    let answers = 0;
    hearing = (worker) => {
      if (answers++ === n + 2) end(worker);
      return true;
    };
  },
  "as its message can't be sent": (n) =>
    atCall(n, () => {
      throw new Error("no room for the message");
    }),
};

/** Afterwards a fit has two threads again. */
async function assertFine(): Promise<void> {
  const trainer = await make();
  const { status, threads } = await trainer.fit(data, { epochs: 1, threads: 2 });
  expect([status, threads.used]).toEqual(["completed", 2]);
}

describe("a fit on two threads of which one is lost", () => {
  for (const [where, lose] of Object.entries(losses)) {
    it(`${where}: at its first, second and later calls, of either thread`, async () => {
      let lost = 0;
      for (const n of [0, 1, 2, 3, 6, 7, 11]) {
        const trainer = await make();
        lose(n);
        const epochs: number[] = [];
        const onEpoch = (row: { epoch: number }) => void epochs.push(row.epoch);
        const result = await trainer.fit(data, { epochs: EPOCHS, threads: 2, onEpoch });
        await settled();
        await assertPlain(trainer, result);
        expect(epochs).toEqual([1, 2, 3, 4, 5]);
        const { used, reason } = result.threads;
        if (used === 2) expect(reason).toBe("2 were asked for");
        else {
          lost += 1;
          expect(reason).toMatch(/^the calling thread went on in epoch [1-5], as (a thread was lost|no room)/);
        }
        await assertFine();
      }
      // a whole fit may be done sooner
      if (!/^[69] ms/.test(where)) expect(lost).toBeGreaterThan(0);
    });
  }

  it("in each phase of a step: two milliseconds later each time, in steps that take several", async () => {
    const inputs = Float32Array.from({ length: 64 * 1500 }, (_, i) => Math.sin(i));
    const wide = Dataset.from({
      inputs,
      inputSize: 64,
      targets: Uint8Array.from({ length: 1500 }, (_, i) => i % 3),
      classes: 3,
    });
    const layers = [
      { units: 200, activation: "tanh" as const, normalization: "batch" as const },
      { units: 200, activation: "relu" as const },
      { units: 3, activation: "softmax" as const },
    ];
    const outcomeOf = async (threads: number) => {
      const network = await Network.create({ inputs: 64, layers, seed: 3 });
      const options = { batchSize: 750, optimizer: { kind: "adam" as const, clipNorm: 1 } };
      const { history } = await new Trainer(network, options).fit(wide, { epochs: 3, threads });
      return { parameters: network.parameters(), losses: history.map(({ loss }) => loss) };
    };
    const alone = await outcomeOf(1);
    for (let ms = 0; ms < 24; ms += 2) {
      atCall(ms % 4, (worker) => {
        timer = setTimeout(() => end(worker), ms);
        return true;
      });
      expect(await outcomeOf(2)).toEqual(alone);
      await settled();
    }
  });

  it("has at no time parameters between two mini-batches' ones, for those who look meanwhile", async () => {
    let looks = 0;
    for (const n of [1, 4, 9]) {
      const trainer = await make();
      const checkpoints: Uint8Array[] = [];
      losses["3 ms into a slice"]?.(n);
      const look = setInterval(() => checkpoints.push(trainer.checkpoint()), 1);
      const result = await trainer.fit(data, { epochs: EPOCHS, threads: 2 });
      clearInterval(look);
      await settled();
      await assertPlain(trainer, result);
      for (const checkpoint of new Map(checkpoints.map((bytes) => [hashOf(bytes), bytes])).values()) {
        const resumed = await Trainer.resume(checkpoint, data);
        await assertPlain(resumed, await resumed.fit(data, { epochs: EPOCHS, threads: 1 }));
        looks += 1;
      }
    }
    expect(looks).toBeGreaterThan(10);
  });

  it("keeps the learning rates that a callback set, though mini-batches are trained again", async () => {
    const rows = [...data];
    for (const [where, n] of [
      ["1 ms into a slice", 9],
      ["6 ms into a slice", 4],
      ["before it is told", 5],
    ] as const) {
      const trainer = await make({ kind: "constant" });
      const set = new Map<string, number>();
      const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => {
        trainer.learningRate = 0.002 + 0.001 * Math.sin(batch);
        set.set(`${epoch} ${batch}`, trainer.learningRate);
      };
      losses[where]?.(n);
      await trainer.fit(data, { epochs: 3, threads: 2, shuffle: false, onBatch });
      await settled();
      const stepped = await make({ kind: "constant" });
      for (let epoch = 1; epoch <= 3; epoch++) {
        for (let batch = 1; batch <= rows.length / 8; batch++) {
          const some = rows.slice(8 * (batch - 1), 8 * batch);
          stepped.step(
            some.map(({ input }) => input),
            some.map(({ target }) => target),
          );
          stepped.learningRate = set.get(`${epoch} ${batch}`) ?? stepped.learningRate;
        }
      }
      expect(trainer.network.parameters()).toEqual(stepped.network.parameters());
    }
  });

  const large = datasets.spirals({ samples: 50_000, classes: 3 });
  /** Ends the thread that gets call number n of this name. */
  const endAt = (name: string, n: number) => {
    let calls = 0;
    sending = (worker, message) => {
      if (Array.isArray(message) && message[0] === name && calls++ === n) end(worker);
      return true;
    };
    return () => calls;
  };

  it("predicts the same numbers", async () => {
    const { network } = await make();
    const rows = new Float32Array(2 * 50_000).map((_, i) => Math.sin(i));
    const answers = network.predict(rows);
    for (const n of [0, 1, 2, 5]) {
      const calls = endAt("predict", n);
      expect(await network.predictAsync(rows, { threads: 2 })).toEqual(answers);
      expect(calls()).toBeGreaterThan(n);
      await settled();
    }
  });

  it("evaluates to the same numbers, and tells of each row once", async () => {
    const measuring = new Trainer((await make()).network);
    const stream = Dataset.stream({
      inputSize: 2,
      classes: 3,
      bufferRows: 8000,
      chunks: async function* () {
        for (const { inputs, targets } of large.batches(5000)) yield { inputs, targets };
      },
    });
    const first = (predictions: Float32Array) => predictions[0] as number;
    for (const [rows, metrics] of [[large], [large, { first }], [stream, { first }]] as const) {
      const evaluate = async (threads: number) => {
        const told: number[] = [];
        const onRows = (predictions: Float32Array) => void told.push(...predictions);
        return [await measuring.evaluate(rows, { threads, ...(metrics && { metrics, onRows }) }), told];
      };
      const alone = await evaluate(1);
      for (const n of [0, 1, 2, 5, 60, 300]) {
        const calls = endAt("evaluate", n);
        expect(await evaluate(2)).toEqual(alone);
        if (n < 60 || metrics !== undefined) expect(calls()).toBeGreaterThan(n);
        await settled();
      }
    }
  });

  it("doesn't take what onRows throws for a lost thread", async () => {
    const measuring = new Trainer((await make()).network);
    let calls = 0;
    const onRows = () => {
      calls += 1;
      if (calls === 3) throw new Error("my own");
    };
    await expect(measuring.evaluate(large, { threads: 2, onRows })).rejects.toThrow(/^my own$/);
    expect(calls).toBe(3);
  });
});

/** Seconds pass every 5 ms for who waits for a sign of life. */
async function hurried<T>(task: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let isOver = false;
  const hurry = () => {
    if (isOver) return;
    vi.advanceTimersByTime(1000);
    setTimeout(hurry, 5);
  };
  hurry();
  try {
    return await task();
  } finally {
    isOver = true;
    vi.useRealTimers();
  }
}

describe("silence", () => {
  afterEach(() => vi.useRealTimers());

  it("is a pulse that stays the same for 30 seconds on end, while it can be told; it is noticed once", () => {
    vi.useFakeTimers();
    let pulse: string | undefined = "1";
    const broken = vi.fn();
    const brokenAfter = (seconds: number) => {
      vi.advanceTimersByTime(1000 * seconds);
      return broken.mock.calls.length;
    };
    new Silence(broken, () => pulse);
    expect(brokenAfter(25)).toBe(0);
    pulse = "2";
    expect(brokenAfter(25)).toBe(0);
    pulse = undefined;
    expect(brokenAfter(100)).toBe(0);
    pulse = "2";
    expect(brokenAfter(30)).toBe(0);
    expect(brokenAfter(1)).toBe(1);
    expect(brokenAfter(100)).toBe(1);
  });

  it("isn't waited for any more once it is ended", () => {
    vi.useFakeTimers();
    const broken = vi.fn();
    new Silence(broken).end();
    vi.advanceTimersByTime(100_000);
    expect(broken).not.toHaveBeenCalled();
  });
});

describe("a message that gets lost without a word", () => {
  const fit = { epochs: EPOCHS, threads: 2 } as const;

  // a clock that hurries doesn't wait for threads that take their time to start
  beforeAll(assertFine);

  it("to a thread, or from it, is noticed: the fit goes on without", async () => {
    for (const n of [0, 1, 5]) {
      for (const way of ["to", "from"]) {
        const trainer = await make();
        let answers = 0;
        if (way === "to") atCall(n, () => false);
        else hearing = () => answers++ !== n + 2;
        const result = await hurried(() => trainer.fit(data, fit));
        undisturbed();
        expect(result.threads).toEqual({
          used: 1,
          reason: expect.stringMatching(
            /^the calling thread went on in epoch \d, as a thread was lost: its worker said nothing for 30 s$/,
          ),
        });
        await assertPlain(trainer, result);
        await assertFine();
      }
    }
  });

  it("is noticed once the work stands still, however long that takes: the others are let go, and stay", async () => {
    const pool = await (await Engine.shared("fast")).workers();
    await pool.grow(2);
    let [dropped, pulse, stops] = [0, 0, 0];
    sending = (_, message) => !Array.isArray(message) || message[0] !== "no kernel" || dropped++ > 0;
    const lost: number[] = [];
    const work = { pulse: () => pulse, stop: () => void stops++, lose: (rank: number) => void lost.push(rank) };
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const running = pool.run("no kernel", [[], []], work).catch((error: unknown) => error);
      for (let second = 0; second < 100; second++) {
        pulse += 1;
        vi.advanceTimersByTime(1000);
      }
      expect(stops).toBe(0);
      vi.advanceTimersByTime(32_000);
      expect(stops).toBe(1);
      expect(await running).toMatchObject({
        name: "ThreadError",
        message: "a thread was lost: its worker said nothing for 30 s",
      });
      expect(lost).toEqual([0]);
    } finally {
      vi.useRealTimers();
    }
    await assertFine();
  });

  it("holds who looks at the parameters then until it is taken for lost, and shows them whole", async () => {
    for (const n of [2, 5]) {
      await assertFine();
      const trainer = await make();
      const checkpoints: Uint8Array[] = [];
      atCall(n, () => {
        setTimeout(() => checkpoints.push(trainer.checkpoint()), 5);
        return false;
      });
      const result = await hurried(() => trainer.fit(data, fit));
      undisturbed();
      await assertPlain(trainer, result);
      expect(checkpoints).toHaveLength(1);
      const resumed = await Trainer.resume(checkpoints[0] as Uint8Array, data);
      await assertPlain(resumed, await resumed.fit(data, { epochs: EPOCHS, threads: 1 }));
    }
  });

  const usedOfTwo = async () => (await (await make()).fit(data, { epochs: 1, threads: 2 })).threads.used;

  it("as a worker starts, leaves the calling thread alone", async () => {
    let started = 0;
    sending = (_, message) => !(message instanceof Object && "memory" in message) || started++ > 0;
    const network = await Network.create({ inputs: 2, layers: [{ units: 3, activation: "softmax" }], seed: 1 });
    const result = await hurried(async () => {
      const fitted = await new Trainer(network).fit(data, { epochs: 1, threads: 5 });
      // until those that didn't start are gone
      undisturbed();
      await expect.poll(usedOfTwo).toBe(2);
      return fitted;
    });
    expect(started).toBeGreaterThan(0);
    expect(result.threads).toEqual({
      used: 1,
      reason: expect.stringMatching(/^workers can't be started: a thread was lost/),
    });
  });

  it("is not what a thread is taken for that takes its time: and if it were, no bit would change", async () => {
    const trainer = await make();
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const fitting = trainer.fit(data, fit);
      // between two looks at the pulse nothing can happen
      const hurry = setTimeout(() => vi.advanceTimersByTime(40_000), 40);
      const result = await fitting;
      clearTimeout(hurry);
      await assertPlain(trainer, result);
    } finally {
      vi.useRealTimers();
    }
    await assertFine();
  });

  it("to the worker that trains, or from it, is noticed: the fit goes on here", async () => {
    const seen = new Set<string>();
    for (const way of ["to", "from"]) {
      for (let n = 0; n < 6; n++) {
        const trainer = await make();
        let messages = 0;
        const isWhole = (_: Worker, message: unknown) => "count" in (message as object) || messages++ !== n;
        if (way === "to") sending = isWhole;
        else hearing = isWhole;
        const told: number[] = [];
        const onEpoch = (row: { epoch: number }) => void told.push(row.epoch);
        const result = await hurried(() => trainer.fit(data, { epochs: EPOCHS, worker: true, threads: 1, onEpoch }));
        undisturbed();
        await assertPlain(trainer, result);
        expect(told).toEqual([1, 2, 3, 4, 5]);
        seen.add(result.threads.reason.replace(/\d/, "N"));
      }
    }
    expect([...seen]).toContain(
      "on the calling thread after N epochs, as its worker was lost (a message to or from it was lost): one was asked for",
    );
  });
});

describe("a fit in a worker that is lost", () => {
  const reasons =
    /^(in a worker|on the calling thread(, as no worker could be started| after [0-5] epochs, as its worker was lost) \()/;

  /** Fits until the worker is lost, and beyond. */
  async function lose(begin: () => void, options: Partial<FitOptions> = {}) {
    const trainer = await make();
    begin();
    const told: number[] = [];
    const onEpoch = (row: { epoch: number }) => void told.push(row.epoch);
    const result = await trainer.fit(data, { epochs: EPOCHS, worker: true, threads: 1, onEpoch, ...options });
    undisturbed();
    await assertPlain(trainer, result);
    if (options.onEpoch === undefined) expect(told).toEqual([1, 2, 3, 4, 5]);
    expect(result.threads.reason).toMatch(reasons);
    return result.threads.reason.split(" (")[0]?.replace(/\d/, "N");
  }

  const atAnswer = (n: number) => () => {
    let messages = 0;
    hearing = (worker) => {
      if (messages++ === n) void worker.terminate();
      return true;
    };
  };

  it("at each message that it sends", async () => {
    const seen = new Set<string | undefined>();
    for (let n = 0; n < 9; n++) seen.add(await lose(atAnswer(n)));
    expect(seen).toContain("on the calling thread after N epochs, as its worker was lost");
  });

  it("at each message that it is sent, before it gets it", async () => {
    const seen = new Set<string | undefined>();
    for (let n = 0; n < 7; n++) {
      seen.add(
        await lose(() => {
          let messages = 0;
          sending = (worker) => {
            if (messages++ !== n) return true;
            void worker.terminate();
            return false;
          };
        }),
      );
    }
    expect(seen).toContain("on the calling thread, as no worker could be started");
    expect(seen).toContain("on the calling thread after N epochs, as its worker was lost");
  });

  it("while a callback of the user's takes its time, which is waited for", async () => {
    let isTelling = 0;
    const onEpoch = async () => {
      isTelling += 1;
      expect(isTelling).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      isTelling -= 1;
    };
    for (const n of [2, 3, 4]) await lose(atAnswer(n), { onEpoch });
  });

  it("tells no mini-batch twice", async () => {
    for (const n of [3, 6, 9]) {
      const batches: number[] = [];
      const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => void batches.push(1000 * epoch + batch);
      await lose(atAnswer(n), { onBatch });
      expect(batches).toEqual([...new Set(batches)].sort((a, b) => a - b));
    }
  });

  it("after a callback ended it is rejected, with the parameters that were told last", async () => {
    const trainer = await make();
    const states = [trainer.network.parameters()];
    hearing = (worker, message) => {
      if ((message as { question?: string }).question === "batch") void worker.terminate();
      return true;
    };
    const onEpoch = () => void states.push(trainer.network.parameters());
    const fitting = trainer.fit(data, { epochs: EPOCHS, worker: true, threads: 1, onEpoch, onBatch: () => false });
    await expect(fitting).rejects.toThrow(ThreadError);
    await expect(fitting).rejects.toThrow(/^the fit's worker was lost: /);
    expect(trainer.network.parameters()).toEqual(states.at(-1));
  });

  it("rejects with what a callback threw meanwhile", async () => {
    const trainer = await make();
    hearing = (worker, message) => {
      if ((message as { question?: string }).question === "epoch") void worker.terminate();
      return true;
    };
    const onEpoch = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error("my own");
    };
    await expect(trainer.fit(data, { epochs: EPOCHS, worker: true, threads: 1, onEpoch })).rejects.toThrow("my own");
  });
});
