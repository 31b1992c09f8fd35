// Files that are being written when something fails: at every byte, at every operation, and where the process is killed. What
// was there before, or what was to be there, is there whole.
//
//   KILLS=1000 npm run test:reliability -- saving     that many processes are killed while they save over and over

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFile } from "../../src/engine/whole-file.js";
import { datasets, Network, Trainer } from "../../src/index.js";
import { FaultyDisk, type Place } from "./faulty-disk.js";

const KILLS = Number(process.env.KILLS ?? 100);
const DRAFT = /^\.nabla-[0-9a-f]{8}\.draft$/;
const moons = datasets.moons({ samples: 64 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nablanet-saving-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function trainerAfter(epochs: number): Promise<Trainer> {
  const network = await Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }], seed: 1 });
  const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 0.1 } });
  if (epochs > 0) await trainer.fit(moons, { epochs });
  return trainer;
}

/** A way to write a file over another, and what both are. */
interface Case {
  name: string;
  before: Uint8Array;
  after: Uint8Array;
  write(path: string): Promise<void>;
  load(path: string): Promise<Float32Array>;
  versions: Float32Array[];
}

async function makeCases(): Promise<Case[]> {
  const [young, old] = [await trainerAfter(1), await trainerAfter(2)];
  const versions = [young, old].map(({ network }) => network.parameters());
  const models = await Promise.all(
    (["nablanet", "json", "safetensors", "onnx"] as const).map(
      async (format): Promise<Case> => ({
        name: `a model, ${format}`,
        before: (await young.network.encode(format)) as Uint8Array,
        after: (await old.network.encode(format)) as Uint8Array,
        write: (path) => old.network.save(path, { format }),
        load: async (path) => (await Network.load(path)).parameters(),
        versions,
      }),
    ),
  );
  const checkpoint = old.checkpoint();
  return [
    ...models,
    {
      name: "a checkpoint",
      before: young.checkpoint(),
      after: checkpoint,
      write: (path) => writeFile(path, checkpoint),
      load: async (path) => (await Trainer.resume(readFileSync(path), moons)).network.parameters(),
      versions,
    },
  ];
}

/** What a faulty disk leaves of writing a file over another. */
async function overwrite(one: Case, place: Place | undefined, dies: boolean) {
  const own = mkdtempSync(join(folder, "case-"));
  const path = join(own, "file");
  writeFileSync(path, one.before);
  const disk = new FaultyDisk(place, dies);
  const succeeded = await disk.during(() => one.write(path));
  const now = readFileSync(path);
  const version = [one.before, one.after].findIndex((bytes) => now.equals(bytes));
  if (version < 0) expect.fail(`${JSON.stringify(place)}: the file is neither the old nor the new one`);
  const drafts = readdirSync(own).filter((name) => name !== "file");
  for (const name of drafts) expect(name).toMatch(DRAFT);
  const loads = async () => expect(await one.load(path)).toEqual(one.versions[version]);
  return { succeeded, version, drafts: drafts.length, operations: disk.operations, loads, own };
}

