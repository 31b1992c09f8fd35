// From the results' JSON: the table in the root README.md, between its two comments, and the plot results/peers.svg.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { install } from "./install.mjs";
import { readmeText } from "./readme.mjs";

const results = new URL("../results/", import.meta.url);
const readme = new URL("../../README.md", import.meta.url);
const MARKED = /(<!-- peers -->\n)[\s\S]*?(<!-- \/peers -->)/;

function read(name) {
  const file = new URL(`${name}.json`, results);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

const peers = read("peers");
if (!peers) {
  console.error("there is no bench/results/peers.json yet: npm run bench:peers makes it");
  process.exit(1);
}
install();
const { plot } = await import("./plot.mjs");
writeFileSync(new URL("peers.svg", results), await plot(peers));
const text = readFileSync(readme, "utf8");
if (MARKED.test(text)) {
  writeFileSync(
    readme,
    text.replace(MARKED, (_, start, end) => `${start}\n${readmeText(peers, read("time-to-accuracy"))}\n${end}`),
  );
} else {
  console.error("README.md has no <!-- peers --> and <!-- /peers -->: its table is left as it is");
}
