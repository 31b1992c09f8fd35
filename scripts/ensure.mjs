// Makes a checkout ready: installs what the lock file names, if that hasn't been done, and builds what is stale.
// Runs before `npm start`, `npm test` and their like, so that a fresh clone needs no other command. Node's own modules only.
// With the argument "dist", only as far as the package: what pages load and what only tests need is left for later.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Everything below a file or folder, in a fixed order. */
function files(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => files(join(path, name)));
}

function fingerprint(inputs) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const file of files(join(root, input))) hash.update(`${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

const progress = {
  install: "installing the packages that the lock file names",
  wasm: "compiling the kernels",
  testing: "compiling the kernels' inside, for the tests",
  digits: "packing the digits",
  worker: "compiling the workers",
  dist: "building the package",
  page: "building what pages load without a bundler",
  playground: "building the playground",
  sbom: "listing what is bundled",
};

/** Runs `command` unless it ran before on the same inputs and its outputs are still there. */
function make(name, inputs, outputs, command) {
  const stamp = join(root, "node_modules", ".cache", "nablanet", name);
  const now = fingerprint(inputs);
  if (
    outputs.every((file) => existsSync(join(root, file))) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === now
  ) {
    return;
  }
  console.error(`${progress[name]} …`);
  execFileSync(command[0], command.slice(1), { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}

const bin = (name) => join(root, "node_modules", ".bin", name);

// not `npm ci`: a lock file that was written where some platforms' optional binaries can't be had lacks them, and
// `npm ci` then refuses; this installs the same versions, and leaves the lock file alone
const install = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
make("install", ["package-lock.json"], ["node_modules/.package-lock.json"], install);
const { targets } = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8"));
const binaries = [...Object.keys(targets), "standalone"].map((target) => `build/${target}.ts`);
const kernels = [
  ...["assembly", "src/abi.ts", "asconfig.json", "asconfig.standalone.json", "scripts/wasm.mjs"],
  // which names the compiler's version
  "node_modules/assemblyscript/package.json",
];
make("wasm", kernels, binaries, [process.execPath, "scripts/wasm.mjs"]);
make(
  "digits",
  ["data/digits.csv", "scripts/digits.mjs"],
  ["build/digits.ts"],
  [process.execPath, "scripts/digits.mjs"],
);
make(
  "worker",
  ["src", "scripts/worker.mjs", "package-lock.json"],
  ["build/worker.ts", "build/training-worker.ts", "build/training-worker.iife.js"],
  [process.execPath, "scripts/worker.mjs"],
);
const packageInputs = [
  "src",
  ...binaries,
  "build/worker.ts",
  "build/training-worker.ts",
  "build/digits.ts",
  "scripts/core-modules.ts",
  "tsup.config.ts",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
];
make(
  "dist",
  packageInputs,
  [
    ...["index", "backends", "progress", "tables"].flatMap((entry) =>
      ["js", "cjs", "d.ts", "d.cts"].map((end) => `dist/${entry}.${end}`),
    ),
    "dist/worker.js",
    "dist/cli.js",
    "dist/trial-process.js",
  ],
  [bin("tsup"), "--silent", "--clean"],
);
if (process.argv[2] === "dist") process.exit();
make(
  "testing",
  kernels,
  ["build/testing-simd.wasm", "build/testing-relaxed.wasm"],
  [process.execPath, "scripts/wasm.mjs", "testing"],
);
make(
  "page",
  [...packageInputs, "scripts/page.mjs"],
  [
    ...["nablanet.min.js", "nablanet.global.js"].map((name) => `dist/${name}`),
    ...["simd", "relaxed", "simdShared", "relaxedShared"].map((name) => `dist/${name}.wasm`),
  ],
  [process.execPath, "scripts/page.mjs"],
);
// the package's build empties dist/
make(
  "playground",
  [
    ...packageInputs,
    "playground",
    ...["", "-activations", "-kernels", "-losses", "-optimizers"].map((part) => `bench/tuned${part}.mjs`),
  ],
  ["dist/playground/index.html"],
  [bin("vite"), "build", "playground", "--logLevel", "warn"],
);
make(
  "sbom",
  ["dist/index.js", "dist/cli.js", "scripts/sbom.mjs", "playground/src", "package.json", "package-lock.json"],
  ["dist/sbom.json"],
  [process.execPath, "scripts/sbom.mjs"],
);
