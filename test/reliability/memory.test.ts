// Memory that is refused: at each allocation of each public call, at the border of 4 GiB, to thousands of networks, by the system.
// The error says what was needed, nothing is changed or lost, and everything works on with the same bits.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Engine } from "../../src/engine/engine.js";
import { Memory } from "../../src/engine/memory.js";
import { datasets, metrics, Network, type NetworkOptions, OutOfMemoryError, Trainer } from "../../src/index.js";

const moons = datasets.moons({ samples: 200, seed: 1 });
const [train, validation] = moons.split(0.8, { seed: 1 });
const REFUSED =
  /^out of memory: \d+ MiB more than the \d+ MiB in use were refused \(a WebAssembly memory holds 4096 MiB at most\)$/;

afterEach(() => vi.restoreAllMocks());

const small: NetworkOptions = {
  inputs: 2,
  layers: [
    { units: 9, activation: "gelu" },
    { units: 2, activation: "softmax" },
  ],
  seed: 3,
};
const make = async () =>
  new Trainer(await Network.create(small), { batchSize: 16, optimizer: { kind: "adam", clipNorm: 1 } });

/** What a call leaves: its answer, as JSON tells it, and the parameters. */
interface Operation {
  name: string;
  /** Whether it can do without: a fit that has no room for threads trains on the calling one. */
  hasFallback?: boolean;
  run(trainer: Trainer): unknown;
  /** The parameters where it may have stopped, and how it goes on from there. */
  between?: () => Promise<Float32Array>;
  goOn?: Operation["run"];
}

const allThatTakesMemory = { epochs: 2, threads: 1, validation, earlyStopping: true, metrics: { f1: metrics.f1 } };

const rows = new Float32Array(4000).map((_, i) => Math.sin(i));
const operations: Operation[] = [
  { name: "Network.create", run: async () => (await Network.create({ ...small, seed: 4 })).dispose() },
  {
    name: "new Trainer",
    run: ({ network }) => new Trainer(network, { optimizer: { kind: "lbfgs" }, batchSize: 500 }).dispose(),
  },
  { name: "predict", run: ({ network }) => network.predict(rows) },
  {
    name: "predictAsync on threads",
    hasFallback: true,
    run: ({ network }) => network.predictAsync(rows, { threads: 2 }),
  },
  { name: "network.trace", run: ({ network }) => network.trace([1, 2]) },
  { name: "parameters", run: ({ network }) => network.parameters() },
  { name: "setParameters", run: ({ network }) => network.setParameters(network.parameters().fill(0.5)) },
  { name: "encode", run: ({ network }) => network.encode() },
  { name: "step", run: (trainer) => trainer.step(rows.subarray(0, 100), new Array(50).fill(1)) },
  { name: "gradients", run: (trainer) => trainer.gradients([1, 2, 3, 4], [0, 1]) },
  { name: "trainer.trace", run: (trainer) => trainer.trace([1, 2], [0, 1]) },
  { name: "checkpoint", run: (trainer) => trainer.checkpoint() },
  { name: "evaluate", run: (trainer) => trainer.evaluate(moons, { metrics: { f1: metrics.f1 } }) },
  { name: "evaluate on threads", hasFallback: true, run: (trainer) => trainer.evaluate(moons, { threads: 2 }) },
  { name: "fit", run: (trainer) => trainer.fit(train, { epochs: 2, threads: 1 }) },
  {
    name: "fit with all that takes memory",
    run: (trainer) => trainer.fit(train, allThatTakesMemory),
    between: async () => {
      const trainer = await make();
      await trainer.fit(train, { epochs: 1, threads: 1 });
      const parameters = trainer.network.parameters();
      end({ trainer });
      return parameters;
    },
    goOn: (trainer) => trainer.fit(train, { ...allThatTakesMemory, resume: true }),
  },
  { name: "fit on threads", hasFallback: true, run: (trainer) => trainer.fit(train, { epochs: 2, threads: 2 }) },
  {
    name: "Trainer.resume",
    run: async (trainer) => {
      const resumed = await Trainer.resume(trainer.checkpoint(), train);
      resumed.dispose();
      resumed.network.dispose();
    },
  },
];

/** Times and threads differ from run to run. */
const told = (answer: unknown) =>
  JSON.stringify(answer, (key, value) => (/^(seconds|samplesPerSecond|threads)$/.test(key) ? undefined : value));

/** What an operation on a fresh trainer comes to, if allocation number `refused` of it is refused. */
async function attempt({ run }: Operation, refused = Number.POSITIVE_INFINITY) {
  const trainer = await make();
  const engine = trainer.network.block.engine;
  const before = { used: engine.memoryUsage.used, parameters: trainer.network.parameters() };
  const { allocate } = Memory.prototype;
  let allocations = 0;
  const spy = vi.spyOn(Memory.prototype, "allocate").mockImplementation(function (this: Memory, bytes) {
    // as if the memory couldn't grow
    return allocate.call(this, allocations++ === refused ? 2 ** 33 : bytes);
  });
  const outcome = await (async () => ({ answer: told(await run(trainer)) }))().catch((error: unknown) => ({ error }));
  spy.mockRestore();
  const used = engine.memoryUsage.used - before.used;
  return { trainer, outcome, allocations, used, before, parameters: trainer.network.parameters() };
}

