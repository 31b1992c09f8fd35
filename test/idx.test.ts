// IDX files: the pairs of MNIST's format, from every kind of source, whole and broken.

import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeIdx } from "../src/data/idx.js";
import { Dataset, datasets, FormatError } from "../src/index.js";
import { readTable } from "../src/tables.js";
import { damaged, fuzzCases } from "./fuzz.js";

/** Writes an IDX file. */
function encode(type: number, shape: number[], numbers: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length + numbers.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, type);
  view.setUint8(3, shape.length);
  shape.forEach((length, i) => {
    view.setUint32(4 + 4 * i, length);
  });
  bytes.set(numbers, 4 + 4 * shape.length);
  return bytes;
}

const images = encode(0x08, [3, 2, 2], Uint8Array.from([0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8]));
const labels = encode(0x08, [3], Uint8Array.from([1, 0, 2]));

describe("a pair of files", () => {
  const folder = mkdtempSync(join(tmpdir(), "nablanet-idx-"));
  const path = join(folder, "labels.gz");
  writeFileSync(path, gzipSync(labels));
  const zipped = new Uint8Array(gzipSync(images));

  const sources: [string, () => Parameters<typeof datasets.idx>[0]["inputs"]][] = [
    ["bytes", () => images],
    ["gzipped bytes", () => zipped],
    ["an ArrayBuffer", () => images.buffer],
    ["a Blob", () => new Blob([zipped])],
    ["a Response", () => new Response(images)],
    ["a stream", () => new Blob([images]).stream()],
    ["a data: URL", () => `data:application/octet-stream;base64,${Buffer.from(images).toString("base64")}`],
  ];
  for (const [name, source] of sources) {
    it(`from ${name}`, async () => {
      const data = await datasets.idx({ inputs: source(), targets: path });
      expect(data.length).toBe(3);
      expect(data.classNames).toEqual(["0", "1", "2"]);
      const { input, label } = data.sample(0);
      expect([...input].map((value) => Math.round(value * 255))).toEqual([0, 255, 51, 102]);
      expect(input[1]).toBeCloseTo(1, 6);
      expect(label).toBe(1);
    });
  }

  it("over HTTP and by file: URL", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/images" ? 200 : 404;
      response.end(images);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const data = await datasets.idx({
        inputs: `${url}/images`,
        targets: new URL(`file://${path}`),
        classes: 10,
        scale: 1,
      });
      expect(data.outputSize).toBe(10);
      expect(data.sample(1).input[3]).toBe(4);
      await expect(datasets.idx({ inputs: new URL(`${url}/none`), targets: labels })).rejects.toThrow(
        /^inputs: .* answered 404/,
      );
    } finally {
      server.close();
    }
    for (const read of [datasets.idx, datasets.idxStream]) {
      await expect(read({ inputs: `${url}/images`, targets: labels })).rejects.toThrow(
        `inputs: ${url}/images can't be fetched: connect ECONNREFUSED`,
      );
    }
    await expect(readTable(`${url}/x.csv`, { target: "y" })).rejects.toThrow(`${url}/x.csv can't be fetched: connect`);
  });
});

describe("every type of number", () => {
  const cases: [number, number, (view: DataView, at: number, value: number) => void, number[]][] = [
    [0x09, 1, (view, at, value) => view.setInt8(at, value), [-128, 0, 127]],
    [0x0b, 2, (view, at, value) => view.setInt16(at, value), [-32768, 1, 32767]],
    [0x0c, 4, (view, at, value) => view.setInt32(at, value), [-65536, 2, 1 << 24]],
    [0x0d, 4, (view, at, value) => view.setFloat32(at, value), [-0.5, 1.25, 3e38]],
    [0x0e, 8, (view, at, value) => view.setFloat64(at, value), [-0.5, 1.25, 1e30]],
  ];
  for (const [type, size, set, values] of cases) {
    it(`0x${type.toString(16)}`, () => {
      const bytes = new Uint8Array(values.length * size);
      const view = new DataView(bytes.buffer);
      values.forEach((value, i) => {
        set(view, i * size, value);
      });
      const { shape, values: read } = decodeIdx(encode(type, [1, values.length], bytes), "file");
      expect(shape).toEqual([1, values.length]);
      expect([...read]).toEqual(values.map(Math.fround));
    });
  }
});

