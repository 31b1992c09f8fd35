// What the command line says instead of the library's words, of errors as the library throws them.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { inOptions } from "../src/cli/wording.js";
import { readTable, type TableOptions } from "../src/tables.js";

const numbered = Array.from({ length: 30 }, (_, i) => `${i},word ${i},${i % 2}`).join("\n");
const many = `a,b,y\n${numbered}\n`;
const missing = "a,b,y\n1,2,x\n3,,z\n4,5,x\n";

const { schema } = await readTable(new TextEncoder().encode("a,y\n1,x\n2,z\n"), { target: "y" });

/** What is wrong, the table, its options, and what the command line says. */
const errors: [what: string, table: string, options: TableOptions, said: RegExp][] = [
  ["a missing value", missing, { target: "y" }, /with --missing impute/],
  ["a missing target", missing.replace("3,,z", "3,4,"), { target: "y" }, /./],
  ["words", many, { target: "y" }, /name it in --ignore, or say --column <name>=categorical$/],
  ["no values", "a,b,y\n1,,x\n3,,z\n", { target: "y", missing: "impute" }, /has no values: name it in --ignore/],
  ["an unknown target", many, { target: "z" }, /--target must be one of the columns/],
  ["no target", many, {}, /--target must be the name of a column/],
  ["an ignored target", many, { target: "y", ignore: ["y"] }, /--ignore must be without the targets/],
  ["an unknown name in ignore", many, { target: "y", ignore: ["z"] }, /a name in --ignore must be/],
  ["an unknown name in columns", many, { target: "y", columns: { z: "numeric" } }, /a name in --column must be/],
  ["commas", "a;y\n1,5;x\n2,5;z\n", { target: "y" }, /say --decimal ,/],
  ["points", "a;y\n1.5;x\n2.5;z\n", { target: "y", decimal: "," }, /as --decimal says/],
  ["a comma in a column of numbers", "a;y\n1,5;x\n", { schema }, /--decimal , takes/],
];

it.each(errors)("%s", async (_, table, options, said) => {
  const error = await readTable(new TextEncoder().encode(table), options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const message = inOptions((error as Error).message);
  expect(message).toMatch(said);
  // nothing that can't be said there
  expect(message).not.toMatch(/missing:|columns:|decimal:|\bin ignore\b|ignore it|can be ignored/);
});

it("columns of Parquet files", () => {
  const source = ["parquet", "parquet-guard"].map((name) =>
    readFileSync(new URL(`../src/tables/${name}.ts`, import.meta.url), "utf8"),
  );
  expect(source[0]).toContain("; it can be ignored");
  expect(source[1]).toContain("(columns can be ignored)");
  expect(inOptions("x; it can be ignored")).toBe("x; it can be named in --ignore");
  expect(inOptions("x (columns can be ignored)")).toBe("x (columns can be named in --ignore)");
});