describe("a file that is written over another", () => {
  it("is the old or the new one, at whichever operation the disk fails or the process dies", async () => {
    for (const one of await makeCases()) {
      const { operations, version, drafts } = await overwrite(one, undefined, false);
      expect([version, drafts, operations[0], operations.includes("rename")]).toEqual([1, 0, "stat", true]);
      for (const dies of [false, true]) {
        for (let operation = 0; operation < operations.length; operation++) {
          const left = await overwrite(one, { operation }, dies);
          await left.loads();
          const renamed = operation > operations.indexOf("rename");
          expect(left.version, `${one.name}, ${operations[operation]}`).toBe(Number(left.succeeded || renamed));
          // who lives cleans up, unless it is that which fails; the dead leave one draft at most
          if (!dies) expect(left.drafts).toBe(0);
          else expect(left.drafts).toBeLessThanOrEqual(1);
        }
      }
    }
  });

  it("is the old one, at whichever byte the disk is full or the process dies", async () => {
    let places = 0;
    for (const one of await makeCases()) {
      for (let byte = 0; byte < one.after.length; byte++) {
        const dies = byte % 2 === 0;
        const left = await overwrite(one, { byte }, dies);
        expect([left.succeeded, left.version, left.drafts]).toEqual([false, 0, Number(dies)]);
        if (byte % 97 === 0) await left.loads();
        rmSync(left.own, { recursive: true });
        places += 1;
      }
    }
    console.log(`${places} bytes at which writing failed`);
  });

  it("leaves a new file where there was none, or nothing", async () => {
    const [one] = (await makeCases()) as [Case];
    for (let operation = 0; ; operation++) {
      const own = mkdtempSync(join(folder, "new-"));
      const disk = new FaultyDisk({ operation }, false);
      await disk.during(() => one.write(join(own, "file")));
      const files = readdirSync(own);
      if (files.length > 0) expect(readFileSync(join(own, "file")).equals(one.after)).toBe(true);
      expect(files.length).toBeLessThanOrEqual(1);
      if (operation >= disk.operations.length) break;
    }
  });

  it("takes the drafts with it that killed processes left there more than an hour ago, and no other file", async () => {
    const own = join(folder, "drafts");
    mkdirSync(own);
    const names = [".nabla-00c0ffee.draft", ".nabla-0badcafe.draft", ".nabla-notes.draft", "nabla-00c0ffee.draft"];
    for (const name of names) {
      writeFileSync(join(own, name), "half a fi");
      const then = Date.now() / 1000 - (name === names[1] ? 3500 : 3700);
      utimesSync(join(own, name), then, then);
    }
    await writeFile(join(own, "file"), new Uint8Array([1]));
    expect(readdirSync(own).sort()).toEqual(["file", ...names.slice(1)].sort());
  });
});

describe("processes that are killed", () => {
  const program = () => join(folder, "save-forever.mjs");
  beforeAll(() => {
    const entryPoint = fileURLToPath(new URL("save-forever.ts", import.meta.url));
    return void buildSync({
      entryPoints: [entryPoint],
      outfile: program(),
      bundle: true,
      format: "esm",
      platform: "node",
    });
  });

  /** Saves until it is killed, some ms after its first file was written. */
  async function killed(own: string, ms: number): Promise<void> {
    const child = spawn(process.execPath, [program(), own], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("exit", (_, signal) => resolve(signal)));
    await new Promise<void>((resolve) => child.stdout.once("data", () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
  }

  it(`${KILLS} times while they save leave a model and a checkpoint that were written`, async () => {
    const own = join(folder, "kills");
    mkdirSync(own);
    const whole = [Float32Array.of(), Float32Array.of()];
    for (const epochs of [1, 2]) whole[epochs - 1] = (await trainerAfter(epochs)).network.parameters();
    const versions = { model: new Set<number>(), checkpoint: new Set<number>() };
    const note = (kind: keyof typeof versions, parameters: Float32Array) => {
      const version = whole.findIndex((one) => Buffer.from(one.buffer).equals(Buffer.from(parameters.slice().buffer)));
      expect(version).toBeGreaterThanOrEqual(0);
      versions[kind].add(version);
    };
    for (let i = 0; i < KILLS; i += 2) {
      // two at once, on the same files
      await Promise.all([killed(own, (i * 7) % 31), killed(own, (i * 5) % 23)]);
      const model = await Network.load(join(own, "model.nabla"));
      note("model", model.parameters());
      model.dispose();
      const resumed = await Trainer.resume(readFileSync(join(own, "run.checkpoint")), moons);
      note("checkpoint", resumed.network.parameters());
      resumed.dispose();
      resumed.network.dispose();
    }
    const left = readdirSync(own).filter((name) => DRAFT.test(name));
    expect(readdirSync(own)).toHaveLength(2 + left.length);
    // each was writing two files
    expect(left.length).toBeLessThanOrEqual(2 * KILLS);
    console.log(
      `${KILLS} kills left ${left.length} drafts; ${versions.model.size} and ${versions.checkpoint.size} versions seen`,
    );
    // an hour later, the next file that is written takes them with it
    for (const name of left) utimesSync(join(own, name), Date.now() / 1000 - 4000, Date.now() / 1000 - 4000);
    await writeFile(join(own, "model.nabla"), readFileSync(join(own, "model.nabla")));
    expect(readdirSync(own).sort()).toEqual(["model.nabla", "run.checkpoint"]);
  });
});
