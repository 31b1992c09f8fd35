// Parquet files, written by hyparquet-writer and, as others write them, by Arrow.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { FormatError } from "../src/index.js";
import { readTable, readTableStream } from "../src/tables.js";
import { damaged, fuzzCases } from "./fuzz.js";

const ROWS = 300;
const range = <T>(value: (i: number) => T) => Array.from({ length: ROWS }, (_, i) => value(i));
const columnData: ColumnSource[] = [
  { name: "double", data: range((i) => i / 8), type: "DOUBLE", encoding: "PLAIN" },
  { name: "split", data: range((i) => i / 4), type: "FLOAT", encoding: "BYTE_STREAM_SPLIT" },
  { name: "delta", data: range((i) => (i * i) % 1000), type: "INT32", encoding: "DELTA_BINARY_PACKED" },
  { name: "long", data: range((i) => BigInt(i)), type: "INT64", encoding: "PLAIN" },
  { name: "on", data: range((i) => i % 3 === 0), type: "BOOLEAN" },
  { name: "color", data: range((i) => ["red", "green", "blue"][i % 3]), type: "STRING", encoding: "RLE_DICTIONARY" },
  { name: "maybe", data: range((i) => (i % 10 === 9 ? null : i % 10)), type: "DOUBLE", nullable: true },
  { name: "y", data: range((i) => Math.fround(Math.sin(i))), type: "FLOAT" },
];
const write = (options = {}, data = columnData) =>
  new Uint8Array(parquetWriteBuffer({ columnData: data, rowGroupSize: 130, pageSize: 400, ...options }));
const expected = range((i) => [
  i / 8,
  i / 4,
  (i * i) % 1000,
  i,
  Number(i % 3 === 0),
  Number(i % 3 === 2),
  Number(i % 3 === 1),
  Number(i % 3 === 0),
  i % 10 === 9 ? 4 : i % 10,
  Math.fround(Math.sin(i)),
]);
const rowsOf = (samples: Iterable<{ input: Float32Array; target: Float32Array }>) =>
  Array.from(samples, ({ input, target }) => [...input, ...target]);

async function refusal(bytes: Uint8Array<ArrayBuffer>, options = {}): Promise<string> {
  const given = { target: "y", missing: "impute", ...options } as const;
  const error = await readTable(new File([bytes], "a.parquet"), given).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(FormatError);
  return (error as Error).message;
}

