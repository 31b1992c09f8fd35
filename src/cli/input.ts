// Files that the command line reads: those of standard input are kept in a temporary file, as tables are read more than once.

import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";

/** How standard input is called, as an argument and in errors. */
export const STDIN = "-";
export const STDIN_NAME = "standard input";

let spooled: string | undefined;

/** The file that standard input is kept in, where it was read. */
export function spooledFile(): string | undefined {
  return spooled;
}

/** The path of a file that was named as an argument; of standard input it is that of a copy, which goes with the process. */
export async function pathOf(file: string): Promise<string> {
  if (file !== STDIN) return file;
  if (spooled !== undefined) return spooled;
  const folder = mkdtempSync(join(tmpdir(), "nablanet-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  spooled = join(folder, "stdin");
  await pipeline(process.stdin, createWriteStream(spooled));
  return spooled;
}

/** "data/iris.csv.gz" as "iris"; "model" for standard input. */
export function stemOf(file: string): string {
  if (file === STDIN) return "model";
  return (
    basename(file.replace(/[?#].*$/, ""))
      .replace(/\.gz$/i, "")
      .replace(/(?<=.)\.[^.]*$/, "") || "model"
  );
}
