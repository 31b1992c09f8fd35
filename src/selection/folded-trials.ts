// A search whose trials have folds, on a backend: each fold is trained by itself, and the trials are put together.

import type { DrawnTrial, SearchBackend, SearchPlan, TrainedTrial } from "./backend.js";
import type { FoldChoice } from "./folds.js";
import type { LanesStatus } from "./lanes.js";
import { type Measured, meanOfFolds } from "./mean-of-folds.js";
import type { Trial } from "./search.js";
import { seedOf, type TrialOptions } from "./trial.js";

/** Has a plan's trials trained on all folds; rows and `onTrial` are those of a search without a backend. */
export async function runFolded(
  backend: SearchBackend,
  plan: SearchPlan,
  folds: readonly FoldChoice[],
): Promise<{ status: LanesStatus; trials: Trial<unknown>[] }> {
  const { onTrial } = plan.given as { onTrial?: (trial: Trial<unknown>) => unknown };
  const begun = new Map<number, FoldedTrial>();
  /** Of the fold that has this number among all. */
  const placeOf = (number: number) => {
    const at = Math.floor(number / folds.length);
    const trial = begun.get(at) ?? new FoldedTrial(at, plan, folds.length);
    begun.set(at, trial);
    return { trial, fold: folds[number % folds.length] as FoldChoice };
  };
  const { status, trials } = await backend.run({
    ...plan,
    count: plan.count * folds.length,
    trial(number) {
      const { trial, fold } = placeOf(number);
      return trial.drawnOn(fold);
    },
    given: {
      ...plan.given,
      onTrial(row: TrainedTrial) {
        const { trial, fold } = placeOf(row.number);
        return trial.add(fold, row) && onTrial ? onTrial(trial.row()) : undefined;
      },
    },
  });
  // also those that ended without being told
  for (const row of trials) {
    const { trial, fold } = placeOf(row.number);
    trial.add(fold, row);
  }
  return { status, trials: [...begun.values()].map((trial) => trial.row()).sort((a, b) => a.number - b.number) };
}

class FoldedTrial {
  readonly #drawn: DrawnTrial;
  #setup: TrialOptions | undefined;
  #failure: { error: unknown } | undefined;
  /** By fold. */
  readonly #rows = new Map<number, TrainedTrial>();

  constructor(
    readonly number: number,
    readonly plan: SearchPlan,
    readonly folds: number,
  ) {
    this.#drawn = plan.trial(number);
  }

  drawnOn(fold: FoldChoice): DrawnTrial {
    const { parameters, seed } = this.#drawn;
    return { parameters, seed: seedOf(undefined, seed, fold.number), build: () => this.#build(), fold };
  }

  /** Whether all folds are there now. */
  add({ number }: FoldChoice, row: TrainedTrial): boolean {
    this.#rows.set(number, row);
    return this.#rows.size === this.folds;
  }

  row(): Trial<unknown> {
    const { parameters, seed } = this.#drawn;
    const rows = [...this.#rows].sort(([a], [b]) => a - b);
    const measured: Measured[] = rows.map(([, row]) => row);
    if (rows.length < this.folds) measured.push({ status: "aborted" });
    const nothing = { loss: Number.POSITIVE_INFINITY, value: this.plan.worst };
    const seconds = rows.reduce((sum, [, row]) => sum + row.seconds, 0);
    const folds = rows.map(([fold, { number: _, parameters: __, ...row }]) => ({ fold, ...row }));
    const own = this.#setup?.network.seed ?? seed;
    return { number: this.number, parameters, seed: own, ...nothing, ...meanOfFolds(measured), seconds, folds };
  }

  /** Built once for all folds, whatever comes of it. */
  #build(): TrialOptions {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      this.#setup ??= this.#drawn.build();
      return this.#setup;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
