// The core as modules, one for each file of src/: a bundler leaves out by module what an app doesn't use, and the tables and the
// command line have the same classes by importing them.

import { dirname, relative, resolve, sep } from "node:path";
import { buildSync, type Plugin } from "esbuild";

const { metafile } = buildSync({
  entryPoints: ["src/index.ts"],
  bundle: true,
  platform: "neutral",
  write: false,
  metafile: true,
});

/** A file's place below dist/. */
const placeOf = (file: string) =>
  relative("src", file)
    .replace(/^\.\.[\\/]/, "")
    .replaceAll(sep, "/");

/** The files by the names of their modules, without the extension. */
export const coreModules: Record<string, string> = Object.fromEntries(
  Object.keys(metafile.inputs).map((file) => [placeOf(file).replace(/\.ts$/, ""), file]),
);

const files = new Set(Object.values(coreModules).map((file) => resolve(file)));

/** Leaves modules of the core outside of what is built, as files to be imported from where `placeOfImporter` says. */
function coreOutside(name: string, placeOfImporter: (file: string) => string): Plugin {
  return {
    name,
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, importer, resolveDir, kind }) => {
        if (kind === "entry-point") return undefined;
        const file = resolve(resolveDir, path.replace(/\.js$/, ".ts"));
        if (!files.has(file)) return undefined;
        const place = relative(dirname(placeOfImporter(importer)), placeOf(file)).replaceAll(sep, "/");
        return { path: `./${place.replace(/\.ts$/, ".js")}`, external: true };
      });
    },
  };
}

/** For the core's modules themselves, whose places are those of their sources. */
export const eachByItself = coreOutside("each-by-itself", placeOf);

/** For entries whose own modules are put together in files of dist/ itself. */
export const besideCore = coreOutside("beside-core", () => "entry.js");
