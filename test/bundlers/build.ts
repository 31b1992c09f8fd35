// The app, built by each bundler from the packed package with an entry and a folder to write to, and nothing else configured.

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build as esbuild } from "esbuild";
import { rollup } from "rollup";

const root = fileURLToPath(new URL("../../", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const app = `${here}app/`;
// what is installed on demand is loaded on demand, too
const require = createRequire(import.meta.url);

type Webpack = (
  options: object,
  done: (error: Error | null, stats?: { hasErrors(): boolean; toString(): string }) => void,
) => void;

const bundlers: Record<string, (entry: string, out: string) => Promise<unknown>> = {
  esbuild: (entry, outdir) =>
    esbuild({
      entryPoints: [entry],
      outdir,
      bundle: true,
      splitting: true,
      format: "esm",
      minify: true,
      logLevel: "silent",
    }),
  async Rollup(entry, dir) {
    const { nodeResolve } = require("@rollup/plugin-node-resolve");
    const bundle = await rollup({ input: entry, plugins: [nodeResolve()] });
    await bundle.write({ dir, format: "esm" });
    await bundle.close();
  },
  async Vite(entry, outDir) {
    const { build } = await import(new URL("node_modules/vite/dist/node/index.js", import.meta.url).href);
    const emptied = { outDir, emptyOutDir: true };
    await build({ root: app, base: "./", configFile: false, logLevel: "error", build: emptied });
    return entry;
  },
  webpack: (entry, path) =>
    new Promise<void>((resolve, reject) => {
      const webpack: Webpack = require("webpack");
      webpack({ context: app, mode: "production", entry, output: { path } }, (error, stats) => {
        if (error !== null || stats?.hasErrors()) reject(error ?? new Error(String(stats)));
        else resolve();
      });
    }),
};

export const names = Object.keys(bundlers);

/** Next.js has an app of its own, a page in React. */
export function buildNext(): Record<string, Uint8Array> {
  const command = [require.resolve("next/dist/bin/next"), "build", `${here}next`];
  execFileSync(process.execPath, command, {
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return filesOf(`${here}next/out/`, "Next");
}

const page = (script: string) => `<!doctype html>
<meta charset="utf-8" />
<script src="/test/browsers/page/console.js"></script>
<output></output>
<script type="module" src="${script}"></script>
`;

/** Builds one of the app's scripts, and gives back what is to be served: below /<bundler>/, with a page index.html. */
export async function build(bundler: string, entry = "main.js"): Promise<Record<string, Uint8Array>> {
  const out = `${root}build/bundlers/${bundler}-${basename(entry, ".js")}/`;
  rmSync(out, { recursive: true, force: true });
  await bundlers[bundler]?.(app + entry, out);
  const files = filesOf(out, bundler);
  const script = bundler === "webpack" ? "main.js" : entry;
  files[`/${bundler}/index.html`] ??= new TextEncoder().encode(page(script));
  return files;
}

/** What is to be served of a folder. */
function filesOf(folder: string, bundler: string): Record<string, Uint8Array> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|html)$/.test(name));
  return Object.fromEntries(names.map((name) => [`/${bundler}/${name}`, readFileSync(folder + name)]));
}
