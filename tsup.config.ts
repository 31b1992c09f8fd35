import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  // so that `using` is known to users whose own settings don't name it
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
  splitting: true,
  clean: true,
  target: "es2022",
  platform: "neutral",
  noExternal: ["@assemblyscript/loader"],
  outDir: "dist",
});
