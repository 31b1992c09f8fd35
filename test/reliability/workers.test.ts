// Workers that are lost, wherever that may be: before they are told, in the middle of a step, at a barrier, between two slices; and
// messages that can't be sent. The fit says so, the parameters are those of a plain run that stopped there, and all works on.

import { syncBuiltinESMExports } from "node:module";
import workerThreads, { type Worker } from "node:worker_threads";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { datasets, type FitOptions, Network, ThreadError, Trainer } from "../../src/index.js";

/** Called with each message to a worker: whether it is sent. */
let sending: (worker: Worker, message: unknown) => boolean = () => true;
/** Called with each message from a worker. */
let heard: (worker: Worker) => void = () => {};
const RealWorker = workerThreads.Worker;
workerThreads.Worker = class extends RealWorker {
  constructor(...args: ConstructorParameters<typeof RealWorker>) {
    super(...args);
    const send = this.postMessage.bind(this);
    this.postMessage = (message: unknown, ...moved: unknown[]) => {
      if (sending(this, message)) send(message, ...(moved as []));
    };
    this.on("message", () => heard(this));
  }
};
syncBuiltinESMExports();

afterEach(() => {
  sending = () => true;
  heard = () => {};
});
afterAll(() => {
  workerThreads.Worker = RealWorker;
  syncBuiltinESMExports();
});

const data = datasets.spirals({ samples: 3000, classes: 3 });
const EPOCHS = 5;
const make = async () => {
  const layers = [
    { units: 30, activation: "tanh" as const },
    { units: 3, activation: "softmax" as const },
  ];
  return new Trainer(await Network.create({ inputs: 2, layers, seed: 3 }), { batchSize: 8 });
};

/** A plain run's parameters before it and after each epoch. */
async function plainRun(): Promise<Float32Array[]> {
  const trainer = await make();
  const parameters = [trainer.network.parameters()];
  await trainer.fit(data, {
    epochs: EPOCHS,
    threads: 1,
    onEpoch: () => void parameters.push(trainer.network.parameters()),
  });
  return parameters;
}

const isCall = (message: unknown) => Array.isArray(message) && message[0] === "train";

let timer: NodeJS.Timeout | undefined;
let ending: Promise<number> | undefined;

function end(worker: Worker): void {
  ending = worker.terminate();
}

/** Once nothing more is ended: a fit may be done before, and the next one isn't to lose its thread. */
async function settled(): Promise<void> {
  clearTimeout(timer);
  await ending;
}

/** Ways to lose one of the two threads of a fit, at its call number `n`. */
const losses: Record<string, (n: number) => void> = {
  "before it is told": (n) => {
    let calls = 0;
    sending = (worker, message) => {
      if (!isCall(message) || calls++ !== n) return true;
      end(worker);
      return false;
    };
  },
  "as it is told": (n) => {
    let calls = 0;
    sending = (worker, message) => {
      if (isCall(message) && calls++ === n) end(worker);
      return true;
    };
  },
  ...Object.fromEntries(
    [0, 1, 3, 6, 9].map((ms) => [
      `${ms} ms into a slice`,
      (n: number) => {
        let calls = 0;
        sending = (worker, message) => {
          if (isCall(message) && calls++ === n) {
            timer = setTimeout(() => end(worker), ms);
          }
          return true;
        };
      },
    ]),
  ),
  "between two slices": (n) => {
    let answers = 0;
    heard = (worker) => {
      if (answers++ === n + 2) end(worker);
    };
  },
};

