// The kernel tests as a script for pages.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("page/", import.meta.url));

/** Bundles them with vitest's runner, and with binaries that are fetched. */
export async function bundleKernelTests(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [`${here}kernel-tests.ts`],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "silent",
    alias: { vitest: `${here}vitest.ts` },
    plugins: [
      {
        name: "binaries",
        setup({ onResolve }) {
          onResolve({ filter: /\/kernel-binaries\.js$/ }, () => ({ path: `${here}kernel-binaries.ts` }));
        },
      },
    ],
  });
  return outputFiles[0]?.contents as Uint8Array;
}
