// What network is made for a table, and how it is trained, where nothing else was told.

import type { LossName } from "../losses.js";
import { takesNumbers } from "../losses.js";
import type { ActivationName, LayerOptions, NetworkOptions } from "../network-options.js";
import { needsFullBatch, type OptimizerKind, type OptimizerOptions } from "../optimizers.js";
import type { Schema } from "../tables/schema.js";
import type { TrainerOptions } from "../trainer-options.js";

export interface PlanArguments {
  layers?: number[];
  activation: ActivationName;
  dropout: number;
  optimizer: OptimizerKind;
  learningRate?: number;
  batchSize?: number;
  loss?: LossName;
  seed: number;
  deterministic?: boolean;
}

export interface Plan {
  network: NetworkOptions;
  trainer: TrainerOptions;
}

/** Tables with fewer rows get one hidden layer. */
const SMALL = 1000;
const [LEAST_UNITS, MOST_UNITS] = [16, 256];
const BATCH_SIZE = 32;
/** Adam's, which in tables of a few hundred rows would need many epochs at its usual 0.001. */
const LEARNING_RATE = 0.003;

/** For `--help`: what `hiddenLayers` does. */
export const ARCHITECTURE_RULE =
  `Hidden layers, unless --layers tells them: the first has as many units as there are inputs and outputs together, rounded ` +
  `up to a power of two, ${LEAST_UNITS} to ${MOST_UNITS}; from ${SMALL} training rows on, and with --stream, a second one has half of them.`;

/** @param rows that are trained on; undefined where nobody knows */
export function hiddenLayers(rows: number | undefined, inputs: number, outputs: number): number[] {
  const units = Math.min(MOST_UNITS, Math.max(LEAST_UNITS, 2 ** Math.ceil(Math.log2(inputs + outputs))));
  return rows !== undefined && rows < SMALL ? [units] : [units, units / 2];
}

export function planOf(schema: Schema, rows: number | undefined, told: PlanArguments): Plan {
  const { activation, dropout, optimizer: kind, learningRate, loss, seed, deterministic = false } = told;
  const { layers = hiddenLayers(rows, schema.inputs, schema.outputs) } = told;
  const hidden = layers.map((units): LayerOptions => ({ units, activation, ...(dropout > 0 && { dropout }) }));
  const isScaled = schema.classes === undefined && (loss === undefined || takesNumbers(loss));
  const rate = learningRate ?? (kind === "adam" ? LEARNING_RATE : undefined);
  return {
    network: {
      schema,
      layers: [...hidden, { units: schema.outputs, activation: outputActivation(schema, loss) }],
      normalize: "standard",
      ...(isScaled && { normalizeTargets: "standard" as const }),
      seed,
      math: deterministic ? "deterministic" : "fast",
    },
    trainer: {
      ...(loss && { loss }),
      optimizer: { kind, ...(rate !== undefined && { learningRate: rate }) } as OptimizerOptions,
      batchSize: told.batchSize ?? (needsFullBatch(kind) ? (rows ?? BATCH_SIZE) : BATCH_SIZE),
    },
  };
}

/** Probabilities for classes; numbers as they are, but where the loss is one of counts. */
function outputActivation({ classes, outputs }: Schema, loss: LossName | undefined): ActivationName {
  if (classes === undefined) return loss === "poisson" ? "softplus" : "identity";
  return outputs === 1 ? "sigmoid" : "softmax";
}
