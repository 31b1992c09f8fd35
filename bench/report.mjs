// What was measured, as a table and as JSON.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";

const results = new URL("results/", import.meta.url);

export function machine() {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    node: process.versions.node,
    v8: process.versions.v8,
    nablanet: version,
  };
}

/** Writes bench/results/<name>.json and returns its path. */
export function save(name, result) {
  mkdirSync(results, { recursive: true });
  const file = fileURLToPath(new URL(`${name}.json`, results));
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

/** { median, least, most } */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

/** Such as "52.1K (48.2K..52.5K)". */
export function withSpread({ median, least, most }, format) {
  return `${format(median)} (${format(least)}..${format(most)})`;
}

/** 3 significant digits; thousands as K, millions as M. */
export function significant(value) {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

/** Rows of cells as aligned text: names to the left, the numbers in the rest to the right. */
export function table(header, rows, names) {
  const widths = header.map((_, i) => Math.max(...[header, ...rows].map((row) => row[i].length)));
  const line = (row) =>
    row.map((cell, i) => (i < names ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}
