// Loss and accuracy by epoch as charts in a terminal: training as a line, held-out rows as dots.

import plot from "simple-ascii-chart";
import type { EpochRow } from "../fit-result.js";
import { short } from "./numbers.js";
import type { Terminal } from "./terminal.js";

const [NARROWEST, WIDEST] = [20, 100];
const HEIGHT = 10;
/** The labels left of the chart, and the arrow right of it. */
const MARGIN = 12;

type Points = [epoch: number, value: number][];

/** Charts of the history's columns that are there; of one epoch there is nothing to draw. */
export function showCurves(history: readonly EpochRow[], terminal: Terminal): void {
  if (history.length < 2) return;
  const isLogarithmic = history.every(({ loss, validationLoss = 1 }) => loss > 0 && validationLoss > 0);
  const scale = isLogarithmic ? Math.log10 : (value: number) => value;
  const unscale = isLogarithmic ? (value: number) => 10 ** value : (value: number) => value;
  terminal.heading(`Loss by epoch${isLogarithmic ? ", on a logarithmic axis" : ""}`);
  const [losses, heldOut] = [points(history, "loss", scale), points(history, "validationLoss", scale)];
  terminal.show(chart(losses, heldOut, (value) => short(Number(unscale(value).toPrecision(2))), terminal));
  const accuracies = points(history, "accuracy", (share) => 100 * share);
  if (accuracies.length < 2) return;
  terminal.heading("Accuracy by epoch, in %");
  const heldOutAccuracies = points(history, "validationAccuracy", (share) => 100 * share);
  terminal.show(chart(accuracies, heldOutAccuracies, (value) => String(Math.round(value)), terminal));
}

function points(history: readonly EpochRow[], column: keyof EpochRow, scale: (value: number) => number): Points {
  return history.flatMap(({ epoch, [column]: value }): Points => {
    return value === undefined || !Number.isFinite(scale(value)) ? [] : [[epoch, scale(value)]];
  });
}

function chart(training: Points, heldOut: Points, label: (value: number) => string, terminal: Terminal): string {
  const values = [...training, ...heldOut].map(([, value]) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // a flat line needs some height around it
  const room = most > least ? 0 : 0.5;
  const isColoured = terminal.colours.isColorSupported;
  const drawn = plot(training, {
    width: Math.max(NARROWEST, Math.min(WIDEST, terminal.columns - MARGIN)),
    height: HEIGHT,
    ...(isColoured && { color: "ansiCyan" as const }),
    points: heldOut.map(([x, y]) => ({ x, y, ...(isColoured && { color: "ansiYellow" as const }) })),
    yRange: [least - room, most + room],
    customXAxisTicks: epochTicks(training),
    formatter: (value, { axis }) => (axis === "y" ? label(value) : value),
    legend: { position: "bottom", series: "training", points: ["held-out"] },
    symbols: { chart: { area: "━" } },
  });
  const lines = drawn.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "").join("\n");
}

/** The first epoch and about five more. */
function epochTicks(training: Points): number[] {
  const [[first], [last]] = [training[0], training.at(-1) as Points[number]];
  const step = Math.max(1, Math.ceil((last - first) / 5));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}
