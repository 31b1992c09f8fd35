// Values of options, from the words on the command line.

import { InvalidArgumentError } from "commander";
import { finite, got, wholeNumber } from "../checks.js";
import { type ColumnKind, columnKinds } from "../tables/columns.js";

function refuse(expected: string, text: string): never {
  throw new InvalidArgumentError(`It must be ${expected}, got ${got(text)}.`);
}

/** What a check makes of the number that the text spells. */
function checked(check: (value: number) => number): (text: string) => number {
  return (text) => {
    try {
      return check(text.trim() === "" ? Number.NaN : Number(text));
    } catch (error) {
      const [expected] = (error as Error).message.split(", got ");
      throw new InvalidArgumentError(`${expected}, got ${got(text)}.`);
    }
  };
}

/** A whole number from `least` to `most`. */
export const integer = (least: number, most?: number) => checked((value) => wholeNumber(value, "It", least, most));

/** A number within bounds. */
export const number = (bounds: Parameters<typeof finite>[2]) => checked((value) => finite(value, "It", bounds));

/** A name and the comma behind it; as in CSV, one that has a comma in it stands between quotes. */
const NAME = /(?:\s*"((?:[^"]|"")+)"\s*|([^,]*)),/g;

/** Names between commas; an option that is given again adds to them. */
export function names(text: string, before: readonly string[] = []): string[] {
  const found = Array.from(
    `${text},`.matchAll(NAME),
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare.trim(),
  );
  if (found.includes("")) refuse("one or more names between commas", text);
  return [...before, ...found];
}

/** "64,32" as [64, 32]; "none" as no layer at all. */
export function layerSizes(text: string): number[] {
  if (text.trim() === "none") return [];
  const sizes = text.split(",").map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    refuse("the units of each hidden layer between commas, such as 64,32, or none", text);
  }
  return sizes;
}

/** "zip=categorical", as often as there are columns to tell of. */
export function columnKind(text: string, before: Readonly<Record<string, ColumnKind>> = {}) {
  const at = text.lastIndexOf("=");
  const kind = columnKinds.find((each) => each === text.slice(at + 1).trim());
  if (at < 1 || kind === undefined) refuse(`name=kind, with a kind of ${columnKinds.join(", ")}`, text);
  return { ...before, [text.slice(0, at).trim()]: kind };
}

/** "auto", "worker" or a number. */
export function threads(text: string): "auto" | "worker" | number {
  return text === "auto" || text === "worker" ? text : integer(1)(text);
}

/** What separates values: a tab has a name of its own, as it is hard to type. */
export function delimiter(text: string): string {
  return text === "tab" || text === "\\t" ? "\t" : text;
}
