// A network in safetensors, its tensors named as the state dict of PyTorch's nn.Sequential names them whose modules are the
// network's steps: a Linear, BatchNorm1d or LayerNorm, activation and Dropout, where a layer has them. What only nablanet knows, the
// options, is JSON under "nablanet" in the metadata.

import { type OwnNetworkOptions, resolveNetwork } from "../../network-options.js";
import { FormatError } from "../errors.js";
import type { LoadHints } from "../format.js";
import { countParameters, type Model } from "../model.js";
import { stepsOf } from "../steps-of-model.js";
import { modelOfStateDict } from "./state-dict.js";
import { decodeTensorFile, encodeTensorFile, type Tensor } from "./tensor-file.js";

export function encode(model: Model): Uint8Array<ArrayBuffer> {
  // transformers wants to be told which library's names these are
  return encodeTensorFile(tensorsOf(model), { format: "pt", nablanet: JSON.stringify(model.network) });
}

/** A network's own file gives its options back; another state dict needs `hints.activations`. */
export function decode(bytes: Uint8Array, hints: LoadHints): Model {
  const { tensors, metadata } = decodeTensorFile(bytes);
  const options = metadata.get("nablanet");
  return options === undefined ? modelOfStateDict(tensors, hints) : ownModel(tensors, options);
}

/** The tensors of a model, in its order; their numbers are a part of `model.parameters`. */
function tensorsOf(model: Model): { name: string; shape: number[]; numbers: Float32Array }[] {
  // a network's own scaling is none of PyTorch's modules
  const modules = stepsOf(model).filter(({ kind }) => kind !== "affine");
  return modules.flatMap((step, i) => {
    const named = (name: string, numbers: Float32Array, shape = [numbers.length]) => {
      return { name: `${i}.${name}`, shape, numbers };
    };
    if (step.kind === "dense") {
      const weight = named("weight", step.weights, [step.units, step.inputs]);
      const isNormalized = modules[i + 1]?.kind.endsWith("Normalization");
      return isNormalized ? [weight] : [weight, named("bias", step.biases)];
    }
    if (!("gamma" in step)) return [];
    const both = [named("weight", step.gamma), named("bias", step.beta)];
    if (step.kind === "layerNormalization") return both;
    return [...both, named("running_mean", step.mean), named("running_var", step.variance)];
  });
}

function ownModel(tensors: readonly Tensor[], options: unknown): Model {
  const network = optionsOf(options);
  const given = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const count = countParameters(network);
  const stored = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, each) => product * each, 1), 0);
  // so that nothing is made as large as a stranger says
  if (stored < count) throw new FormatError(`the model must have ${count} numbers, got ${stored}`);
  const model: Model = { network, parameters: new Float32Array(count) };
  for (const { name, shape, numbers } of tensorsOf(model)) {
    const tensor = given.get(name);
    if (String(tensor?.shape) !== String(shape)) {
      const came = tensor === undefined ? "none" : `[${tensor.shape.join(", ")}]`;
      throw new FormatError(`tensor '${name}' must be of the shape [${shape.join(", ")}], got ${came}`);
    }
    numbers.set((tensor as Tensor).numbers());
    given.delete(name);
  }
  const [more] = given.keys();
  if (more !== undefined) throw new FormatError(`tensor '${more}' is none of the network that the file describes`);
  return model;
}

function optionsOf(text: unknown): OwnNetworkOptions {
  try {
    const network: OwnNetworkOptions = JSON.parse(String(text));
    resolveNetwork(network);
    return network;
  } catch (error) {
    throw new FormatError(`the model's options can't be read: ${(error as Error).message}`, { cause: error });
  }
}
