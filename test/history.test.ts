// A history as CSV, JSON and an event file, read back by readers that share no code with the writers.

import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { crc32c, encodeEvents } from "../src/formats/tensorboard.js";
import {
  datasets,
  type EpochRow,
  FormatError,
  historyFromJson,
  historyToCsv,
  historyToJson,
  historyToTensorBoard,
  Network,
  Trainer,
} from "../src/index.js";
import { decode } from "./event-file.js";

const first: EpochRow = {
  epoch: 1,
  loss: 0.1 + 0.2,
  learningRate: 1e-7,
  seconds: 0,
  samplesPerSecond: Number.POSITIVE_INFINITY,
  accuracy: -0,
};
const second: EpochRow = {
  epoch: 2,
  loss: 0.25,
  learningRate: 0.001,
  seconds: 1.5,
  samplesPerSecond: 1e21,
  validationLoss: Number.NaN,
};
/** As JavaScript would hand over rows with columns that the types don't know. */
const withExtra = (row: EpochRow, extra: object): EpochRow => ({ ...row, ...extra });

const anyRow = fc
  .tuple(
    fc.record({
      epoch: fc.integer({ min: 1 }),
      loss: fc.double(),
      learningRate: fc.double(),
      seconds: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      samplesPerSecond: fc.double(),
    }),
    fc.record({ accuracy: fc.double(), validationLoss: fc.double() }, { requiredKeys: [] }),
    fc.dictionary(fc.string({ minLength: 1 }), fc.double()),
  )
  .map(([row, optional, extra]): EpochRow => ({ ...extra, ...optional, ...row }));

describe("CSV", () => {
  it("has the union of the columns in a fixed order, and empty cells where a row lacks one", () => {
    expect(historyToCsv([first, second])).toBe(
      "epoch,loss,accuracy,validationLoss,learningRate,seconds,samplesPerSecond\r\n" +
        "1,0.30000000000000004,-0,,1e-7,0,Infinity\r\n" +
        "2,0.25,,NaN,0.001,1.5,1e+21\r\n",
    );
  });

  it("takes columns that it doesn't know, quotes their names, and leaves out undefined", () => {
    const csv = historyToCsv([
      withExtra(second, { 'a "b", c': 7, validationLoss: undefined }),
      withExtra(first, { constructor: 8 }),
    ]);
    expect(csv.split("\r\n")).toEqual([
      'epoch,loss,accuracy,learningRate,seconds,samplesPerSecond,"a ""b"", c",constructor',
      "2,0.25,,0.001,1.5,1e+21,7,",
      "1,0.30000000000000004,-0,1e-7,0,Infinity,,8",
      "",
    ]);
  });

  it("of no rows is the header of the columns that every row has", () => {
    expect(historyToCsv([])).toBe("epoch,loss,learningRate,seconds,samplesPerSecond\r\n");
  });

  it("reads back to the same numbers", () => {
    fc.assert(
      fc.property(fc.array(anyRow), (rows) => {
        const [names = [], ...lines] = parseCsv(historyToCsv(rows));
        const read = lines.map((cells) =>
          Object.fromEntries(cells.flatMap((cell, i) => (cell === "" ? [] : [[names[i], Number(cell)]]))),
        );
        expect(read.map(sorted)).toEqual(rows.map(sorted));
      }),
    );
  });
});

