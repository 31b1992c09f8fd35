// Plots as inline SVG: curves over the epochs, predictions against targets. Own code, as what draws charts well needs a DOM or
// a canvas, or is larger than all of this package.

import { short } from "../numbers.js";
import { type Axis, linearAxis, logarithmicAxis, roundAxis } from "./axis.js";
import { escaped } from "./html.js";

export type Points = readonly (readonly [x: number, y: number])[];

/** A point for one row in `step`. */
export interface SomePoints {
  points: Points;
  step: number;
}

export interface Curve {
  name: string;
  /** The class that the style sheet colours; points of "dots" aren't joined. */
  style: "training" | "held-out" | "dots";
  points: Points;
}

const [WIDTH, HEIGHT] = [640, 300];
const MARGIN = { left: 88, right: 30, top: 14, bottom: 54 };

/** Pixels from the left and from the top. */
function placed(x: Axis, y: Axis, height: number) {
  return ([px, py]: Points[number]): [number, number] => [
    MARGIN.left + x.at(px) * (WIDTH - MARGIN.left - MARGIN.right),
    height - MARGIN.bottom - y.at(py) * (height - MARGIN.top - MARGIN.bottom),
  ];
}

const pixels = (value: number): string => value.toFixed(1);
const circle = ([x, y]: readonly string[]): string => `<circle cx="${x}" cy="${y}" r="2.5"/>`;

function frame(x: Axis, y: Axis, height: number, title: string, labels: [x: string, y: string], marks: string): string {
  const right = WIDTH - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const xOf = (tick: number) => pixels(MARGIN.left + x.at(tick) * (right - MARGIN.left));
  const yOf = (tick: number) => pixels(bottom - y.at(tick) * (bottom - MARGIN.top));
  const rows = y.ticks.map(
    (tick) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}"/>` +
      `<text x="${MARGIN.left - 8}" y="${yOf(tick)}" text-anchor="end" dy=".32em">${short(tick)}</text>`,
  );
  const columns = x.ticks.map(
    (tick) => `<text x="${xOf(tick)}" y="${bottom + 20}" text-anchor="middle">${short(tick)}</text>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">
${rows.join("\n")}
${columns.join("\n")}
<text class="label" x="${pixels((MARGIN.left + right) / 2)}" y="${height - 6}" text-anchor="middle">${escaped(labels[0])}</text>
<text class="label" transform="translate(16 ${pixels((MARGIN.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${escaped(labels[1])}</text>
${marks}
</svg>`;
}

/**
 * Curves over whole numbers, the epochs say; on a logarithmic axis where asked for and all values are positive.
 *
 * @param labels of the axes
 */
export function curvePlot(
  title: string,
  labels: [x: string, y: string],
  curves: readonly Curve[],
  wantsLogarithm: boolean,
): string {
  const drawn = curves.filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const values = all.map(([, value]) => value);
  const x = linearAxis(
    all.map(([number]) => number),
    8,
  );
  const y = wantsLogarithm && values.every((value) => value > 0) ? logarithmicAxis(values) : roundAxis(values, 5);
  const place = placed(x, y, HEIGHT);
  const marks = drawn.map(({ points, style, name }) => {
    const places = points.map((point) => place(point).map(pixels));
    if (style === "dots") return `<g class="dots">${places.map(circle).join("")}</g>`;
    const path = places.map((each) => each.join(",")).join(" ");
    return `<polyline class="${style}" points="${path}"><title>${escaped(name)}</title></polyline>`;
  });
  const legend = drawn.map(({ name, style }) => `<span class="${style}">${escaped(name)}</span>`).join("\n");
  const whole = { ...x, ticks: x.ticks.filter(Number.isInteger) };
  const svg = frame(whole, y, HEIGHT, title, labels, marks.join("\n"));
  return `<figure>${svg}<figcaption class="legend">${legend}</figcaption></figure>`;
}

/** What was predicted over what was so, with the line where both are the same. */
export function scatterPlot(title: string, { points, step }: SomePoints): string {
  const axis = roundAxis(points.flat(), 6);
  const height = 460;
  const place = placed(axis, axis, height);
  const dots = points.map((point) => circle(place(point).map(pixels)));
  const bounds = points.flat();
  const [least, most] = [Math.min(...bounds), Math.max(...bounds)];
  const [[x1, y1], [x2, y2]] = [place([least, least]), place([most, most])].map((point) => point.map(pixels));
  const marks = `<line class="same" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>\n<g class="dots">${dots.join("")}</g>`;
  const svg = frame(axis, axis, height, title, ["actual", "predicted"], marks);
  const some = step === 1 ? "" : `, one row in ${step}`;
  return `<figure>${svg}<figcaption>${escaped(title)}${some}; on the line, both are the same.</figcaption></figure>`;
}
