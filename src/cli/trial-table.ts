// Trials of a search as a table that grows, a line a trial.

import type { Trial } from "../selection/search.js";
import { percent, short } from "./numbers.js";
import type { Parameters } from "./search.js";
import type { Terminal } from "./terminal.js";

const WIDTHS = [9, 10, 10, 13, 8, 6];

export class TrialTable {
  readonly #trials: number;
  readonly #terminal: Terminal;
  #best: Trial<Parameters> | undefined;
  /** The trials so far. */
  count = 0;

  constructor(trials: number, terminal: Terminal) {
    this.#trials = trials;
    this.#terminal = terminal;
  }

  add(trial: Trial<Parameters>): void {
    if (this.count === 0)
      this.#line(["trial", "loss", "accuracy", "learning rate", "dropout", "batch", "layers"], "best so far");
    this.count += 1;
    const { number, loss, accuracy, parameters, status } = trial;
    const isBest = loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY);
    if (isBest) this.#best = trial;
    const cells = [
      `${number + 1}/${this.#trials}`,
      Number.isFinite(loss) ? short(loss) : status,
      accuracy === undefined ? "–" : percent(accuracy),
      short(parameters.learningRate),
      parameters.dropout.toFixed(2),
      String(parameters.batchSize),
      parameters.layers,
    ];
    const best = this.#best === undefined ? "–" : `${short(this.#best.loss)}, trial ${this.#best.number + 1}`;
    this.#line(cells, isBest ? `▸ ${best}` : `  ${best}`);
  }

  #line(cells: readonly string[], best: string): void {
    const padded = cells.map((cell, i) => (i < WIDTHS.length ? cell.padStart(WIDTHS[i]) : cell.padEnd(10)));
    this.#terminal.note([...padded, best].join("  ").trimEnd());
  }
}

/** A trial as JSON has it. */
export function trialJson({ number, parameters, status, loss, accuracy, seed, seconds, error }: Trial<Parameters>) {
  const { layers, ...rest } = parameters;
  return {
    trial: number + 1,
    parameters: { layers: layers.split(",").map(Number), ...rest },
    status,
    ...(Number.isFinite(loss) && { loss }),
    ...(accuracy !== undefined && { accuracy }),
    seed,
    seconds,
    ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
  };
}
