// docs/reproduction.md: its tables, between comments that name them.

import { readFileSync, writeFileSync } from "node:fs";
import { readResults } from "./results.mjs";
import { runs } from "./runs.mjs";
import { resultsTable, settingsTable } from "./tables.mjs";

const file = new URL("../docs/reproduction.md", import.meta.url);

export const readPage = () => readFileSync(file, "utf8");

/** The page with the tables of `results`. */
export function renderedPage(page, results) {
  const withResults = between(page, "results", `${resultsTable(runs, results)}\n\n${machines(results)}`);
  return between(withResults, "settings", settingsTable(runs));
}

export function writePage() {
  writeFileSync(file, renderedPage(readPage(), readResults()));
}

function between(page, name, text) {
  const marked = new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`);
  if (!marked.test(page)) throw new Error(`docs/reproduction.md must have <!-- ${name} --> and <!-- /${name} -->`);
  return page.replace(marked, (_, start, end) => `${start}\n${text}\n\n${end}`);
}

function machines(results) {
  const all = results.map(({ machine, threads }) => {
    const { cpu, node, nablanet } = machine;
    return `nablanet ${nablanet}, Node ${node}, ${cpu}, ${threads} thread${threads === 1 ? "" : "s"}`;
  });
  return `Trained with ${[...new Set(all)].join("; ")}.`;
}
