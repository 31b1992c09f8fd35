// Trials of a search as a table that grows, a line a trial, and as files.

import { quoted } from "../history.js";
import type { Trial } from "../selection/search.js";
import { percent, short } from "./numbers.js";
import type { Terminal } from "./terminal.js";
import type { Parameters } from "./trial-space.js";

export type SearchTrial = Trial<Parameters>;
type Outcome = Omit<SearchTrial, "number" | "parameters" | "folds">;

/** Something that is told of each trial. */
export interface TrialColumn {
  name: string;
  cell: (trial: SearchTrial) => string;
}

interface Column extends TrialColumn {
  /** In a terminal. */
  width: number;
}

const COLUMNS: readonly Column[] = [
  { name: "loss", width: 10, cell: ({ loss, status }) => (Number.isFinite(loss) ? short(loss) : status) },
  { name: "accuracy", width: 10, cell: ({ accuracy }) => (accuracy === undefined ? "–" : percent(accuracy)) },
  { name: "learning rate", width: 13, cell: ({ parameters }) => short(parameters.learningRate) },
  { name: "dropout", width: 8, cell: ({ parameters }) => parameters.dropout.toFixed(2) },
  { name: "batch", width: 6, cell: ({ parameters }) => String(parameters.batchSize) },
];
const LAYERS: TrialColumn = { name: "layers", cell: ({ parameters }) => parameters.layers };
const EPOCHS: Column = {
  name: "epochs",
  width: 7,
  cell: ({ epochs }) => (epochs === undefined ? "–" : String(epochs)),
};

/** All that is told of these trials. */
export function trialColumns(trials: readonly SearchTrial[]): readonly TrialColumn[] {
  const number: TrialColumn = { name: "trial", cell: ({ number }) => String(number + 1) };
  return [number, ...(trials.some(({ epochs }) => epochs !== undefined) ? [EPOCHS] : []), ...COLUMNS, LAYERS];
}

export class TrialTable {
  readonly #terminal: Terminal;
  readonly #columns: readonly Column[];
  readonly #seen = new Set<number>();
  #best: SearchTrial | undefined;

  /** @param hasEpochs whether trials say for how many epochs they were trained */
  constructor(trials: number, hasEpochs: boolean, terminal: Terminal) {
    this.#terminal = terminal;
    const number = { name: "trial", width: 9, cell: ({ number }: SearchTrial) => `${number + 1}/${trials}` };
    this.#columns = [number, ...(hasEpochs ? [EPOCHS] : []), ...COLUMNS];
  }

  /** The trials so far. */
  get count(): number {
    return this.#seen.size;
  }

  add(trial: SearchTrial): void {
    if (this.count === 0) this.#line(({ name }) => name, "layers", "best so far");
    this.#seen.add(trial.number);
    const isBest = trial.loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY);
    if (isBest) this.#best = trial;
    const best = this.#best === undefined ? "–" : `${short(this.#best.loss)}, trial ${this.#best.number + 1}`;
    this.#line(({ cell }) => cell(trial), trial.parameters.layers, isBest ? `▸ ${best}` : `  ${best}`);
  }

  #line(textOf: (column: TrialColumn) => string, layers: string, best: string): void {
    const padded = this.#columns.map((column) => textOf(column).padStart(column.width));
    this.#terminal.note([...padded, layers.padEnd(10), best].join("  ").trimEnd());
  }
}

/** A trial as JSON has it. */
export function trialJson({ number, parameters: { layers, ...rest }, folds, ...trial }: SearchTrial) {
  return {
    trial: number + 1,
    parameters: { layers: layers.split(",").map(Number), ...rest },
    ...outcomeJson(trial),
    ...(folds && { folds: folds.map(({ fold, ...outcome }) => ({ fold: fold + 1, ...outcomeJson(outcome) })) }),
  };
}

/** What came of a trial, or of a fold of it. */
function outcomeJson({ status, loss, accuracy, seed, seconds, error, epochs, key, parametersHash }: Outcome) {
  return {
    status,
    ...(Number.isFinite(loss) && { loss }),
    ...(accuracy !== undefined && { accuracy }),
    seed,
    seconds,
    ...(epochs !== undefined && { epochs }),
    ...(key !== undefined && { key }),
    ...(parametersHash !== undefined && { parametersHash }),
    ...(error !== undefined && { error: error instanceof Error ? error.message : String(error) }),
  };
}

/** Trials as CSV has them: a line each, below the columns' names. */
export function trialsCsv(trials: readonly SearchTrial[]): string {
  const names = ["trial", "status", "loss", "accuracy", "epochs", "seconds", "seed"] as const;
  const parameters = ["learningRate", "dropout", "batchSize"] as const;
  const hashes = ["key", "parametersHash", "error"] as const;
  const lines = trials.map((trial) => {
    const json: Partial<Record<string, unknown>> = trialJson(trial);
    const chosen = [...parameters.map((name) => trial.parameters[name]), trial.parameters.layers];
    return [...names.map((name) => json[name]), ...chosen, ...hashes.map((name) => json[name])];
  });
  const rows = [[...names, ...parameters, "layers", ...hashes], ...lines];
  return rows.map((cells) => `${cells.map((cell) => quoted(String(cell ?? ""))).join(",")}\n`).join("");
}
