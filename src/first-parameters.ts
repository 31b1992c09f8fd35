// What a network begins with.

import { drawer } from "./initializers.js";
import type { ResolvedNetwork } from "./network-options.js";
import { countOf, perUnit } from "./normalization.js";
import { Random, Stream } from "./random.js";

/** The first parameters. Each layer has a stream of its own, so that a change in one leaves the others as they were. */
export function drawParameters({ layers, seed }: ResolvedNetwork): Float32Array {
  const vector = new Float32Array(layers.reduce((sum, layer) => sum + countOf(layer), 0));
  let at = 0;
  layers.forEach((layer, i) => {
    const random = new Random(seed, Stream.weights, i);
    const weight = drawer(layer.initializer, layer);
    const bias = drawer(layer.biasInitializer, layer);
    for (const end = at + layer.units * layer.inputs; at < end; at++) vector[at] = weight(random);
    for (const end = at + layer.units; at < end; at++) vector[at] = bias(random);
    for (const name of perUnit(layer.normalization).slice(1)) {
      vector.fill(name === "runningMean" ? 0 : 1, at, at + layer.units);
      at += layer.units;
    }
  });
  return vector;
}
