// Bundles worker.mjs as a platform's own tool does, and runs it on PORT (8787): by workerd, if WORKERD is its path, else by Node.

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const kernels = fileURLToPath(import.meta.resolve("nablanet/simd.wasm"));
const { WORKERD = "", PORT = "8787" } = process.env;

/** @param wasm what is to become of the import of the kernels */
async function bundle(outfile, wasm) {
  mkdirSync(here("build"), { recursive: true });
  // what is for Node alone is in the package, too, and never reached
  await build({
    entryPoints: [here("worker.mjs")],
    outfile,
    bundle: true,
    format: "esm",
    external: ["node:*"],
    logLevel: "error",
    ...wasm,
  });
}

async function startWorkerd() {
  await bundle(here("build/worker.mjs"), { external: ["node:*", "*.wasm"] });
  copyFileSync(kernels, here("build/simd.wasm"));
  const args = ["serve", here("config.capnp"), `--socket-addr=http=127.0.0.1:${PORT}`, "--control-fd=3"];
  const child = spawn(WORKERD, args, { stdio: ["inherit", "inherit", "inherit", "pipe"] });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code) => process.exit(code ?? 0));
  // it tells when it listens, and where
  child.stdio[3].on("data", (line) => console.log(`workerd: http://127.0.0.1:${JSON.parse(line).port}`));
}

/** Gives the kernels, compiled, as such a platform does. */
const compiledByNode = {
  name: "compiled-wasm",
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, ({ path }) => ({
      contents: `import { readFileSync } from "node:fs";
        export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
    }));
  },
};

async function startNode() {
  await bundle(here("build/for-node.mjs"), { plugins: [compiledByNode] });
  const { default: edge } = await import(here("build/for-node.mjs"));
  const server = createServer(async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const body = method === "POST" ? incoming : undefined;
    const request = new Request(new URL(url, "http://127.0.0.1"), { method, headers, body, duplex: "half" });
    const response = await edge.fetch(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
  server.listen(Number(PORT), "127.0.0.1", () => console.log(`Node: http://127.0.0.1:${server.address().port}`));
}

await (WORKERD === "" ? startNode() : startWorkerd());
