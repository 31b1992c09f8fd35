// One sample's way through the network and back, a layer at a time: what has been computed so far, and with what.

import type { TrainingLayerTrace } from "nablanet";
import type { Run } from "./run.js";

/** W and b of a layer. */
export interface LayerParameters {
  inputs: number;
  units: number;
  /** Row-major [to][from]. */
  weights: Float32Array;
  biases: Float32Array;
}

export interface Lesson {
  /** The training sample's row. */
  row: number;
  /** a(0): what the first layer takes, scaled if the network scales. */
  input: Float32Array;
  /** y, scaled likewise. */
  target: Float32Array;
  /** C, of this sample. */
  cost: number;
  layers: readonly TrainingLayerTrace[];
  before: readonly LayerParameters[];
  /** Once the update is done. */
  after?: readonly LayerParameters[];
  /** Steps done: 1 to L forward, L + 1 to 2L backward from the last layer, 2L + 1 the update. */
  step: number;
}

export type Stage = { kind: "forward"; layer: number } | { kind: "backward"; layer: number } | { kind: "update" };

/** What a lesson's last step was; layers count from 1, as in the book. */
export function stageOf({ step, layers }: Lesson): Stage {
  const count = layers.length;
  if (step <= count) return { kind: "forward", layer: step };
  return step <= 2 * count ? { kind: "backward", layer: 2 * count + 1 - step } : { kind: "update" };
}

/** Takes the run's next sample through the first layer. */
export function beginLesson(run: Run): Lesson {
  const { network, trainer, next } = run;
  const { inputs, targets } = run.sample(next);
  const { loss, layers } = trainer.trace(inputs, targets);
  return {
    row: next,
    input: scaled(inputs, network.normalize),
    target: scaled(targets, network.normalizeTargets),
    cost: loss,
    layers,
    before: parametersOf(run),
    step: 1,
  };
}

export const isForward = ({ step, layers }: Lesson) => step < layers.length;
export const isOver = ({ step, layers }: Lesson) => step > 2 * layers.length;

/** One layer back; from the first layer, the update, which is applied to the network. */
export function stepBack(lesson: Lesson, run: Run): Lesson {
  const { length } = lesson.layers;
  const step = Math.max(lesson.step, length) + 1;
  if (step <= 2 * length) return { ...lesson, step };
  run.stepSample();
  return { ...lesson, step, after: parametersOf(run) };
}

export function parametersOf({ network }: Run): LayerParameters[] {
  return network.layers.map(({ inputs, units }, i) => ({ inputs, units, ...network.weightsOf(i) }));
}

function scaled(numbers: Float32Array, scaling: Run["network"]["normalize"]): Float32Array {
  if (typeof scaling !== "object") return numbers;
  const { center, factor } = scaling;
  return numbers.map((x, k) => Math.fround(Math.fround(x - center[k]) * factor[k]));
}
