// Searches whose trials are trained by other processes of this machine.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local, trialKey } from "nablanet/backends";
import { afterAll, describe, expect, it } from "vitest";
import { Asha } from "../src/backends/asha.js";
import type { Turn } from "../src/backends/schedule.js";
import { folderStores, memoryStores } from "../src/backends/stores.js";
import { choice, type SearchBackend, search, type Trial } from "../src/index.js";
import { Random, Stream } from "../src/random.js";
import { HashMismatchError, readReference, type TableReference, tableReference } from "../src/tables.js";
import {
  build,
  hashByHand,
  iris,
  options,
  type Parameters,
  reference,
  trialProcessesOf,
  untimed,
} from "./backend-trials.js";

const folder = mkdtempSync(join(tmpdir(), "nablanet-backends-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const trained = await search({ ...options, trials: 5, backend: local({ processes: 2 }) });

describe("search on this machine's processes", () => {
  it("gives the trials of a search without a backend, with hashes that the same fits by hand give", async () => {
    const { training: data, heldOut: validation } = await readReference(reference);
    const deterministic = (parameters: Parameters) => {
      const { network, ...rest } = build(parameters);
      return { network: { ...network, math: "deterministic" as const }, ...rest };
    };
    const here = await search({ ...options, build: deterministic, data, validation, trials: 5 });
    const common = ({ number, parameters, seed, status, loss, accuracy, value }: Trial<unknown>) => {
      return { number, parameters, seed, status, loss, accuracy, value };
    };
    expect(trained.trials.map(common)).toEqual(here.trials.map(common));
    expect([trained.status, trained.best?.number]).toEqual([here.status, here.best?.number]);
    for (const { parameters, seed, parametersHash, epochs } of trained.trials) {
      expect([parametersHash, epochs]).toEqual([await hashByHand(build(parameters), seed), 6]);
    }
  });

  it("gives them whatever the number of processes, and where processes are killed", async () => {
    const one = await search({ ...options, trials: 5, backend: local({ processes: 1 }) });
    expect(untimed(one.trials)).toEqual(untimed(trained.trials));
    const longer = { ...options, build: (parameters: Parameters) => build(parameters, 1500), trials: 4 };
    const undisturbed = await search({ ...longer, backend: local({ processes: 2 }) });
    const killed: number[] = [];
    // fewer times than a trial's process may be lost
    const killing = setInterval(() => {
      const [pid] = trialProcessesOf(process.pid);
      if (pid === undefined || killed.length === 3) return;
      process.kill(pid, "SIGKILL");
      killed.push(pid);
    }, 400);
    const disturbed = await search({ ...longer, backend: local({ processes: 2 }) });
    clearInterval(killing);
    expect(killed.length).toBeGreaterThan(0);
    expect(untimed(disturbed.trials)).toEqual(untimed(undisturbed.trials));
    expect(trialProcessesOf(process.pid)).toEqual([]);
  });

  it("has rows of trials that throw or diverge", async () => {
    const kinds = { kind: choice("fine", "throws", "misbuilt", "function", "diverges") };
    const fine = { learningRate: 0.01, units: 4, dropout: 0, batchSize: 10 };
    const { trials, best } = await search({
      space: kinds,
      method: "grid",
      data: reference,
      seed: 1,
      backend: local({ processes: 2 }),
      build: ({ kind }) => {
        const { network, trainer, fit } = build(fine);
        if (kind === "throws") throw new Error("no such network");
        if (kind === "misbuilt") return { network: { ...network, schema: undefined, inputs: 3 }, fit } as never;
        if (kind === "function") return { network, fit: { ...fit, onEpoch: () => {} } };
        if (kind === "fine") return { network, trainer, fit };
        const linear = { inputs: 4, layers: [{ units: 3 }] };
        return { network: linear, trainer: { optimizer: { kind: "sgd", learningRate: 1e30 } }, fit };
      },
    });
    expect(trials.map(({ status, error }) => [status, (error as Error | undefined)?.message])).toEqual([
      ["completed", undefined],
      ["failed", "no such network"],
      ["failed", "dataset.inputSize must be 3, the network's inputs, got 4"],
      ["failed", "fit.onEpoch must be what JSON can hold, got a function"],
      ["diverged", undefined],
    ]);
    expect(trials.slice(1).map(({ loss, value }) => [loss, value])).toEqual(Array(4).fill([Infinity, Infinity]));
    expect(best?.number).toBe(0);
  });

  it("takes what a folder has, and trains nothing twice", async () => {
    const table = join(folder, "iris.csv");
    copyFileSync(iris, table);
    const data = await tableReference(table, { target: "species", seed: 5 });
    const kept = join(folder, "results");
    const backend = () => local({ processes: 2, folder: kept });
    const first = await search({ ...options, data, trials: 2, backend: backend() });
    expect(readdirSync(join(kept, "results")).sort()).toEqual(first.trials.map(({ key }) => `${key}.json`).sort());
    // another path to the same bytes is the same trial
    expect(untimed(first.trials)).toEqual(untimed(trained.trials.slice(0, 2)));
    writeFileSync(table, "not,what,it\n1,2,3\n");
    const again = await search({ ...options, data, trials: 3, backend: backend() });
    expect(again.trials.slice(0, 2)).toEqual(first.trials);
    expect(again.trials[2]).toMatchObject({
      status: "failed",
      error: { name: "HashMismatchError", message: expect.stringMatching(`${data.sha256}.*, got [0-9a-f]{64}$`) },
    });
  });

  it("ends promptly where it is aborted or stopped", async () => {
    const long = { ...options, build: (parameters: Parameters) => build(parameters, 1_000_000), trials: 4 };
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 800);
    const aborted = await search({ ...long, signal: controller.signal, backend: local({ processes: 2 }) });
    expect([aborted.status, ...aborted.trials.map(({ status }) => status)]).toEqual(["aborted", "aborted", "aborted"]);
    const backend = local({ processes: 1 });
    const stopped = await search({ ...options, trials: 4, backend, onTrial: ({ number }) => number < 1 });
    expect([stopped.status, stopped.trials.length]).toEqual(["stopped", 2]);
    expect(untimed(stopped.trials)).toEqual(untimed(trained.trials.slice(0, 2)));
    const onTrial = () => {
      throw new Error("onTrial threw");
    };
    await expect(search({ ...options, trials: 4, backend, onTrial })).rejects.toThrow("onTrial threw");
    expect(trialProcessesOf(process.pid)).toEqual([]);
  });

  it("refuses what a backend can't do", async () => {
    const refused = (more: object) => expect(search({ ...options, backend: local(), ...more })).rejects;
    const { training } = await readReference(reference);
    await refused({ data: training }).toThrow("data must be a reference made by tableReference, as there is a backend");
    await refused({ concurrency: 3 }).toThrow("concurrency must be left out, as the backend or the reference says it");
    await refused({ backend: {} }).toThrow("backend must be a backend, such as local(), got an object");
    await refused({ asha: { maxEpochs: 3 } }).toThrow('asha must be left out, as method isn\'t "asha"');
    await refused({ method: "asha" }).toThrow("asha.maxEpochs must be a positive integer, got undefined");
    const fast = ({ learningRate }: Parameters) => {
      const { network, ...rest } = build({ learningRate, units: 4, dropout: 0, batchSize: 8 });
      return { network: { ...network, math: "fast" }, ...rest };
    };
    await refused({ build: fast }).toThrow('network.math must be "deterministic", as there is a backend, got "fast"');
    await expect(search({ ...options, method: "asha" } as never)).rejects.toThrow(
      'method "asha" needs a backend, such as local() of nablanet/backends, got none',
    );
    expect(() => local({ processes: 0 })).toThrow("processes must be an integer from 1 to 256, got 0");
  });
});

describe("asha", () => {
  /** A trial's value after so many epochs; some have none. */
  const valueAt = (number: number, until: number) => {
    const value = Math.sin(number * 78.233 + until * 12.9898) * 43758.5453;
    return number % 11 === 7 ? undefined : Math.round(10 * (value - Math.floor(value)));
  };

  /** Who comes to each rung, in order, by the definition. */
  function rungsByDefinition(count: number, epochs: readonly number[], factor: number): number[][] {
    const rungs = [Array.from({ length: count }, (_, number) => number)];
    for (const until of epochs.slice(0, -1)) {
      const entries = rungs.at(-1) as number[];
      const above: number[] = [];
      for (let k = 1; k <= entries.length; k++) {
        const ranked = entries
          .slice(0, k)
          .flatMap((number, i) => (valueAt(number, until) === undefined ? [] : [{ number, i }]))
          .sort((a, b) => valueAt(a.number, until)! - valueAt(b.number, until)! || a.i - b.i);
        for (const { number } of ranked.slice(0, Math.floor(k / factor))) {
          if (!above.includes(number)) above.push(number);
        }
      }
      rungs.push(above);
    }
    return rungs;
  }

  it("has the trials go on that the definition says, in whichever order they end", () => {
    const asha = { minEpochs: 2, maxEpochs: 40, reductionFactor: 3 };
    const epochs = [2, 6, 18, 40];
    const expected = rungsByDefinition(60, epochs, 3);
    expect(expected.at(-1)!.length).toBeGreaterThan(0);
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed, Stream.trials);
      const schedule = new Asha(60, asha, (value, than) => value < than);
      const begun: number[][] = epochs.map(() => []);
      const working: Turn[] = [];
      for (;;) {
        // 1 to 8 workers
        while (working.length <= seed % 8) {
          const turn = schedule.next();
          if (turn === undefined) break;
          begun[epochs.indexOf(turn.until!)]!.push(turn.number);
          expect(turn.isOpen).toBe(turn.until !== 40);
          working.push(turn);
        }
        if (working.length === 0) break;
        const [turn] = working.splice(random.below(working.length), 1) as [Turn];
        schedule.report(turn, valueAt(turn.number, turn.until!));
      }
      expect(begun).toEqual(expected);
    }
  });

  const asha = { minEpochs: 2, maxEpochs: 20, reductionFactor: 3 };
  const halving = (backend: SearchBackend) =>
    search({
      ...options,
      build: (parameters: Parameters) => build(parameters, 20),
      trials: 12,
      method: "asha",
      asha,
      backend,
    });

  it("gives the same table whatever the number of processes, its finalists those of uninterrupted fits", async () => {
    const [one, three] = [await halving(local({ processes: 1 })), await halving(local({ processes: 3 }))].map(
      ({ trials }) => trials,
    ) as [Trial<Parameters>[], Trial<Parameters>[]];
    expect(untimed(three)).toEqual(untimed(one));
    const reached = one.map(({ epochs }) => epochs);
    expect(new Set(reached)).toEqual(new Set([2, 6, 18, 20].filter((epochs) => reached.includes(epochs))));
    expect(reached.filter((epochs) => epochs! > 2).length).toBeGreaterThanOrEqual(4);
    const furthest = one.reduce((a, b) => (b.epochs! > a.epochs! ? b : a));
    expect(furthest.epochs).toBeGreaterThan(6);
    for (const { parameters, seed, epochs, status, parametersHash } of one) {
      expect(status).toBe(epochs === 20 ? "completed" : "stopped");
      // no schedule here hangs on how long the fit is
      expect(parametersHash).toBe(await hashByHand(build(parameters, epochs), seed));
    }
  });
});

