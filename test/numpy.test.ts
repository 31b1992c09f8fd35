// numpy's files, written by numpy: fixtures/numpy-files.json.

import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FormatError } from "../src/index.js";
import { readNpy, readNpz, readTable, readTableStream } from "../src/tables.js";
import { damaged, fuzzCases } from "./fuzz.js";
import { refusal } from "./refusal.js";

interface Fixtures {
  numpy: string;
  arrays: { type: string; fortran: boolean; file: string; shape: number[]; data: number[] }[];
  refused: Record<string, string>;
  archives: Record<string, string>;
}

const { numpy, arrays, refused, archives }: Fixtures = JSON.parse(
  readFileSync(new URL("./fixtures/numpy-files.json", import.meta.url), "utf8"),
);
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const archive = (name: string) => bytesOf(archives[name] as string);

/** With a text of it replaced by one of the same length. */
function changed(file: Uint8Array<ArrayBuffer>, from: string, to: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(file);
  const at = bytes.indexOf(from, 0, "latin1");
  expect(at).toBeGreaterThanOrEqual(0);
  expect(to.length).toBe(from.length);
  bytes.write(to, at, "latin1");
  return new Uint8Array(bytes);
}

describe(`arrays of numpy ${numpy}`, () => {
  arrays.forEach(({ type, fortran, file, shape, data }, i) => {
    it(`${i}: ${type}, ${shape.join("×") || "a number"}${fortran ? ", in Fortran order" : ""}`, async () => {
      const array = await readNpy(bytesOf(file));
      expect(array.shape).toEqual(shape);
      expect([...array.data]).toEqual(data);
    });
  });

  it("have the type that numpy has", async () => {
    const kinds = await Promise.all(arrays.slice(0, 11).map(async ({ file }) => (await readNpy(bytesOf(file))).data));
    expect(kinds.map((data) => data.constructor)).toEqual([
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Float64Array,
      Uint8Array,
      Uint16Array,
      Uint32Array,
      Float64Array,
      Uint8Array,
    ]);
  });

  it("of other types are refused by name", async () => {
    const messages: Record<string, string> = {
      complex: "its type must be one of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, got <c16",
      half: "its type must be one of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, got <f2",
      text: "its type must be one of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, got <U1",
      fields: "its type must be one of f4, f8, i1, i2, i4, i8, u1, u2, u4, u8, b1, got another, or none",
      large: "number 0 must be from −2⁵³ + 1 to 2⁵³ − 1, got 1152921504606846976",
    };
    expect(Object.keys(refused)).toEqual(Object.keys(messages));
    for (const [name, file] of Object.entries(refused)) {
      expect(await refusal(readNpy(new File([bytesOf(file)], "a.npy")))).toBe(
        `a.npy is no array of numbers: ${messages[name]}`,
      );
    }
  });

  it("are not believed where their lengths are forged", async () => {
    const file = bytesOf(arrays[1]?.file as string);
    const cases: [Uint8Array<ArrayBuffer>, string][] = [
      [changed(file, "(2, 3)", "(2, 9)"), "its length must be 272 bytes for 2×9 numbers, got 176"],
      // numpy pads the header with spaces, so that there is room for a longer shape
      [changed(file, "(2, 3), }            ", "(999999999, 999), }  "), "bytes for 999999999×999 numbers, got 176"],
      [file.slice(0, -1), "its length must be 176 bytes for 2×3 numbers, got 175"],
      [file.slice(0, 20), "its length must be at least 128 bytes, as its header says, got 20"],
      [file.slice(0, 9), "its beginning must be"],
      [changed(file, "\x93NUMPY\x01", "\x93NUMPY\x07"), "its version must be 1, 2 or 3, got 7"],
      [changed(file, "False", "Maybe"), "fortran_order in its header must be True or False"],
      [changed(file, "(2, 3)", "(2,-3)"), "the shape in its header must be a tuple of integers"],
    ];
    for (const [bytes, message] of cases) expect(await refusal(readNpy(bytes))).toContain(message);
  });
});

