// The tarball that users install, in an empty folder, from ESM, from CommonJS and from TypeScript.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let tarball: string;

const run = (command: string, args: string[], cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Of a file below node_modules: what is its package, in whichever node_modules that lies. */
const packageOf = (path: string) => path.match(/^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/)?.[0];

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
}, 60_000);

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

  it("has the progress display, for either module system", () => {
    const use = `const { onEpoch } = progress({ epochs: 1 }); onEpoch({ epoch: 1, loss: 0.5, seconds: 1 });`;
    writeFileSync(join(folder, "display.mjs"), `import { progress } from "nablanet/progress";${use}`);
    writeFileSync(join(folder, "display.cjs"), `const { progress } = require("nablanet/progress");${use}`);
    for (const file of ["display.mjs", "display.cjs"]) {
      const { stdout, stderr } = spawnSync("node", [file], { cwd: folder, encoding: "utf8" });
      expect([stdout, stderr]).toEqual(["", expect.stringMatching(/^epoch 1\/1 {2}loss 0\.5000 /)]);
    }
  });

  it("reads tables into the core's datasets, for either module system", () => {
    const use = `(async () => {
      const folder = ${JSON.stringify(join(root, "test/fixtures"))};
      const schemas = [];
      for (const file of ["iris.csv", "iris.parquet"]) {
        const { dataset, schema } = await readTable(folder + "/" + file, { target: "species" });
        if (!(dataset instanceof Dataset)) throw new Error("another Dataset");
        schemas.push(JSON.stringify(schema));
      }
      const error = await readTable(folder + "/numpy-files.py", { format: "npz" }).catch((error) => error);
      console.log(schemas[0] === schemas[1], error instanceof FormatError);
    })();`;
    const names = { core: "{ Dataset, FormatError }", tables: "{ readTable }" };
    writeFileSync(
      join(folder, "tables.mjs"),
      `import ${names.core} from "nablanet"; import ${names.tables} from "nablanet/tables";${use}`,
    );
    writeFileSync(
      join(folder, "tables.cjs"),
      `const ${names.core} = require("nablanet"); const ${names.tables} = require("nablanet/tables");${use}`,
    );
    for (const file of ["tables.mjs", "tables.cjs"]) expect(run("node", [file])).toBe("true true\n");
  });

  it("trains in processes of its own, for either module system, and says what more a queue needs", () => {
    const use = `(async () => {
      const data = await tableReference(${JSON.stringify(join(root, "test/fixtures/iris.csv"))}, { target: "species" });
      const options = {
        space: { units: choice(2, 4) },
        build: ({ units }) => ({ network: { schema: data.schema, layers: [{ units }, { units: 3 }] }, fit: { epochs: 1 } }),
        data,
        trials: 2,
        seed: 1,
      };
      const { trials } = await search({ ...options, backend: local({ processes: 1 }) });
      const queue = bullmq({ connection: "redis://127.0.0.1:1" });
      const { message } = await search({ ...options, backend: queue }).catch((error) => error);
      console.log(trials.map(({ status }) => status).join(), message);
    })();`;
    const names = ["{ choice, search }", "{ bullmq, local }", "{ tableReference }"];
    const entries = ["nablanet", "nablanet/backends", "nablanet/tables"];
    const imports = entries.map((entry, i) => `import ${names[i]} from "${entry}";`).join("");
    const requires = entries.map((entry, i) => `const ${names[i]} = require("${entry}");`).join("");
    writeFileSync(join(folder, "backends.mjs"), imports + use);
    writeFileSync(join(folder, "backends.cjs"), requires + use);
    for (const file of ["backends.mjs", "backends.cjs"]) {
      expect(run("node", [file])).toBe(
        "completed,completed the backend bullmq needs two more packages: npm install bullmq ioredis\n",
      );
    }
  });

  it("has the command line", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(run("npx", ["--no-install", "nablanet", "--version"])).toBe(`${version}\n`);
    const data = join(root, "test/fixtures/iris.csv");
    run("npx", ["--no-install", "nablanet", "train", data, "--target", "species", "--quiet", "--output", "iris.nabla"]);
    expect(run("npx", ["--no-install", "nablanet", "evaluate", "iris.nabla", data])).toMatch(
      /^accuracy 9\d\.\d % of 150 rows/,
    );
  });

  it("brings the playground's files", () => {
    const page = join(folder, "node_modules/nablanet/dist/playground");
    const links = [...readFileSync(join(page, "index.html"), "utf8").matchAll(/(?:src|href)="(\.\/[^"]+)"/g)];
    expect(links.length).toBeGreaterThanOrEqual(2);
    for (const [, file = ""] of links) expect(existsSync(join(page, file))).toBe(true);
  });

  it("keeps the tables, the command line and fits in workers out of what the core loads at once", () => {
    const dist = join(folder, "node_modules/nablanet/dist");
    for (const end of ["js", "cjs"]) {
      const [seen, waiting] = [new Set<string>(), [`index.${end}`]];
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        if (seen.has(file)) continue;
        seen.add(file);
        const code = readFileSync(join(dist, file), "utf8");
        expect(code).not.toMatch(
          /^\/\/ node_modules\/(papaparse|hyparquet|fflate|commander|cli-table3|picocolors|simple-ascii-chart)/m,
        );
        expect(code).not.toMatch(/src\/(tables|cli|backends)\//);
        // CommonJS requires alike what is loaded at once and what may be later
        if (end === "js") expect(code).not.toMatch(/src\/worker-fit\//);
        expect(code).not.toMatch(/^import .*from "node:/m);
        const imports = code.matchAll(/(?:from |import |require\()"(\.\.?\/[^"]+)"/g);
        waiting.push(...[...imports].map(([, path = ""]) => join(dirname(file), path)));
      }
      expect(seen.size).toBeGreaterThan(1);
    }
  });

  it("is typed, for strict users of either module system", () => {
    const source = `import { choice, Network, search, Trainer, datasets } from "nablanet";
      import { bullmq, local } from "nablanet/backends";
      import { progress } from "nablanet/progress";
      import { readTable, tableReference, Schema, type SchemaJson } from "nablanet/tables";
      export async function read(path: string): Promise<SchemaJson> {
        const { dataset, schema } = await readTable(path, { target: "y", columns: { a: "categorical" } });
        await new Trainer(await Network.create({ inputs: schema.inputs, layers: [{ units: 1 }] })).fit(dataset, { epochs: 1 });
        return Schema.fromJSON(schema.toJSON()).toJSON();
      }
      export async function main(): Promise<number> {
        using network = await Network.create({ inputs: 2, layers: [{ units: 1 }] });
        const { history } = await new Trainer(network).fit(datasets.xor(), { epochs: 1, ...progress({ epochs: 1 }) });
        return history[0]?.loss ?? 0;
      }
      export async function chosen(): Promise<2 | 3 | undefined> {
        const { best } = await search({
          space: { units: choice(2, 3) },
          build: ({ units }) => ({ network: { inputs: 2, layers: [{ units }, { units: 1 }] }, fit: { epochs: 1 } }),
          data: datasets.xor(),
          folds: 2,
        });
        return best?.parameters.units;
      }
      export async function found(path: string, connection?: string): Promise<number | undefined> {
        const { best } = await search({
          space: { units: choice(2, 3) },
          build: ({ units }) => ({ network: { inputs: 2, layers: [{ units }, { units: 1 }] }, fit: { epochs: 9 } }),
          data: await tableReference(path, { target: "y", validation: 0.3 }),
          method: "asha",
          asha: { maxEpochs: 9 },
          backend: connection === undefined ? local() : bullmq({ connection }),
        });
        return best?.parameters.units;
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
    const dist = join(folder, "node_modules/nablanet/dist");
    for (const file of readdirSync(dist).filter((name) => /\.c?js$/.test(name))) {
      const code = readFileSync(join(dist, file), "utf8");
      const bundled = [...code.matchAll(/^\/\/ node_modules\/(.*)$/gm)]
        .map(([, path = ""]) => packageOf(path))
        .filter((name) => name !== "@assemblyscript/loader");
      // several notices are gathered in one comment, and then have brackets for slashes
      const notices = [...code.matchAll(/^(?:\/| *\()\*! (?!Bundled)(.*)$/gm)].flatMap(([, names = ""]) =>
        names.split(", "),
      );
      expect(new Set(bundled)).toEqual(new Set(notices));
      if (bundled.length > 0) expect(code).toMatch("Permission is hereby granted, free of charge");
    }
    expect(run("npm", ["ls", "--all", "--parseable"]).trim().split("\n")).toHaveLength(2);
  });

  it("is built as publint and arethetypeswrong want it", () => {
    run(join(root, "node_modules/.bin/publint"), [join(folder, tarball), "--strict"], root);
    // the workers' script is not imported, and what a kernel's file is depends on who imports it
    const kernels = ["simd", "relaxed", "simdShared", "relaxedShared"].map((name) => `${name}.wasm`);
    const notModules = ["--exclude-entrypoints", "worker", ...kernels];
    run(join(root, "node_modules/.bin/attw"), [join(folder, tarball), "--format", "ascii", ...notModules], root);
  });
});
