// What coordinator and workers must have in common to meet: a Redis, and a queue in it.

import { outOfRange, wrongKind } from "../checks.js";
import { type RedisConnection, resolveConnection } from "./redis.js";

export interface QueueOptions {
  /** Where Redis is: `"redis://127.0.0.1:6379"`, or the options of ioredis. */
  connection: RedisConnection;
  /** Its name: coordinators and workers that name the same one meet. Default "trials". */
  queue?: string;
  /** Told while Redis is away, again and again; of a worker, also why a trial couldn't be trained there. */
  onError?: (error: Error) => void;
}

/** What all keys in Redis begin with. */
export const PREFIX = "nablanet";

export function resolveQueue({ connection, queue = "trials" }: Record<string, unknown>) {
  if (typeof queue !== "string") wrongKind("queue", "a name", queue);
  if (!/^[\w-]+$/.test(queue)) outOfRange("queue", "a name of letters, digits, - and _", queue);
  return { connection: resolveConnection(connection), queue };
}

export function resolveTelling(onError: unknown): (error: Error) => void {
  if (onError === undefined) return () => {};
  if (typeof onError !== "function") wrongKind("onError", "a function", onError);
  return (error) => onError(error);
}

/** Waits for something that may never come where Redis is away. */
export function within(ms: number, ending: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    ending.then(end, end);
  });
}
