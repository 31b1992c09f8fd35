// What a model file holds, whatever its format.

import type { OwnNetworkOptions } from "../network-options.js";
import { countOf, resolveNormalization } from "../normalization.js";

export interface Model {
  /** What `Network.create` makes the network from. */
  network: OwnNetworkOptions;
  /** As `network.parameters()` has them. */
  parameters: Float32Array<ArrayBuffer>;
}

/** The numbers of `network.parameters()`, counted from options that may come from a stranger. */
export function countParameters({ inputs, layers }: OwnNetworkOptions): number {
  let below = inputs;
  let count = 0;
  for (const { units, normalization } of layers) {
    count += countOf({ inputs: below, units, normalization: resolveNormalization(normalization, "normalization") });
    below = units;
  }
  return count;
}
