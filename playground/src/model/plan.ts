// What nablanet is asked to make of the settings, for a problem.

import type {
  ActivationName,
  LossName,
  NetworkOptions,
  NormalizeOptions,
  OptimizerOptions,
  TrainerOptions,
} from "nablanet";
import type { Problem } from "../data/problem.js";
import type { Settings, TrainerSettings } from "./settings.js";

export type Task = Problem["task"];

/** The numbers in a row of the problem, and what is to be learned. */
export interface Shape {
  task: Task;
  inputs: number;
  outputs: number;
}

/** How inputs, and the targets of a regression, are scaled once that is known. */
export interface Scaling {
  inputs?: NormalizeOptions | undefined;
  targets?: NormalizeOptions | undefined;
}

/** The output activations that a problem can have. */
export function outputsFor({ task, outputs }: Shape): ActivationName[] {
  if (task === "regression") return ["identity", "tanh", "sigmoid", "relu", "softplus"];
  return outputs === 1 ? ["sigmoid", "identity", "tanh"] : ["softmax", "sigmoid", "identity", "tanh"];
}

/** The losses that a problem with this output activation can have. */
export function lossesFor({ task, outputs }: Shape, output: ActivationName): LossName[] {
  const ofNumbers: LossName[] = ["quadratic", "meanSquaredError", "meanAbsoluteError", "huber", "logCosh"];
  const areProbabilities = output === "softmax" || output === "sigmoid";
  if (task === "regression" || !areProbabilities) return ofNumbers;
  const ofClasses: LossName[] = outputs === 1 ? [] : ["crossEntropy", "klDivergence"];
  return [...ofNumbers, "binaryCrossEntropy", "focal", ...ofClasses];
}

/** The output activation that is taken: the one that is set, if the problem can have it. */
export function outputOf({ network }: Settings, shape: Shape): ActivationName {
  const possible = outputsFor(shape);
  return possible.find((each) => each === network.output) ?? possible[0];
}

/** The loss that is taken, likewise. */
export function lossOf(settings: Settings, shape: Shape): LossName {
  const output = outputOf(settings, shape);
  const usual =
    output === "softmax"
      ? "crossEntropy"
      : output === "sigmoid" && shape.task !== "regression"
        ? "binaryCrossEntropy"
        : "meanSquaredError";
  return lossesFor(shape, output).find((each) => each === settings.trainer.loss) ?? usual;
}

export function networkOptions(settings: Settings, shape: Shape, scaling: Scaling): NetworkOptions {
  const { network, trainer, seed } = settings;
  const { initializer } = network;
  const layers = [...network.layers, { units: shape.outputs, activation: outputOf(settings, shape), dropout: 0 }];
  return {
    inputs: shape.inputs,
    layers: layers.map((layer) => (initializer === "auto" ? layer : { ...layer, initializer })),
    seed,
    math: "deterministic",
    ...(trainer.l2 > 0 && { l2: trainer.l2 }),
    ...(scaling.inputs && { normalize: scaling.inputs }),
    ...(scaling.targets && { normalizeTargets: scaling.targets }),
  };
}

/** Of the optimizers that have one. */
export const hasMomentum = (kind: TrainerSettings["optimizer"]) => kind === "sgd" || kind === "rmsProp";

export function trainerOptions(settings: Settings, shape: Shape): TrainerOptions {
  const { optimizer: kind, learningRate, momentum, batchSize } = settings.trainer;
  const optimizer: OptimizerOptions =
    momentum > 0 && (kind === "sgd" || kind === "rmsProp") ? { kind, learningRate, momentum } : { kind, learningRate };
  return { loss: lossOf(settings, shape), optimizer, batchSize };
}
