// Text tables: what RFC 4180 and JSON lines allow, in whatever pieces the bytes come, and what is neither.

import { createWriteStream, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError } from "../src/index.js";
import { openCsv } from "../src/tables/csv.js";
import { openTable } from "../src/tables/open-table.js";
import { readTable, readTableStream, type TableOptions } from "../src/tables.js";
import { damaged, fuzzCases } from "./fuzz.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (text: string, options: TableOptions) => readTable(bytesOf(text), options);
const rowsOf = async (text: string, options: TableOptions) => {
  const { dataset } = await read(text, options);
  return [...dataset].map(({ input, target }) => [...input, ...target]);
};

describe("CSV", () => {
  it("is read as it was written, whatever is in it and wherever its pieces end", async () => {
    const value = fc.string({
      unit: fc.constantFrom("a", "7", ",", '"', "\n", "\r", " ", ";", "é", "😀"),
      maxLength: 6,
    });
    const row = fc.array(value, { minLength: 3, maxLength: 3 });
    const written = (cell: string) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (rows, newline, ends, pieceBytes) => {
          const lines = ["a,b,c", ...rows.map((cells) => cells.map(written).join(","))];
          const text = `\ufeff${lines.join(newline)}${ends ? newline : ""}`;
          const table = await openCsv(
            { source: bytesOf(text), place: "table" },
            { header: true, delimiter: ",", pieceBytes },
          );
          expect(table.columns).toEqual(["a", "b", "c"]);
          const read: string[][] = [];
          for await (const batch of table.pass(new Set())) {
            read.push(...batch.map((cells) => cells.map((cell) => String(cell).trim())));
          }
          expect(read).toEqual(rows.map((cells) => cells.map((cell) => cell.trim())));
        },
      ),
      { numRuns: fuzzCases },
    );
  });

  it("may have other delimiters and newlines, no header, and blank lines", async () => {
    const expected = [
      [1, 2],
      [3, 4.5],
    ];
    for (const text of [
      "x;y\n1;2\n3;4.5",
      "x\ty\r\n1\t2\r\n3\t4.5\r\n",
      "x|y\r1|2\r3|4.5\r",
      "\n\nx;y\n1;2\n\n3;4.5\n\n",
    ]) {
      expect(await rowsOf(text, { target: "y" })).toEqual(expected);
    }
    expect(await rowsOf("x::y\n1::2\n3::4.5", { target: "y", delimiter: "::" })).toEqual(expected);
    expect(await rowsOf("1,2\n3,4.5\n", { target: "1", header: false })).toEqual(expected);
    expect(await rowsOf("x,a\ty\n1\t2\n3\t4.5", { target: "y", format: "tsv" })).toEqual(expected);
    expect(await rowsOf('"x"," y "\n"1","2"\n"3", 4.5 ', { target: "y" })).toEqual(expected);
  });

  it("may have decimals after a comma", async () => {
    const { dataset, schema } = await readTable(bytesOf("x;c;y\n1,5;a,b;-,5\n 2 ;c;1e3\n-3,;c;2,5E-1"), {
      target: "y",
      decimal: ",",
    });
    expect([...dataset].map(({ input, target }) => [...input, ...target])).toEqual([
      [1.5, 1, 0, -0.5],
      [2, 0, 1, 1000],
      [-3, 0, 1, 0.25],
    ]);
    expect(schema.toJSON().columns[1]).toMatchObject({ categories: ["a,b", "c"] });
    // commas don't separate values where other marks may
    const rows = (text: string, more: TableOptions) => rowsOf(text, { target: "1", header: false, ...more });
    expect(await rows("1,5;2\n3;4,5", { decimal: "," })).toEqual([
      [1.5, 2],
      [3, 4.5],
    ]);
    expect(await rows('"1,5",2\n3,"4,5"', { decimal: "," })).toEqual(await rows("1,5;2\n3;4,5", { decimal: "," }));
    // which may be one thousand two hundred and thirty-four
    const thousands = bytesOf("x;id;y\n1;1.234;2\n3;5;4");
    await expect(readTable(thousands, { target: "y", decimal: "," })).rejects.toThrow(
      'the table: row 1, column "id" must have decimals after a comma, as decimal says, got "1.234"',
    );
    expect((await readTable(thousands, { target: "y", decimal: ",", ignore: ["id"] })).schema.inputs).toBe(1);
  });

  it("may have columns without names, which have numbers for them", async () => {
    const { schema } = await readTable(bytesOf(",x,,y\n0,1,2,3\n1,2,3,4.5"), { target: "y", ignore: ["0"] });
    expect(schema.toJSON().columns.map(({ name }) => name)).toEqual(["0", "x", "2", "y"]);
  });

  it("is refused with the place of what is wrong", async () => {
    const long = `x,y\n1,2\n"${"3".repeat(2 ** 22 + 2 ** 18)}`;
    const cases: [string | Uint8Array, string][] = [
      ["", "the table must have at least one row, got none"],
      ["x,y\n", "the table must have at least one row, got none"],
      ["x,x\n1,2", 'the table must have columns of different names, got two called "x"'],
      ["x,y\n1,2\n3\n", "the table: row 2 must have 2 values, got 1"],
      ["x,y\n1,2\n\n3,4,5\n", "the table: row 2 must have 2 values, got 3"],
      ['x,y\n1,2\n"3,4\n', "the table: record 3 of the file must have quotes as RFC 4180 has them"],
      ['x,y\n1,2\n"3"4,4\n', "the table: record 3 of the file must have quotes as RFC 4180 has them"],
      ["x,y\n1,2\n1e39,3\n", 'the table: row 2, column "x" must be a number that float32 holds, got "1e39"'],
      [long, "the table: record 3 of the file must have at most 4194304 characters, got more"],
      [
        Uint8Array.of(120, 44, 121, 10, 49, 44, 0xe9, 10),
        "the table must be text in UTF-8, got other bytes before byte 8",
      ],
    ];
    for (const [text, message] of cases) {
      const bytes = typeof text === "string" ? bytesOf(text) : text;
      const error = await readTable(bytes, { target: "y" }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toContain(message);
    }
  });

  it("streams in constant memory", async () => {
    // TABLE_MEGABYTES=100 for a long run
    const megabytes = Number(process.env.TABLE_MEGABYTES ?? 12);
    const path = join(mkdtempSync(join(tmpdir(), "nablanet-csv-")), "big.csv");
    const file = createWriteStream(path);
    file.write("a,color,b,y\n");
    let row = 0;
    for (let written = 0; written < megabytes * 1e6; ) {
      let lines = "";
      for (let i = 0; i < 10_000; i++, row++) {
        lines += `${(row * 0.618_033_988) % 1},a long name of the color ${row % 7},${row},${Math.sin(row)}\n`;
      }
      file.write(lines);
      written += lines.length;
    }
    file.end();
    await finished(file);
    const live = () => {
      (globalThis as { gc?: () => void }).gc?.();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const { dataset, schema } = await readTableStream(path, { target: "y" });
    expect(schema.inputs).toBe(9);
    let [rows, chunks] = [0, 0];
    const halves: [number[], number[]] = [[], []];
    for await (const { inputs } of dataset.pass()) {
      rows += inputs.rows;
      if (chunks++ % 5 === 0) (rows < row / 2 ? halves[0] : halves[1]).push(live());
    }
    expect(rows).toBe(row);
    // buffers are given back a little later, so only the least that is there at a time says what is kept
    const [first, second] = halves.map((samples) => Math.min(...samples)) as [number, number];
    expect(second - first).toBeLessThan(megabytes * 1e5);
  });
});

