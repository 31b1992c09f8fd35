// Compiles assembly/ for every target of asconfig.json, and writes each binary as a TypeScript module too, so that the
// package carries it in its own text: nothing to fetch, nothing to configure in a bundler. src/engine/packed.ts reads it.
// With the argument "testing", the kernels' inside instead, for the tests.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";

const { targets } = JSON.parse(readFileSync("asconfig.json", "utf8"));
mkdirSync("build", { recursive: true });

const run = promisify(execFile);
const compile = (...options) => run(process.execPath, ["node_modules/assemblyscript/bin/asc.js", ...options]);

async function build(target) {
  await compile("--target", target);
  inline(target);
}

function inline(target) {
  const packed = deflateRawSync(readFileSync(`build/${target}.wasm`), { level: 9 }).toString("base64");
  writeFileSync(
    `build/${target}.ts`,
    `/** build/${target}.wasm, deflated, base64. */\nexport const ${target}: string =\n  "${packed}";\n`,
  );
}

/** The kernels' inside, for the tests. */
const buildTesting = (target) =>
  compile("assembly/testing.ts", "--target", target, "-o", `build/testing-${target}.wasm`);

/** Those of the tests have everything, on one thread. */
const tested = Object.keys(targets).filter((target) => !targets[target].sharedMemory && !target.endsWith("Core"));

/** The kernel that stand-alone modules are made of. */
async function buildStandalone() {
  await compile("--config", "asconfig.standalone.json");
  inline("standalone");
}

const tasks =
  process.argv[2] === "testing"
    ? tested.map((target) => () => buildTesting(target))
    : [...Object.keys(targets).map((target) => () => build(target)), buildStandalone];

/** One task after the other; as many of these as there are processors. */
async function lane() {
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await task();
}

await Promise.all(Array.from({ length: availableParallelism() }, lane));
