import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import { defineConfig } from "tsup";

const target = "es2022";
const platform = "neutral";
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

/** Puts a package's licence into whatever chunk its code goes to. */
const licensed: Plugin = {
  name: "licensed",
  setup(build) {
    build.onLoad(
      { filter: new RegExp(`[\\\\/]node_modules[\\\\/](${reading.join("|")})[\\\\/].*\\.[cm]?js$`) },
      ({ path }) => {
        const [, name] = path.match(/.*[\\/]node_modules[\\/]([^\\/]+)/) as RegExpMatchArray;
        // a file of others within a package says so in its first comment
        const code = readFileSync(path, "utf8").replace(/^\/\*\*(?=[\s*]*The MIT License)/, "/*!");
        return { contents: `${licences([name as string])}\n${code}`, loader: "js" };
      },
    );
  },
};

export default defineConfig([
  // the tables' entry is built with the core, so that both have the same Dataset
  {
    entry: ["src/index.ts", "src/tables.ts"],
    format: ["esm", "cjs"],
    // so that `using` is known to users whose own settings don't name it
    dts: { banner: '/// <reference lib="esnext.disposable" />' },
    splitting: true,
    target,
    platform,
    noExternal: [/./],
    // leaves out what Papa Parse has for Node's streams
    define: { PAPA_BROWSER_CONTEXT: "true" },
    esbuildPlugins: [licensed],
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
