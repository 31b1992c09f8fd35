import { readdirSync, readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Plugin } from "esbuild";
import { defineConfig, type Options } from "tsup";
import { besideCore, coreModules, eachByItself } from "./scripts/core-modules.js";

const target = "es2022";
const platform = "neutral" as const;
const outDir = "dist";

/** What progress.ts draws with. */
const drawing = [
  "ansi-escapes",
  "ansi-regex",
  "cli-cursor",
  "environment",
  "get-east-asian-width",
  "is-fullwidth-code-point",
  "log-update",
  "mimic-function",
  "onetime",
  "restore-cursor",
  "signal-exit",
  "slice-ansi",
  "slice-ansi/node_modules/ansi-styles",
  "strip-ansi",
  "wrap-ansi",
  "wrap-ansi/node_modules/ansi-styles",
  "wrap-ansi/node_modules/emoji-regex",
  "wrap-ansi/node_modules/string-width",
];

/** The licences of bundled packages, which must go where their code goes; equal ones once. */
function licences(packages: readonly string[]): string {
  const names = new Map<string, string[]>();
  for (const name of packages) {
    const folder = `node_modules/${name}`;
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${folder} has no licence`);
    const text = readFileSync(`${folder}/${file}`, "utf8").trim();
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  return [...names].map(([text, some]) => `/*! ${some.join(", ")}\n\n${text}\n*/`).join("\n");
}

/** What the tables are read with. */
const reading = ["fflate", "hyparquet", "papaparse"];

/** What the command line reads its arguments and draws with. */
const commanding = [
  "cli-table3",
  "commander",
  "emoji-regex",
  "picocolors",
  "simple-ascii-chart",
  "string-width",
  "string-width/node_modules/ansi-regex",
  "string-width/node_modules/is-fullwidth-code-point",
  "string-width/node_modules/strip-ansi",
];

/** A package's name at the beginning of a path, after those of the packages that it lies within. */
const PACKAGE = /^((?:[^/]+\/node_modules\/)*[^/]+)\//;

/** Puts a package's licence into whatever chunk its code goes to. */
const licensed: Plugin = {
  name: "licensed",
  setup(build) {
    build.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, ({ path }) => {
      const [, name = ""] = relative("node_modules", path).replaceAll("\\", "/").match(PACKAGE) ?? [];
      if (!reading.includes(name) && !commanding.includes(name)) return undefined;
      // a file of others within a package says so in its first comment
      const code = readFileSync(path, "utf8").replace(/^\/\*\*(?=[\s*]*The MIT License)/, "/*!");
      return { contents: `${licences([name])}\n${code}`, loader: "js" };
    });
  },
};

/** Lets CommonJS packages for Node into ES modules: what they require of Node is imported. */
const forNode: Plugin = {
  name: "for-node",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, namespace: "node" } : { path, external: true },
    );
    build.onLoad({ filter: /.*/, namespace: "node" }, ({ path }) => ({
      contents: `import builtin from ${JSON.stringify(path)}; module.exports = builtin;`,
    }));
    // which only tables use whose style has colours
    build.onResolve({ filter: /^@colors\/colors/ }, () => ({ path: "none", namespace: "none" }));
    build.onLoad({ filter: /.*/, namespace: "none" }, () => ({ contents: "module.exports = {};" }));
    // not the variant for browsers, which has no colours
    build.onResolve({ filter: /^picocolors$/ }, () => ({ path: resolve("node_modules/picocolors/picocolors.js") }));
    // the display and the backends are files of their own in the package
    build.onResolve({ filter: /^\.\.\/(progress|backends)\.js$/ }, ({ path }) => ({
      path: path.slice(1),
      external: true,
    }));
  },
};

/** What the builds of the library have in common. */
const bundled = {
  target,
  platform,
  noExternal: [/./],
  // leaves out what Papa Parse has for Node's streams
  define: { PAPA_BROWSER_CONTEXT: "true" },
  outDir,
} satisfies Options;

/** So that `using` is known to users whose own settings don't name it. */
const banner = '/// <reference lib="esnext.disposable" />';

const entry = { index: "src/index.ts", tables: "src/tables.ts" };

export default defineConfig([
  { ...bundled, entry: coreModules, format: "esm", splitting: false, esbuildPlugins: [eachByItself] },
  {
    ...bundled,
    entry: { tables: "src/tables.ts", cli: "src/cli/main.ts", "trial-process": "src/backends/trial-process.ts" },
    format: "esm",
    splitting: true,
    esbuildPlugins: [besideCore, licensed, forNode],
    // which is done by `forNode`
    removeNodeProtocol: false,
  },
  { ...bundled, entry, format: "cjs", splitting: true, esbuildPlugins: [licensed] },
  {
    entry,
    format: ["esm", "cjs"],
    dts: { only: true, banner },
    outDir,
  },
  // the display for Node, with the libraries it draws with, so that users install none
  {
    entry: ["src/progress.ts"],
    format: ["esm", "cjs"],
    dts: true,
    target,
    platform: "node",
    noExternal: [/./],
    footer: { js: licences(drawing) },
    outDir,
  },
  // what has trials trained elsewhere; the queue is the user's to install
  {
    entry: ["src/backends.ts"],
    format: ["esm", "cjs"],
    dts: { banner },
    target,
    platform: "node",
    // where the processes' script is, also for CommonJS, which has no import.meta
    esbuildOptions(options, { format }) {
      if (format !== "cjs") return;
      options.define = { ...options.define, "import.meta.url": "ownUrl" };
      options.banner = { js: 'const ownUrl = require("node:url").pathToFileURL(__filename).href;' };
    },
    external: ["bullmq", "ioredis"],
    outDir,
  },
  // the script of the workers as a file, for pages that may not start them from blobs
  {
    entry: { worker: "build/training-worker.iife.js" },
    format: "esm",
    banner: { js: "const port = self;" },
    minify: true,
    target,
    platform,
    outDir,
  },
]);
