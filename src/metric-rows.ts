// The outputs and targets of an evaluation's rows, kept for metrics.

import { wrongKind } from "./checks.js";
import { joinedFloats } from "./data/joined.js";
import type { Table } from "./engine/table.js";
import type { Evaluator } from "./engine/trainer-block.js";
import type { Measure, Metric, MetricSizes } from "./evaluation.js";
import type { Stretch } from "./feed.js";
import { unscaleOutputs } from "./target-scaling.js";

type Numbers = Float32Array<ArrayBuffer>;

export class MetricRows {
  /** Stretch by stretch, each with room for all its rows. */
  readonly #predictions: Numbers[] = [];
  readonly #targets: Numbers[] = [];

  /** Evaluates rows from..to of a stretch, keeping the outputs before the next rows take their place. */
  over(
    evaluate: (first: number, last: number) => Promise<void> | undefined,
    evaluator: Evaluator,
    { table, rows, index }: Stretch,
    from: number,
    to: number,
  ): Promise<void> | undefined {
    for (let first = from; first < to; first += evaluator.rows) {
      const last = Math.min(to, first + evaluator.rows);
      const keep = () => {
        const outputs = evaluator.outputs(last - first);
        const width = outputs.length / (last - first);
        this.#predictions[index] ??= new Float32Array(rows * width);
        this.#targets[index] ??= new Float32Array(rows * width);
        if (table.targetScaling !== undefined) unscaleOutputs(outputs, table.targetScaling);
        this.#predictions[index].set(outputs, first * width);
        copyTargets(table, first, this.#targets[index].subarray(first * width, last * width), width);
      };
      const working = evaluate(first, last);
      if (working === undefined) keep();
      else {
        return working.then(() => {
          keep();
          return this.over(evaluate, evaluator, { table, rows, index, start: 0 }, last, to);
        });
      }
    }
    return undefined;
  }

  async measure(
    metrics: Readonly<Record<string, Metric>> | Measure,
    outputs: number,
    classes: number,
  ): Promise<Record<string, number>> {
    const predictions = joined(this.#predictions);
    const targets = joined(this.#targets);
    const sizes: MetricSizes = classes === 0 ? { outputs } : { outputs, classes };
    if (typeof metrics === "function") return metrics(predictions, targets, sizes);
    return measureAll(metrics, predictions, targets, sizes);
  }
}

/** What each of the metrics says. */
export function measureAll(
  metrics: Readonly<Record<string, Metric>>,
  predictions: Numbers,
  targets: Numbers,
  sizes: MetricSizes,
): Record<string, number> {
  const finite = predictions.every(Number.isFinite);
  const results = Object.entries(metrics).map(([name, metric]): [string, number] => {
    if (!finite) return [name, Number.NaN];
    // copies, so that a function that changes its rows changes no other's
    const result: unknown = metric(predictions.slice(), targets.slice(), { ...sizes });
    if (typeof result !== "number") wrongKind(`what metrics.${name} gives`, "a number", result);
    return [name, result];
  });
  return Object.fromEntries(results);
}

function joined(parts: readonly Numbers[]): Numbers {
  if (parts.length === 1) return parts[0];
  return joinedFloats(parts);
}

/** The targets of a table's rows from `first` on, as rows of numbers. */
function copyTargets(table: Table, first: number, into: Numbers, width: number): void {
  const { engine, targets, layout, givenTargets } = table;
  if (givenTargets !== undefined) {
    into.set(givenTargets.subarray(first * width, first * width + into.length));
  } else if (layout.classes) {
    new Int32Array(engine.buffer, targets + first * 4, into.length / width).forEach((label, row) => {
      into[row * width + label] = 1;
    });
  } else {
    into.set(new Float32Array(engine.buffer, targets + first * width * 4, into.length));
  }
}
