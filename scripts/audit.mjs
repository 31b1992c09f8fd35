// Asks npm's registry whether a package that is bundled into this one has a known advisory. Those that only build and test it
// don't count.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { components } = JSON.parse(readFileSync(new URL("../dist/sbom.json", import.meta.url), "utf8"));
const bundled = new Set(components.map((component) => component["bom-ref"]));
const { stdout } = spawnSync("npm", ["audit", "--json"], { cwd: root, encoding: "utf8" });
const { vulnerabilities, message } = JSON.parse(stdout);
if (vulnerabilities === undefined) throw new Error(`npm audit must give a report, got: ${message}`);
const concerned = Object.values(vulnerabilities).filter(({ nodes }) => nodes.some((folder) => bundled.has(folder)));
for (const { name, severity, via } of concerned) {
  console.log(`${name}, ${severity}: ${via.map(({ title, url }) => `${title} (${url})`).join("; ")}`);
}
console.log(`${bundled.size} packages are bundled, ${concerned.length} of them with known advisories`);
if (concerned.length > 0) process.exitCode = 1;
