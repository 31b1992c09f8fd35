// What the network answers along its only input, a line for each output, with the samples around.

import { useMemo } from "preact/hooks";
import type { Run } from "../model/run.js";
import { answerText } from "./answer-text.js";
import { Axes } from "./axes.js";
import type { ViewProps } from "./boundary.js";
import { type Surface, useDrawing } from "./canvas.js";
import { colourOfClass, css, parseColour } from "./colours.js";
import { Legend } from "./legend.js";
import { type Axis, axisOf, shareAt, short, valueAt } from "./plane.js";
import { colouring, drawDots, rangeOf } from "./points.js";
import { useProbe } from "./probe.js";

/** Points of a line. */
const POINTS = 200;
const LINE = 2.5;
/** Beyond the targets, as a share of their span. */
const MARGIN = 0.12;

export function Curve({ run, version, theme }: ViewProps) {
  const { problem, data, network } = run;
  const x = useMemo(() => axisOf([data.train, data.test], 0), [data]);
  const range = useMemo(() => rangeOf([data.train, data.test]), [data]);
  const y = useMemo((): Axis => {
    const margin = MARGIN * (range[1] - range[0] || 1);
    return { feature: 0, least: range[0] - margin, most: range[1] + margin };
  }, [range]);
  const inputs = useMemo(() => Float32Array.from({ length: POINTS }, (_, i) => valueAt(x, i / (POINTS - 1))), [x]);
  const lines = useDrawing((surface) => drawLines(surface, run, inputs, y), [inputs, y, network, version, theme]);
  const dots = useDrawing((surface) => drawSamples(surface, run, x, y, range), [x, y, theme]);
  const probe = useProbe({ x, y });
  const name = problem.inputNames[0];
  return (
    <figure class="view" aria-label="What the network answers">
      <Axes x={x} y={y} names={[name, problem.targetNames?.[0] ?? "share"]}>
        <canvas class="samples" ref={dots} />
        <canvas class="lines" ref={lines} />
        <button type="button" class="probe" aria-label="Probe of the curve: the arrow keys move it" {...probe.events}>
          {probe.at && <i class="probe-line" style={{ left: `${100 * shareAt(x, probe.at[0])}%` }} />}
        </button>
      </Axes>
      <output class="readout" aria-live={probe.byKey ? "polite" : "off"}>
        {probe.at
          ? `${name} ${short(probe.at[0])}: ${answerText(problem, network.predict([probe.at[0]]))}`
          : "Point at the curve for the network's answer."}
      </output>
      <Legend problem={problem} range={range} />
    </figure>
  );
}

function drawLines({ context, width, height }: Surface, { network }: Run, inputs: Float32Array, y: Axis): void {
  const { outputs } = network;
  const answers = network.predict(inputs);
  const { color } = getComputedStyle(context.canvas);
  context.lineWidth = LINE;
  context.lineJoin = "round";
  for (let j = 0; j < outputs; j++) {
    context.beginPath();
    for (let i = 0; i < POINTS; i++) {
      context.lineTo((width * i) / (POINTS - 1), height * (1 - shareAt(y, answers[i * outputs + j])));
    }
    context.strokeStyle = outputs === 1 ? color : css(colourOfClass(j));
    context.stroke();
  }
}

function drawSamples(surface: Surface, { data }: Run, x: Axis, y: Axis, range: readonly [number, number]): void {
  const { context, width, height } = surface;
  const edge = parseColour(getComputedStyle(context.canvas).backgroundColor);
  for (const samples of [data.train, data.test]) {
    const { inputs, targets, rows } = samples;
    const size = targets.length / rows;
    const place = (row: number): [number, number] => [
      width * shareAt(x, inputs[row]),
      height * (1 - shareAt(y, targets[row * size])),
    ];
    drawDots(surface, { samples, isTest: samples === data.test, place, colour: colouring(samples, range) }, edge);
  }
}
