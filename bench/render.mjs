// From the results' JSON: the tables in the root README.md and in this folder's, each between two comments that name it, and
// the plot results/peers.svg. Run by `npm run bench:render`, after the benchmarks.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { baselineText } from "./baseline-readme.mjs";
import { install } from "./peers/install.mjs";
import { readmeText } from "./peers/readme.mjs";
import { profileText } from "./profile-readme.mjs";

const results = new URL("results/", import.meta.url);

function read(name) {
  const file = new URL(`${name}.json`, results);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** Replaces what stands in a page between <!-- name --> and <!-- /name -->. */
function replace(path, name, text) {
  const file = new URL(path, import.meta.url);
  const page = readFileSync(file, "utf8");
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marked.test(page)) throw new Error(`${path} must have <!-- ${name} --> and <!-- /${name} -->`);
  writeFileSync(
    file,
    page.replace(marked, (_, start, end) => `${start}\n${text.trim()}\n\n${end}`),
  );
}

const baseline = read("baseline");
if (baseline) replace("../README.md", "baseline", baselineText(baseline));
const profile = read("profile");
if (profile) replace("README.md", "profile", profileText(profile));
const peers = read("peers");
if (peers) {
  replace("../README.md", "peers", readmeText(peers, read("time-to-accuracy")));
  install();
  const { plot } = await import("./peers/plot.mjs");
  writeFileSync(new URL("peers.svg", results), await plot(peers));
}
