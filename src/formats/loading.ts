// A model from a file of any format.

import { oneOf, options, plainObject } from "../checks.js";
import { beside, readSource, type Source } from "../data/source.js";
import { type OwnNetworkOptions, resolveNetwork } from "../network-options.js";
import { countOf, perUnit, resolveNormalization } from "../normalization.js";
import { withSchema } from "../schema.js";
import { FormatError } from "./errors.js";
import type { LoadHints, OpenSibling } from "./format.js";
import { type FormatName, formatNames, formatOf } from "./formats.js";
import { countParameters, type Model } from "./model.js";

export interface LoadOptions extends LoadHints {
  /** Default: what the file looks like. */
  format?: FormatName;
  /**
   * The other files of a model of several, by the names that the first one calls them. Default: they are looked for beside it,
   * where it was given as a path or URL.
   */
  files?: Readonly<Record<string, Source>>;
}

/** @throws FormatError for a file that is damaged, of no known format, or has what no network here can do. */
export async function loadModel(source: unknown, loadOptions: unknown): Promise<Model> {
  const given = options(loadOptions, "Network.load", ["format", "files", "activations", "modules"]) as LoadOptions;
  const told = given.format === undefined ? undefined : oneOf(given.format, "format", formatNames);
  const files = given.files === undefined ? undefined : plainObject(given.files, "files");
  const bytes = await readSource(source, "the model");
  const name = told ?? recognise(bytes);
  const { reader } = formatOf(name);
  if (reader === undefined) throw new FormatError(`models of the format ${name} can be written, not read`);
  const model = await (await reader()).decode(bytes, given, siblingsOf(source, files));
  return checked(model);
}

function recognise(bytes: Uint8Array): FormatName {
  const json = jsonOf(bytes);
  const name = formatNames.find((each) => formatOf(each).recognises?.(bytes, json));
  if (name !== undefined) return name;
  const readable = formatNames.filter((each) => formatOf(each).reader !== undefined);
  throw new FormatError(
    `the model must be a file of one of the formats ${readable.join(", ")}, got ${json === undefined ? "none of them" : "JSON of another kind"}`,
  );
}

function jsonOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  if (!/^\uFEFF?\s*\{/.test(new TextDecoder().decode(bytes.subarray(0, 64)))) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Opens the files that lie beside the first one, and no others. */
function siblingsOf(source: unknown, files: Readonly<Record<string, unknown>> | undefined): OpenSibling {
  return async (name) => {
    if (files !== undefined) {
      if (!Object.hasOwn(files, name)) throw new FormatError(`the model's file "${name}" must be among files`);
      return readSource(files[name], `files["${name}"]`);
    }
    if (!/^\w[\w.-]*(\/\w[\w.-]*)*$/.test(name)) {
      throw new FormatError(`the model's other files must lie beside it, got the name ${JSON.stringify(name)}`);
    }
    if (typeof source !== "string" && !(source instanceof URL)) {
      throw new FormatError(`the model's file "${name}" must be given in files, as the model was given without a path`);
    }
    return readSource(beside(source, name), `the model's file "${name}"`);
  };
}

/** The options and numbers are those of a network that can be made. */
async function checked({ network: described, parameters }: Model): Promise<Model> {
  let network: OwnNetworkOptions;
  try {
    network = await withSchema(described);
    resolveNetwork(network);
  } catch (error) {
    throw new FormatError(`the model describes no network: ${(error as Error).message}`, { cause: error });
  }
  const expected = countParameters(network);
  if (parameters.length !== expected) {
    throw new FormatError(`the model must have ${expected} parameters, got ${parameters.length}`);
  }
  const at = parameters.findIndex((each) => !Number.isFinite(each));
  if (at >= 0) throw new FormatError(`the model's parameters must be finite, got ${parameters[at]} as number ${at}`);
  assertVariances({ network, parameters });
  return { network, parameters };
}

/** Of a negative variance, a network would answer with roots of negative numbers. */
function assertVariances({ network: { inputs, layers }, parameters }: Model): void {
  let begin = 0;
  let below = inputs;
  for (const [i, { units, normalization: given }] of layers.entries()) {
    const normalization = resolveNormalization(given, "normalization");
    const row = perUnit(normalization).indexOf("runningVariance");
    const from = begin + units * (below + row);
    const unit = row < 0 ? -1 : parameters.subarray(from, from + units).findIndex((each) => each < 0);
    if (unit >= 0) {
      throw new FormatError(
        `the running variances of layers[${i}] must be at least 0, got ${parameters[from + unit]} for unit ${unit}`,
      );
    }
    begin += countOf({ inputs: below, units, normalization });
    below = units;
  }
}
