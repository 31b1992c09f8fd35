// The loss by epoch as a chart: training as a line, held-out rows as dots, so that it reads without colours too.

import plot from "simple-ascii-chart";
import { colours, columns } from "./terminal.mjs";

const NARROWEST = 20;
const WIDEST = 100;
const HEIGHT = 14;
// the labels left of the chart, and the arrow right of it
const MARGIN = 10;

/** @param history rows of a fit with a validation dataset */
export function lossCurve(history) {
  // training loss falls by orders of magnitude: on a linear axis all but the first epochs would be one flat line
  const training = history.map(({ epoch, loss }) => [epoch, Math.log10(loss)]);
  const heldOut = history.map(({ epoch, validationLoss }) => [epoch, Math.log10(validationLoss)]);
  const logarithms = [...training, ...heldOut].map(([, logarithm]) => logarithm);
  const lowest = Math.min(...logarithms);
  const highest = Math.max(...logarithms);
  const [lineColour, dotColour] = colours.isColorSupported ? ["ansiCyan", "ansiYellow"] : [];
  const chart = plot(training, {
    width: Math.max(NARROWEST, Math.min(WIDEST, columns() - MARGIN)),
    height: HEIGHT,
    color: lineColour,
    points: heldOut.map(([x, y]) => ({ x, y, color: dotColour })),
    yRange: [lowest, highest],
    customXAxisTicks: epochTicks(history.length),
    customYAxisTicks: powersOfTen(lowest, highest),
    formatter: (value, { axis }) => (axis === "y" ? Number((10 ** value).toPrecision(1)) : value),
    legend: { position: "bottom", series: "training", points: ["held-out"] },
    symbols: { chart: { area: "━" } },
  });
  const lines = chart.split("\n").map((line) => line.trimEnd());
  return lines.filter((line) => line !== "").join("\n");
}

/** 1 and about ten more. */
function epochTicks(epochs) {
  const step = Math.ceil(epochs / 10);
  const steps = Array.from({ length: Math.floor(epochs / step) }, (_, i) => (i + 1) * step);
  return [...new Set([1, ...steps])];
}

/** The whole logarithms in a range. */
function powersOfTen(lowest, highest) {
  const first = Math.ceil(lowest);
  return Array.from({ length: Math.floor(highest) - first + 1 }, (_, i) => first + i);
}
