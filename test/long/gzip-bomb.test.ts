// A megabyte of gzip that would become more than a gibibyte.

import { constants, deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { FormatError, Network } from "../../src/index.js";
import { readNpy, readTable } from "../../src/tables.js";

// blocks that can be put one behind the other as often as one likes
const flush = { finishFlush: constants.Z_FULL_FLUSH };
const start = [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), deflateRawSync("x,y\n", flush)];
const rows = deflateRawSync(`${"a".repeat(2 ** 16 - 3)},1\n`.repeat(64), flush);
const bomb = new File([...start, ...new Array(257).fill(rows)], "bomb.csv.gz");

it("isn't read into memory whole", { timeout: 300_000 }, async () => {
  const outcome = readTable(bomb, { target: "y" });
  await expect(outcome).rejects.toThrow(FormatError);
  await expect(outcome).rejects.toThrow("bomb.csv.gz can't be unzipped: it becomes more than 1073741824 bytes");
});

it("isn't taken for a model, or for an array", { timeout: 300_000 }, async () => {
  for (const [read, name] of [
    [() => Network.load(bomb), "the model"],
    [() => readNpy(bomb), "bomb.csv.gz"],
  ] as const) {
    await expect(read()).rejects.toThrow(`${name} can't be unzipped: it becomes more than 1073741824 bytes`);
  }
});
