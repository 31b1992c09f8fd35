// Trials a second of a search with 1 to 4 workers: processes of this machine, and workers over a Redis of its own. Then with many
// that only wait, as those on other machines do for this one; and what a trial costs Redis, the coordinator and the network,
// which says what is full first. Needs redis-server, on a machine that is otherwise idle. Run by `npm run bench:search`.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { logUniform, search } from "nablanet";
import { bullmq, local } from "nablanet/backends";
import { tableReference } from "nablanet/tables";
import { machine, save, significant, table } from "./report.mjs";

const PORT = 16_379;
const URL_OF_REDIS = `redis://127.0.0.1:${PORT}`;
const WORKERS = [1, 2, 3, 4];
/** By how long a trial takes, about: epochs, and trials a search. */
const SIZES = { short: { epochs: 1, trials: 1000 }, long: { epochs: 200, trials: 80 } };
/** Workers that wait, and for how long. */
const WAITING = [1, 4, 16, 64, 256];
const WAITING_MS = 250;

const folder = mkdtempSync(join(tmpdir(), "nablanet-bench-"));
const rows = Array.from({ length: 2000 }, (_, i) => {
  const [x, y] = [((i * 37) % 101) / 50 - 1, ((i * 53) % 97) / 48 - 1];
  return `${x},${y},${x * y > 0 ? "same" : "other"}`;
});
writeFileSync(join(folder, "signs.csv"), `x,y,signs\n${rows.join("\n")}\n`);
const data = await tableReference(join(folder, "signs.csv"), { target: "signs" });

const searched = ({ epochs, trials }, backend) =>
  search({
    space: { learningRate: logUniform(1e-3, 1e-1) },
    build: ({ learningRate }) => ({
      network: {
        schema: data.schema,
        layers: [
          { units: 32, activation: "tanh" },
          { units: 2, activation: "softmax" },
        ],
      },
      trainer: { optimizer: { kind: "adam", learningRate } },
      fit: { epochs },
    }),
    data,
    trials,
    seed: 1,
    backend,
  });

const hashes = {};

/** Seconds of a search, whose hashes are those of every other one of its size. */
async function timed(size, backend) {
  const begin = performance.now();
  const { trials } = await searched(SIZES[size], backend);
  const seconds = (performance.now() - begin) / 1000;
  const hash = trials.map(({ parametersHash }) => parametersHash).join();
  hashes[size] ??= hash;
  if (hash !== hashes[size]) throw new Error("workers gave other parameters");
  return seconds;
}

const isUp = () =>
  new Promise((resolve) => {
    const socket = connect(PORT, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() !== undefined));
    socket.once("error", () => setTimeout(resolve, 50, false));
  });

async function startWorker(script, told) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const args = [path, JSON.stringify({ connection: URL_OF_REDIS, ...told })];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdout.resume();
  return child;
}

async function stop(child) {
  const end = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await end;
}

/** What Redis says of itself, as numbers. */
async function counted(redis) {
  const text = await redis.info("all");
  const number = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(text)?.[1]);
  return {
    cpu: number("used_cpu_user") + number("used_cpu_sys"),
    commands: number("total_commands_processed"),
    received: number("total_net_input_bytes"),
    sent: number("total_net_output_bytes"),
    memory: number("used_memory"),
  };
}

/** Of each number, how much it grew for a trial. */
const perTrial = (before, after, trials) =>
  Object.fromEntries(Object.keys(before).map((name) => [name, (after[name] - before[name]) / trials]));

const server = spawn("redis-server", ["--port", PORT, "--bind", "127.0.0.1", "--save", "", "--dir", folder], {
  stdio: "ignore",
});
const results = [];
const waiting = [];
try {
  while (!(await isUp()));
  const redis = new Redis(PORT);
  for (const size of Object.keys(SIZES)) {
    const { trials } = SIZES[size];
    for (const workers of WORKERS) {
      const queue = `${size}-${workers}`;
      const started = await Promise.all(
        Array.from({ length: workers }, () => startWorker("../test/distributed/worker.mjs", { queue })),
      );
      const here = await timed(size, local({ processes: workers }));
      // the workers' processes have started, and read the table
      await searched({ epochs: 2, trials: 4 * workers }, bullmq({ connection: URL_OF_REDIS, queue }));
      const there = await timed(size, bullmq({ connection: URL_OF_REDIS, queue }));
      results.push({ size, workers, local: trials / here, redis: trials / there });
      await Promise.all(started.map(stop));
      process.stderr.write(".");
    }
  }
  for (const workers of WAITING) {
    const queue = `waiting-${workers}`;
    const worker = await startWorker("waiting-worker.mjs", { queue, concurrency: workers, ms: WAITING_MS });
    const trials = Math.max(40, 8 * workers);
    const backend = bullmq({ connection: URL_OF_REDIS, queue, ahead: 2 * workers });
    const [before, own, begin] = [await counted(redis), process.cpuUsage(), performance.now()];
    await searched({ epochs: 1, trials }, backend);
    const seconds = (performance.now() - begin) / 1000;
    const { user, system } = process.cpuUsage(own);
    const cost = { ...perTrial(before, await counted(redis), trials), coordinator: (user + system) / 1e6 / trials };
    waiting.push({ workers, ms: WAITING_MS, perfect: (1000 * workers) / WAITING_MS, redis: trials / seconds, cost });
    await stop(worker);
    process.stderr.write(".");
  }
  redis.disconnect();
} finally {
  server.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}
process.stderr.write("\n");
const figures = results.map(({ size, workers, local, redis }) => [
  ...[size, String(workers)],
  ...[significant(local), significant(redis)],
]);
console.log(table(["trials", "workers", "a second, local", "over Redis"], figures, 1));
const simulated = waiting.map(({ workers, perfect, redis }) => [String(workers), ...[perfect, redis].map(significant)]);
console.log(
  `\n${table(["workers that wait 250 ms", "a second, if nothing else took time", "over Redis"], simulated, 1)}`,
);
const { cpu, commands, received, sent, memory, coordinator } = waiting.at(-1).cost;
console.log(`
A trial costs Redis ${(1e6 * cpu).toFixed(0)} µs in ${commands.toFixed(0)} commands, ${significant(received)} bytes in and ${significant(sent)} out, and keeps ${significant(memory)} bytes there;
it costs the coordinator ${(1e6 * coordinator).toFixed(0)} µs.
So one Redis is full at ${significant(1 / cpu)} trials a second, one coordinator at ${significant(1 / coordinator)}.

Every figure: ${save("search", { ...machine(), results, waiting })}`);
