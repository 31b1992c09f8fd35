// A network's options in numbers, as the kernels are told.

import { Activation } from "./abi.js";
import type { NetworkShape } from "./engine/network-block.js";
import type { ResolvedNetwork } from "./network-options.js";
import { countOf, normalizationShape } from "./normalization.js";

export function shapeOf({ inputs, seed, inputDropout, inputNoise, normalize, layers }: ResolvedNetwork): NetworkShape {
  return {
    ...{ inputs, layerCount: layers.length, seed, inputDropout, inputNoise },
    scalesInputs: Number(normalize !== undefined),
    layers: layers.map((layer) => ({
      ...layer,
      activation: Activation[layer.activation],
      count: countOf(layer),
      ...normalizationShape(layer.normalization),
    })),
  };
}