describe("what is kept on this machine", () => {
  const stored = join(folder, "stored");
  for (const [where, open] of [
    ["in memory", async () => memoryStores()],
    ["in a folder", () => folderStores(stored)],
  ] as const) {
    it(`${where} is there until it is deleted`, async () => {
      const { results, blobs, latest } = await open();
      const result = { key: "a".repeat(64), status: "completed" as const, epochs: 3, seconds: 0.5 };
      expect(await results.get(result.key)).toBeUndefined();
      await results.put(result);
      expect(await results.get(result.key)).toEqual(result);
      const [bytes, other] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
      const hash = await blobs.put(bytes);
      expect([await blobs.has(hash), await blobs.has("0".repeat(64))]).toEqual([true, false]);
      expect(new Uint8Array((await blobs.get(hash))!)).toEqual(bytes);
      expect(await blobs.get("0".repeat(64))).toBeUndefined();
      await latest.put("k", bytes);
      await latest.put("k", other);
      expect(new Uint8Array((await latest.get("k"))!)).toEqual(other);
      for (let times = 0; times < 2; times++) await latest.delete("k");
      expect(await latest.get("k")).toBeUndefined();
    });
  }

  it("in a folder isn't taken for lost where it can't be read", async () => {
    const { results } = await folderStores(stored);
    mkdirSync(join(stored, "results", "unreadable.json"));
    await expect(results.get("unreadable")).rejects.toThrow("EISDIR");
  });
});

