// Charts in a terminal: loss and accuracy by epoch, training as a line and held-out rows as dots; the best loss by trial.

import plot from "simple-ascii-chart";
import type { EpochRow } from "../fit-result.js";
import { bestSoFar } from "./best-so-far.js";
import { short } from "./numbers.js";
import type { Terminal } from "./terminal.js";

const [NARROWEST, WIDEST] = [20, 100];
const HEIGHT = 10;
/** The labels left of the chart, and the arrow right of it. */
const MARGIN = 12;

type Points = [x: number, value: number][];

/** What the line and the dots are. */
interface Legend {
  line: string;
  dots: string;
}

const BY_EPOCH: Legend = { line: "training", dots: "held-out" };

/** Charts of the history's columns that are there; of one epoch there is nothing to draw. */
export function showCurves(history: readonly EpochRow[], terminal: Terminal): void {
  if (history.length < 2) return;
  const isLogarithmic = history.every(({ loss, validationLoss = 1 }) => loss > 0 && validationLoss > 0);
  const scale = isLogarithmic ? Math.log10 : (value: number) => value;
  const unscale = isLogarithmic ? (value: number) => 10 ** value : (value: number) => value;
  terminal.heading(`Loss by epoch${isLogarithmic ? ", on a logarithmic axis" : ""}`);
  const [losses, heldOut] = [points(history, "loss", scale), points(history, "validationLoss", scale)];
  terminal.show(chart(losses, heldOut, (value) => short(Number(unscale(value).toPrecision(2))), terminal, BY_EPOCH));
  const accuracies = points(history, "accuracy", (share) => 100 * share);
  if (accuracies.length < 2) return;
  terminal.heading("Accuracy by epoch, in %");
  const heldOutAccuracies = points(history, "validationAccuracy", (share) => 100 * share);
  terminal.show(chart(accuracies, heldOutAccuracies, (value) => String(Math.round(value)), terminal, BY_EPOCH));
}

/** The least loss so far, by trial, over the trials' own. */
export function showBestSoFar(trials: readonly { number: number; loss: number }[], terminal: Terminal): void {
  const { losses, best } = bestSoFar(trials);
  if (best.length < 2) return;
  const scaled = (points: typeof best) => points.map(([number, loss]): Points[number] => [number, Math.log10(loss)]);
  terminal.heading("Loss by trial, on a logarithmic axis");
  const label = (value: number) => short(Number((10 ** value).toPrecision(2)));
  terminal.show(chart(scaled(best), scaled(losses), label, terminal, { line: "best so far", dots: "trials" }));
}

function points(history: readonly EpochRow[], column: keyof EpochRow, scale: (value: number) => number): Points {
  return history.flatMap(({ epoch, [column]: value }): Points => {
    return value === undefined || !Number.isFinite(scale(value)) ? [] : [[epoch, scale(value)]];
  });
}

function chart(
  line: Points,
  dots: Points,
  label: (value: number) => string,
  terminal: Terminal,
  legend: Legend,
): string {
  const values = [...line, ...dots].map(([, value]) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // a flat line needs some height around it
  const room = most > least ? 0 : 0.5;
  const isColoured = terminal.colours.isColorSupported;
  const drawn = plot(line, {
    width: Math.max(NARROWEST, Math.min(WIDEST, terminal.columns - MARGIN)),
    height: HEIGHT,
    ...(isColoured && { color: "ansiCyan" as const }),
    points: dots.map(([x, y]) => ({ x, y, ...(isColoured && { color: "ansiYellow" as const }) })),
    yRange: [least - room, most + room],
    customXAxisTicks: ticksOf(line),
    formatter: (value, { axis }) => (axis === "y" ? label(value) : value),
    legend: { position: "bottom", series: legend.line, points: [legend.dots] },
    symbols: { chart: { area: "━" } },
  });
  const lines = drawn.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "").join("\n");
}

/** The first and about five more. */
function ticksOf(line: Points): number[] {
  const [[first], [last]] = [line[0], line.at(-1) as Points[number]];
  const step = Math.max(1, Math.ceil((last - first) / 5));
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}
