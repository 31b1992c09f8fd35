// A model as the steps that compute it, for writers of other libraries' formats.

import type { Scaling } from "../engine/network-block.js";
import { resolveNetwork } from "../network-options.js";
import { perUnit } from "../normalization.js";
import type { Model } from "./model.js";
import type { AffineStep, Step } from "./sequence.js";

/** In the order in which they compute; those that change nothing aren't there. */
export function stepsOf({ network: options, parameters }: Model): Step[] {
  const network = resolveNetwork(options);
  const steps: Step[] = [];
  if (network.normalize?.scaling !== undefined) {
    steps.push({ place: "normalize", ...scaled(network.normalize.scaling) });
  }
  if (network.inputDropout > 0) steps.push({ place: "inputDropout", kind: "dropout", share: network.inputDropout });
  let at = 0;
  const take = (count: number) => {
    at += count;
    return parameters.subarray(at - count, at);
  };
  network.layers.forEach(({ inputs, units, activation, dropout, normalization }, i) => {
    const place = `layers[${i}]`;
    const weights = take(units * inputs);
    const unit = new Map(perUnit(normalization).map((name) => [name, take(units)]));
    const numbers = (name: string) => unit.get(name) as Float32Array;
    const biases = normalization === undefined ? numbers("biases") : new Float32Array(units);
    steps.push({ place, kind: "dense", inputs, units, weights, biases });
    if (normalization !== undefined) {
      const { epsilon } = normalization;
      const shared = { place, epsilon, gamma: numbers("gamma"), beta: numbers("biases") };
      steps.push(
        normalization.kind === "layer"
          ? { kind: "layerNormalization", ...shared }
          : {
              kind: "batchNormalization",
              ...shared,
              momentum: normalization.momentum,
              mean: numbers("runningMean"),
              variance: numbers("runningVariance"),
            },
      );
    }
    if (activation !== "identity") steps.push({ place, kind: "activation", activation });
    if (dropout > 0) steps.push({ place, kind: "dropout", share: dropout });
  });
  if (network.normalizeTargets?.scaling !== undefined) {
    steps.push({ place: "normalizeTargets", ...unscaled(network.normalizeTargets.scaling) });
  }
  return steps;
}

/** (x − center)·factor as a step. */
function scaled({ center, factor }: Scaling): AffineStep {
  return {
    kind: "affine",
    factor: Float64Array.from(factor),
    offset: Float64Array.from(factor, (each, k) => -each * (center[k] as number)),
  };
}

/** a/factor + center as a step. */
function unscaled({ center, factor }: Scaling): AffineStep {
  return { kind: "affine", factor: Float64Array.from(factor, (each) => 1 / each), offset: Float64Array.from(center) };
}
