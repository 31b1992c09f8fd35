// What nablanet search chooses from, and the training that a choice stands for.

import { choice, type Dimension, gridOf, logUniform, uniform } from "../selection/space.js";
import type { TrialOptions } from "../selection/trial.js";
import { type Plan, planOf } from "./plan.js";
import type { TrainingArguments } from "./training-arguments.js";
import { lengthOf, type TrainingData } from "./training-data.js";

export interface Parameters {
  /** Units of the hidden layers, between commas. */
  layers: string;
  learningRate: number;
  dropout: number;
  batchSize: number;
}

type ParametersSpace = { [Name in keyof Parameters]: Dimension<Parameters[Name]> };

export type Method = "random" | "grid" | "asha";

const range: ParametersSpace = {
  layers: choice("16", "32", "64", "128", "32,16", "64,32", "128,64", "256,128", "64,64,32"),
  learningRate: logUniform(3e-4, 3e-2),
  dropout: uniform(0, 0.4),
  batchSize: choice(16, 32, 64, 128),
};

const grid: ParametersSpace = {
  layers: choice("16", "64", "64,32", "128,64"),
  learningRate: choice(0.001, 0.003, 0.01),
  dropout: choice(0, 0.2),
  batchSize: choice(32),
};

export const spaces: Readonly<Record<Method, ParametersSpace>> = { random: range, grid, asha: range };

/** How many trials there are where so many are wanted. */
export function countOf(method: Method, wanted: number | undefined): number {
  if (method !== "grid") return wanted ?? 20;
  const { size } = gridOf(grid);
  return Math.min(wanted ?? size, size);
}

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
