// The playground as static files that work from anywhere, without a network; made of the built package, as users have it.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { licences } from "./licences.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
// shared memory, so threads, only where the page is isolated
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default defineConfig({
  root: at("."),
  base: "./",
  plugins: [licences()],
  resolve: {
    alias: [
      { find: /^nablanet$/, replacement: at("../dist/index.js") },
      { find: /^nablanet\/tables$/, replacement: at("../dist/tables.js") },
    ],
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: at("../dist/playground"),
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 2048,
    // one file, so that nothing is missing once the network is gone
    rolldownOptions: { output: { codeSplitting: false } },
  },
  server: { host: "127.0.0.1", headers },
  preview: { host: "127.0.0.1", headers },
});