describe("JSON", () => {
  it("reads back exactly, infinities, NaN and −0 too", () => {
    fc.assert(
      fc.property(fc.array(anyRow), (rows) => {
        // toEqual tells 0 from −0
        expect(historyFromJson(historyToJson(rows)).map(sorted)).toEqual(rows.map(sorted));
      }),
    );
  });

  it("is plain JSON, a line an epoch", () => {
    const json = historyToJson([first, second]);
    expect(JSON.parse(json)).toEqual([
      { ...first, accuracy: "-0", samplesPerSecond: "Infinity" },
      { ...second, validationLoss: "NaN" },
    ]);
    expect(json.split("\n")).toHaveLength(5);
    expect(historyFromJson(historyToJson([]))).toEqual([]);
  });

  it("of a real fit reads back", async () => {
    const { history } = await realFit();
    expect(historyFromJson(historyToJson(history))).toEqual(history);
    expect(parseCsv(historyToCsv(history))).toHaveLength(4);
  });

  const row = JSON.stringify({ ...second, validationLoss: 1 });
  for (const [json, said] of [
    ["", /^this JSON is no training history: Unexpected end/],
    ["{}", "this JSON is no training history: history must be an array of rows, one an epoch, got an object"],
    ["[1]", "this JSON is no training history: history[0] must be an object, got 1"],
    [`[${row},null]`, "this JSON is no training history: history[1] must be an object, got null"],
    [`[${row},[]]`, "this JSON is no training history: history[1] must be an object, got an array of length 0"],
    [
      `[${row.replace("0.25", '"low"')}]`,
      'this JSON is no training history: history[0].loss must be a number, got "low"',
    ],
    [
      `[${row.replace("0.25", "null")}]`,
      "this JSON is no training history: history[0].loss must be a number, got null",
    ],
    [
      `[${row.replace('"loss":0.25,', "")}]`,
      "this JSON is no training history: history[0].loss must be a number, got undefined",
    ],
    [
      `[${row.replace('"epoch":2', '"epoch":0')}]`,
      "this JSON is no training history: history[0].epoch must be a positive integer, got 0",
    ],
    [
      `[${row.replace("1.5", '"NaN"')}]`,
      "this JSON is no training history: history[0].seconds must be a finite number of at least 0, got NaN",
    ],
  ] as const) {
    it(`refuses ${json === "" ? "nothing" : json}`, () => {
      expect(() => historyFromJson(json)).toThrow(FormatError);
      expect(() => historyFromJson(json)).toThrow(said);
    });
  }

  it("leaves Object.prototype alone", () => {
    const json = `[${row.replace("{", '{"__proto__":3,')}]`;
    const [read] = historyFromJson(json);
    expect(Object.hasOwn(read as object, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});

describe("the event file", () => {
  it("has the bytes that TensorBoard 2.21's own writer gives", () => {
    // RecordWriter over Event.SerializeToString(), of the same three events
    const written =
      "1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e4576656e743a32eced8f9d" +
      "3b000000000000001a23ac5c0900006040fc54d94110012a2e0a130a0c6772c3b6c39f652f6c6f7373150000003f" +
      "0a170a106772c3b6c39f652f6163637572616379150000803ec1f2f6a1" +
      "2600000000000000734fe300090000e040fc54d9411080e497d0122a150a130a0c6772c3b6c39f652f6c6f7373150000807fc8121d5c";
    const events = [
      {
        wallTime: 1_700_000_001.5,
        step: 1,
        scalars: [["größe/loss", 0.5] as const, ["größe/accuracy", 0.25] as const],
      },
      {
        wallTime: 1_700_000_003.5,
        step: 5_000_000_000,
        scalars: [["größe/loss", Number.POSITIVE_INFINITY] as const],
      },
    ];
    expect(Buffer.from(encodeEvents(1.7e9, events)).toString("hex")).toBe(written);
  });

  it("has a tag for each column that its row has, the epoch as step, and the seconds added up", () => {
    const far = withExtra(second, { epoch: 5_000_000_000, momentum: 0.5 });
    const [version, ...rows] = decode(historyToTensorBoard([first, second, far], { wallTime: 1000 }));
    expect(version).toEqual({ wallTime: 1000, version: "brain.Event:2", step: 0, scalars: {} });
    expect(rows.map(({ wallTime, step }) => [wallTime, step])).toEqual([
      [1000, 1],
      [1001.5, 2],
      [1003, 5_000_000_000],
    ]);
    expect(rows[0]?.scalars).toEqual({
      loss: Math.fround(0.1 + 0.2),
      accuracy: -0,
      learningRate: Math.fround(1e-7),
      seconds: 0,
      samplesPerSecond: Number.POSITIVE_INFINITY,
    });
    expect(Object.keys(rows[1]?.scalars ?? {})).toEqual([
      "loss",
      "validationLoss",
      "learningRate",
      "seconds",
      "samplesPerSecond",
    ]);
    expect(rows[2]?.scalars.momentum).toBe(0.5);
  });

  it("takes a prefix for its tags, and begins now", () => {
    vi.spyOn(Date, "now").mockReturnValue(1_234_500);
    const [version, row] = decode(historyToTensorBoard([second], { tag: "größe" }));
    vi.restoreAllMocks();
    expect(version?.wallTime).toBe(1234.5);
    expect(row?.scalars["größe/loss"]).toBe(0.25);
  });

  it("of no rows has its version only", () => expect(decode(historyToTensorBoard([]))).toHaveLength(1));

  it("has the checksums of RFC 3720, appendix B.4", () => {
    const counted = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(counted)).toBe(0x46dd794e);
    expect(crc32c(counted.toReversed())).toBe(0x113fdb5c);
    expect(crc32c(new Uint8Array())).toBe(0);
  });

  it("refuses what isn't a history, and options that it hasn't", () => {
    expect(() => historyToTensorBoard([{ ...first, loss: "1" as unknown as number }])).toThrow(
      new TypeError('history[0].loss must be a number, got "1"'),
    );
    expect(() => historyToCsv(undefined as unknown as [])).toThrow(
      new TypeError("history must be an array of rows, one an epoch, got undefined"),
    );
    expect(() => historyToTensorBoard([], { wallTime: -1 })).toThrow(
      new RangeError("wallTime must be a finite number of at least 0, got -1"),
    );
    expect(() => historyToTensorBoard([], { tag: 3 as unknown as string })).toThrow(
      new TypeError("tag must be a string, got 3"),
    );
    expect(() => historyToTensorBoard([], { tags: "a" } as object)).toThrow(
      new RangeError('historyToTensorBoard has no option "tags"; its options are tag, wallTime'),
    );
    expect(() => historyFromJson(3 as unknown as string)).toThrow(
      new TypeError("json must be a string that historyToJson gave, got 3"),
    );
  });
});

async function realFit() {
  const [train, validation] = datasets.moons({ samples: 100 }).split(0.8);
  const network = await Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }], seed: 1 });
  return new Trainer(network).fit(train, { epochs: 3, validation });
}

/** In an order of its own, so that only names and numbers are compared. */
const sorted = (row: object) => Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));

/** RFC 4180 by its grammar. */
function parseCsv(csv: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  for (const [, quotedCell, cell = "", end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    line.push(quotedCell?.replaceAll('""', '"') ?? cell);
    if (end === ",") continue;
    lines.push(line);
    line = [];
  }
  return lines;
}