const same = (one: Float32Array, other: Float32Array) => Buffer.from(one.buffer).equals(Buffer.from(other.buffer));

const end = ({ trainer }: { trainer: Trainer }) => {
  trainer.dispose();
  trainer.network.dispose();
};

describe("an allocation that is refused, each of all", () => {
  for (const operation of operations) {
    it(operation.name, async () => {
      const whole = await attempt(operation);
      expect(whole.outcome).toHaveProperty("answer");
      expect(whole.used).toBe(0);
      for (let refused = 0; refused < whole.allocations; refused++) {
        const left = await attempt(operation, refused);
        const where = `allocation ${refused} of ${whole.allocations}`;
        expect(left.used, where).toBe(0);
        if ("answer" in left.outcome) {
          expect(operation.hasFallback, where).toBe(true);
          expect(left.outcome, where).toEqual(whole.outcome);
          expect(left.parameters, where).toEqual(whole.parameters);
        } else {
          expect(left.outcome.error, where).toBeInstanceOf(OutOfMemoryError);
          expect((left.outcome.error as Error).message).toMatch(REFUSED);
          // one epoch or all may have been trained before the validation or the best parameters had no room
          const between = operation.between === undefined ? [] : [await operation.between(), whole.parameters];
          const standing = [left.before.parameters, ...between].findIndex((one) => same(one, left.parameters));
          expect(standing, where).toBeGreaterThanOrEqual(0);
          // and then it works
          const run = standing === 0 ? operation.run : (operation.goOn as Operation["run"]);
          expect({ answer: told(await run(left.trainer)) }, where).toEqual(whole.outcome);
          expect(left.trainer.network.parameters(), where).toEqual(whole.parameters);
        }
        end(left);
      }
      end(whole);
    });
  }
});

async function trainedParameters(): Promise<Float32Array> {
  const trainer = await make();
  await trainer.fit(train, { epochs: 3, validation, threads: 2 });
  await trainer.evaluate(moons);
  trainer.step([1, 2], [0, 1]);
  trainer.gradients([1, 2], [0, 1]);
  trainer.trace([1, 2], [0, 1]);
  await trainer.network.predictAsync(rows, { threads: 2 });
  const resumed = await Trainer.resume(trainer.checkpoint(), train);
  const parameters = resumed.network.parameters();
  for (const one of [trainer, resumed]) end({ trainer: one });
  return parameters;
}

const GIBIBYTE = 2 ** 30;

it("networks beyond 2 GiB, and at the end of 4 GiB, have the same bits; what is too large for the rest is refused", async () => {
  const expected = await trainedParameters();
  const engine = await Engine.shared("fast");
  const blocks = [];
  for (const gibibytes of [2, 1, 0.9]) {
    // nobody touches it, so that the machine needn't have it
    blocks.push(engine.allocate(gibibytes * GIBIBYTE));
    const between = await Network.create(small);
    expect(between.block.pointer).toBeGreaterThan(gibibytes * GIBIBYTE);
    between.dispose();
    expect(await trainedParameters()).toEqual(expected);
  }
  expect(engine.memoryUsage.total).toBeGreaterThan(3.9 * GIBIBYTE);
  const large = Network.create({ inputs: 2 ** 13, layers: [{ units: 2 ** 13 }] });
  await expect(large).rejects.toThrow(/^out of memory: 2\d\d MiB more than the \d{4} MiB in use were refused/);
  expect(await trainedParameters()).toEqual(expected);
  for (const block of blocks) block.free();
});

it("thousands of networks are made until the memory ends, and when they are gone, there is room again", async () => {
  const expected = await trainedParameters();
  const engine = await Engine.shared("fast");
  const before = engine.memoryUsage;
  const room = Array.from({ length: 64 }, () => engine.allocate(2 ** 20));
  const blocks = [];
  for (let size = 2 * GIBIBYTE; size >= 1024; size /= 2) {
    for (;;) {
      try {
        blocks.push(engine.allocate(size));
      } catch {
        break;
      }
    }
  }
  const networks: Network[] = [];
  for (const block of room) block.free();
  const error = await (async () => {
    for (;;) networks.push(await Network.create({ ...small, seed: networks.length }));
  })().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect(networks.length).toBeGreaterThan(2000);
  const answers = networks.map((network) => network.predict([1, 2])[0] as number);
  expect(answers.every(Number.isFinite)).toBe(true);
  console.log(`${networks.length} networks until the memory ended`);
  for (const network of networks) network.dispose();
  expect(await trainedParameters()).toEqual(expected);
  for (const block of blocks) block.free();
  // those forgotten by the tests before may be gone by now, too
  expect(engine.memoryUsage.used).toBeLessThanOrEqual(before.used);
});

const canLimit = spawnSync("prlimit", ["--version"]).error === undefined;

it.skipIf(!canLimit)("the system refuses more than a process may have, and all else works on", () => {
  const program = fileURLToPath(new URL("out-of-memory.mjs", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" });
  expect(stderr).toBe("");
  const { refusals, ...rest } = JSON.parse(stdout);
  expect(refusals).toHaveLength(3);
  for (const refusal of refusals) expect(refusal).toMatch(REFUSED);
  expect(rest).toEqual({ isSame: true, room: 2000 });
});
