// What nablanet search chooses from, and the training that a choice stands for.

import { choice, logUniform, type ParametersOf, uniform } from "../selection/space.js";
import type { TrialOptions } from "../selection/trial.js";
import { type Plan, planOf } from "./plan.js";
import type { TrainingArguments } from "./training-arguments.js";
import { lengthOf, type TrainingData } from "./training-data.js";

export const space = {
  layers: choice("16", "32", "64", "128", "32,16", "64,32", "128,64", "256,128", "64,64,32"),
  learningRate: logUniform(3e-4, 3e-2),
  dropout: uniform(0, 0.4),
  batchSize: choice(16, 32, 64, 128),
};

export type Parameters = ParametersOf<typeof space>;

export const OPTIMIZER = "adam";

export function trialOf(parameters: Parameters, data: TrainingData, told: TrainingArguments): TrialOptions {
  const { layers, ...rest } = parameters;
  const plan = planOf(data.schema, lengthOf(data.training), {
    ...rest,
    layers: layers.split(",").map(Number),
    activation: "relu",
    optimizer: OPTIMIZER,
    seed: told.seed,
    ...(told.deterministic && { deterministic: true }),
  });
  const { epochs, patience } = told;
  return { ...withoutSeed(plan), fit: { epochs, earlyStopping: patience > 0 && { patience } } };
}

/** Each trial has weights of its own. */
function withoutSeed({ network: { seed: _, ...network }, trainer }: Plan): Plan {
  return { network, trainer };
}
