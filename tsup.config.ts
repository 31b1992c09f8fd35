import { defineConfig } from "tsup";

const target = "es2022";
const platform = "neutral";
const outDir = "dist";

export default defineConfig([
  {
    entry: ["src/index.ts"],
    format: ["esm", "cjs"],
    // so that `using` is known to users whose own settings don't name it
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    splitting: true,
    target,
    platform,
    noExternal: ["@assemblyscript/loader"],
    outDir,
  },
  // the script of the workers as a file, for pages that may not start them from blobs
  {
    entry: { worker: "src/engine/worker.ts" },
    format: "esm",
    banner: { js: "const port = self;" },
    target,
    platform,
    outDir,
  },
]);