describe("files that aren't", () => {
  const changed = (at: number, value: number) => {
    const bytes = images.slice();
    bytes[at] = value;
    return bytes;
  };

  it("are refused with place, expectation and finding", async () => {
    const refusals: [Uint8Array, string][] = [
      [new Uint8Array(0), "inputs is no IDX file: its length must be at least 4 bytes, got 0"],
      [changed(0, 7), "inputs is no IDX file: its first two bytes must be 0, got 0x700"],
      [
        changed(2, 0x0a),
        "inputs is no IDX file: the type in byte 2 must be 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e, got 0xa",
      ],
      [changed(3, 0), "inputs is no IDX file: the number of dimensions in byte 3 must be at least 1, got 0"],
      [changed(3, 200), "inputs is no IDX file: its length must be at least 804 bytes for 200 dimensions, got 28"],
      [images.slice(0, -1), "inputs is no IDX file: its length must be 28 bytes for 3×2×2 numbers, got 27"],
      // a forged length must not be believed, let alone allocated
      [
        changed(4, 0xff),
        "inputs is no IDX file: its length must be 17112760348 bytes for 4278190083×2×2 numbers, got 28",
      ],
    ];
    for (const [inputs, message] of refusals) {
      const error = await datasets.idx({ inputs, targets: labels }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toBe(message);
    }
  });

  it("or aren't there, are refused by name", async () => {
    await expect(datasets.idx({ inputs: images, targets: "/no/such/file" })).rejects.toThrow(
      "targets can't be read: ENOENT: no such file or directory, open '/no/such/file'",
    );
  });

  it("or don't belong together, are refused", async () => {
    await expect(datasets.idx({ inputs: images, targets: encode(0x08, [2], Uint8Array.from([1, 0])) })).rejects.toThrow(
      "inputs and targets must have as many rows, got 3 and 2",
    );
    await expect(datasets.idx({ inputs: labels, targets: images })).rejects.toThrow(
      "targets must have 1 dimension, a label a row, got 3",
    );
    await expect(
      datasets.idx({ inputs: encode(0x08, [0, 2], new Uint8Array(0)), targets: encode(0x08, [0], new Uint8Array(0)) }),
    ).rejects.toThrow("inputs must have at least one row, got none");
    await expect(datasets.idx({ inputs: images, targets: labels, classes: 2 })).rejects.toThrow(
      "targets[2] must be a class index from 0 to 1, got 2",
    );
    await expect(
      datasets.idx({ inputs: new Uint8Array(gzipSync(images)).slice(0, 20), targets: labels }),
    ).rejects.toThrow("inputs can't be unzipped: the gzip data is damaged or cut off");
  });

  it("fuzzed: are read or refused, zipped or not, whatever happened to their bytes", async () => {
    const files = [images, encode(0x0c, [2, 2], new Uint8Array(16)), new Uint8Array(gzipSync(images))];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files).chain(damaged), async (inputs) => {
        const outcome = await datasets.idx({ inputs, targets: labels }).catch((error: unknown) => error);
        if (outcome instanceof Dataset) expect(outcome.length).toBe(3);
        // a whole file of other rows than there are labels
        else if (!(outcome instanceof RangeError)) expect(outcome).toBeInstanceOf(FormatError);
        else expect(outcome.message).toMatch(/^inputs(\[\d+\])? (and targets )?must /);
      }),
      { numRuns: fuzzCases },
    );
  });

  it("never do anything but read or refuse, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(27), fc.nat(255), (bytes, at, value) => {
        for (const candidate of [bytes, changed(at, value)]) {
          try {
            const { shape, values } = decodeIdx(candidate, "file");
            expect(values.length).toBe(shape.reduce((product, length) => product * length, 1));
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        }
      }),
      { numRuns: 5000 },
    );
  });
});
