// What is going on in each layer: the spread of weights, activations and gradients, and how many neurons have gone silent.

import { wrongKind } from "./checks.js";
import { Network } from "./network.js";
import type { ActivationName } from "./network-options.js";
import { checkedRows, countRows, type Numbers } from "./samples.js";
import { Trainer } from "./trainer.js";

/** Of some numbers. */
export interface Spread {
  mean: number;
  /** The standard deviation, divided by n. */
  deviation: number;
  least: number;
  most: number;
}

export interface LayerStatistics {
  activation: ActivationName;
  weights: Spread;
  biases: Spread;
  /** a, over all samples and units. */
  activations: Spread;
  /** The share of units whose a is 0 for every sample, which learn nothing from them: relu and relu6 only, else 0. */
  dead: number;
  /** The share of activations within 1 % of the range of an activation that is bounded on both sides, else 0. */
  saturated: number;
  /** ∂C/∂w, averaged over the samples, where targets were given. */
  weightGradients?: Spread;
  biasGradients?: Spread;
}

/** The range of each activation that is bounded on both sides. */
const ranges: Partial<Record<ActivationName, [least: number, most: number]>> = {
  sigmoid: [0, 1],
  tanh: [-1, 1],
  softsign: [-1, 1],
  relu6: [0, 6],
  hardSigmoid: [0, 1],
};

const SATURATED = 0.01;

/**
 * A network's layers on some samples, n·inputs numbers, flat or nested; a few hundred say enough. With a trainer and
 * targets (as for `trainer.step`), the gradients too. May be asked for within `onEpoch`.
 *
 * @throws RangeError or TypeError as `predict` and `trainer.gradients` do.
 */
export function layerStatistics(network: Network, inputs: Numbers | readonly Numbers[]): LayerStatistics[];
export function layerStatistics(
  trainer: Trainer,
  inputs: Numbers | readonly Numbers[],
  targets: Numbers | readonly Numbers[],
): LayerStatistics[];
export function layerStatistics(
  subject: Network | Trainer,
  inputs: Numbers | readonly Numbers[],
  targets?: Numbers | readonly Numbers[],
): LayerStatistics[] {
  if (!(subject instanceof Network || subject instanceof Trainer)) {
    wrongKind("the first argument of layerStatistics", "a Network or a Trainer", subject);
  }
  const network = subject instanceof Trainer ? subject.network : subject;
  const rows = countRows(inputs, network.inputs, "inputs");
  const numbers = checkedRows(inputs, 0, rows, network.inputs, "inputs");
  const gradients =
    subject instanceof Trainer && targets !== undefined ? subject.gradients(inputs, targets) : undefined;
  const traces = Array.from({ length: rows }, (_, row) =>
    network.trace(numbers.subarray(row * network.inputs, (row + 1) * network.inputs)),
  );
  return network.layers.map(({ activation, units }, l) => {
    const { weights, biases } = network.weightsOf(l);
    const a = traces.map(({ layers }) => (layers[l] as { a: Float32Array }).a);
    const statistics: LayerStatistics = {
      activation,
      weights: spread([weights]),
      biases: spread([biases]),
      activations: spread(a),
      dead: activation === "relu" || activation === "relu6" ? deadUnits(a, units) / units : 0,
      saturated: saturatedShare(a, ranges[activation]),
    };
    const gradient = gradients?.layers[l];
    if (gradient !== undefined) {
      statistics.weightGradients = spread([gradient.weights]);
      statistics.biasGradients = spread([gradient.biases]);
    }
    return statistics;
  });
}

function deadUnits(a: readonly Float32Array[], units: number): number {
  let dead = 0;
  for (let j = 0; j < units; j++) if (a.every((row) => row[j] === 0)) dead += 1;
  return dead;
}

function saturatedShare(a: readonly Float32Array[], range: [number, number] | undefined): number {
  if (range === undefined) return 0;
  const [least, most] = range;
  const margin = SATURATED * (most - least);
  let [count, total] = [0, 0];
  for (const row of a) {
    for (const value of row) if (value <= least + margin || value >= most - margin) count += 1;
    total += row.length;
  }
  return count / total;
}

/** In two passes, in float64. */
export function spread(parts: readonly Float32Array[]): Spread {
  let [count, sum, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    for (const value of part) {
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    count += part.length;
  }
  const mean = sum / count;
  let squares = 0;
  for (const part of parts) for (const value of part) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / count), least, most };
}
