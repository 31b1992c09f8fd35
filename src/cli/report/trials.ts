// The trials of a search: how the loss fell, and a line for each.

import { bestSoFar } from "../best-so-far.js";
import { type SearchTrial, trialColumns } from "../trial-table.js";
import { htmlTable } from "./html.js";
import { curvePlot } from "./plots.js";

export function trialsSection(trials: readonly SearchTrial[]): string {
  const { losses, best } = bestSoFar(trials);
  const curves = [
    { name: "best so far", style: "training", points: best } as const,
    { name: "trials", style: "dots", points: losses } as const,
  ];
  const plot = best.length < 2 ? "" : curvePlot("Loss by trial", ["trial", "loss"], curves, true);
  const columns = trialColumns(trials);
  const rows = trials.map((trial) => columns.map(({ cell }) => cell(trial)));
  return `${plot}\n${htmlTable(
    columns.map(({ name }) => name),
    rows,
  )}`;
}
