// A model that nablanet wrote in another library's format, with the options that it put beside the numbers.

import { resolveNetwork } from "../network-options.js";
import { countParameters, type Model } from "./model.js";
import type { Step } from "./sequence.js";
import { stepsOf } from "./steps-of-model.js";

/**
 * The model with these options, where it computes exactly these steps; dropout, which answers don't depend on, needn't be among
 * them. Undefined where it doesn't, as in a file that was changed since: the steps then say what the model is.
 *
 * @param text network options in JSON
 */
export function modelWithOptions(text: string | undefined, steps: readonly Step[]): Model | undefined {
  try {
    const network = JSON.parse(text ?? "");
    resolveNetwork(network);
    const count = countParameters(network);
    const found = computing(steps);
    if (found.reduce((sum, step) => sum + vectorsOf(step).reduce((all, { length }) => all + length, 0), 0) < count) {
      return undefined;
    }
    const model: Model = { network, parameters: new Float32Array(count) };
    // what stepsOf tells of a layer are its parameters themselves, which are thereby filled in
    computing(stepsOf(model)).forEach((step, i) => void fill(step, found[i]));
    const own = computing(stepsOf(model));
    return own.length === found.length && own.every((step, i) => isSame(step, found[i])) ? model : undefined;
  } catch {
    return undefined;
  }
}

/** The steps that answers depend on. */
const computing = (steps: readonly Step[]) =>
  steps.filter((step) => step.kind !== "dropout" && !(step.kind === "activation" && step.activation === "identity"));

/** The trained numbers of a step. */
function vectorsOf(step: Step): Float32Array[] {
  if (step.kind === "dense") return [step.weights, step.biases];
  if (step.kind === "batchNormalization") return [step.gamma, step.beta, step.mean, step.variance];
  return step.kind === "layerNormalization" ? [step.gamma, step.beta] : [];
}

function fill(step: Step, from: Step | undefined): void {
  if (from?.kind !== step.kind) return;
  const numbers = vectorsOf(from);
  vectorsOf(step).forEach((vector, i) => {
    if (vector.length === numbers[i].length) vector.set(numbers[i]);
  });
}

/** Whether two steps compute the same in float32. */
function isSame(a: Step, b: Step): boolean {
  if (a.kind === "activation" && b.kind === a.kind) return a.activation === b.activation;
  if (a.kind === "affine" && b.kind === a.kind) return areSame(a.factor, b.factor) && areSame(a.offset, b.offset);
  if ("epsilon" in a && "epsilon" in b && Math.fround(a.epsilon) !== Math.fround(b.epsilon)) return false;
  const others = vectorsOf(b);
  return a.kind === b.kind && vectorsOf(a).every((vector, i) => areSame(vector, others[i]));
}

const areSame = (a: Float32Array | Float64Array, b: Float32Array | Float64Array) =>
  a.length === b.length && a.every((each, i) => Math.fround(each) === Math.fround(b[i]));
