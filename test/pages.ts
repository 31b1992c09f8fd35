// The pages of the documentation, and the programs that their JavaScript blocks are.

import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** README.md and docs/*.md, by their paths from the root. */
export const pages = [
  "README.md",
  ...readdirSync(`${root}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export const textOf = (page: string) => readFileSync(`${root}${page}`, "utf8");

/** A page's blocks in one of the languages that follow their ```. */
export function blocksOf(page: string, languages: readonly string[]): string[] {
  const blocks = [...textOf(page).matchAll(/^```([^\n]+)\n(.*?)^```$/gms)] as RegExpMatchArray[];
  return blocks.filter(([, language]) => languages.includes(language)).map(([, , code]) => code);
}

/** A block that imports something begins a program; one that doesn't goes on with the one before it. */
export function programsOf(page: string, languages: readonly string[]): string[] {
  const programs: string[] = [];
  for (const block of blocksOf(page, languages)) {
    if (programs.length === 0 || /^import\b/m.test(block)) programs.push(block);
    else programs.push(`${programs.pop()}\n${block}`);
  }
  return programs;
}

/** What a program says that it prints: the comment behind each console.log of one line, "…" being anything. */
export function printsOf(program: string): RegExp {
  const comments = [...program.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, comment]) => comment as string,
  );
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*?");
  return new RegExp(comments.map((comment) => `(?<=^|\\s)${literal(comment)}(?=\\s|$)`).join(".*?"));
}

const run = promisify(execFile);

/**
 * Runs a page's programs one after the other in a folder of their own, within the package, so that "nablanet" is the package
 * itself. What one writes, the next may read.
 *
 * @param modules of other packages
 * @returns what each printed, in one line
 */
export async function runPrograms(page: string, programs: readonly string[], modules?: string): Promise<string[]> {
  const folder = `${root}build/documentation/${page.replaceAll("/", "-")}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (modules !== undefined) symlinkSync(modules, `${folder}/node_modules`);
  const outputs: string[] = [];
  for (const [i, program] of programs.entries()) {
    const file = `${folder}/program-${i + 1}.mjs`;
    writeFileSync(file, program);
    const { stdout } = await run(process.execPath, [file], { cwd: folder });
    outputs.push(stdout.replace(/\s+/g, " ").trim());
  }
  return outputs;
}
