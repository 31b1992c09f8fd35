// How cost, accuracy and gradient have gone, over the epochs, drawn by uPlot.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { HistoryPoint, Session } from "../model/session.js";
import { digits } from "./number.js";
import { short } from "./plane.js";
import { useThrottled } from "./throttled.js";

interface Line {
  name: string;
  of(point: HistoryPoint): number | undefined;
  /** A custom property of the page's colours. */
  colour: string;
  dash?: number[];
}

const REDRAWN_EVERY = 120;

const lossLines: readonly Line[] = [
  { name: "training", of: ({ loss }) => loss, colour: "--training" },
  { name: "test", of: ({ testLoss }) => testLoss, colour: "--test", dash: [5, 3] },
];
const accuracyLines: readonly Line[] = [
  { name: "training", of: ({ accuracy }) => accuracy, colour: "--training" },
  { name: "test", of: ({ testAccuracy }) => testAccuracy, colour: "--test", dash: [5, 3] },
];
const gradientLines: readonly Line[] = [{ name: "norm", of: ({ gradientNorm }) => gradientNorm, colour: "--training" }];

interface CurvesProps {
  session: Session;
  version: number;
  theme: string;
}

export function LossCurve({ session, version, theme }: CurvesProps) {
  const [isLogarithmic, setLogarithmic] = useState(false);
  return (
    <div class="curve">
      <label class="check">
        <input
          type="checkbox"
          checked={isLogarithmic}
          data-testid="log-scale"
          onChange={({ currentTarget }) => setLogarithmic(currentTarget.checked)}
        />{" "}
        logarithmic
      </label>
      <Plot title="Cost" lines={lossLines} isLogarithmic={isLogarithmic} {...{ session, version, theme }} />
    </div>
  );
}

export function AccuracyCurve(props: CurvesProps) {
  return (
    <div class="curve">
      <Plot title="Accuracy" lines={accuracyLines} isLogarithmic={false} {...props} />
    </div>
  );
}

export function GradientCurve(props: CurvesProps) {
  return (
    <div class="curve">
      <Plot title="Size of the gradient, ‖∇C‖" lines={gradientLines} isLogarithmic={true} {...props} />
    </div>
  );
}

interface PlotProps extends CurvesProps {
  title: string;
  lines: readonly Line[];
  isLogarithmic: boolean;
}

const HEIGHT = 150;

function Plot({ title, lines, isLogarithmic, session, version, theme }: PlotProps) {
  const shown = useThrottled(version, REDRAWN_EVERY);
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const last = session.history[session.history.length - 1];
  // made anew with the page's colours, which it is given as values
  useEffect(() => {
    const parent = element.current;
    if (parent === null) return undefined;
    const made = new uPlot(optionsOf(parent, lines, isLogarithmic), dataOf(session, lines, isLogarithmic), parent);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: HEIGHT }));
    observer.observe(parent);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [lines, isLogarithmic, theme]);
  useEffect(() => {
    plot.current?.setData(dataOf(session, lines, isLogarithmic));
  }, [shown, session, lines, isLogarithmic, theme]);
  const summary = useMemo(
    () => lines.map((line) => `${line.name} ${digits(line.of(last) ?? Number.NaN)}`).join(", "),
    [lines, last],
  );
  return (
    <figure class="uplot-figure">
      <figcaption>
        {title}
        {lines.length > 1 &&
          lines.map(({ name, colour, dash }) => (
            <span key={name} class="key">
              <svg width="18" height="6" aria-hidden="true">
                <line
                  x2="18"
                  y1="3"
                  y2="3"
                  style={{ stroke: `var(${colour})`, strokeWidth: "2", strokeDasharray: dash?.join(" ") ?? "none" }}
                />
              </svg>
              {name}
            </span>
          ))}
      </figcaption>
      <div
        ref={element}
        role="img"
        aria-label={`${title} by epochs, now: ${summary}`}
        style={{ height: `${HEIGHT}px` }}
      />
    </figure>
  );
}

/** Zeros have no logarithm. */
function dataOf({ history }: Session, lines: readonly Line[], isLogarithmic: boolean): uPlot.AlignedData {
  const usable = (value: number | undefined) =>
    value !== undefined && Number.isFinite(value) && (!isLogarithmic || value > 0) ? value : null;
  return [history.map(({ epochs }) => epochs), ...lines.map(({ of }) => history.map((point) => usable(of(point))))];
}

function optionsOf(parent: HTMLElement, lines: readonly Line[], isLogarithmic: boolean): uPlot.Options {
  const style = getComputedStyle(parent);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = {
    stroke: colour("--muted"),
    font,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: parent.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 8, 0, 0],
    scales: { x: { time: false }, y: { distr: isLogarithmic ? 3 : 1 } },
    axes: [
      { ...axis, size: 26 },
      // a line for each digit would be a hatching
      { ...axis, size: 46, grid: { ...axis.grid, show: !isLogarithmic }, values: tickTexts },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        stroke: colour(line.colour),
        width: 1.75,
        points: { show: false },
        ...(line.dash && { dash: line.dash }),
      })),
    ],
  };
}

/** Ticks that uPlot leaves unnamed are null. */
const tickTexts = (_: uPlot, ticks: readonly (number | null)[]) =>
  ticks.map((value) => (value === null ? "" : short(value, 6)));
