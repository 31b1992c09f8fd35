// What was trained, as results.json: one entry for each run and seed.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { runs } from "./runs.mjs";

const file = new URL("results.json", import.meta.url);

export function readResults() {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
}

/** Puts a result in its place, or in that of an older one of the same run and seed. */
export function saveResult(result) {
  const others = readResults().filter(({ name, seed }) => name !== result.name || seed !== result.seed);
  const place = ({ name }) => runs.findIndex((run) => run.name === name);
  const results = [...others, result].sort((a, b) => place(a) - place(b) || a.seed - b.seed);
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
