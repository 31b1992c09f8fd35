// brain.js' feed-forward networks, as their toJSON() gives them, of brain.js 1 and 2.
// https://github.com/BrainJS/brain.js#json
//
// 2: layers[l] has "weights", one row for each neuron, and "biases", both empty in the input layer.
// 1: layers[l] has a member for each neuron, "0" or by its name: { bias, weights: { one by each name below } }, empty in the
//    input layer.
//
// A network that was trained with objects has names for its inputs and outputs. It is read as one of arrays: inputs stand in
// the order of the lookup (2), or of the input layer's members (1), and outputs likewise.

import { finite, got, oneOf, wholeNumber } from "../checks.js";
import type { ActivationName } from "../network-options.js";
import { FormatError } from "./errors.js";
import { type Fields, float32List, list, record } from "./json-fields.js";
import type { Model } from "./model.js";
import { modelOf } from "./model-of-steps.js";
import type { Step } from "./sequence.js";

const activations = { sigmoid: "sigmoid", tanh: "tanh", relu: "relu", "leaky-relu": "leakyRelu" } as const;
const activationNames = Object.keys(activations) as (keyof typeof activations)[];

export function decode(bytes: Uint8Array): Model {
  try {
    const file = record(JSON.parse(new TextDecoder().decode(bytes)), "it");
    const type = file.get("type") ?? "NeuralNetwork";
    if (type !== "NeuralNetwork" && type !== "NeuralNetworkGPU") {
      throw new RangeError(`its type must be NeuralNetwork or NeuralNetworkGPU, got ${got(type)}`);
    }
    const activation = activationOf(file);
    const sizes = list(file.get("sizes"), "sizes").map((size, l) => wholeNumber(size, `sizes[${l}]`, 1));
    const layers = list(file.get("layers"), "layers").map((layer, l) => record(layer, `layers[${l}]`));
    if (sizes.length < 2 || layers.length !== sizes.length) {
      throw new RangeError(`layers must be as many as sizes, and 2 at least, got ${layers.length} and ${sizes.length}`);
    }
    const steps = layers.slice(1).flatMap((layer, l): Step[] => {
      const place = `layers[${l + 1}]`;
      const [inputs, units] = sizes.slice(l, l + 2) as [number, number];
      const { rows, biases } = layer.has("weights")
        ? listed(layer, place)
        : named(layer, place, l === 0 ? [...(layers[0] as Fields).keys()] : undefined, inputs);
      const numbers = rows.map((row, j) => float32List(row, `${place}.weights[${j}]`, inputs));
      if (rows.length !== units) throw new RangeError(`${place} must have ${units} neurons, got ${rows.length}`);
      return [
        {
          ...{ place, kind: "dense", inputs, units },
          weights: Float32Array.from(numbers.flat()),
          biases: Float32Array.from(float32List(biases, `${place}.biases`, units)),
        },
        { place, kind: "activation", activation },
      ];
    });
    return modelOf(steps);
  } catch (error) {
    throw new FormatError(`this is no brain.js network that can be loaded: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The one of all layers: told by itself (1), or among the options of training (2). */
function activationOf(file: Fields): ActivationName {
  const told = new Map([
    ...record(file.get("options") ?? {}, "options"),
    ...record(file.get("trainOpts") ?? {}, "trainOpts"),
  ]);
  const name = oneOf(file.get("activation") ?? told.get("activation") ?? "sigmoid", "activation", activationNames);
  // 1.6.1 computes 0 below 0 and 0.01·z above, and doesn't write the slope
  if (name === "leaky-relu" && file.has("activation")) {
    throw new RangeError("activation must not be leaky-relu in brain.js 1, whose leaky-relu is none");
  }
  const alpha = finite(told.get("leakyReluAlpha") ?? 0.01, "leakyReluAlpha");
  if (name === "leaky-relu" && alpha !== 0.01) {
    throw new RangeError(`leakyReluAlpha must be 0.01, as leakyRelu has it here, got ${alpha}`);
  }
  return activations[name];
}

interface Numbers {
  rows: unknown[];
  biases: unknown;
}

function listed(layer: Fields, place: string): Numbers {
  return { rows: list(layer.get("weights"), `${place}.weights`), biases: layer.get("biases") };
}

/** @param names of the inputs; hidden neurons are called by their numbers */
function named(layer: Fields, place: string, names: readonly string[] | undefined, inputs: number): Numbers {
  const neurons = [...layer].map(([name, neuron]) => record(neuron, `${place}["${name.slice(0, 40)}"]`));
  return {
    biases: neurons.map((neuron) => neuron.get("bias")),
    rows: neurons.map((neuron, j) => {
      const weights = record(neuron.get("weights"), `${place}[${j}].weights`);
      if (weights.size !== inputs)
        throw new RangeError(`${place}[${j}].weights must be ${inputs}, got ${weights.size}`);
      return Array.from({ length: inputs }, (_, k) =>
        weights.get(names === undefined ? String(k) : (names[k] as string)),
      );
    }),
  };
}
