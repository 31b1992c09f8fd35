// Compiles the script of the worker threads, and writes it as a TypeScript module, so that the package carries it in its
// own text.

import { writeFileSync } from "node:fs";
import { build } from "esbuild";

const { outputFiles } = await build({
  entryPoints: ["src/engine/worker.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  write: false,
});
const script = outputFiles[0].text.trim();
writeFileSync(
  "build/worker.ts",
  `/** src/engine/worker.ts, compiled. */\nexport const worker: string =\n  ${JSON.stringify(script)};\n`,
);