describe("trialKey", () => {
  const trial = { ...build({ learningRate: 0.01, units: 4, dropout: 0, batchSize: 8 }), data: reference };
  const configuration = { ...trial, network: { ...trial.network, seed: 1, math: "deterministic" as const } };

  it("depends on what decides the bits, and on nothing else", () => {
    const key = trialKey(configuration);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const reordered = JSON.parse(JSON.stringify(configuration), (_, value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).reverse());
    });
    expect(trialKey(reordered)).toBe(key);
    expect(trialKey({ ...configuration, data: { ...reference, source: "elsewhere.csv" } })).toBe(key);
    const changed = [
      { ...configuration, network: { ...configuration.network, seed: 2 } },
      { ...configuration, fit: { epochs: 7 } },
      { ...configuration, fold: { number: 0, folds: 3, stratified: true, seed: 3 } },
      { ...configuration, fold: { number: 1, folds: 3, stratified: true, seed: 3 } },
      { ...configuration, fold: { number: 0, folds: 3, stratified: false, seed: 3 } },
      { ...configuration, fold: { number: 0, folds: 3, stratified: true, seed: 4 } },
      { ...configuration, until: 3 },
      { ...configuration, data: { ...reference, sha256: "0".repeat(64) } },
      { ...configuration, data: { ...reference, heldOut: { share: 0.2, seed: 6 } } },
    ];
    expect(new Set([key, ...changed.map(trialKey)]).size).toBe(changed.length + 1);
  });
});

