// Which epoch of a fit was the best, its parameters, and whether waiting for a better one has been long enough.

import { boolean, finite, oneOf, options, outOfRange, wholeNumber } from "./checks.js";
import { isHigherBetter } from "./columns.js";
import type { NetworkBlock } from "./engine/network-block.js";
import type { EpochRow } from "./fit-result.js";

export interface EarlyStoppingOptions {
  /**
   * The column of the history that is watched: "loss", "accuracy", "validationLoss", "validationAccuracy", or a metric's.
   * Default: "validationLoss" where there is a validation dataset, else "loss".
   */
  metric?: string;
  /**
   * Default: false for columns whose names end in "loss" or "error"; true for those that end in "accuracy", "precision",
   * "recall", "f1", "auc", "correlation" or "r2". For others it must be told.
   */
  higherIsBetter?: boolean;
  /** Ends the fit, with status "converged", after so many epochs in a row without progress. 1 or more; default 10. */
  patience?: number;
  /** Progress is a change for the better, by more than this, since the last progress. Not negative; default 0. */
  minimumChange?: number;
  /**
   * However the fit ends, leave the network with the parameters of the epoch whose metric was best, the first of equal ones,
   * and by however little. A fit that goes on goes on from the parameters it came to. Default true.
   */
  restoreBest?: boolean;
  /** The first epoch that is looked at; those before it are neither the best nor waited for. Default 1. */
  startEpoch?: number;
}

export type ResolvedEarlyStopping = Required<EarlyStoppingOptions>;

/** What a fit that goes on must know of the epochs before. */
export interface Stopping {
  metric: string;
  higherIsBetter: boolean;
  restoreBest: boolean;
  best?: { epoch: number; value: number };
  /** The metric at the last progress. */
  reference?: number;
  /** Epochs since. */
  waited: number;
  /** Whether the network has the best parameters. */
  restored: boolean;
  /** As `network.parameters()` is ordered: while restored, the parameters to go on with; else the best ones. */
  kept?: Float32Array<ArrayBuffer> | undefined;
}

/** `columns` are those that the history will have, and that tell how good the network is. */
export function resolveEarlyStopping(value: unknown, columns: readonly string[]): ResolvedEarlyStopping | undefined {
  if (value === undefined || value === false) return undefined;
  const place = "earlyStopping";
  const {
    metric: watched = columns.includes("validationLoss") ? "validationLoss" : "loss",
    higherIsBetter,
    patience = 10,
    minimumChange = 0,
    restoreBest = true,
    startEpoch = 1,
  } = options(value === true ? {} : value, place, [
    "metric",
    "higherIsBetter",
    "patience",
    "minimumChange",
    "restoreBest",
    "startEpoch",
  ]);
  const metric = oneOf(watched, `${place}.metric`, columns);
  return {
    metric,
    higherIsBetter: boolean(
      higherIsBetter ?? isHigherBetter(metric),
      `${place}.higherIsBetter, for the metric ${metric},`,
    ),
    patience: wholeNumber(patience, `${place}.patience`, 1),
    minimumChange: finite(minimumChange, `${place}.minimumChange`, { least: 0 }),
    restoreBest: boolean(restoreBest, `${place}.restoreBest`),
    startEpoch: wholeNumber(startEpoch, `${place}.startEpoch`, 1),
  };
}

/** Refuses to go on with another metric, whose best epoch isn't known. */
export function assertSameStopping(before: Stopping, now: ResolvedEarlyStopping): void {
  for (const name of ["metric", "higherIsBetter", "restoreBest"] as const) {
    if (now[name] === before[name]) continue;
    outOfRange(`earlyStopping.${name}`, `${before[name]}, as in the fit that is resumed`, now[name]);
  }
}

export class EarlyStopping {
  constructor(
    readonly network: NetworkBlock,
    readonly options: ResolvedEarlyStopping,
    readonly state: Stopping = startOf(options),
  ) {}

  /** Looks at an epoch that is done, while the network has its parameters. */
  look(row: EpochRow): void {
    const { options, state, network } = this;
    if (row.epoch < options.startEpoch) return;
    const value = (row as unknown as Record<string, number>)[options.metric];
    const gain = (since: number | undefined): number => {
      if (!Number.isFinite(value)) return Number.NEGATIVE_INFINITY;
      if (since === undefined) return Number.POSITIVE_INFINITY;
      return options.higherIsBetter ? value - since : since - value;
    };
    if (gain(state.best?.value) > 0) {
      // which there may be no memory for
      if (options.restoreBest) state.kept = network.readBlock(network.parameters);
      state.best = { epoch: row.epoch, value };
    }
    if (gain(state.reference) > options.minimumChange) {
      state.reference = value;
      state.waited = 0;
    } else state.waited += 1;
  }

  get isOver(): boolean {
    return this.state.waited >= this.options.patience;
  }
}

const startOf = ({ metric, higherIsBetter, restoreBest }: ResolvedEarlyStopping): Stopping => {
  return { metric, higherIsBetter, restoreBest, waited: 0, restored: false };
};

/** Gives the network the best parameters, or those to go on with, and keeps the others. */
export function setRestored(network: NetworkBlock, state: Stopping, restored: boolean): void {
  const { kept } = state;
  if (state.restored === restored || kept === undefined) return;
  const current = network.readBlock(network.parameters);
  network.writeBlock(network.parameters, kept);
  state.kept = current;
  state.restored = restored;
}
