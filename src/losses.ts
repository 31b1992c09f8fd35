// The losses' options: names, parameters, and what they ask of outputs and targets. Their arithmetic is in assembly/losses.ts.

import { Loss } from "./abi.js";
import { inFloat32, namesOf, oneOf, options, outOfRange, plainObject } from "./checks.js";
import type { Network } from "./network.js";

/** The names of the losses. Their formulas and sources are in assembly/losses.ts. @useDeclaredType */
export type LossName = keyof typeof Loss;

/** ½e² for |e| ≤ δ, else δ(|e| − ½δ) (Huber 1964). */
export interface HuberOptions {
  kind: "huber";
  /** δ, above 0. Default 1. */
  delta?: number;
}

/** −(1 − p)^γ ln p of the probability p that the target's class was given (Lin et al. 2017). */
export interface FocalOptions {
  kind: "focal";
  /** γ, 0 or more: how much less samples count that are right already. Default 2. */
  gamma?: number;
}

/** A loss by its name, or with a parameter of its own. */
export type LossOptions = LossName | HuberOptions | FocalOptions;

export interface ResolvedLoss {
  name: LossName;
  /** huber's δ, focal's γ; else 0. */
  parameter: number;
}

/** The losses that have a parameter: its name, default and bounds. */
const parameters = {
  huber: { name: "delta", fallback: 1, bounds: { above: 0 } },
  focal: { name: "gamma", fallback: 2, bounds: { least: 0 } },
} as const;

const hasParameter = (name: LossName): name is keyof typeof parameters => name in parameters;

export function resolveLoss(value: unknown, network: Network): ResolvedLoss {
  const output = network.layers.at(-1)?.activation;
  const usual =
    output === "softmax" ? "crossEntropy" : output === "sigmoid" ? "binaryCrossEntropy" : "meanSquaredError";
  const given = typeof value === "object" ? plainObject(value, "loss") : { kind: value ?? usual };
  const place = typeof value === "object" ? "loss.kind" : "loss";
  const name = oneOf(given.kind, place, namesOf<LossName>(Loss));
  assertOutputs(name, network);
  if (!hasParameter(name)) {
    options(given, `loss "${name}"`, ["kind"]);
    return { name, parameter: 0 };
  }
  const { name: option, fallback, bounds } = parameters[name];
  options(given, `loss "${name}"`, ["kind", option]);
  const told = given[option];
  return { name, parameter: told === undefined ? fallback : inFloat32(told, `loss.${option}`, bounds) };
}

/** What resolveLoss takes, as short as can be. */
export function lossOptions({ name, parameter }: ResolvedLoss): LossOptions {
  if (!hasParameter(name) || parameter === parameters[name].fallback) return name;
  return { kind: name, [parameters[name].name]: parameter } as unknown as LossOptions;
}

const neverNegative = ["sigmoid", "relu", "softplus", "relu6", "hardSigmoid", "softmax"];

function assertOutputs(name: LossName, { outputs, layers, normalizeTargets }: Network): void {
  if (normalizeTargets !== undefined && !takesNumbers(name)) {
    outOfRange("loss, for a network with normalizeTargets,", `one of ${ofNumbers.join(", ")}`, name);
  }
  if ((name === "crossEntropy" || name === "klDivergence") && outputs === 1) {
    throw new RangeError(`loss "${name}" needs at least 2 outputs, got 1; for one use "binaryCrossEntropy"`);
  }
  const activation = layers.at(-1)?.activation ?? "identity";
  const last = `layers[${layers.length - 1}].activation`;
  if (name === "focal" && activation !== "softmax" && activation !== "sigmoid") {
    throw new RangeError(`loss "focal" needs ${last} to be softmax or sigmoid, got "${activation}"`);
  }
  if (name === "poisson" && !neverNegative.includes(activation)) {
    const expected = `one whose outputs are never negative, such as "softplus"`;
    throw new RangeError(`loss "poisson" needs ${last} to be ${expected}, got "${activation}"`);
  }
}

/** What targets may be. */
export function targetBounds(name: LossName): [least: number, most: number] {
  if (takesProbabilities(name)) return [0, 1];
  if (name === "hinge" || name === "squaredHinge") return [-1, 1];
  return [name === "poisson" ? 0 : Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** Whether targets are the classes' probabilities. */
export function takesProbabilities(name: LossName): boolean {
  return name === "crossEntropy" || name === "binaryCrossEntropy" || name === "klDivergence" || name === "focal";
}

/** The losses whose targets are any numbers, which may as well be scaled. */
const ofNumbers: readonly LossName[] = ["meanSquaredError", "quadratic", "meanAbsoluteError", "huber", "logCosh"];

/** Whether targets are any numbers: neither classes nor their probabilities, counts or directions. */
export function takesNumbers(name: LossName): boolean {
  return ofNumbers.includes(name);
}

/** From where on a single output says yes: the hinges' classes are −1 and 1. */
export function thresholdOf(name: LossName): number {
  return name === "hinge" || name === "squaredHinge" ? 0 : 0.5;
}
