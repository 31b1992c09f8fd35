// How near the kernels come to what this engine can do: the bare tile's peak, products of many shapes as a share of it, and
// the update as a share of a copy's bandwidth. One thread. Run by `npm run bench:limit`.

import { readFileSync } from "node:fs";
import { machine, save, significant, spread, table, withSpread } from "./report.mjs";

const REPETITIONS = 9;
/** A measurement lasts so long at least, in ms. */
const LEAST = 40;
const FLOATS = 4;

/** rows × depth × columns of a product, as in rows of a batch, inputs and outputs. */
const SQUARE = [64, 128, 256, 512, 1024].map((n) => [n, n, n]);
const SKINNY = [
  [10, 784, 30],
  [32, 784, 128],
  [128, 784, 512],
  [128, 512, 512],
  [128, 512, 10],
  [256, 4096, 512],
  [1, 784, 128],
  [13, 100, 10],
];
/** Parameters that an update goes over: in the L1, L2 and L3 cache, and beyond. */
const UPDATES = [1_000, 20_000, 400_000, 16_000_000];

const memory = new WebAssembly.Memory({ initial: 8192 });
const floats = new Float32Array(memory.buffer);

function load(variant) {
  const binary = readFileSync(new URL(`../build/testing-${variant}.wasm`, import.meta.url));
  if (!WebAssembly.validate(binary)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } }).exports;
}

/** Places for blocks of so many numbers, filled with normal numbers that are neither 0 nor subnormal. */
function place(...counts) {
  let at = 1 << 20;
  return counts.map((count) => {
    const start = at;
    at += Math.ceil((count * FLOATS + 64) / 64) * 64;
    for (let i = 0; i < count; i++) floats[start / FLOATS + i] = 0.5 + ((i * 2654435761) % 1024) / 1024;
    return start;
  });
}

const panelled = (rows, columns) => Math.ceil(columns / 8) * 8 * rows;

/** { name, unit, run(times), amount } for each measurement; amounts are of flops or bytes a time. */
function measurements(kernels) {
  const rows = kernels.tileRows();
  const product = (group, name, [m, k, n], call) => ({ group, name, amount: 2 * m * k * n, run: call });
  const forward = ([m, k, n]) => {
    const [c, a, b, start] = place(panelled(m, n), panelled(m, k), panelled(k, n), 8);
    return (times) => kernels.multiplyPanels(c, a, b, start, m, k, Math.ceil(n / 8), times);
  };
  const gradient = ([m, k, n]) => {
    const [c, a, b] = place(panelled(k, n), panelled(m, k), panelled(m, n));
    return (times) => kernels.multiplyTransposedPanels(c, a, b, k, m, Math.ceil(n / 8), times);
  };
  const shapeName = (shape) => shape.join(" × ");
  return [
    { tile: true, ...product("tile", `${rows} × 256 × 8, in L1`, [rows, 256, 8]), make: () => forward([rows, 256, 8]) },
    ...[...SQUARE, ...SKINNY].flatMap((shape) => [
      { ...product("forward", shapeName(shape), shape), make: () => forward(shape) },
      { ...product("weight gradient", shapeName(shape), shape), make: () => gradient(shape) },
    ]),
    ...UPDATES.flatMap((count) => {
      const bytes = count * FLOATS;
      const make = (run) => () => {
        const [state, w] = place(64, 4 * count);
        return (times) => run(state, w, times);
      };
      const copy = (_, w, times) => kernels.copyOver(w, w + 2 * bytes, 2 * bytes, times);
      const adam = (state, w, times) => kernels.adamOver(state, w, count, times);
      return [
        // a copy reads and writes 2 blocks each
        { group: "copy", name: significant(count), amount: 4 * bytes, make: make(copy) },
        // Adam reads 4 blocks (w, g, m, v) and writes 3
        { group: "Adam", name: significant(count), amount: 7 * bytes, make: make(adam) },
      ];
    }),
  ];
}

/** Billions a second, in each repetition. */
function measure({ amount, make }) {
  const run = make();
  let times = 1;
  for (;;) {
    const begin = performance.now();
    run(times);
    const ms = performance.now() - begin;
    if (ms >= LEAST) break;
    times = Math.ceil(times * Math.min(8, (1.3 * LEAST) / Math.max(ms, 0.01)));
  }
  return Array.from({ length: REPETITIONS }, () => {
    const begin = performance.now();
    run(times);
    return (amount * times) / (performance.now() - begin) / 1e6;
  });
}

const results = [];
for (const variant of ["simd", "relaxed"]) {
  const kernels = load(variant);
  if (kernels === undefined) {
    console.log(`${variant}: this engine hasn't these instructions`);
    continue;
  }
  const measured = measurements(kernels).map((measurement) => {
    process.stderr.write(`\r${variant}: ${measurement.group} ${measurement.name}`.padEnd(70));
    const { group, name } = measurement;
    return { group, name, perSecond: measure(measurement) };
  });
  process.stderr.write(`\r${"".padEnd(70)}\r`);
  results.push({ variant, measured });
}

for (const { variant, measured } of results) {
  const median = ({ perSecond }) => spread(perSecond).median;
  const peak = median(measured[0]);
  const products = measured.filter(({ group }) => ["tile", "forward", "weight gradient"].includes(group));
  const cells = (row, share) => [row.group, row.name, withSpread(spread(row.perSecond), significant), share];
  console.log(`\n${variant}, one thread\n`);
  console.log(
    table(
      ["product", "rows × depth × columns", "GFLOP/s", "of the tile"],
      products.map((row) => cells(row, `${Math.round((100 * median(row)) / peak)} %`)),
      2,
    ),
  );
  const updates = measured.filter(({ group }) => group === "Adam");
  const copyOf = ({ name }) => median(measured.find((row) => row.group === "copy" && row.name === name));
  console.log(
    `\n${table(
      ["update", "parameters", "GB/s", "of a copy"],
      updates.map((row) => cells(row, `${Math.round((100 * median(row)) / copyOf(row))} %`)),
      2,
    )}`,
  );
}
console.log(`\nEvery repetition: ${save("limit", { ...machine(), repetitions: REPETITIONS, variants: results })}`);
