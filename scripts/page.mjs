// Builds what pages load without a bundler, from the built package: dist/nablanet.min.js, a module in one file, which loads
// what few need from dist/min/ when it is needed; dist/nablanet.global.js, the same for classic scripts, with everything but
// the kernels and the digits in it; and the kernels as files of their own, for platforms that compile none from bytes.

import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { build, transform } from "esbuild";
import { rollup } from "rollup";

const minified = {
  name: "minified",
  async renderChunk(code) {
    return (await transform(code, { minify: true, format: "esm", target: "es2022", legalComments: "inline" })).code;
  },
};

rmSync("dist/min", { recursive: true, force: true });
const bundle = await rollup({
  input: { nablanet: "dist/index.js" },
  plugins: [minified],
  // what both the file and a part of it need stays in the file
  preserveEntrySignatures: "allow-extension",
  onwarn(warning) {
    throw new Error(warning.message);
  },
});
await bundle.write({
  dir: "dist",
  format: "esm",
  entryFileNames: "[name].min.js",
  chunkFileNames: "min/[name].js",
  hoistTransitiveImports: false,
});
await bundle.close();

/** Leaves the kernels and the digits where dist/min/ has them: their modules are nothing but a text. */
const textsApart = {
  name: "texts-apart",
  setup({ onResolve }) {
    const { targets } = JSON.parse(readFileSync("asconfig.json", "utf8"));
    const texts = [...Object.keys(targets), "digits"];
    onResolve({ filter: /\/build\/\w+\.js$/ }, ({ path, kind }) => {
      const name = basename(path, ".js");
      if (kind !== "dynamic-import" || !texts.includes(name)) return undefined;
      return { path: `./min/${name}.js`, external: true };
    });
  },
};

await build({
  entryPoints: ["dist/index.js"],
  outfile: "dist/nablanet.global.js",
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "nablanet",
  target: "es2022",
  legalComments: "inline",
  plugins: [textsApart],
  logLevel: "warning",
  // modules without side effects that nothing of is used from are left out, as they should be
  logOverride: { "ignored-bare-import": "silent" },
});

for (const name of ["simd", "relaxed", "simdShared", "relaxedShared"]) {
  copyFileSync(`build/${name}.wasm`, `dist/${name}.wasm`);
}
