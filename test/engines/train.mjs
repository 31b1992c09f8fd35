// Runs in each engine: trains the published runs with the built package, and prints what came of it as JSON.

import * as nablanet from "../../dist/index.js";
import { hashAll } from "../published/runs.mjs";

function nameOf({ Bun, Deno, process }) {
  if (Bun !== undefined) return `Bun ${Bun.version}`;
  return Deno !== undefined ? `Deno ${Deno.version.deno}` : `Node ${process.versions.node}`;
}

const results = {};
for (const math of ["deterministic", "fast"]) {
  results[math] = {};
  for (const threads of [1, 2]) results[math][threads] = await hashAll(nablanet, { math, threads });
}
console.log(JSON.stringify({ engine: nameOf(globalThis), ...(await nablanet.capabilities()), results }));
