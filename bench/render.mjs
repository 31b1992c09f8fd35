// From the results' JSON: the tables in the root README.md, each between two comments that name it, and the plot
// results/peers.svg. Run by `npm run bench:render`, after the benchmarks.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { baselineText } from "./baseline-readme.mjs";
import { install } from "./peers/install.mjs";
import { readmeText } from "./peers/readme.mjs";

const results = new URL("results/", import.meta.url);
const readme = new URL("../README.md", import.meta.url);

function read(name) {
  const file = new URL(`${name}.json`, results);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** README.md with what stands between <!-- name --> and <!-- /name --> replaced. */
function replaced(page, name, text) {
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marked.test(page)) throw new Error(`README.md must have <!-- ${name} --> and <!-- /${name} -->`);
  return page.replace(marked, (_, start, end) => `${start}\n${text.trim()}\n\n${end}`);
}

let page = readFileSync(readme, "utf8");
const baseline = read("baseline");
if (baseline) page = replaced(page, "baseline", baselineText(baseline));
const peers = read("peers");
if (peers) {
  page = replaced(page, "peers", readmeText(peers, read("time-to-accuracy")));
  install();
  const { plot } = await import("./peers/plot.mjs");
  writeFileSync(new URL("peers.svg", results), await plot(peers));
}
writeFileSync(readme, page);