describe("JSON lines", () => {
  const lines = [
    '{"x": 1, "on": true, "y": "b"}',
    "",
    '{"y": "a", "on": false, "x": 2.5}',
    '{"x": 1e1, "on": true, "y": "b"}',
  ];

  it("are read by their keys", async () => {
    const { dataset, schema } = await read(lines.join("\n"), { target: "y" });
    expect(schema.toJSON().columns.map(({ name, kind }) => [name, kind])).toEqual([
      ["x", "numeric"],
      ["on", "boolean"],
      ["y", "categorical"],
    ]);
    expect([...dataset].map(({ input, label }) => [...input, label])).toEqual([
      [1, 1, 1],
      [2.5, 0, 0],
      [10, 1, 1],
    ]);
    const zipped = new File([gzipSync(lines.join("\r\n"))], "rows.jsonl.gz");
    expect((await readTable(zipped, { target: "y" })).schema.toJSON()).toEqual(schema.toJSON());
    const again = await readTable(bytesOf(lines.join("\n")), { schema });
    expect([...again.dataset]).toEqual([...dataset]);
  });

  it("may lack values, which are missing", async () => {
    await expect(read('{"x":1,"y":2}\n{"x":null,"y":2}', { target: "y" })).rejects.toThrow(
      'the table: row 2, column "x" must have a value, got none (null)',
    );
    const text = '{"x":1,"y":2}\n{"y":3,"z":4,"x":null}\n{"x":2,"z":6,"y":1.5}';
    await expect(read(text, { target: "y" })).rejects.toThrow(
      'the table: row 1, column "z" must have a value, got none (undefined)',
    );
    const long = Array.from({ length: 10_000 }, (_, i) =>
      JSON.stringify({ x: i, y: i / 2, ...(i === 9_999 && { z: 1 }) }),
    );
    await expect(read(long.join("\n"), { target: "y" })).rejects.toThrow(
      'the table: row 1, column "z" must have a value, got none (undefined)',
    );
    expect(await rowsOf(text, { target: "y", missing: "impute" })).toEqual([
      [1, 5, 2],
      [1.5, 4, 3],
      [2, 6, 1.5],
    ]);
  });

  it("are refused with the place of what is wrong", async () => {
    const cases: [string, string][] = [
      ['{"x":1,"y":2}\n{"x":1', "the table: row 2 must be JSON: "],
      ['{"x":1,"y":2}\n[1,2]', "the table: row 2 must be an object, got an array of length 2"],
      ['{"x":1,"y":2}\n{"x":{"a":1},"y":2}', 'the table: row 2, column "x" must not be nested, got an object'],
      ['{"x":1,"y":2}\n{"x":1,"y":2,"y2":[]}', 'the table: row 2, column "y2" must not be nested'],
      [
        '[{"x":1,"y":2},\n{"x":1,"y":2}]',
        "the table must have an object a line, got an array: write each of its objects",
      ],
      [`{"x":1,"y":2}\n{"x":"${"a".repeat(2 ** 22 + 2 ** 18)}`, "must have lines of at most 4194304 characters"],
    ];
    for (const [text, message] of cases) {
      const error = await read(text, { target: "y" }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toContain(message);
    }
    await expect(read('{"x":1,"y":2}', { target: "z" })).rejects.toThrow(
      'a target must be one of the columns "x", "y"',
    );
  });

  it("may have keys of any name", async () => {
    const { schema } = await read('{"__proto__":1,"constructor":2,"y":0.5}\n{"__proto__":3,"constructor":4,"y":2}', {
      target: "y",
    });
    expect(schema.inputs).toBe(2);
    expect([...schema.encode(JSON.parse('{"__proto__":5,"constructor":6}'))]).toEqual([5, 6]);
  });
});

describe("gzipped text", () => {
  it("isn't unzipped to more than it may be", async () => {
    const text = `x,y\n${"1,2\n".repeat(1e5)}`;
    const source = new Uint8Array(gzipSync(text));
    const rowsUpTo = async (mostUnzipped: number) => {
      const table = await openCsv({ source, place: "t", mostUnzipped }, { header: true, delimiter: undefined });
      let rows = 0;
      for await (const { length } of table.pass(new Set())) rows += length;
      return rows;
    };
    expect(await rowsUpTo(text.length)).toBe(1e5);
    await expect(rowsUpTo(text.length - 1)).rejects.toThrow(FormatError);
    await expect(rowsUpTo(text.length - 1)).rejects.toThrow(
      `t can't be unzipped: it becomes more than ${text.length - 1} bytes; what is larger must be given unzipped`,
    );
  });

  it("isn't either as any format of a table", async () => {
    const rows = { csv: "x,y\n1,2\n", tsv: "x\ty\n1\t2\n", jsonl: '{"x":1,"y":2}\n' };
    for (const [ending, text] of Object.entries(rows)) {
      const arrays = { inputs: "x", targets: "y" };
      const options = { format: undefined, header: true, delimiter: undefined, arrays };
      const source = new Uint8Array(gzipSync(text));
      const count = async (mostUnzipped: number) => {
        const { file } = await openTable(source, `t.${ending}`, { ...options, mostUnzipped });
        let rows = 0;
        for await (const { length } of file.pass(new Set())) rows += length;
        return rows;
      };
      expect(await count(text.length)).toBe(1);
      await expect(count(text.length - 1)).rejects.toThrow(`it becomes more than ${text.length - 1} bytes`);
    }
  });

  it("is known by its first bytes, however few come at a time", async () => {
    const zipped = new Uint8Array(gzipSync("x,y\n1,2\n"));
    const bytes = [...zipped].map((byte) => Uint8Array.of(byte));
    const { dataset } = await readTable(new Blob(bytes), { target: "y" });
    expect(dataset.length).toBe(1);
  });

  it("that is damaged is refused, and what couldn't be read is told as that", async () => {
    const zipped = new Uint8Array(gzipSync("x,y\n1,2\n"));
    await expect(readTable(zipped.slice(0, -9), { target: "y" })).rejects.toThrow(
      "the table can't be unzipped: the gzip data is damaged or cut off",
    );
  });
});

describe("damaged text", () => {
  const text = readFileSync("test/fixtures/iris.csv");
  const json = bytesOf(
    Array.from({ length: 20 }, (_, i) => JSON.stringify({ x: i, name: i % 2 ? "a" : "b", y: Math.sin(i) })).join("\n"),
  );
  for (const [name, file, target, ending] of [
    ["CSV", new Uint8Array(text), "species", "csv"],
    ["gzipped CSV", new Uint8Array(gzipSync(text)), "species", "csv"],
    ["JSON lines", json, "y", "jsonl"],
  ] as const) {
    it(`fuzzed: ${name} is read or refused`, async () => {
      await fc.assert(
        fc.asyncProperty(damaged(file), async (bytes) => {
          try {
            const { dataset } = await readTable(new File([bytes], `table.${ending}`), { target });
            expect(dataset.length).toBeGreaterThan(0);
          } catch (error) {
            if (error instanceof RangeError && /^a target must be one of/.test(error.message)) return;
            expect(error).toBeInstanceOf(FormatError);
          }
        }),
        { numRuns: fuzzCases },
      );
    });
  }
});
