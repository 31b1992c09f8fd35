// TensorFlow.js layers models, which Keras' converter and tf.LayersModel.save write: model.json and the files of its weights.
// https://www.tensorflow.org/js/guide/save_load

import { got } from "../../checks.js";
import { type OwnNetworkOptions, resolveNetwork } from "../../network-options.js";
import { FormatError } from "../errors.js";
import type { LoadHints, OpenSibling } from "../format.js";
import { record } from "../json-fields.js";
import type { Model } from "../model.js";
import { modelOf } from "../model-of-steps.js";
import { modelWithOptions } from "../own-options.js";
import { Reading } from "./layers.js";
import { penalised } from "./penalties.js";
import { layersOf } from "./topology.js";
import { Weights } from "./weights.js";

export async function decode(bytes: Uint8Array, _: LoadHints, open: OpenSibling): Promise<Model> {
  try {
    const file = record(JSON.parse(new TextDecoder().decode(bytes)), "model.json");
    const format = file.get("format") ?? "layers-model";
    if (format !== "layers-model") throw new RangeError(`its format must be "layers-model", got ${got(format)}`);
    const { layers, keras3 } = layersOf(file.get("modelTopology"));
    const reading = new Reading(await Weights.read(file.get("weightsManifest"), open), keras3);
    const steps = layers.flatMap((layer) => reading.steps(layer));
    const told = toldOptions(file.get("userDefinedMetadata"));
    const own = modelWithOptions(told?.text, steps);
    if (own !== undefined) return own;
    const model = modelOf(steps);
    const network = { ...model.network, layers: penalised(model, steps, layers) };
    return { network: withOptions(told?.options, network), parameters: model.parameters };
  } catch (error) {
    const kinds = [FormatError, RangeError, SyntaxError, TypeError];
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    throw new FormatError(`this TensorFlow.js model can't be loaded: ${(error as Error).message}`, { cause: error });
  }
}

/** What a network of ours was made from, which the writer put beside the model. */
function toldOptions(metadata: unknown): { options: OwnNetworkOptions; text: string } | undefined {
  try {
    const told = record(record(metadata, "userDefinedMetadata").get("nablanet"), "nablanet");
    const options = told.get("network") as OwnNetworkOptions;
    // which fails for what is nested so deep that the stack ends
    return { options, text: JSON.stringify(options) };
  } catch {
    return undefined;
  }
}

/**
 * What only training needs, and the schema, of a network of ours that was trained further elsewhere. Where the options say
 * otherwise than the model about what is computed, it was another network.
 */
function withOptions(told: OwnNetworkOptions | undefined, found: OwnNetworkOptions): OwnNetworkOptions {
  try {
    if (told === undefined || computed(told) !== computed(found)) return found;
    const { seed, math, inputDropout = 0, inputNoise = 0, schema, normalize, layers } = told;
    const kind = typeof normalize === "object" ? normalize.kind : normalize;
    // one that was learned has the numbers of the file
    const scaling = typeof found.normalize === "object" && kind ? { ...found.normalize, kind } : normalize;
    const training = { inputDropout, inputNoise, layers, ...(seed !== undefined && { seed }), ...(math && { math }) };
    return { ...found, ...training, ...(schema && { schema }), ...(scaling && { normalize: scaling }) };
  } catch {
    return found;
  }
}

/** What decides on a network's answers beside its numbers. */
function computed(options: OwnNetworkOptions): string {
  const { inputs, layers, normalize } = resolveNetwork(options);
  return JSON.stringify([
    ...[inputs, normalize?.scaling !== undefined],
    ...layers.map(({ units, activation, normalization }) => [
      units,
      activation,
      normalization?.kind,
      normalization?.epsilon,
    ]),
  ]);
}
