// What goes wrong, as one line and an exit code.

import { CommanderError } from "commander";
import { STDIN_NAME, spooledFile } from "./input.js";
import { inOptions } from "./wording.js";

export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The library's RangeErrors, and what else the user told wrongly, are wrong usage; all other errors are failures. */
export function failureOf(error: unknown): { message: string; code: typeof EXIT.failed | typeof EXIT.usage } {
  if (error instanceof CommanderError) {
    // without a command there is nothing but the help, which was shown
    if (error.code === "commander.help") return { message: "a command must be given, got none", code: EXIT.usage };
    return { message: inOneLine(error.message.replace(/^error: /, "")), code: EXIT.usage };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { message: inOneLine(message), code: error instanceof RangeError ? EXIT.usage : EXIT.failed };
}

function inOneLine(message: string): string {
  const file = spooledFile();
  const told = file === undefined ? message : message.replaceAll(file, STDIN_NAME);
  return inOptions(told.replace(/\s*\n\s*/g, " ").trim());
}