describe("archives", () => {
  it("are read by the arrays' names, stored or deflated", async () => {
    for (const name of ["stored", "deflated"]) {
      const found = await readNpz(archive(name));
      expect([...found.keys()].slice(0, 2)).toEqual(["x", "y"]);
      expect(found.get("x")).toEqual({ shape: [4, 2, 3], data: Float32Array.from({ length: 24 }, (_, i) => i / 8) });
      expect(found.get("y")).toEqual({ shape: [4], data: Float64Array.of(0, 1, 1, 0) });
    }
    expect((await readNpz(archive("deflated"))).get("z")?.data).toEqual(new Float64Array(1200));
  });

  it("are tables: a row of inputs and targets for each of the first dimension", async () => {
    const { dataset, schema } = await readTable(archive("stored"), {});
    expect(schema.toJSON().columns.map(({ name }) => name)).toEqual(["x0", "x1", "x2", "x3", "x4", "x5", "y"]);
    expect(dataset.classNames).toEqual(["0", "1"]);
    expect([...dataset.sample(1).input, dataset.sample(1).label]).toEqual([0.75, 0.875, 1, 1.125, 1.25, 1.375, 1]);
    const file = new File([archive("regression")], "data.npz");
    const found = await readTable(file, { inputs: "features", targets: "outputs" });
    expect(found.schema.targetColumns.map(({ name }) => name)).toEqual(["outputs0", "outputs1"]);
    expect([...found.dataset.sample(3).target]).toEqual([Math.fround(6 / 3), Math.fround(7 / 3)]);
    const stream = await readTableStream(file, { inputs: "features", targets: "outputs" });
    expect(stream.schema.toJSON()).toEqual(found.schema.toJSON());
    expect(await refusal(readTable(file, {}))).toBe(
      'data.npz must have an array called "x", got "features", "outputs"',
    );
    expect(await refusal(readTable(archive("deflated"), { targets: "z" }))).toBe(
      'the table: the array "z" must have 4 rows as "x", got 40',
    );
    const asNumbers = await readTable(archive("stored"), { columns: { y: "numeric" } });
    expect(asNumbers.dataset.classNames).toBeUndefined();
  });

  it("may be one array, whose columns are numbered", async () => {
    const file = bytesOf(arrays[1]?.file as string);
    const { dataset } = await readTable(file, { target: "2" });
    expect([...dataset].map(({ input, target }) => [...input, ...target])).toEqual([
      [0, 1, 100],
      [7, 50, 3],
    ]);
  });

  it("that are damaged are refused", async () => {
    const file = archive("deflated");
    const flipped = file.slice();
    const inData = Buffer.from(file).indexOf("PK\x01\x02", 0, "latin1") - 10;
    flipped[inData] = (flipped[inData] as number) ^ 1;
    expect(await refusal(readNpz(flipped))).toMatch(/the file\/z\.npy (is no zip archive|can't be unzipped)/);
    expect(await refusal(readNpz(file.slice(0, -30)))).toContain("its end must be that of an archive");
    const zipped = new Uint8Array(gzipSync(file)).slice(0, -20);
    expect(await refusal(readNpz(zipped))).toBe("the file can't be unzipped: the gzip data is damaged or cut off");
    // only the checksum tells
    const stored = archive("stored");
    const number = Buffer.from(stored).indexOf("PK\x01\x02", 0, "latin1") - 10;
    stored[number] = (stored[number] as number) ^ 1;
    expect(await refusal(readNpz(stored))).toContain("its bytes must be those that were packed, got others");
    // the size in the last entry of the directory says 4 GiB, or 512 MiB: nothing of that length is made
    const forged = file.slice();
    const entry = Buffer.from(forged).lastIndexOf("PK\x01\x02", undefined, "latin1");
    new DataView(forged.buffer).setUint32(entry + 24, 0xfffffff0, true);
    expect(await refusal(readNpz(forged))).toMatch(
      /its unpacked files must be at most 1073741824 bytes .*, got 4294967/,
    );
    new DataView(forged.buffer).setUint32(entry + 24, 2 ** 29, true);
    expect(await refusal(readNpz(forged))).toMatch(
      /z\.npy .*its unpacked length must be possible for \d+ packed bytes/,
    );
  });

  it("of spreadsheets are refused, and it is said what to do", async () => {
    const book = new File(
      [zipSync({ "[Content_Types].xml": new Uint8Array(1), "xl/a.xml": new Uint8Array(1) })],
      "a.xlsx",
    );
    expect(await refusal(readTable(book, { target: "y" }))).toBe(
      'a.xlsx must have .npy files only, got "[Content_Types].xml": save a spreadsheet as CSV',
    );
  });

  it("whose files lie on each other are refused, as they could become of any size", async () => {
    const file = Buffer.from(archive("regression"));
    const end = file.lastIndexOf("PK\x05\x06", undefined, "latin1");
    const start = file.readUInt32LE(end + 16);
    const entry = file.subarray(start, file.indexOf("PK\x01\x02", start + 4, "latin1"));
    const entries = Array.from({ length: 9 }, (_, i) => {
      const copy = Buffer.from(entry);
      copy.write(String(i), 46, "latin1");
      return copy;
    });
    const last = Buffer.from(file.subarray(end));
    last.writeUInt16LE(entries.length, 10);
    const bytes = new Uint8Array(Buffer.concat([file.subarray(0, start), ...entries, last]));
    expect(await refusal(readNpz(bytes))).toContain(`its files must be of at most ${bytes.length} packed bytes, got`);
  });

  it("fuzzed: archives and arrays are read or refused, whatever happened to the bytes", async () => {
    const files = [archive("stored"), archive("deflated"), bytesOf(arrays[1]?.file as string)];
    for (const file of files) {
      await fc.assert(
        fc.asyncProperty(damaged(file), async (bytes) => {
          for (const read of [readNpy, readNpz]) {
            try {
              await read(bytes);
            } catch (error) {
              expect(error).toBeInstanceOf(FormatError);
            }
          }
        }),
        { numRuns: fuzzCases },
      );
    }
  });
});
