// What the documentation shows of other libraries runs, beside our own programs.

import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { printsOf, programsOf, root, runPrograms } from "../pages.js";

const modules = fileURLToPath(new URL("node_modules", import.meta.url));

afterAll(() => rmSync(`${root}build/documentation`, { recursive: true, force: true }));

it.each([
  ["docs/migrating-from-brain.js.md", "js brain"],
  ["docs/migrating-from-tensorflow.js.md", "js tfjs"],
])("the programs of %s run, and print what they say", async (page, language) => {
  const programs = programsOf(page, [language]);
  expect(programs).toHaveLength(2);
  const outputs = await runPrograms(page, programs, modules);
  programs.forEach((program, i) => {
    expect(outputs[i]).toMatch(printsOf(program));
  });
});
