// Publishes the hashes of runs that are new: writes them to hashes.json and docs/determinism.md. A hash that was published is
// a promise to users; another is written only with --force. Run by `npm run hashes`.

import { readFileSync, writeFileSync } from "node:fs";
import * as nablanet from "../../dist/index.js";
import { hashAll, runs } from "./runs.mjs";
import { table } from "./table.mjs";

const force = process.argv.includes("--force");
const file = new URL("hashes.json", import.meta.url);
const page = new URL("../../docs/determinism.md", import.meta.url);

const published = JSON.parse(readFileSync(file, "utf8"));
const { hashes } = await hashAll(nablanet, { math: "deterministic", threads: 1 });

const added = Object.keys(hashes).filter((name) => !(name in published));
const changed = Object.keys(published).filter((name) => published[name] !== hashes[name]);
for (const name of added) console.log(`new: ${name}`);
for (const name of changed) console.log(`${name in hashes ? "another hash" : "no such run any more"}: ${name}`);

if (changed.length > 0) {
  console.log(
    "\nA published hash is a promise: users who retrain must get the parameters that they had. What changes it breaks that\n" +
      "promise, and belongs into the changelog and a new major version.",
  );
}
if (changed.length > 0 && !force) {
  console.log("\nNothing was written. If it has to be: npm run hashes -- --force");
  process.exitCode = 1;
} else {
  writeFileSync(file, `${JSON.stringify(hashes, undefined, 2)}\n`);
  const text = readFileSync(page, "utf8");
  writeFileSync(
    page,
    text.replace(/(<!-- runs -->\n)[\s\S]*(<!-- \/runs -->)/, (_, start, end) => {
      return `${start}\n${table(runs, hashes)}\n\n${end}`;
    }),
  );
  console.log(`${Object.keys(hashes).length} runs are published, ${added.length} of them new`);
}
