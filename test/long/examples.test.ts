// The examples that run in Node, in processes of their own, as users start them.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Network } from "../../src/index.js";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const iris = readFileSync(new URL("../fixtures/iris.csv", import.meta.url), "utf8")
  .trim()
  .split("\n");
const [names = [], ...cells] = iris.map((line) => line.split(","));

/** The flowers as rows with names, their numbers as strings, and their species. */
const rows = cells.map((row) => Object.fromEntries(row.slice(0, -1).map((cell, i) => [names[i], cell])));
const species = cells.map((row) => row.at(-1));

const folder = mkdtempSync(join(tmpdir(), "nablanet-examples-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Reply {
  status: number;
  body: unknown;
}

/** A program that serves: what it prints holds its address. */
class Service {
  private constructor(
    readonly url: string,
    readonly child: ChildProcess,
  ) {}

  static async start(program: string, env: Record<string, string>): Promise<Service> {
    const child = spawn(process.execPath, [examples + program], { env: { ...process.env, ...env } });
    let said = "";
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (text: Buffer) => {
        said += text;
        const [found] = said.match(/http:\/\/\S+(?=\n)/) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.on("exit", () => reject(new Error(`${program} ended: ${said}`)));
    });
    return new Service(url, child);
  }

  async ask(path: string, body?: unknown, init: RequestInit = {}): Promise<Reply> {
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(this.url + path, { ...sent, ...init });
    return { status: response.status, body: await response.json() };
  }

  /** Its exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    this.child.kill("SIGTERM");
    return (await once(this.child, "exit"))[0];
  }
}

function rightOf(answers: unknown): number {
  return (answers as { label: string }[]).filter(({ label }, i) => label === species[i]).length;
}

it("node-csv learns, saves, loads and answers", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [`${examples}node-csv/train.mjs`], { cwd: folder });
  const [, right] = stdout.match(/held out: (\d+) of 30 right/) as unknown as [string, string];
  expect(Number(right)).toBeGreaterThanOrEqual(27);
  expect(stdout).toMatch(/is a versicolor\n.*setosa.* %\n.*versicolor.* %\n.*virginica.* %\n$/);
  const network = await Network.load(join(folder, "iris.nabla"));
  expect(rightOf(rows.map((row) => network.predictRow(row)))).toBeGreaterThanOrEqual(140);
});

it("run.mjs says what there is", async () => {
  const run = promisify(execFile)(process.execPath, [`${examples}run.mjs`, "toString"]);
  await expect(run).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("one of page, worker, gestures"),
  });
});

describe("http-service", () => {
  const model = join(folder, "service.nabla");
  let service: Service;
  beforeAll(async () => {
    service = await Service.start("http-service/server.mjs", { PORT: "0", MODEL: model });
  });
  afterAll(() => service.stop());

  it("is well, and listens on loopback", async () => {
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await service.ask("/health")).toMatchObject({ status: 200, body: { status: "ok", inputs: 4 } });
    expect(existsSync(model)).toBe(true);
  });

  it("answers a row, rows, and a batch with the same numbers, many at once", async () => {
    const network = await Network.load(model);
    const expected = rows.map((row) => network.predictRow(row));
    const [all, batch, ...each] = await Promise.all([
      service.ask("/predict", rows),
      service.ask("/predict/batch", rows),
      ...rows.map((row) => service.ask("/predict", row)),
    ]);
    expect(rightOf(all.body)).toBeGreaterThanOrEqual(140);
    const answers = JSON.parse(JSON.stringify(expected));
    expect(each.map(({ status, body }) => [status, body])).toEqual(answers.map((body: unknown) => [200, body]));
    for (const { body } of [all, batch]) {
      for (const [i, { label, probabilities }] of (body as typeof answers).entries()) {
        expect(label).toBe(answers[i].label);
        for (const [name, probability] of Object.entries(answers[i].probabilities)) {
          expect(probabilities[name]).toBeCloseTo(probability as number, 5);
        }
      }
    }
  });

  it("says what is wrong with a request", async () => {
    const wide = { ...rows[0], petal_width: "wide" };
    const bad = (path: string, body: unknown) => service.ask(path, body);
    const refusals: [Reply, RegExp][] = [
      [await bad("/predict", wide), /petal_width.*number.*"wide"/],
      [await bad("/predict", [rows[0], wide]), /rows\[1\].*petal_width/],
      [await bad("/predict/batch", [rows[0], { ...rows[1], color: "red" }]), /rows\[1\] has "color"/],
      [await bad("/predict/batch", rows[0]), /array of rows/],
      [await bad("/predict", 5), /row must be an object/],
      [await service.ask("/predict", undefined, { method: "POST", body: "{" }), /must be JSON/],
      [await service.ask("/predict", undefined, { method: "POST", body: " ".repeat(2 ** 22 + 1) }), /at most 4194304/],
    ];
    for (const [{ status, body }, message] of refusals) {
      expect([status, body]).toEqual([400, { error: expect.stringMatching(message) }]);
    }
    expect(await service.ask("/predict")).toMatchObject({ status: 405 });
    expect(await service.ask("/elsewhere")).toMatchObject({ status: 404 });
    expect((await service.ask("/health")).status).toBe(200);
  });

  it("answers what is due before it stops", async () => {
    const many = Array.from({ length: 50 }, () => rows).flat();
    const due = service.ask("/predict/batch", many);
    await service.ask("/health");
    const stopped = service.stop();
    expect((await due).body).toHaveLength(many.length);
    expect(await stopped).toBe(0);
    await expect(service.ask("/health")).rejects.toThrow();
  });

  it("starts from the model that is there", async () => {
    const before = readFileSync(model);
    service = await Service.start("http-service/server.mjs", { PORT: "0", MODEL: model });
    expect((await service.ask("/predict", rows[0])).body).toMatchObject({ label: "setosa" });
    expect(readFileSync(model)).toEqual(before);
  });
});

/** Where `npm run test:engines` installs it, unless WORKERD says. */
const installed = fileURLToPath(
  new URL("../engines/node_modules/@cloudflare/workerd-linux-64/bin/workerd", import.meta.url),
);
const workerd = process.env.WORKERD ?? (existsSync(installed) ? installed : undefined);

describe("edge", () => {
  let service: Service | undefined;
  afterEach(async () => {
    await service?.stop();
    service = undefined;
  });

  // the reporter only counts what is skipped
  if (workerd === undefined) process.stderr.write("workerd isn't here: set WORKERD to its path\n");
  const platforms = [["Node", ""], ...(workerd === undefined ? [] : [["workerd", workerd]])] as [string, string][];
  it.each(platforms)("answers in %s", async (_, WORKERD) => {
    service = await Service.start("edge/start.mjs", { PORT: "0", WORKERD });
    const { ask } = service;
    const edge = (body?: unknown) => ask.call(service, "", body);
    expect(await edge()).toEqual({ status: 200, body: { post: names.slice(0, 4), get: ["species"] } });
    const network = await Network.load(`${examples}edge/model.json`);
    for (const row of rows.filter((_, i) => i % 50 === 0)) {
      const { status, body } = await edge(row);
      expect([status, body]).toEqual([200, JSON.parse(JSON.stringify(network.predictRow(row)))]);
    }
    expect(await edge({ ...rows[0], color: "red" })).toEqual({
      status: 400,
      body: { error: 'row has "color", which is no column of the schema' },
    });
  });

  it("has the model that train.mjs makes", async () => {
    const made = join(folder, "model.json");
    await promisify(execFile)(process.execPath, [`${examples}edge/train.mjs`, made]);
    const parse = (path: string) => JSON.parse(readFileSync(path, "utf8"));
    expect(parse(made)).toEqual(parse(`${examples}edge/model.json`));
  });
});
