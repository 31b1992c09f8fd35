// What the package may do to whoever installs it: it runs no code from text, asks nothing of the network, starts nothing when it
// is installed, and says what is in it.

import { execFile, execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");
const scripts = readdirSync(dist, { recursive: true })
  .map(String)
  .filter((file) => /\.[cm]?js$/.test(file));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

/** Fits on threads and in a worker, evaluates, saves, reads a table. */
const program = `
  import { datasets, Network, Trainer } from ${JSON.stringify(join(dist, "index.js"))};
  import { readTable } from ${JSON.stringify(join(dist, "tables.js"))};
  const { dataset } = await readTable(${JSON.stringify(join(root, "test/fixtures/iris.csv"))}, { target: "species" });
  const layers = [{ units: 5, activation: "tanh" }, { units: 3, activation: "softmax" }];
  const trainer = new Trainer(await Network.create({ inputs: 4, layers, seed: 1 }));
  for (const how of [{ threads: 1 }, { threads: 2 }, { worker: true, threads: 2 }]) await trainer.fit(dataset, { epochs: 2, ...how });
  await trainer.evaluate(dataset, { threads: 2 });
  await Network.load(await trainer.network.encode("onnx"));
  await datasets.digits();
  const resumed = await Trainer.resume(trainer.checkpoint(), dataset);
  console.log("done", resumed.network.parameterCount);`;

const run = (flags: string[], before = "") =>
  spawnSync(process.execPath, [...flags, "--input-type=module", "--eval", before + program], {
    encoding: "utf8",
    timeout: 60_000,
  });

it("has no eval and no Function of text in it, and works where neither is allowed", () => {
  expect(scripts.length).toBeGreaterThan(50);
  for (const file of scripts) {
    const code = readFileSync(join(dist, file), "utf8");
    expect(code, file).not.toMatch(/\beval\s*\(|\bnew Function\b|[^.\w]Function\s*\(\s*["'`]/);
  }
  // the rule reaches the worker threads of the process, too
  const { stdout, stderr } = run(["--disallow-code-generation-from-strings"]);
  expect([stdout, stderr]).toEqual(["done 43\n", ""]);
});

it("asks nothing of the network, neither when it is imported nor when it trains, saves and reads", () => {
  const closed = `
    import { syncBuiltinESMExports } from "node:module";
    const refuse = (name) => () => { console.error("network: " + name); process.exit(9); };
    for (const name of ["net", "tls", "http", "https", "http2", "dns", "dgram"]) {
      const library = process.getBuiltinModule(name);
      for (const key of ["connect", "createConnection", "createServer", "request", "get", "lookup", "resolve", "createSocket"])
        if (key in library) library[key] = refuse(name + "." + key);
    }
    process.getBuiltinModule("net").Socket.prototype.connect = refuse("Socket.connect");
    syncBuiltinESMExports();
    for (const name of ["fetch", "WebSocket", "EventSource"]) globalThis[name] = refuse(name);`;
  // static imports come first, so what closes the network is a module before it
  const hook = `--import=data:text/javascript,${encodeURIComponent(closed)}`;
  const { stdout, stderr } = run([hook]);
  expect([stdout, stderr]).toEqual(["done 43\n", ""]);
  // and the hook does close it
  const proof = spawnSync(process.execPath, [hook, "--eval", "fetch('http://127.0.0.1:9')"], { encoding: "utf8" });
  expect([proof.status, proof.stderr]).toEqual([9, "network: fetch\n"]);
});

it("runs nothing when it is installed, and needs no other package", () => {
  const hooks = ["preinstall", "install", "postinstall", "prepare", "prepublish", "preprepare", "postprepare"];
  expect(Object.keys(manifest.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  for (const kind of ["dependencies", "optionalDependencies", "bundleDependencies", "gypfile"]) {
    expect(manifest[kind], kind).toBeUndefined();
  }
  // the queue of searches on many machines, which only they need
  expect(Object.keys(manifest.peerDependencies).sort()).toEqual(["bullmq", "ioredis"]);
  for (const name of Object.keys(manifest.peerDependencies)) {
    expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
  }
  const listed = JSON.parse(execFileSync("npm", ["ls", "--omit=dev", "--json"], { cwd: root, encoding: "utf8" }));
  expect(listed.dependencies).toBeUndefined();
});

it("lists what is bundled, each package with its version, its licence and the hash of what npm installed", () => {
  const { components, bomFormat, metadata } = JSON.parse(readFileSync(join(dist, "sbom.json"), "utf8"));
  expect([bomFormat, metadata.component.version]).toEqual(["CycloneDX", manifest.version]);
  for (const { "bom-ref": folder, version, licenses, hashes, purl } of components) {
    expect(version).toBe(lock.packages[folder].version);
    expect(licenses[0].license.id).toMatch(/^(MIT|ISC|BSD-2-Clause|BSD-3-Clause|Apache-2.0)$/);
    expect(hashes[0].content).toMatch(/^[0-9a-f]{128}$/);
    expect(purl).toMatch(/^pkg:npm\/.+@\d/);
  }
  const listed = new Set(components.map((component: { "bom-ref": string }) => component["bom-ref"]));
  for (const file of scripts.filter((name) => !name.includes("playground"))) {
    for (const [, folder] of readFileSync(join(dist, file), "utf8").matchAll(
      /^\/\/ (node_modules\/(?:@[^/]+\/)?[^/]+)\//gm,
    )) {
      expect(listed, file).toContain(folder);
    }
  }
  for (const name of ["preact", "uplot", "papaparse", "commander"]) expect(listed).toContain(`node_modules/${name}`);
});

/** What `npm run audit` says where the registry has these advisories. */
async function audit(advisories: Record<string, unknown[]>): Promise<[error: boolean, said: string]> {
  const server = createServer(({ method, url = "" }, response) => {
    // npm looks which versions there are of what it is warned of
    const name = decodeURIComponent(url.slice(1));
    const version = lock.packages[`node_modules/${name}`]?.version;
    response.end(JSON.stringify(method === "POST" ? advisories : { name, versions: { [version]: { name, version } } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}` };
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, ["scripts/audit.mjs"], { cwd: root, env }, (error, said) =>
        resolve([error !== null, said]),
      );
    });
  } finally {
    server.close();
  }
}

it("isn't published with a bundled package that has a known advisory", async () => {
  const advisory = { id: 1, url: "https://example.org/1", title: "a hole", severity: "high", vulnerable_versions: "*" };
  expect(await audit({})).toEqual([false, expect.stringMatching(/^\d+ packages are bundled, 0 of them with/)]);
  // vitest isn't bundled
  expect(await audit({ vitest: [advisory] })).toEqual([false, expect.stringMatching(/ 0 of them with/)]);
  const [failed, said] = await audit({ papaparse: [advisory] });
  expect(failed).toBe(true);
  expect(said).toMatch(/^papaparse, high: a hole \(https:\/\/example.org\/1\)\n\d+ packages are bundled, 1 of them/);
});
