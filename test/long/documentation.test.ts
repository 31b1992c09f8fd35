// Every JavaScript block of README.md and docs/*.md runs and prints what it says; what the pages link to is there.

import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Activation, Loss, Optimizer } from "../../src/abi.js";
import { namesOf } from "../../src/checks.js";
import { pages, printsOf, programsOf, root, runPrograms, textOf } from "../pages.js";

afterAll(() => rmSync(`${root}build/documentation`, { recursive: true, force: true }));

const withPrograms = pages.filter((page) => programsOf(page, ["js"]).length > 0);

it("has programs", () => expect(withPrograms).toContain("README.md"));

describe.concurrent("the programs run, and print what they say", () => {
  it.each(withPrograms)("of %s", async (page) => {
    const programs = programsOf(page, ["js"]);
    const outputs = await runPrograms(page, programs);
    programs.forEach((program, i) => {
      expect(outputs[i]).toMatch(printsOf(program));
    });
  });
});

it.each(Object.entries({ Activation, Loss, Optimizer }))("every %s has its place in the mathematics", (_, names) => {
  const text = textOf("docs/mathematics.md");
  for (const name of namesOf(names)) expect(text).toMatch(new RegExp(`(\`|\\*\\*)${name}(\`|\\.\\*\\*)`));
});

describe("what is linked to is there", () => {
  it.each([...pages, "CONTRIBUTING.md"])("from %s", (page) => {
    const text = textOf(page).replace(/^```.*?^```$/gms, "");
    const links = [...text.matchAll(/\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g)] as RegExpMatchArray[];
    const local = links.filter(([, , target]) => !/^(https?:|#)/.test(target as string));
    for (const [link, name, target] of local) {
      const [path, heading] = (target as string).split("#");
      const file = join(root, dirname(page), path as string);
      expect(existsSync(file), link).toBe(true);
      const code = /^`(\w+)`$/.exec(name as string)?.[1];
      // [`forward`](../assembly/dense.ts) names what that file has
      if (code !== undefined && path?.endsWith(".ts")) {
        expect(readFileSync(file, "utf8"), link).toMatch(
          new RegExp(`^\\s*(export )?(function|class|const) ${code}\\b`, "m"),
        );
      }
      if (heading !== undefined) expect(anchorsOf(readFileSync(file, "utf8")), link).toContain(heading);
    }
  });
});

/** The addresses that GitHub gives a page's headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading as string);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}
