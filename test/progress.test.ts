// The terminal display: on a terminal that keeps what its screen shows, in a pipe, and in a process of its own.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { datasets, type EpochRow, Network, Trainer } from "../src/index.js";
import { type ProgressStream, progress } from "../src/progress.js";

const root = fileURLToPath(new URL("..", import.meta.url));

let now = 0;
beforeEach(() => {
  now = 5000;
  vi.stubEnv("TERM", "xterm");
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const row = (epoch: number, more: Partial<EpochRow> = {}): EpochRow => ({
  epoch,
  loss: 0.5 / epoch,
  learningRate: 0.001,
  seconds: 2,
  samplesPerSecond: 12_345.6,
  ...more,
});

/** A terminal as far as log-update needs one: lines are erased, the cursor goes up and to the left. */
class Screen implements ProgressStream {
  readonly isTTY = true;
  readonly rows: number;
  writes = 0;
  lines = [""];
  #at = 0;

  constructor(
    readonly columns = 120,
    rows = 24,
  ) {
    this.rows = rows;
  }

  write(text: string): void {
    this.writes++;
    // what terminals are told with: ESC, a bracket, a number, a letter
    const [first = "", ...sequences] = text.split("\u001b[");
    this.#print(first);
    for (const sequence of sequences) {
      const end = sequence.search(/[A-Z]/) + 1;
      const told = sequence.slice(0, end);
      if (told === "2K") this.lines[this.#at] = "";
      else if (told === "1A") this.#at--;
      this.#print(sequence.slice(end));
    }
  }

  #print(text: string): void {
    text.split("\n").forEach((line, i) => {
      if (i > 0) this.lines[++this.#at] ??= "";
      this.lines[this.#at] += line;
    });
  }
}

class Pipe implements ProgressStream {
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

describe("in a terminal", () => {
  it("draws one line over and over: count, bar, loss, accuracy, validation, time left, speed", async () => {
    const stream = new Screen();
    const { onEpoch } = progress({ epochs: 10, stream });
    await onEpoch(row(1));
    expect(stream.lines).toEqual([
      `epoch  1/10  ${"█".repeat(4)}${"░".repeat(36)}  loss 0.5000    0:18 left  12,346 samples/s`,
      "",
    ]);
    now += 4000;
    await onEpoch(row(2, { accuracy: 0.5, validationLoss: 1e-9, validationAccuracy: 0.25 }));
    // two epochs took 2 + 4 s
    expect(stream.lines).toEqual([
      expect.stringMatching(
        /^epoch {2}2\/10 {2}█+░+ {2}loss 0\.2500 {4}accuracy {2}50\.0 % {2}validation 1\.00e-9 {3} 25\.0 % {2}0:24 left {2}12,346 samples\/s$/,
      ),
      "",
    ]);
    expect(stream.lines[0]).toHaveLength(119);
    now += 3000;
    await onEpoch(row(10, { samplesPerSecond: Number.POSITIVE_INFINITY }));
    expect(stream.lines).toEqual([`epoch 10/10  ${"█".repeat(40)}  loss 0.05000   in 0:09`, ""]);
  });

  it("draws at most every 50 ms, and the last epoch in any case", async () => {
    const stream = new Screen();
    const { onEpoch } = progress({ epochs: 100, stream });
    for (let epoch = 1; epoch <= 99; epoch++, now++) await onEpoch(row(epoch));
    expect(stream.writes).toBe(2);
    expect(stream.lines[0]).toMatch("epoch  51/100");
    await onEpoch(row(100));
    expect(stream.lines[0]).toMatch("epoch 100/100");
  });

  it.each([20, 30, 40, 60, 80, 100])("leaves out what has no room in %i columns", async (columns) => {
    const stream = new Screen(columns);
    const { onEpoch } = progress({ epochs: 10, stream });
    await onEpoch(row(3, { accuracy: 0.5, validationLoss: 0.3, validationAccuracy: 0.25 }));
    expect(stream.lines).toHaveLength(2);
    expect(stream.lines[0]?.length).toBeLessThan(columns);
    expect(stream.lines[0]).toMatch(/^epoch {2}3\/10/);
    expect(stream.lines[0]?.includes("loss")).toBe(columns > 20);
    expect(stream.lines[0]?.includes("left")).toBe(columns > 80);
  });

  it("keeps what the user's own callback prints above the line", async () => {
    const stream = new Screen();
    const { onEpoch } = progress({ epochs: 4, stream, onEpoch: ({ epoch }) => stream.write(`mine ${epoch}\n`) });
    for (const epoch of [1, 2, 3]) await onEpoch(row(epoch));
    expect(stream.lines).toEqual(["mine 1", "mine 2", "mine 3", expect.stringMatching(/^epoch 3\/4 /), ""]);
  });

  it("begins anew with another fit, and counts a resumed one from where it goes on", async () => {
    const stream = new Screen();
    const { onEpoch } = progress({ epochs: 10, stream });
    await onEpoch(row(6));
    expect(stream.lines[0]).toMatch(" 0:08 left");
    now += 100_000;
    await onEpoch(row(1));
    expect(stream.lines[0]).toMatch(" 0:18 left");
    now += 1_200_000;
    await onEpoch(row(2));
    expect(stream.lines[0]).toMatch(" 1:20:08 left");
  });
});

describe("elsewhere", () => {
  it("prints the first epoch, one a second, and the last", async () => {
    const stream = new Pipe();
    const { onEpoch } = progress({ epochs: 30, stream });
    for (let epoch = 1; epoch <= 30; epoch++, now += 100) await onEpoch(row(epoch, { loss: 0.5 }));
    expect(stream.text).toBe(
      "epoch  1/30  loss 0.5000    0:58 left  12,346 samples/s\n" +
        "epoch 11/30  loss 0.5000    0:05 left  12,346 samples/s\n" +
        "epoch 21/30  loss 0.5000    0:02 left  12,346 samples/s\n" +
        "epoch 30/30  loss 0.5000    in 0:05  12,346 samples/s\n",
    );
  });

  it("prints the epoch that the user's callback ends the fit with", async () => {
    const stream = new Pipe();
    const { onEpoch } = progress({ epochs: 30, stream, onEpoch: async ({ epoch }) => epoch < 7 });
    for (let epoch = 1; epoch <= 7; epoch++) await onEpoch(row(epoch));
    expect(stream.text.match(/^epoch +\d+/gm)).toEqual(["epoch  1", "epoch  7"]);
  });

  it.each([
    ["a terminal without lines", () => new Screen(80, 0)],
    ["a terminal that can't", () => new Screen(80)],
  ])("counts as elsewhere: %s", async (name, open) => {
    if (name === "a terminal that can't") vi.stubEnv("TERM", "dumb");
    const stream = open();
    const { onEpoch } = progress({ epochs: 2, stream });
    for (const epoch of [1, 2]) await onEpoch(row(epoch));
    expect(stream.lines.map((line) => line.slice(0, 9))).toEqual(["epoch 1/2", "epoch 2/2", ""]);
  });
});

describe("the callback", () => {
  it("answers what the user's own does, waiting for it, else nothing", async () => {
    const stream = new Pipe();
    expect(await progress({ epochs: 2, stream }).onEpoch(row(1))).toBe(undefined);
    expect(await progress({ epochs: 2, stream, onEpoch: async () => false }).onEpoch(row(1))).toBe(false);
    expect(await progress({ epochs: 2, stream, onEpoch: () => 7 }).onEpoch(row(1))).toBe(7);
    const failing = progress({ epochs: 2, stream, onEpoch: () => Promise.reject(new Error("mine")) });
    await expect(failing.onEpoch(row(1))).rejects.toThrow("mine");
  });

  it("ends a fit only where the user's does", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 1 }], seed: 1 });
    const trainer = new Trainer(network);
    const train = (onEpoch?: (row: EpochRow) => unknown) => {
      const options = { epochs: 5, stream: new Pipe(), ...(onEpoch && { onEpoch }) };
      return trainer.fit(datasets.xor(), { epochs: 5, ...progress(options) });
    };
    vi.restoreAllMocks();
    expect((await train()).status).toBe("completed");
    const { status, history } = await train(({ epoch }) => epoch < 2);
    expect([status, history.length]).toEqual(["stopped", 2]);
  });

  it("refuses options that it can't use", () => {
    const cases: [object, Error][] = [
      [{}, new TypeError("epochs must be a positive integer, got undefined")],
      [{ epochs: 0 }, new RangeError("epochs must be a positive integer, got 0")],
      [{ epochs: 1, onEpoch: 3 }, new TypeError("onEpoch must be a function, got 3")],
      [{ epochs: 1, stream: {} }, new TypeError("stream must be a stream with write, got an object")],
      [{ epochs: 1, out: 1 }, new RangeError('progress has no option "out"; its options are epochs, stream, onEpoch')],
    ];
    for (const [options, error] of cases) expect(() => progress(options as { epochs: number })).toThrow(error);
  });
});

it("writes to stderr in a process of its own, and leaves stdout alone", () => {
  const program = `
    import { datasets, Network, Trainer } from "nablanet";
    import { progress } from "nablanet/progress";
    const network = await Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }], seed: 1 });
    const [train, validation] = datasets.moons({ samples: 100 }).split(0.8);
    await new Trainer(network).fit(train, { epochs: 200, validation, ...progress({ epochs: 200 }) });
    console.log("done");`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, "done\n"]);
  expect(stderr).not.toMatch("\u001b");
  const lines = stderr.trimEnd().split("\n");
  expect(lines.length).toBeLessThan(20);
  expect(lines[0]).toMatch(
    /^epoch {3}1\/200 {2}loss \S+ +accuracy +\d+\.\d % {2}validation \S+ +\d+\.\d % {2}\d+:\d\d left/,
  );
  expect(lines.at(-1)).toMatch(/^epoch 200\/200 .* in \d+:\d\d {2}[\d,]+ samples\/s$/);
});
