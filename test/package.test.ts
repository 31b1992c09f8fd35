// The tarball that users install, in an empty folder, from ESM, from CommonJS and from TypeScript.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;
let tarball: string;

const run = (command: string, args: string[], cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

const program = `
const network = await Network.create({ inputs: 2, layers: [{ units: 8, activation: "tanh" }, { units: 1, activation: "sigmoid" }], seed: 1 });
const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.05 }, batchSize: 4 });
await trainer.fit(datasets.xor(), { epochs: 500 });
const digits = await datasets.digits();
console.log(JSON.stringify({
  xor: network.predict([[0, 0], [0, 1], [1, 0], [1, 1]]).map(([answer]) => Math.round(answer)),
  digits: digits.length,
  rows: Dataset.from({ inputs: [[1]], targets: [[1]] }).length,
}));`;
const expected = { xor: [0, 1, 1, 0], digits: 1797, rows: 1 };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nablanet-package-"));
  [{ filename: tarball }] = JSON.parse(
    run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root),
  );
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${tarball}`]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the installed package", () => {
  it("works from ESM", () => {
    writeFileSync(
      join(folder, "user.mjs"),
      `import { Dataset, datasets, Network, Trainer } from "nablanet";${program}`,
    );
    expect(JSON.parse(run("node", ["user.mjs"]))).toEqual(expected);
  });

  it("works from CommonJS", () => {
    writeFileSync(
      join(folder, "user.cjs"),
      `const { Dataset, datasets, Network, Trainer } = require("nablanet");(async () => {${program}})();`,
    );
    expect(JSON.parse(run("node", ["user.cjs"]))).toEqual(expected);
  });

  it("is typed, for strict users of either module system", () => {
    const source = `import { Network, Trainer, datasets } from "nablanet";
      export async function main(): Promise<number> {
        using network = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
        const { history } = await new Trainer(network).fit(datasets.xor(), { epochs: 1 });
        return history[0]?.loss ?? 0;
      }`;
    writeFileSync(join(folder, "user.mts"), source);
    writeFileSync(join(folder, "user.cts"), source);
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom"];
    expect(run(join(root, "node_modules/.bin/tsc"), [...flags, "user.mts", "user.cts"])).toBe("");
  });

  it("brings no dependency, runs no install script, and carries its licences", () => {
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules/nablanet/package.json"), "utf8"));
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.scripts).filter((name) => name.includes("install"))).toEqual([]);
    expect(readFileSync(join(folder, "node_modules/nablanet/LICENSE"), "utf8")).toMatch(/^MIT License/);
    expect(readFileSync(join(folder, "node_modules/nablanet/data/README.md"), "utf8")).toMatch("CC BY 4.0");
    expect(run("npm", ["ls", "--all", "--parseable"]).trim().split("\n")).toHaveLength(2);
  });

  it("is built as publint and arethetypeswrong want it", () => {
    run(join(root, "node_modules/.bin/publint"), [join(folder, tarball), "--strict"], root);
    // the workers' script is not imported
    const notModules = ["--exclude-entrypoints", "worker"];
    run(join(root, "node_modules/.bin/attw"), [join(folder, tarball), "--format", "ascii", ...notModules], root);
  });
});
