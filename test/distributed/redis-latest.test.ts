// How far trials have come, in Redis: whoever is lost while a checkpoint is written, and however little room there is.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisLatest } from "../../src/backends/redis.js";
import { isThere, ownRedis } from "./suite.js";

const server = ownRedis();
const DAY = 24 * 3600;
/** Letters, in three pieces. */
const checkpointOf = (letter: string) => new TextEncoder().encode(letter.repeat(2 ** 21 + 5));

describe.skipIf(!isThere)("the latest checkpoint in Redis", () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(server.url);
  });
  afterAll(() => redis?.disconnect());

  it("stays for a time only, after whichever command whoever writes it is lost", async () => {
    const monitor = await new Redis(server.url).monitor();
    const written: string[][] = [];
    monitor.on("monitor", (_time: string, command: string[]) => written.push(command));
    await redisLatest(redis, "watched", DAY).put("trial", checkpointOf("a"));
    await expect.poll(() => written.at(-1)?.[0]).toMatch(/^rename$/i);
    monitor.disconnect();
    expect(written.length).toBeGreaterThan(3);
    for (let lost = 1; lost <= written.length; lost++) {
      await redis.flushall();
      for (const [name, ...args] of written.slice(0, lost)) await redis.call(name as string, ...args);
      for (const key of await redis.keys("*")) expect(await redis.ttl(key)).toBeGreaterThan(DAY - 60);
    }
  });

  it("is the earlier one where there is no room for another, of which nothing stays", async () => {
    await redis.flushall();
    const latest = redisLatest(redis, "full", DAY);
    await latest.put("trial", checkpointOf("a"));
    const [, used] = /^used_memory:(\d+)/m.exec(await redis.info("memory")) as RegExpExecArray;
    await redis.config("SET", "maxmemory", Number(used) + 1.5 * 2 ** 20);
    await latest.put("trial", checkpointOf("b"));
    await redis.config("SET", "maxmemory", 0);
    expect(Buffer.compare((await latest.get("trial")) as Buffer, checkpointOf("a"))).toBe(0);
    expect(await redis.keys("*")).toEqual(["full:latest:trial"]);
    await latest.put("trial", checkpointOf("b"));
    expect(Buffer.compare((await latest.get("trial")) as Buffer, checkpointOf("b"))).toBe(0);
    await latest.delete("trial");
    expect(await redis.keys("*")).toEqual([]);
  });
});
