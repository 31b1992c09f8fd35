// Packs data/digits.csv into a TypeScript module: a character a pixel ("0" to "@" for 0 to 16), a digit a label.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const rows = readFileSync("data/digits.csv", "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(",").map(Number));
for (const row of rows) {
  if (row.length !== 65 || !row.every((value) => value >= 0 && value <= 16)) throw new Error(`data/digits.csv: ${row}`);
}
const pixels = rows.map((row) => String.fromCharCode(...row.slice(0, 64).map((value) => 48 + value))).join("");
const labels = rows.map((row) => row[64]).join("");
mkdirSync("build", { recursive: true });
writeFileSync(
  "build/digits.ts",
  `/** data/digits.csv: pixel p of digit i is pixels.charCodeAt(64 * i + p) - 48. */\n` +
    `export const pixels: string =\n  ${JSON.stringify(pixels)};\nexport const labels: string =\n  "${labels}";\n`,
);
