// NPZ, numpy's format of several arrays: a zip archive of a NPY file each.

import { got } from "../checks.js";
import { readSource, type Source } from "../data/source.js";
import { FormatError } from "../formats/errors.js";
import { decodeNpy, type NumpyArray } from "./npy.js";
import { nameOf } from "./source-name.js";

/**
 * The arrays in a file of numpy.savez or numpy.savez_compressed, by their names.
 *
 * @throws FormatError for what is no such file or is damaged, and for arrays that `readNpy` doesn't read
 */
export async function readNpz(source: Source): Promise<Map<string, NumpyArray>> {
  const place = nameOf(source) ?? "the file";
  return decodeNpz(await readSource(source, place), place);
}

/** What is in the archives of Excel and OpenDocument. */
const SPREADSHEET = /^(\[Content_Types\]\.xml|_rels\/|xl\/|mimetype$|content\.xml$)/;

/** @throws FormatError naming `place` where the bytes aren't an archive of arrays. */
export async function decodeNpz(bytes: Uint8Array, place: string): Promise<Map<string, NumpyArray>> {
  const { unzip } = await import("./zip.js");
  const arrays = new Map<string, NumpyArray>();
  for (const [file, content] of unzip(bytes, place)) {
    if (!file.endsWith(".npy")) {
      const remedy = SPREADSHEET.test(file) ? ": save a spreadsheet as CSV" : "";
      throw new FormatError(`${place} must have .npy files only, got ${got(file)}${remedy}`);
    }
    arrays.set(file.slice(0, -4), decodeNpy(content, `${place}/${file}`));
  }
  return arrays;
}
