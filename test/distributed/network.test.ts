// Searches over a Redis of the test's own, while the network fails: it is cut, says nothing for a while, or for ever.

import { bullmq, local } from "nablanet/backends";
import { beforeAll, describe, expect, it } from "vitest";
import { type SearchBackend, search } from "../../src/index.js";
import { long, options, untimed } from "../backend-trials.js";
import { endAll, startWorker } from "./programs.js";
import { Cable, pause } from "./redis-server.js";
import { isThere, ownQueue, ownRedis } from "./suite.js";

const redis = ownRedis();

describe.skipIf(!isThere)("search over Redis", () => {
  let expected: unknown;
  const searchLong = (backend: SearchBackend) => search({ ...long, backend });
  /** One of whose trials the first has ended. */
  const begunSearch = async (backend: SearchBackend) => {
    let onTrial = () => {};
    const first = new Promise<void>((resolve) => {
      onTrial = resolve;
    });
    const searching = search({ ...long, backend, onTrial });
    await Promise.race([first, searching]);
    return { searching };
  };

  beforeAll(async () => {
    expected = untimed((await searchLong(local({ processes: 2 }))).trials);
  });

  it("outlasts that the network is cut, for the coordinator and for workers", async () => {
    const cables = [await Cable.to(redis.port), await Cable.to(redis.port)] as const;
    const queue = ownQueue(cables[0].url);
    await Promise.all([startWorker(queue), startWorker({ ...queue, connection: cables[1].url })]);
    const { searching } = await begunSearch(bullmq(queue));
    cables[0].cut();
    await pause(1500);
    cables[0].mend();
    cables[1].cut();
    await pause(1500);
    cables[1].mend();
    expect(untimed((await searching).trials)).toEqual(expected);
    await endAll();
    for (const cable of cables) await cable.remove();
  });

  it("outlasts that the network says nothing for a while, and then all at once", async () => {
    const cables = [await Cable.to(redis.port), await Cable.to(redis.port)] as const;
    const queue = ownQueue(cables[0].url);
    await Promise.all([startWorker(queue), startWorker({ ...queue, connection: cables[1].url })]);
    const { searching } = await begunSearch(bullmq(queue));
    for (const cable of cables) cable.silence();
    await pause(4000);
    cables[0].mend();
    // until others have taken over what this worker trained, which it then gives
    await pause(11_000);
    cables[1].mend();
    const { trials } = await searching;
    expect(untimed(trials)).toEqual(expected);
    await pause(1000);
    expect((await searchLong(bullmq(queue))).trials).toEqual(trials);
    await endAll();
    for (const cable of cables) await cable.remove();
  });

  it("gives up connections that are silent for ever, for the coordinator and for its only worker", async () => {
    const cables = [await Cable.to(redis.port), await Cable.to(redis.port)] as const;
    const silent = await Cable.to(redis.port);
    silent.silence();
    const unanswered = search({ ...options, backend: bullmq(ownQueue(silent.url)) }).catch(({ message }) => message);
    const queue = ownQueue(cables[0].url);
    await startWorker({ ...queue, connection: cables[1].url });
    const { searching } = await begunSearch(bullmq(queue));
    for (const cable of cables) cable.lose();
    expect(untimed((await searching).trials)).toEqual(expected);
    expect(await unanswered).toMatch(/^no Redis answers at 127\.0\.0\.1:\d+: Socket timeout/);
    await endAll();
    for (const cable of [...cables, silent]) await cable.remove();
  });
});
