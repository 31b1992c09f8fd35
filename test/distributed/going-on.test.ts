// Trials go on where whoever trained them was killed: after each checkpoint, for as long as there are any. Begun anew each time,
// they would never end.

import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { iris, trialProcessesOf } from "../backend-trials.js";
import { type Program, said, start, startWorker } from "./programs.js";
import { pause } from "./redis-server.js";
import { isThere, ownQueue, ownRedis } from "./suite.js";

const redis = ownRedis();
const folders = mkdtempSync(join(tmpdir(), "nablanet-going-on-"));
afterAll(() => rmSync(folders, { recursive: true, force: true }));

/** One trial of so many epochs. */
const trialOf = (epochs: number) => ({ table: iris, trials: 1, units: 100, epochs });
const newFolder = () => mkdtempSync(join(folders, "found-"));

async function tableOf(search: Program): Promise<string> {
  const table = await said(search, /^\[/);
  expect(await search.ended).toBe(0);
  return table;
}

/** Kills after each new checkpoint, and says how often; `latest` is the one that is kept, as text. */
async function disturb(isOver: () => boolean, latest: () => Promise<string>, kill: () => Promise<void>) {
  let kills = 0;
  for (let known = ""; !isOver(); await pause(50)) {
    const found = await latest();
    if (found === "" || found === known) continue;
    known = found;
    await kill();
    kills += 1;
  }
  return kills;
}

/** The checkpoint of the trial that a folder's search has under way. */
async function latestIn(folder: string): Promise<string> {
  const kept = join(folder, "latest");
  const names = existsSync(kept) ? readdirSync(kept).filter((name) => /^[0-9a-f]{64}$/.test(name)) : [];
  try {
    return names
      .map((name) =>
        createHash("sha256")
          .update(readFileSync(join(kept, name)))
          .digest("hex"),
      )
      .join();
  } catch {
    // the trial has ended meanwhile
    return "";
  }
}

async function kill(program: Program): Promise<void> {
  program.child.kill("SIGKILL");
  await program.ended;
}

describe.skipIf(!isThere)("a trial goes on from its latest checkpoint", { timeout: 900_000 }, () => {
  let trial: ReturnType<typeof trialOf>;
  let expected: string;

  beforeAll(async () => {
    const tried = start("coordinator.mjs", trialOf(2000));
    const seconds = Number(/ ([\d.]+) s$/.exec(await said(tried, /^trial/))?.[1]);
    // long enough for two checkpoints, of which there is one in ten seconds
    trial = trialOf(Math.ceil((25 / seconds) * 2000));
    expected = await tableOf(start("coordinator.mjs", trial));
  }, 300_000);

  it("where its process is killed, more often than one may be lost without a checkpoint", async () => {
    const folder = newFolder();
    const search = start("coordinator.mjs", { ...trial, folder });
    const killProcess = async () => {
      for (;;) {
        const [training] = trialProcessesOf(search.child.pid as number);
        if (training !== undefined) {
          process.kill(training, "SIGKILL");
          return;
        }
        await pause(20);
      }
    };
    for (let i = 0; i < 3; i++) {
      await killProcess();
      await pause(200);
    }
    const isOver = () => search.lines.length > 0;
    const kills = await disturb(isOver, () => latestIn(folder), killProcess);
    expect(await tableOf(search)).toBe(expected);
    expect(kills).toBeGreaterThan(0);
    // what nobody needs any more isn't kept
    expect(readdirSync(join(folder, "latest"))).toEqual([]);
  });

  it("where the search with a folder is killed", async () => {
    const folder = newFolder();
    let search = start("coordinator.mjs", { ...trial, folder });
    const isOver = () => search.lines.length > 0;
    const kills = await disturb(
      isOver,
      () => latestIn(folder),
      async () => {
        await kill(search);
        search = start("coordinator.mjs", { ...trial, folder });
      },
    );
    expect(await tableOf(search)).toBe(expected);
    expect(kills).toBeGreaterThan(0);
    expect(readdirSync(join(folder, "latest"))).toEqual([]);
  });

  it("where its worker is killed", async () => {
    const queue = ownQueue(redis.url);
    const client = new Redis(redis.url);
    let worker = await startWorker(queue);
    const search = start("coordinator.mjs", { ...trial, ...queue });
    const latest = async () => {
      const [key] = (await client.keys("nablanet:latest:*")).filter((name) => /:[0-9a-f]{64}$/.test(name));
      const bytes = key === undefined ? null : await client.getBuffer(key);
      return bytes === null ? "" : createHash("sha256").update(bytes).digest("hex");
    };
    const isOver = () => search.lines.length > 0;
    const kills = await disturb(isOver, latest, async () => {
      await kill(worker);
      worker = await startWorker(queue);
    });
    expect(await tableOf(search)).toBe(expected);
    expect(kills).toBeGreaterThan(0);
    await expect.poll(() => client.keys("nablanet:latest:*")).toEqual([]);
    client.disconnect();
  });
});
