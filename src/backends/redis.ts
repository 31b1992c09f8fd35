// The connection to Redis, which outlasts that it is cut, and what is kept there beside the queue.

import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { got, plainObject, wrongKind } from "../checks.js";
import { sha256 } from "./trial-job.js";
import type { BlobStore, LatestCheckpoints } from "./trial-queue.js";

/** A URL, redis://[user:password@]host:port/database (rediss:// with TLS), or the options of ioredis. */
export type RedisConnection = string | URL | Readonly<Record<string, unknown>>;

/** Between two attempts to connect again. */
const MOST_DELAY_MS = 1000;
/** A connection without an answer for so long is given up for a new one. BullMQ waits for jobs and events for 10 s at most. */
const SILENT_MS = 20_000;
/** Bytes that go at a time: each piece has an answer, and others' commands go in between. */
const PIECE = 2 ** 20;

export function resolveConnection(connection: unknown): Exclude<RedisConnection, URL> {
  if (typeof connection === "string" || connection instanceof URL) {
    if (/^rediss?:\/\//.test(String(connection))) return String(connection);
    throw new RangeError(`connection must be a URL that begins with redis:// or rediss://, got ${got(connection)}`);
  }
  if (connection === undefined) wrongKind("connection", "a URL, or an object with host and port", connection);
  return plainObject(connection, "connection");
}

/** What a user must have installed. @throws Error that says how */
export async function installed<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    // as import() and require() say it
    if (!/MODULE_NOT_FOUND$/.test(String((error as NodeJS.ErrnoException).code))) throw error;
    throw new Error("the backend bullmq needs two more packages: npm install bullmq ioredis", { cause: error });
  }
}

/**
 * Connects. Once connected, commands wait as long as the connection is away, and it is tried again until `disconnect`.
 *
 * @param tell hears of errors from then on
 * @throws Error where nobody answers at first
 */
export async function connect(connection: Exclude<RedisConnection, URL>, tell: (error: Error) => void): Promise<Redis> {
  const { Redis } = await installed(import("ioredis"));
  const options = {
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    socketTimeout: SILENT_MS,
    keepAlive: 10_000,
    retryStrategy: (times: number) => Math.min(100 * times, MOST_DELAY_MS),
  };
  const redis =
    typeof connection === "string" ? new Redis(connection, options) : new Redis({ ...connection, ...options });
  let reason: Error | undefined;
  redis.on("error", (error: Error) => {
    reason = error;
  });
  try {
    await redis.connect();
  } catch (error) {
    redis.disconnect();
    const where = `${redis.options.host}:${redis.options.port}`;
    throw new Error(`no Redis answers at ${where}: ${(reason ?? (error as Error)).message}`, { cause: error });
  }
  redis.on("error", tell);
  return redis;
}

/** Checkpoints or models in Redis, each for a time; what doesn't fit there isn't kept. */
export function redisBlobs(redis: Redis, prefix: string, keepSeconds: number): BlobStore {
  const name = (hash: string) => `${prefix}:blobs:${hash}`;
  return {
    async put(bytes) {
      const hash = sha256(bytes);
      // whoever else puts it writes the same
      await write(redis, name(hash), bytes, keepSeconds);
      return hash;
    },
    has: async (hash) => (await redis.exists(name(hash))) === 1,
    async get(hash) {
      const bytes = await read(redis, name(hash));
      return sha256(bytes) === hash ? bytes : undefined;
    },
  };
}

/** How far trials under way have come, in Redis, for a time; what doesn't fit there isn't kept. */
export function redisLatest(redis: Redis, prefix: string, keepSeconds: number): LatestCheckpoints {
  const name = (key: string) => `${prefix}:latest:${key}`;
  return {
    async put(key, checkpoint) {
      // the earlier one is there until this one is there whole
      const draft = `${name(key)}:${randomUUID()}`;
      if (await write(redis, draft, checkpoint, keepSeconds)) await redis.rename(draft, name(key));
    },
    async get(key) {
      const bytes = await read(redis, name(key));
      return bytes.length > 0 ? bytes : undefined;
    },
    async delete(key) {
      await redis.del(name(key));
    },
  };
}

/** Whether there was room for it. */
async function write(redis: Redis, name: string, bytes: Uint8Array, keepSeconds: number): Promise<boolean> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    // first of all, as nobody knows of it where whoever writes is lost
    await redis.set(name, "", "EX", keepSeconds, "NX");
    for (let from = 0; from < buffer.length; from += PIECE) {
      await redis.setrange(name, from, buffer.subarray(from, from + PIECE));
    }
    await redis.expire(name, keepSeconds);
    return true;
  } catch {
    // a part of it is of no use
    await redis.del(name).catch(() => {});
    return false;
  }
}

/** None where there is nothing. */
async function read(redis: Redis, name: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  do {
    const from = pieces.length * PIECE;
    pieces.push(await redis.getrangeBuffer(name, from, from + PIECE - 1));
  } while (pieces.at(-1)?.length === PIECE);
  return Buffer.concat(pieces);
}
