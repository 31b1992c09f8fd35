// PNG images as datasets; their decoder against fast-png's.

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { decode, encode } from "fast-png";
import { describe, expect, it } from "vitest";
import { crc32 } from "../src/formats/crc32.js";
import { FormatError } from "../src/index.js";
import { decodePng } from "../src/tables/png.js";
import { readImages } from "../src/tables.js";
import { damaged, fuzzCases } from "./fuzz.js";

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

/** A PNG file of rows that are filtered already, each with the number of its filter first. */
function png(width: number, height: number, depth: number, type: number, rows: Uint8Array, more: Buffer[] = []) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const packed = deflateSync(rows);
  const parts = [packed.subarray(0, 9), packed.subarray(9)].map((part) => chunk("IDAT", part));
  const chunks = [chunk("IHDR", header), ...more, ...parts, chunk("IEND", Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

const grey = (values: number[], width = 2) =>
  new File(
    [new Uint8Array(encode({ width, height: values.length / width, data: Uint8Array.from(values), channels: 1 }))],
    "x",
  );
const named = (file: Blob, name: string) => new File([file], name);

describe("a PNG image", () => {
  it("is decoded as fast-png does, whatever its filters, samples and depth", () => {
    const samplesOf: Record<number, number> = { 0: 1, 2: 3, 4: 2, 6: 4 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(8, 16),
        fc.constantFrom(0, 2),
        fc.infiniteStream(fc.nat(255)),
        (width, height, depth, type, numbers) => {
          const rowBytes = (width * (samplesOf[type] as number) * depth) / 8;
          const next = () => numbers.next().value as number;
          const rows = Array.from({ length: height }, () => [next() % 5, ...Array.from({ length: rowBytes }, next)]);
          const file = png(width, height, depth, type, Uint8Array.from(rows.flat()));
          const expected = decode(file);
          const found = decodePng(file, "x");
          expect([found.width, found.height, found.channels]).toEqual([width, height, expected.channels]);
          const scale = depth === 16 ? 257 : 1;
          expect([...found.data]).toEqual(Array.from(expected.data, (value) => Math.round(value / scale)));
        },
      ),
      { numRuns: fuzzCases },
    );
  });

  it("may have shades of few bits, a palette, and an alpha that is opaque", () => {
    expect([...decodePng(png(3, 1, 1, 0, Uint8Array.of(0, 0b10100000)), "x").data]).toEqual([255, 0, 255]);
    expect([...decodePng(png(3, 1, 2, 0, Uint8Array.of(0, 0b00011000)), "x").data]).toEqual([0, 85, 170]);
    expect([...decodePng(png(3, 1, 4, 0, Uint8Array.of(0, 0x0f, 0x80)), "x").data]).toEqual([0, 255, 136]);
    const palette = chunk("PLTE", Uint8Array.of(1, 2, 3, 4, 5, 6));
    expect(decodePng(png(3, 1, 1, 3, Uint8Array.of(0, 0b01000000), [palette]), "x")).toEqual({
      width: 3,
      height: 1,
      channels: 3,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 1, 2, 3),
    });
    expect([...decodePng(png(2, 1, 8, 4, Uint8Array.of(0, 7, 255, 8, 255)), "x").data]).toEqual([7, 8]);
    expect([...decodePng(png(1, 1, 8, 6, Uint8Array.of(0, 7, 8, 9, 255)), "x").data]).toEqual([7, 8, 9]);
  });

  it("is refused where it can't be read", () => {
    const good = png(2, 1, 8, 0, Uint8Array.of(0, 1, 2));
    const flipped = good.slice();
    flipped[60] = (flipped[60] as number) ^ 1;
    const palette = chunk("PLTE", Uint8Array.of(1, 2, 3));
    const interlaced = good.slice();
    interlaced[28] = 1;
    new DataView(interlaced.buffer).setUint32(29, crc32(interlaced.subarray(12, 29)));
    const cases: [Uint8Array, string][] = [
      [Uint8Array.of(1, 2, 3), "x is no PNG image that can be read: its beginning must be \\x89PNG, got other bytes"],
      [good.slice(0, -12), "its last chunk must be IEND, got the end of the file"],
      [flipped, "must be what its checksum says, got other bytes: it is damaged"],
      [interlaced, "it must be stored row by row, got an interlaced image"],
      [png(9, 9, 8, 0, Uint8Array.of(0, 1, 2)), "its pixels must be 90 bytes, got fewer"],
      [png(30_000, 30_000, 8, 0, Uint8Array.of(0)), "its pixels must be as many as 9 bytes can hold, got 900030000"],
      [png(40_000, 1, 8, 0, Uint8Array.of(0)), "its width and height must be from 1 to 32768, got 40000"],
      [png(1, 1, 8, 5, Uint8Array.of(0, 1)), "its colour type and bit depth must be those of PNG, got 5 and 8"],
      [png(1, 1, 8, 0, Uint8Array.of(9, 1)), "the filter of row 0 must be from 0 to 4, got 9"],
      [png(1, 1, 8, 4, Uint8Array.of(0, 7, 254)), "pixel 0 must be opaque, got an alpha of 254"],
      [png(1, 1, 8, 3, Uint8Array.of(0, 1), [palette]), "the colour of pixel 0 must be in its palette, got 1"],
      [png(1, 1, 8, 0, Uint8Array.of(0, 1), [chunk("tRNS", Uint8Array.of(0, 1))]), "opaque, got a transparent colour"],
    ];
    for (const [bytes, message] of cases) {
      expect(() => decodePng(bytes, "x")).toThrow(FormatError);
      expect(() => decodePng(bytes, "x")).toThrow(message);
    }
  });

  it("fuzzed: is read or refused, whatever happened to its bytes", () => {
    const file = encode({ width: 8, height: 8, data: Uint8Array.from({ length: 192 }, (_, i) => i), channels: 3 });
    fc.assert(
      fc.property(damaged(file), (bytes) => {
        try {
          decodePng(bytes, "x");
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: fuzzCases },
    );
  });
});

describe("a folder of images", () => {
  const folder = mkdtempSync(join(tmpdir(), "nablanet-images-"));
  for (const label of ["cat", "ant"]) mkdirSync(join(folder, label));
  const files: [string, number[]][] = [
    ["cat/2.png", [5, 6, 7, 255]],
    ["cat/1.png", [1, 2, 3, 4]],
    ["ant/9.png", [0, 51, 0, 51]],
  ];
  const images = files.map(([name, values]) => named(grey(values), name));

  it("becomes a dataset of bytes, a class a folder", async () => {
    for (const file of images) writeFileSync(join(folder, file.name), new Uint8Array(await file.arrayBuffer()));
    writeFileSync(join(folder, "cat", ".DS_Store"), "not an image");
    for (const source of [folder, `${folder}/`, new URL(`file://${folder}`), images]) {
      const { dataset, width, height, channels } = await readImages(source);
      expect([width, height, channels]).toEqual([2, 2, 1]);
      expect(dataset.classNames).toEqual(["ant", "cat"]);
      expect([...dataset].map(({ input, label }) => [label, ...Array.from(input, (x) => Math.round(x * 255))])).toEqual(
        [
          [0, 0, 51, 0, 51],
          [1, 1, 2, 3, 4],
          [1, 5, 6, 7, 255],
        ],
      );
      expect(dataset.source.inputs.bytes).toBe(true);
    }
  });

  it("may mix shades and colours, where it is told what they become", async () => {
    const color = png(1, 1, 8, 2, Uint8Array.of(0, 100, 200, 50));
    const mixed = [named(grey([7], 1), "a/1.png"), new File([color], "b/1.png")];
    const bytesOf = async (options: object) =>
      [...(await readImages(mixed, options)).dataset].map(({ input }) => Array.from(input, (x) => Math.round(x * 255)));
    // 0.299·100 + 0.587·200 + 0.114·50 = 153
    expect(await bytesOf({ grayscale: true })).toEqual([[7], [153]]);
    expect(await bytesOf({ grayscale: false })).toEqual([
      [7, 7, 7],
      [100, 200, 50],
    ]);
    await expect(bytesOf({})).rejects.toThrow("b/1.png must be in shades of grey as the first image, got colours");
  });

  it("is refused by the image that doesn't suit", async () => {
    const refused = async (source: unknown) => {
      const error = await readImages(source as never).catch((error: unknown) => error);
      return `${(error as Error).name}: ${(error as Error).message}`;
    };
    expect(await refused([...images, named(grey([1, 2, 3, 4, 5, 6]), "dog/1.png")])).toBe(
      "FormatError: dog/1.png must be of 2×2 pixels as the first image, got 2×3",
    );
    expect(await refused([...images, new File(["jpeg"], "dog/1.jpg")])).toMatch(
      "FormatError: dog/1.jpg is no PNG image",
    );
    expect(await refused(images.slice(0, 2))).toMatch(
      'FormatError: the images must be in folders of at least 2 classes, got "cat"',
    );
    expect(await refused([named(grey([1, 2]), "1.png")])).toMatch(
      "FormatError: source[0] must have the name of a folder",
    );
    expect(await refused(7)).toBe("TypeError: source must be a folder's path or an array of Files, got 7");
    expect(await refused([7])).toBe("TypeError: source[0] must be a File, got 7");
    expect(await refused("no/such/folder")).toMatch("ENOENT");
  });
});
