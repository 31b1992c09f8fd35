// The licences of what the page is bundled from, as a file beside it.

import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";

const PACKAGE = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** Of a package its file; of the built nablanet the notices in it, which are of the packages that it was bundled with. */
function noticesOf(module: string): string[] {
  const [, folder] = module.match(PACKAGE) ?? [];
  if (folder === undefined) {
    if (!/\/dist\/[^/]+\.js$/.test(module)) return [];
    return readFileSync(module, "utf8").match(/\/\*! Bundled license[\s\S]*?\*\//g) ?? [];
  }
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence`);
  return [`${folder.replace(/^.*\/node_modules\//, "")}\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}`];
}

/** Writes licences.txt. */
export function licences(): Plugin {
  return {
    name: "licences",
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((output) => (output.type === "chunk" ? output.moduleIds : []));
      const notices = modules.flatMap((id) => noticesOf(id.replaceAll("\\", "/").replace(/[?\0].*$/, "")));
      this.emitFile({
        type: "asset",
        fileName: "licences.txt",
        source: `${[...new Set(notices)].join(`\n\n${"-".repeat(80)}\n\n`)}\n`,
      });
    },
  };
}
