// What help says below the options.

import { Help } from "commander";

const WIDEST = 100;

/** Prose as wide as the terminal; lists, whose lines but the first begin with blanks, as they are. */
export function helpText(text: string): string {
  const width = Math.min(WIDEST, process.stdout.columns || 80);
  const paragraphs = text.trim().split(/\n{2,}/);
  const wrapped = paragraphs.map((paragraph) =>
    /\n {2}/.test(paragraph) ? paragraph : new Help().boxWrap(paragraph.replaceAll("\n", " "), width),
  );
  return `\n${wrapped.join("\n\n")}`;
}
