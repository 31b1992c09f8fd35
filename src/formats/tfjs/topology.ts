// The layers of a Keras model in the order in which they compute, from the JSON that describes it.

import { got, wholeNumber } from "../../checks.js";
import { FormatError } from "../errors.js";
import { type Fields, list, record, text } from "../json-fields.js";

export interface KerasLayer {
  className: string;
  name: string;
  config: Fields;
  /** What errors call it: "Conv2D 'conv2d_1' (layer 3)". */
  place: string;
}

/**
 * @param topology `modelTopology` of model.json: what TensorFlow.js writes, or with a `model_config` what Keras' converter does
 * @throws FormatError, RangeError or TypeError for what is no chain of layers.
 */
export function layersOf(topology: unknown): { layers: KerasLayer[]; keras3: boolean } {
  const outer = record(topology, "modelTopology");
  const model = outer.has("model_config") ? record(outer.get("model_config"), "model_config") : outer;
  const version = model.get("keras_version") ?? outer.get("keras_version");
  const className = text(model.get("class_name"), "the model's class_name");
  const keras3 = typeof version === "string" && version.startsWith("3");
  const config = model.get("config");
  if (className === "Sequential") {
    // before Keras 2.2.3 its configuration was the list of layers
    const given = Array.isArray(config) ? config : record(config, "the model's config").get("layers");
    return { layers: list(given, "the model's layers").map(layerOf), keras3 };
  }
  if (className === "Functional" || className === "Model") {
    return { layers: chain(record(config, "the model's config")), keras3 };
  }
  throw new FormatError(`the model's class_name must be Sequential, Functional or Model, got ${got(className)}`);
}

function layerOf(value: unknown, i: number): KerasLayer {
  const fields = record(value, `layers[${i}]`);
  const className = text(fields.get("class_name"), `layers[${i}].class_name`);
  const config = record(fields.get("config"), `layers[${i}].config`);
  const name = text(config.get("name") ?? fields.get("name"), `layers[${i}].name`);
  return { className, name, config, place: `${className.slice(0, 40)} '${name.slice(0, 40)}' (layer ${i + 1})` };
}

/** The layers from the only input to the only output, each of which takes what the one before it gives. */
function chain(config: Fields): KerasLayer[] {
  const byName = new Map<string, { layer: KerasLayer; from: string | undefined }>();
  for (const [i, value] of list(config.get("layers"), "the model's layers").entries()) {
    const layer = layerOf(value, i);
    if (byName.has(layer.name))
      throw new FormatError(`${layer.place} must have another name than the layers before it`);
    byName.set(layer.name, { layer, from: inboundOf(record(value, layer.place).get("inbound_nodes"), layer.place) });
  }
  const input = onlyEnd(config.get("input_layers"), "input_layers");
  const layers: KerasLayer[] = [];
  for (let name: string | undefined = onlyEnd(config.get("output_layers"), "output_layers"); name !== undefined; ) {
    const found = byName.get(name);
    if (found === undefined)
      throw new FormatError(`there must be a layer called ${got(name)} not met before, got none`);
    // it isn't met twice, so the walk ends
    byName.delete(name);
    layers.push(found.layer);
    name = found.from;
  }
  layers.reverse();
  const [unused] = byName.values();
  if (unused !== undefined) throw new FormatError(`${unused.layer.place} must lie between the input and the output`);
  if (layers[0]?.name !== input) throw new FormatError(`the model must start with its input ${got(input)}`);
  return layers;
}

/** ["name", 0, 0], or such in a list of one. */
function onlyEnd(value: unknown, place: string): string {
  const ends = list(value, place);
  const end = Array.isArray(ends[0]) ? list(ends[0], place) : ends;
  if (end !== ends && ends.length > 1) throw new FormatError(`${place} must be one, got ${ends.length}`);
  return nodeOf(end, place);
}

/** The name in ["name", node, tensor]. */
function nodeOf([name, node, tensor]: unknown[], place: string): string {
  for (const index of [node, tensor]) wholeNumber(index, `${place}: a layer that is used more than once`, 0, 0);
  return text(name, `the layer of ${place}`);
}

/** The layer that a layer takes its input from: in [[["name", 0, 0, {}]]], or as Keras 3 has it in the call's arguments. */
function inboundOf(value: unknown, place: string): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const [call] = value;
  const sources = Array.isArray(call) ? call : list(record(call, place).get("args"), `${place}'s args`);
  if (value.length > 1 || sources.length !== 1) {
    throw new FormatError(`${place} must take one input once, got ${Math.max(value.length, sources.length)}`);
  }
  const [source] = sources;
  if (Array.isArray(source)) return nodeOf(source, place);
  const tensor = record(record(source, `${place}'s input`).get("config"), `${place}'s input`);
  return nodeOf(list(tensor.get("keras_history"), `${place}'s input`), place);
}
