// How far a search has come with each trial, for charts.

import type { Points } from "./report/plots.js";

/** What trials lost by their numbers, from 1, and the least loss until then. Those without a loss are left out. */
export function bestSoFar(trials: readonly { number: number; loss: number }[]): { losses: Points; best: Points } {
  const measured = trials.filter(({ loss }) => loss > 0 && Number.isFinite(loss));
  const losses = measured.map(({ number, loss }) => [number + 1, loss] as const);
  let least = Number.POSITIVE_INFINITY;
  const best = losses.map(([number, loss]) => {
    least = Math.min(least, loss);
    return [number, least] as const;
  });
  return { losses, best };
}
