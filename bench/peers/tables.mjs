// What was measured, as text for a terminal.

import { significant, table, withSpread } from "../report.mjs";

export function trainingTable({ work, shape, training, rows, contenders, leftOut }) {
  const told = contenders.map((contender) => ({ ...contender, notes: notesOf(contender, rows) }));
  const lines = told.map(({ name, samplesPerSecond, gflops, behind, notes }) => [
    name + (notes ? " *" : ""),
    withSpread(samplesPerSecond, significant),
    gflops < 1 ? gflops.toPrecision(1) : gflops.toFixed(1),
    withSpread(behind, times),
  ]);
  const header = [`${work}: ${shape}`, "samples/s", "GFLOP/s", "times"];
  const footnotes = told.filter(({ notes }) => notes).map(({ name, notes }) => `* ${name}: ${notes}`);
  return [training, table(header, lines, 1), ...footnotes, ...absent(leftOut)].join("\n");
}

function notesOf({ differs, amount }, rows) {
  return [differs, amount.rows < rows && `only ${amount.rows} of ${rows} rows`].filter(Boolean).join("; ");
}

export function inferenceTable({ work, shape, batch, contenders, leftOut }) {
  const lines = contenders.map(({ name, samplesPerSecond, behind }) => [
    name,
    withSpread(samplesPerSecond, significant),
    withSpread(behind, times),
  ]);
  const header = [`${work}: ${shape}, inference, batch ${batch}`, "samples/s", "times"];
  return [table(header, lines, 1), ...absent(leftOut)].join("\n");
}

export function simpleChainsTable({ shape, steps, contenders, leftOut }) {
  const lines = contenders.map(({ name, seconds, behind }) => [
    name,
    withSpread(seconds, (value) => value.toFixed(2)),
    ((1e3 * seconds.median) / steps).toFixed(3),
    withSpread(behind, times),
  ]);
  const header = [`SimpleChains' example: ${shape}, ${steps} steps`, "s", "ms/step", "times"];
  return [table(header, lines, 1), ...absent(leftOut)].join("\n");
}

export function scalingTable(scaling) {
  const lines = Object.entries(scaling).flatMap(([what, results]) =>
    results.map(({ value, shape, samplesPerSecond, gflops }) => [
      `${what} ${value}`,
      shape,
      withSpread(samplesPerSecond, significant),
      gflops.toFixed(1),
    ]),
  );
  return table(["scaling of nablanet", "network", "samples/s", "GFLOP/s"], lines, 2);
}

/** A line for each that couldn't take part. */
export function absent(leftOut) {
  return leftOut.map(({ name, why }) => `left out: ${name}, ${why}`);
}

/** Such as "3.2", "0.97" or "1,130". */
export function times(ratio) {
  return ratio < 99.5 ? ratio.toPrecision(2) : Number(ratio.toPrecision(3)).toLocaleString("en-US");
}
