// What bench/README.md says of where the time goes, as Markdown.

import { markdownTable } from "./markdown.mjs";

/** What takes less of the time than this, in every work, isn't told. */
const LEAST_SHARE = 0.02;

const percent = (share = 0) => `${(100 * share).toFixed(1)} %`;

/** From profile.json. */
export function profileText({ cpu, node, variant, repetitions, works }) {
  const rows = profileRows(works, LEAST_SHARE);
  return [
    `${cpu}, Node ${node.split(".")[0]}, ${variant}, one thread, medians of ${repetitions}; below the share of time of each function:`,
    markdownTable(rows[0], rows.slice(1)),
  ].join("\n\n");
}

/** Header and rows: speed, its share of the tile's, and the share of time of all functions that take `leastShare` somewhere. */
export function profileRows(works, leastShare) {
  const most = (name) => Math.max(...works.map(({ shares }) => shares[name] ?? 0));
  const functions = [...new Set(works.flatMap(({ shares }) => Object.keys(shares)))]
    .filter((name) => most(name) >= leastShare)
    .sort((a, b) => most(b) - most(a));
  return [
    ["", ...works.map(({ work, shape }) => `${work}: ${shape}`)],
    ["GFLOP/s in products", ...works.map(({ gflops }) => gflops.median.toPrecision(3))],
    ["of the bare tile", ...works.map(({ ofTile }) => percent(ofTile.median))],
    ...functions.map((name) => [name, ...works.map(({ shares }) => percent(shares[name]))]),
  ];
}