describe("tableReference", () => {
  it("stands for the rows of the table, also after it went through JSON", async () => {
    const { training, heldOut, schema } = await readReference(JSON.parse(JSON.stringify(reference)) as TableReference);
    expect([training.length, heldOut.length]).toEqual([reference.rows.training, reference.rows.heldOut]);
    expect(reference.rows).toEqual({ training: 120, heldOut: 30 });
    expect(schema.toJSON()).toEqual(reference.schema);
    expect(reference.classNames).toEqual(schema.classes);
  });

  it("may have its held-out rows in another file", async () => {
    const other = await tableReference(iris, { target: "species", validation: iris });
    const { training, heldOut } = await readReference(other);
    expect([training.length, heldOut.length, other.rows]).toEqual([150, 150, { training: 150, heldOut: 150 }]);
  });

  it("refuses other bytes, and what isn't a file", async () => {
    const wrong = { ...reference, sha256: "0".repeat(64) };
    const error = await readReference(wrong).catch((error) => error);
    expect(error).toBeInstanceOf(HashMismatchError);
    expect(error).toMatchObject({ source: iris, expected: wrong.sha256, actual: reference.sha256 });
    await expect(tableReference(new Uint8Array(3) as never)).rejects.toThrow("source must be a path or URL, got");
    await expect(tableReference(iris, { target: "species", validation: 1 })).rejects.toThrow(
      "validation must be a finite number of at least 0 and below 1, got 1",
    );
  });
});
