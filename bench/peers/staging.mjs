// What is to be done, laid out in files, so that contestants in JavaScript and in Python start from the same bytes.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Network } from "nablanet";

const folder = mkdtempSync(join(tmpdir(), "nablanet-peers-"));
process.once("SIGINT", () => process.exit(130));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

/**
 * A work with its data in files:
 * { work, rows, files: { inputs, targets, labels, start } }, float32 but for labels, which are bytes; `start` holds the
 * parameters all begin with, w1, b1, w2, b2, …, each W row-major [to][from]. `test` is more data, to be evaluated only.
 */
export async function stage({ data: _, ...work }, data, { test } = {}) {
  const name = `${work.name}-${work.layers.map(({ units }) => units).join("-")}`;
  const files = { ...write(name, data), start: file(`${name}-start`, await startOf(work, 1)) };
  if (test) files.test = write(`${name}-test`, test).inputs;
  return { work, rows: data.inputs.length / work.inputs, files };
}

/** The parameters that nablanet draws from this seed. */
export async function startOf({ inputs, layers }, seed) {
  const network = await Network.create({ inputs, layers, seed });
  const parameters = network.parameters();
  network.dispose();
  return parameters;
}

function write(name, { inputs, targets, labels }) {
  const files = { inputs: file(`${name}-inputs`, inputs), targets: file(`${name}-targets`, targets) };
  if (labels) files.labels = file(`${name}-labels`, labels);
  return files;
}

function file(name, numbers) {
  const path = join(folder, name);
  writeFileSync(path, numbers);
  return path;
}