describe("a fit on two threads of which one is lost", () => {
  for (const [where, lose] of Object.entries(losses)) {
    it(`${where}: at its first, second and later calls, of either thread`, async () => {
      const plain = await plainRun();
      let lost = 0;
      for (const n of [0, 1, 2, 3, 6, 7, 11]) {
        const trainer = await make();
        lose(n);
        const epochs: number[] = [];
        const fit: FitOptions = { epochs: EPOCHS, threads: 2, onEpoch: (row) => void epochs.push(row.epoch) };
        const error = await trainer.fit(data, fit).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        sending = () => true;
        heard = () => {};
        await settled();
        if (error !== undefined) {
          lost += 1;
          expect(error).toBeInstanceOf(ThreadError);
          expect((error as Error).message).toMatch(/^a thread was lost/);
        }
        // the end of the last epoch is the end of its last mini-batch
        expect(trainer.network.parameters()).toEqual(plain[error === undefined ? EPOCHS : epochs.length]);
        const other = await make();
        const { status, threads } = await other.fit(data, { epochs: 1, threads: 2 });
        expect([status, threads.used]).toEqual(["completed", 2]);
        expect(other.network.parameters()).toEqual(plain[1]);
      }
      // a whole fit may be done sooner
      if (!/^[69] ms/.test(where)) expect(lost).toBeGreaterThan(0);
    });
  }

  it("as its message can't be sent, which is the end of that fit only", async () => {
    const plain = await plainRun();
    for (const n of [0, 1, 2, 5]) {
      const trainer = await make();
      let calls = 0;
      sending = (_, message) => {
        if (isCall(message) && calls++ === n) throw new Error("no room for the message");
        return true;
      };
      const epochs: number[] = [];
      const onEpoch = (row: { epoch: number }) => void epochs.push(row.epoch);
      await expect(trainer.fit(data, { epochs: EPOCHS, threads: 2, onEpoch })).rejects.toThrow(
        "no room for the message",
      );
      expect(trainer.network.parameters()).toEqual(plain[epochs.length]);
      sending = () => true;
      const other = await make();
      expect((await other.fit(data, { epochs: 1, threads: 2 })).status).toBe("completed");
      expect(other.network.parameters()).toEqual(plain[1]);
    }
  });
});

describe("a fit in a worker that is lost", () => {
  /** Fits until the worker is lost, and then goes on. */
  async function lose(begin: () => void) {
    const plain = await plainRun();
    const trainer = await make();
    begin();
    const epochs: number[] = [];
    const fit: FitOptions = { epochs: EPOCHS, worker: true, threads: 1, onEpoch: (row) => void epochs.push(row.epoch) };
    const outcome = await trainer.fit(data, fit).catch((reason: unknown) => reason as Error);
    sending = () => true;
    heard = () => {};
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(ThreadError);
      expect(outcome.message).toMatch(/^the fit's worker was lost: /);
    } else if (!/^in a worker/.test(outcome.threads.reason)) {
      expect(outcome.threads.reason).toMatch(/^on the calling thread, as no worker could be started/);
    }
    expect(trainer.network.parameters()).toEqual(plain[outcome instanceof Error ? epochs.length : EPOCHS]);
    await trainer.fit(data, { ...fit, resume: outcome instanceof Error && epochs.length > 0 });
    if (epochs.length > 0 && outcome instanceof Error) expect(trainer.network.parameters()).toEqual(plain[EPOCHS]);
    return outcome instanceof Error
      ? "rejected"
      : outcome.threads.reason.startsWith("on the calling")
        ? "here"
        : "whole";
  }

  it("at each message that it sends", async () => {
    const seen: Record<string, number> = {};
    for (let n = 0; n < 9; n++) {
      const came = await lose(() => {
        let messages = 0;
        heard = (worker) => {
          if (messages++ === n) void worker.terminate();
        };
      });
      seen[came] = (seen[came] ?? 0) + 1;
    }
    expect(seen).toMatchObject({ rejected: expect.any(Number) });
  });

  it("at each message that it is sent, before it gets it", async () => {
    const seen: Record<string, number> = {};
    for (let n = 0; n < 7; n++) {
      const came = await lose(() => {
        let messages = 0;
        sending = (worker) => {
          if (messages++ !== n) return true;
          void worker.terminate();
          return false;
        };
      });
      seen[came] = (seen[came] ?? 0) + 1;
    }
    expect(seen).toMatchObject({ here: 1, rejected: expect.any(Number) });
  });
});
