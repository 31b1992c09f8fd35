// Searches by worker processes over a Redis of the test's own, while processes and Redis fail: every trial is in the table once,
// with the hashes of the local backend.

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { bullmq, local } from "nablanet/backends";
import { beforeAll, describe, expect, it } from "vitest";
import { choice, type SearchBackend, search } from "../../src/index.js";
import {
  build,
  iris,
  long,
  options,
  type Parameters,
  reference,
  trialProcessesOf,
  untimed,
} from "../backend-trials.js";
import { endAll, said, start, startWorker } from "./programs.js";
import { pause, RedisServer } from "./redis-server.js";
import { isThere, ownQueue, ownRedis } from "./suite.js";

const redis = ownRedis();

describe.skipIf(!isThere)("search over Redis", () => {
  let expected: unknown;
  const searchLong = (backend: SearchBackend) => search({ ...long, backend });

  beforeAll(async () => {
    expected = untimed((await searchLong(local({ processes: 2 }))).trials);
  });

  it("gives the table of the local backend, and takes from Redis what is there", async () => {
    const queue = ownQueue(redis.url);
    const workers = await Promise.all([startWorker(queue), startWorker(queue)]);
    const here = await search({ ...options, trials: 12, backend: local({ processes: 2 }) });
    const there = await search({ ...options, trials: 12, backend: bullmq(queue) });
    expect(untimed(there.trials)).toEqual(untimed(here.trials));
    await endAll();
    // nobody works any more
    const again = await search({ ...options, trials: 12, backend: bullmq(queue) });
    expect(again.trials).toEqual(there.trials);
    const keys = workers.flatMap(({ lines }) => lines.slice(1));
    expect(keys.sort()).toEqual(there.trials.map(({ key }) => key).sort());
  });

  it("goes on with successive halving's checkpoints, or without them", async () => {
    const asha = { minEpochs: 2, maxEpochs: 20 };
    const halving = { ...options, build: (parameters: Parameters) => build(parameters, 20), trials: 9, asha } as const;
    const queue = ownQueue(redis.url);
    await Promise.all([startWorker(queue), startWorker(queue)]);
    const here = await search({ ...halving, method: "asha", backend: local({ processes: 2 }) });
    const there = await search({ ...halving, method: "asha", backend: bullmq(queue) });
    expect(untimed(there.trials)).toEqual(untimed(here.trials));
    expect(Math.max(...there.trials.map(({ epochs }) => epochs!))).toBeGreaterThan(6);
    const without = ownQueue(redis.url);
    await startWorker(without);
    const client = new Redis(redis.url);
    let lost = 0;
    const losing = setInterval(async () => {
      const blobs = await client.keys("nablanet:blobs:*");
      if (blobs.length > 0) lost += await client.del(blobs);
    }, 5);
    const again = await search({ ...halving, method: "asha", backend: bullmq(without) });
    clearInterval(losing);
    client.disconnect();
    expect(untimed(again.trials)).toEqual(untimed(here.trials));
    expect(lost).toBeGreaterThan(0);
  });

  it("queues again what Redis has forgotten", async () => {
    const queue = ownQueue(redis.url);
    await startWorker(queue);
    const searching = searchLong(bullmq(queue));
    await pause(1500);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    expect(untimed((await searching).trials)).toEqual(expected);
  });

  it("refuses a table that isn't the one that was referred to, which isn't the trial's result", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nablanet-table-"));
    const table = join(folder, "iris.csv");
    writeFileSync(table, "other,species\n1,a\n2,b\n");
    const queue = ownQueue(redis.url);
    await startWorker(queue);
    const elsewhere = { ...options, data: { ...reference, source: table }, trials: 1 };
    const searching = () => search({ ...elsewhere, backend: bullmq(queue) });
    await expect(searching()).rejects.toThrow(
      new RegExp(`iris.csv must have the SHA-256 ${reference.sha256}, as where it was referred to, got [0-9a-f]{64}$`),
    );
    copyFileSync(iris, table);
    expect((await searching()).trials[0]?.status).toBe("completed");
    rmSync(folder, { recursive: true });
  });

  it("has trials that throw or diverge once, as rows", async () => {
    const queue = ownQueue(redis.url);
    const worker = await startWorker(queue);
    const kinds = {
      space: { kind: choice("misbuilt", "diverges") },
      method: "grid" as const,
      data: reference,
      seed: 1,
      build: ({ kind }: { kind: string }) => ({
        network: { inputs: kind === "misbuilt" ? 3 : 4, layers: [{ units: 3 }] },
        trainer: { optimizer: { kind: "sgd" as const, learningRate: 1e30 } },
        fit: { epochs: 2 },
      }),
    };
    const { trials } = await search({ ...kinds, backend: bullmq(queue) });
    const here = await search({ ...kinds, backend: local({ processes: 1 }) });
    expect(untimed(trials)).toEqual(untimed(here.trials));
    expect(trials.map(({ status }) => status)).toEqual(["failed", "diverged"]);
    expect(worker.lines).toHaveLength(3);
  });

  it("gives the trials of a worker that is killed to another one", async () => {
    const queue = ownQueue(redis.url);
    const [first, second] = await Promise.all([startWorker(queue), startWorker(queue)]);
    const searching = searchLong(bullmq(queue));
    await said(first!, /^[0-9a-f]{64}$/);
    // in the middle of its second trial
    await pause(200);
    const children = trialProcessesOf(first!.child.pid as number);
    first!.child.kill("SIGKILL");
    const { trials } = await searching;
    expect(untimed(trials)).toEqual(expected);
    expect(children).toHaveLength(1);
    expect(second!.lines.length).toBeGreaterThan(3);
    expect(() => process.kill(children[0] as number, 0)).toThrow("ESRCH");
  });

  it("is gone on with where it was killed, and trains nothing twice", async () => {
    const queue = ownQueue(redis.url);
    const worker = await startWorker(queue);
    const told = { table: iris, epochs: 2500, trials: 5 };
    const killed = start("coordinator.mjs", { ...told, ...queue });
    await said(killed, /^trial /);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const [again, here] = [start("coordinator.mjs", { ...told, ...queue }), start("coordinator.mjs", told)];
    const tables = await Promise.all([again, here].map((program) => said(program, /^\[/)));
    expect(tables[0]).toBe(tables[1]);
    expect(await again.ended).toBe(0);
    const keys = worker.lines.slice(1);
    expect(keys).toHaveLength(5);
    expect(new Set(keys).size).toBe(5);
  });

  it("outlasts that Redis is killed and started again", async () => {
    const queue = ownQueue(redis.url);
    await Promise.all([startWorker(queue), startWorker(queue)]);
    const searching = searchLong(bullmq(queue));
    await pause(1500);
    await redis.kill();
    await pause(1000);
    await redis.begin();
    expect(untimed((await searching).trials)).toEqual(expected);
  });

  it("gives the trials of a worker that is ended back at once", async () => {
    const queue = ownQueue(redis.url);
    const first = await startWorker(queue);
    const searching = searchLong(bullmq(queue));
    await said(first, /^[0-9a-f]{64}$/);
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
    await startWorker(queue);
    expect(untimed((await searching).trials)).toEqual(expected);
  });

  it("that is aborted takes back what nobody has begun", async () => {
    const queue = ownQueue(redis.url);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const { status, trials } = await search({ ...long, signal: controller.signal, backend: bullmq(queue) });
    expect([status, trials.map(({ status }) => status)]).toEqual(["aborted", Array(6).fill("aborted")]);
    const worker = await startWorker(queue);
    await pause(1500);
    expect(worker.lines).toEqual(["ready"]);
  });

  it("ends when it is told to while Redis is away, and so does a worker", async () => {
    const own = new RedisServer();
    await own.start();
    const queue = ownQueue(own.url);
    const worker = await startWorker(queue);
    const controller = new AbortController();
    const told: string[] = [];
    const onError = ({ message }: Error) => told.push(message);
    let onTrial = () => {};
    const first = new Promise<void>((resolve) => {
      onTrial = resolve;
    });
    const { signal } = controller;
    const searching = search({ ...long, signal, onTrial, backend: bullmq({ ...queue, onError }) });
    await first;
    await own.kill();
    await pause(300);
    controller.abort();
    const { status, trials } = await searching;
    expect([status, trials[0]?.status, trials.at(-1)?.status]).toEqual(["aborted", "completed", "aborted"]);
    expect(told[0]).toMatch(/ECONNREFUSED|ECONNRESET|closed/);
    worker.child.kill("SIGTERM");
    expect(await worker.ended).toBe(0);
    await own.stop();
  });

  it("says where no Redis answers, and what a connection must be", async () => {
    const { port } = redis;
    await expect(search({ ...options, backend: bullmq({ connection: "redis://127.0.0.1:1" }) })).rejects.toThrow(
      "no Redis answers at 127.0.0.1:1: connect ECONNREFUSED",
    );
    expect(() => bullmq({ connection: `127.0.0.1:${port}` })).toThrow(
      "connection must be a URL that begins with redis://",
    );
    expect(() => bullmq({ connection: redis.url, queue: "a:b" })).toThrow("queue must be a name of letters, digits");
    expect(() => bullmq({ connection: redis.url, ahead: 0 })).toThrow(
      "ahead must be an integer from 1 to 10000, got 0",
    );
  });
});