describe("a Parquet file", () => {
  it("is read whatever its encodings, pages and compression", async () => {
    for (const options of [{}, { codec: "UNCOMPRESSED" }, { rowGroupSize: 1000, pageSize: 1e6 }]) {
      const { dataset } = await readTable(write(options), { target: "y", missing: "impute" });
      expect(rowsOf(dataset)).toEqual(expected);
    }
  });

  it("is read from a path part by part, and as a stream", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "nablanet-parquet-")), "table.parquet");
    writeFileSync(path, write());
    const { dataset, schema } = await readTable(path, { target: "y", missing: "impute" });
    expect(rowsOf(dataset)).toEqual(expected);
    await expect(readTable("no/such.parquet", { target: "y" })).rejects.toThrow(
      "no/such.parquet can't be read: ENOENT",
    );
    const stream = await readTableStream(path, { target: "y", missing: "impute" });
    expect(stream.schema.toJSON()).toEqual(schema.toJSON());
    const inputs: number[] = [];
    for await (const { inputs: columns } of stream.dataset.pass()) {
      const part = new Float32Array(columns.rows * columns.width);
      columns.copyTo(part, undefined, 0, columns.rows);
      inputs.push(...part);
    }
    expect(inputs).toEqual(expected.flatMap((row) => row.slice(0, -1)));
  });

  it("may have columns that can't be read, where they are ignored", async () => {
    const nested = range((i) => ({ a: i }));
    const data = [...columnData, { name: "when", data: range((i) => new Date(i)), type: "TIMESTAMP" as const }];
    expect(await refusal(write({}, data))).toBe(
      'a.parquet: row 1, column "when" must be a number, a string, true or false, got a Date',
    );
    const { dataset } = await readTable(write({}, data), { target: "y", missing: "impute", ignore: ["when"] });
    expect(dataset.length).toBe(ROWS);
    const json = [...columnData, { name: "tree", data: nested, type: "JSON" as const }];
    expect(await refusal(write({}, json))).toContain(
      'column "tree" must be a number, a string, true or false, got an object',
    );
  });

  it("is read as Arrow writes it, in pages of either version", async () => {
    const { dataset, schema } = await readTable("test/fixtures/iris.csv", { target: "species" });
    for (const path of ["test/fixtures/iris.parquet", "test/fixtures/iris-v2.parquet"]) {
      const found = await readTable(path, { target: "species" });
      expect(found.schema.toJSON()).toEqual(schema.toJSON());
      expect([...found.dataset]).toEqual([...dataset]);
    }
  });

  it("isn't believed where its lengths are forged", async () => {
    const data: ColumnSource[] = [
      { name: "x", data: range((i) => i), type: "DOUBLE", nullable: true },
      { name: "y", data: range((i) => Math.sin(i)), type: "DOUBLE" },
    ];
    const file = write({ codec: "UNCOMPRESSED", rowGroupSize: ROWS, pageSize: 1e6 }, data);
    expect((await readTable(file, { target: "y" })).dataset.length).toBe(ROWS);
    // the run of 300 definition levels 1: twice 300 as a varint, then 1
    const forged = Buffer.from(file);
    const run = forged.indexOf(Uint8Array.of(0xd8, 0x04, 0x01));
    expect(run).toBeGreaterThan(0);
    forged.set([0xfe, 0x7f], run);
    expect(await refusal(new Uint8Array(forged))).toContain("a run must be one of 300 values, got 8191");
    expect(await refusal(file.slice(0, -1))).toContain("a.parquet is no Parquet file that can be read");
    expect(await refusal(new Uint8Array(4))).toContain("a.parquet is no Parquet file that can be read");
  });

  it("isn't believed where its metadata are forged", async () => {
    const withMetadata = (...metadata: number[]) => {
      const bytes = Buffer.from([0x50, 0x41, 0x52, 0x31, ...metadata, 0, 0, 0, 0, 0x50, 0x41, 0x52, 0x31]);
      bytes.writeUInt32LE(metadata.length, bytes.length - 8);
      return refusal(new Uint8Array(bytes));
    };
    // field 2, a list of 2²⁸ − 1 structs
    expect(await withMetadata(0x29, 0xfc, 0xff, 0xff, 0xff, 0x7f, 0)).toContain(
      "a list of its metadata must fit into 1 bytes, got 268435455 entries",
    );
    expect(await withMetadata(...Array.from({ length: 99 }, () => 0x1c))).toContain("must be at most 32 deep");
    expect(await withMetadata(0x18, 0x7f, 1)).toContain("its metadata must end within their bytes");
    expect(await withMetadata(0x1b)).toContain("got 11");
  });

  it("fuzzed: is read or refused, whatever happened to its bytes", async () => {
    const few = columnData.map((column) => ({ ...column, data: column.data.slice(0, 30) }));
    const options = { rowGroupSize: 20, pageSize: 100 };
    const files = [
      write(options, few),
      write({ ...options, codec: "UNCOMPRESSED" }, few),
      write({ pageSize: 1e6 }, few),
    ];
    for (const file of files) {
      await fc.assert(
        fc.asyncProperty(damaged(file), async (bytes) => {
          try {
            const { dataset } = await readTable(new File([bytes], "a.parquet"), { target: "y", missing: "impute" });
            expect(dataset.length).toBeGreaterThan(0);
          } catch (error) {
            if (error instanceof RangeError && /^a target must be one of/.test(error.message)) return;
            expect(error).toBeInstanceOf(FormatError);
          }
        }),
        { numRuns: fuzzCases },
      );
    }
  });
});
