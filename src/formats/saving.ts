// A model as a file of any format.

import { got, oneOf, options, wrongKind } from "../checks.js";
import { beside } from "../data/source.js";
import { writeFile } from "../engine/whole-file.js";
import type { EncodedModel } from "./format.js";
import { type FormatName, formatNames, formatOf } from "./formats.js";
import type { Model } from "./model.js";

export interface SaveOptions {
  /** Default: by the ending of the file's name. */
  format?: FormatName;
}

/** The formats that can be written. */
export const writable = formatNames.filter((name) => formatOf(name).writer !== undefined);

/**
 * @param name what the file will be called, for the files of a format of several
 * @returns the file; or the files by name, the one that is opened first before the others
 */
export async function encodeModel(model: Model, format: unknown, name: string): Promise<EncodedModel> {
  const { writer } = formatOf(oneOf(format, "format", writable));
  return (await (writer as NonNullable<typeof writer>)()).encode(model, name);
}

/** Each file is written whole or not at all: what was there before stays until the new one is safe on disk. */
export async function saveModel(model: Model, path: unknown, saveOptions: unknown): Promise<void> {
  if (typeof path !== "string" && !(path instanceof URL)) wrongKind("path", "a path or file: URL", path);
  const given = options(saveOptions, "save", ["format"]);
  const format = given.format === undefined ? formatByEnding(String(path)) : given.format;
  const encoded = await encodeModel(model, format, String(path).replace(/^.*[/\\]/, ""));
  if (encoded instanceof Uint8Array) return writeFile(path, encoded);
  const [[, first], ...others] = [...encoded] as [[string, Uint8Array], ...[string, Uint8Array][]];
  // the first last: where it is, the others are
  for (const [name, bytes] of others) await writeFile(beside(path, name), bytes);
  await writeFile(path, first);
}

/** The format whose files end as `path` does. @throws RangeError where there is none. */
export function formatByEnding(path: string): FormatName {
  const found = writable.find((name) => formatOf(name).endings.some((ending) => path.toLowerCase().endsWith(ending)));
  if (found !== undefined) return found;
  const endings = writable.flatMap((name) => formatOf(name).endings);
  throw new RangeError(`path must end in one of ${endings.join(", ")}, or format must be told, got ${got(path)}`);
}
