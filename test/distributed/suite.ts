// What the tests of a file have in common: a Redis of their own, and that the programs which a test started end with it.

import { afterAll, afterEach, beforeAll } from "vitest";
import { endAll } from "./programs.js";
import { missing, RedisServer } from "./redis-server.js";

const reason = missing();
if (reason !== undefined) {
  if (process.env.NABLANET_ENGINES === "required") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
}

/** Whether these tests can run here. */
export const isThere = reason === undefined;

/** Is started before the first test of the file that asks for it. */
export function ownRedis(): RedisServer {
  const redis = new RedisServer();
  beforeAll(async () => {
    if (isThere) await redis.start();
  });
  afterAll(() => redis.stop());
  afterEach(endAll);
  return redis;
}

let queues = 0;

/** A queue for each test. */
export const ownQueue = (connection: string) => ({ connection, queue: `test-${++queues}` });
