// Where a model goes, found out before it is trained.

import { access, constants, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { formatByEnding } from "../formats/saving.js";
import type { Network } from "../network.js";
import { stemOf } from "./input.js";

/**
 * The path of the model: as told, or named after the data, in the folder at hand.
 *
 * @throws RangeError for an ending that no format has; Error for a folder that can't be written to.
 */
export async function outputOf(told: string | undefined, data: string): Promise<string> {
  const output = told ?? `${stemOf(data)}.nabla`;
  formatByEnding(output);
  await assertWritable(output, [data]);
  return output;
}

/**
 * Refuses a file in a folder that isn't there or isn't one's own, while nothing is lost by it; and one of those that are
 * read, which would be.
 */
export async function assertWritable(file: string, read: readonly (string | undefined)[] = []): Promise<void> {
  const target = await realpath(file).catch(() => undefined);
  for (const input of read) {
    if (target === undefined || input === undefined || (await realpath(input).catch(() => undefined)) !== target)
      continue;
    throw new RangeError(`${file} must be another file than ${input}, which is read`);
  }
  try {
    await access(dirname(file), constants.W_OK);
  } catch (error) {
    throw new Error(`${file} can't be written: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Writes the model; where its format can't hold it, in nablanet's own format beside it, so that no training is lost.
 *
 * @throws Error that says so.
 */
export async function saveTrained(network: Network, output: string): Promise<void> {
  try {
    await network.save(output);
  } catch (error) {
    const instead = `${output}.nabla`;
    await network.save(instead);
    throw new Error(`${output} can't be written, the model is in ${instead}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
