// How near the kernels come to what this engine can do: the bare tile's peak, products of many shapes as a share of it, and
// the update as a share of a copy's bandwidth. One thread. Run by `npm run bench:limit`.

import { adam, bareTile, copy, forward, load, measure, weightGradient } from "./kernels.mjs";
import { machine, save, significant, spread, table, withSpread } from "./report.mjs";

const REPETITIONS = 9;

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

function measurements(kernels) {
  return [
    bareTile(kernels),
    ...[...SQUARE, ...SKINNY].flatMap((shape) => [forward(kernels, shape), weightGradient(kernels, shape)]),
    ...UPDATES.flatMap((count) => [copy, adam].map((update) => update(kernels, count, significant(count)))),
  ];
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
    return { group, name, perSecond: measure(measurement, REPETITIONS) };
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
