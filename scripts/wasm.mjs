// Compiles assembly/ for every target of asconfig.json, and writes each binary as a TypeScript module too, so that the
// package carries it in its own text: nothing to fetch, nothing to configure in a bundler.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const { targets } = JSON.parse(readFileSync("asconfig.json", "utf8"));
mkdirSync("build", { recursive: true });
for (const target of Object.keys(targets)) {
  execFileSync(process.execPath, ["node_modules/assemblyscript/bin/asc.js", "--target", target], { stdio: "inherit" });
  const binary = readFileSync(`build/${target}.wasm`);
  writeFileSync(
    `build/${target}.ts`,
    `/** build/${target}.wasm, base64. */\nexport const ${target}: string =\n  "${binary.toString("base64")}";\n`,
  );
}
// the kernels' inside, for the tests
execFileSync(
  process.execPath,
  ["node_modules/assemblyscript/bin/asc.js", "assembly/testing.ts", "--target", "simd", "-o", "build/testing.wasm"],
  { stdio: "inherit" },
);
