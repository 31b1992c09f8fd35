// Penalties on weights: Keras' λ·Σ|w| and λ·Σw² are l1 and l2 here.

import { finite } from "../../checks.js";
import { type LayerOptions, resolveNetwork } from "../../network-options.js";
import { countOf } from "../../normalization.js";
import { record } from "../json-fields.js";
import type { Model } from "../model.js";
import type { Step } from "../sequence.js";
import type { KerasLayer } from "./topology.js";

/**
 * The layers of a model, each with the penalties of the dense layer that it was made of; but not where something was folded
 * into its weights, for which the penalty would be another.
 */
export function penalised(
  { network, parameters }: Model,
  steps: readonly Step[],
  from: readonly KerasLayer[],
): LayerOptions[] {
  const configs = from.filter(({ className }) => className === "Dense").map(({ config }) => config);
  const kernels = steps.filter((step) => step.kind === "dense").map(({ weights }) => weights);
  const resolved = resolveNetwork(network).layers;
  let at = 0;
  return network.layers.map((layer, i) => {
    const kept = kernels[i]?.every((weight, k) => weight === parameters[at + k]);
    at += countOf(resolved[i] as (typeof resolved)[number]);
    return kept ? { ...layer, ...penaltiesIn(configs[i]?.get("kernel_regularizer")) } : layer;
  });
}

function penaltiesIn(regularizer: unknown): Pick<LayerOptions, "l1" | "l2"> {
  if (typeof regularizer !== "object" || regularizer === null) return {};
  const fields = record(regularizer, "kernel_regularizer");
  if (!["L1", "L2", "L1L2"].includes(String(fields.get("class_name")))) return {};
  const config = record(fields.get("config") ?? {}, "kernel_regularizer.config");
  const told = (["l1", "l2"] as const)
    .filter((name) => (config.get(name) ?? 0) !== 0)
    .map((name) => [name, finite(config.get(name), `kernel_regularizer.${name}`, { least: 0 })]);
  return Object.fromEntries(told);
}

/** What a layer's penalties are called in its configuration. */
export function regularizerOf({ l1, l2 }: { l1: number; l2: number }): object | null {
  return l1 === 0 && l2 === 0 ? null : { class_name: "L1L2", config: { l1, l2 } };
}
