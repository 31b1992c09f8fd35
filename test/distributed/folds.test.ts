// Folds, and models by reference, by worker processes over a Redis of the test's own: with the hashes of the local backend.

import { createHash } from "node:crypto";
import { Redis } from "ioredis";
import { bullmq, local } from "nablanet/backends";
import { describe, expect, it } from "vitest";
import { crossValidate, integer, Network, search } from "../../src/index.js";
import { build, options, reference, untimed } from "../backend-trials.js";
import { untimed as withoutTimes } from "../trials.js";
import { endAll, startWorker } from "./programs.js";
import { pause } from "./redis-server.js";
import { isThere, ownRedis } from "./suite.js";

const redis = ownRedis();

const setup = build({ learningRate: 0.02, units: 5, dropout: 0.2, batchSize: 12 });
const hashOf = (network: Network) =>
  createHash("sha256").update(new Uint8Array(network.parameters().buffer)).digest("hex");

describe.skipIf(!isThere)("over Redis", () => {
  it("folds are jobs of their own, which later searches and cross-validations know", async () => {
    const queue = { connection: redis.url, queue: "folds" };
    const workers = await Promise.all([startWorker(queue), startWorker(queue)]);
    const folded = { ...options, folds: 3, trials: 4 };
    const here = await search({ ...folded, backend: local({ processes: 2 }) });
    const there = await search({ ...folded, backend: bullmq(queue) });
    const rows = (trials: typeof here.trials) =>
      untimed(trials).map(({ folds, ...row }) => ({ ...row, folds: withoutTimes(folds) }));
    expect(rows(there.trials)).toEqual(rows(here.trials));
    const validation = { ...setup, data: reference, folds: 4, seed: 5 };
    const validated = await crossValidate({ ...validation, backend: bullmq(queue) });
    const own = await crossValidate({ ...validation, backend: local({ processes: 2 }) });
    expect(withoutTimes(validated)).toEqual(withoutTimes(own));
    await endAll();
    // nobody works any more
    expect((await search({ ...folded, backend: bullmq(queue) })).trials).toEqual(there.trials);
    expect(await crossValidate({ ...validation, backend: bullmq(queue) })).toEqual(validated);
    const keys = workers.flatMap(({ lines }) => lines.slice(1));
    const folds = [...there.trials.flatMap((trial) => trial.folds!), ...validated.trials];
    expect(keys.sort()).toEqual(folds.map(({ key }) => key).sort());
  });

  it("models are kept for as long as results, and trained again where they are lost", async () => {
    const queue = { connection: redis.url, queue: "models" };
    const worker = await startWorker(queue);
    // a model of more than one piece
    const wide = { ...setup.network, layers: [{ units: 60_000, activation: "relu" }, { units: 3 }] } as const;
    const members = { space: { member: integer(1, 2) }, method: "grid", data: reference, seed: 1 } as const;
    const ensemble = { ...members, build: () => ({ ...setup, network: wide, fit: { epochs: 1 } }), keepModels: true };
    const backend = bullmq({ ...queue, keepSeconds: 1000 });
    const without = await search({ ...ensemble, keepModels: false, backend });
    await expect(backend.model(without.trials[0]!)).rejects.toThrow("the trial has no modelHash");
    const { trials } = await search({ ...ensemble, backend });
    expect(untimed(trials).map(({ modelHash: _, ...row }) => row)).toEqual(untimed(without.trials));
    for (const trial of trials) {
      const bytes = await backend.model(trial);
      expect(bytes.length).toBeGreaterThan(2 ** 20);
      expect(hashOf(await Network.load(bytes))).toBe(trial.parametersHash);
    }
    const client = new Redis(redis.url);
    const name = `nablanet:blobs:${trials[0]!.modelHash}`;
    expect(await client.ttl(name)).toBeGreaterThan(900);
    await client.del(name);
    await expect(backend.model(trials[0]!)).rejects.toThrow("isn't there any more: search again");
    const again = await search({ ...ensemble, backend });
    expect(untimed(again.trials)).toEqual(untimed(trials));
    expect(hashOf(await Network.load(await backend.model(trials[0]!)))).toBe(trials[0]!.parametersHash);
    client.disconnect();
    // two without models, two with, one again
    expect(worker.lines.slice(1)).toHaveLength(5);
  });

  it("models come also where another search, which keeps none, was first", async () => {
    const queue = { connection: redis.url, queue: "both" };
    const backend = bullmq(queue);
    const members = { ...options, trials: 3, backend };
    const client = new Redis(redis.url);
    const lesser = search(members);
    while ((await client.llen("nablanet:both:wait")) < 3) await pause(10);
    client.disconnect();
    const whole = search({ ...members, keepModels: true });
    await pause(500);
    const worker = await startWorker(queue);
    const { trials } = await whole;
    for (const trial of trials)
      expect(hashOf(await Network.load(await backend.model(trial)))).toBe(trial.parametersHash);
    expect(untimed(trials).map(({ modelHash: _, ...row }) => row)).toEqual(untimed((await lesser).trials));
    expect(worker.lines.slice(1)).toHaveLength(6);
  });
});
