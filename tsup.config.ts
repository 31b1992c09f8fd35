import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  splitting: true,
  clean: true,
  target: "es2022",
  platform: "neutral",
  noExternal: ["@assemblyscript/loader"],
  outDir: "dist",
});
