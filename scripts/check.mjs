// Everything that CI runs, in CI's order: install, build, lint, types, the API reference, tests, long ones, hostile ones, those
// over Redis, the browsers', the other engines', those with other libraries. Ends with the line "N passed, N failed", and with
// exit code 1 if anything failed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "nablanet-check-"));
const failed = [];
let passedTests = 0;
let failedTests = 0;

function step(name, command, args) {
  console.log(`\n── ${name}: ${command} ${args.join(" ")}`);
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) failed.push(name);
  return status === 0;
}

/** Runs tests by their own command, and counts them from vitest's report. */
function tests(name, script) {
  const report = join(folder, `${script.replace(":", "-")}.json`);
  step(name, "npm", ["run", script, "--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]);
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
    passedTests += numPassedTests;
    failedTests += numFailedTests;
  } catch {
    if (!failed.includes(name)) failed.push(name);
  }
}

// what isn't installed or built can't be checked
if (step("install and build", process.execPath, ["scripts/ensure.mjs"])) {
  step("lint", "npm", ["run", "lint"]);
  step("types", "npm", ["run", "types"]);
  step("docs", "npm", ["run", "docs"]);
  tests("tests", "test");
  tests("whole programs", "test:long");
  tests("fuzzing", "test:fuzz");
  tests("reliability", "test:reliability");
  tests("distributed", "test:distributed");
  tests("browsers", "test:browsers");
  tests("engines", "test:engines");
  tests("interop", "test:interop");
}
rmSync(folder, { recursive: true, force: true });
if (failed.length > 0) console.log(`\nfailed: ${failed.join(", ")}`);
console.log(`\n${passedTests} passed, ${Math.max(failedTests, failed.length)} failed`);
process.exitCode = failed.length > 0 || failedTests > 0 ? 1 : 0;
