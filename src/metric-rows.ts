// The outputs and targets of an evaluation's rows, told as they come, and kept for metrics.

import { wrongKind } from "./checks.js";
import { joinedFloats } from "./data/joined.js";
import type { Table } from "./engine/table.js";
import type { Evaluator } from "./engine/trainer-block.js";
import type { Measure, Metric, MetricSizes, Wanted } from "./evaluation.js";
import type { Stretch } from "./feed.js";
import { unscaleOutputs } from "./target-scaling.js";

type Numbers = Float32Array<ArrayBuffer>;

export class MetricRows {
  readonly #wanted: Pick<Wanted, "metrics" | "onRows">;
  readonly #sizes: MetricSizes;
  /** Stretch by stretch, each with room for all its rows. */
  readonly #predictions: Numbers[] = [];
  readonly #targets: Numbers[] = [];
  /** How far rows were seen: those that are evaluated again aren't told again. */
  #stretch = 0;
  #row = 0;

  constructor(wanted: Pick<Wanted, "metrics" | "onRows">, outputs: number, classes: number) {
    this.#wanted = wanted;
    this.#sizes = classes === 0 ? { outputs } : { outputs, classes };
  }

  /** Evaluates rows from..to of a stretch, reading the outputs before the next rows take their place. */
  over(
    evaluate: (first: number, last: number) => Promise<void> | undefined,
    evaluator: Evaluator,
    stretch: Stretch,
    from: number,
    to: number,
  ): Promise<void> | undefined {
    for (let first = from; first < to; first += evaluator.rows) {
      const last = Math.min(to, first + evaluator.rows);
      const working = evaluate(first, last);
      if (working === undefined) this.#see(evaluator, stretch, first, last);
      else {
        return working.then(() => {
          this.#see(evaluator, stretch, first, last);
          return this.over(evaluate, evaluator, stretch, last, to);
        });
      }
    }
    return undefined;
  }

  /** The rows that were evaluated last. */
  #see(evaluator: Evaluator, { table, rows, index }: Stretch, first: number, last: number): void {
    if (index < this.#stretch || (index === this.#stretch && first < this.#row)) return;
    [this.#stretch, this.#row] = [index, last];
    const predictions = evaluator.outputs(last - first);
    const { outputs: width } = this.#sizes;
    if (table.targetScaling !== undefined) unscaleOutputs(predictions, table.targetScaling);
    const targets = new Float32Array(predictions.length);
    copyTargets(table, first, targets, width);
    const { metrics, onRows } = this.#wanted;
    if (metrics !== undefined) {
      this.#predictions[index] ??= new Float32Array(rows * width);
      this.#targets[index] ??= new Float32Array(rows * width);
      this.#predictions[index].set(predictions, first * width);
      this.#targets[index].set(targets, first * width);
    }
    onRows?.(predictions, targets, { ...this.#sizes });
  }

  async measure(metrics: Readonly<Record<string, Metric>> | Measure): Promise<Record<string, number>> {
    const predictions = joined(this.#predictions);
    const targets = joined(this.#targets);
    if (typeof metrics === "function") return metrics(predictions, targets, this.#sizes);
    return measureAll(metrics, predictions, targets, this.#sizes);
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
