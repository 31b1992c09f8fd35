// What the network answers all over the plane of two of its inputs, with the samples on it.

import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Run } from "../model/run.js";
import { answerText } from "./answer-text.js";
import { Axes } from "./axes.js";
import { type Surface, useDrawing } from "./canvas.js";
import { classColourer, parseColour, valueColourer } from "./colours.js";
import { FeatureChoice } from "./feature-choice.js";
import { Legend } from "./legend.js";
import { AnswerGrid, GRID, type Plane, planeOf, pointOf, shareAt, short } from "./plane.js";
import { colouring, drawDots, rangeOf } from "./points.js";
import { useProbe } from "./probe.js";

export interface ViewProps {
  run: Run;
  /** Changes whenever the network does. */
  version: number;
  /** Changes with the page's colours. */
  theme: string;
}

export function Boundary({ run, version, theme }: ViewProps) {
  const { problem, data, network } = run;
  const { inputNames } = problem;
  const [chosen, choose] = useState<readonly [number, number]>([0, 1]);
  const [x, y] = Math.max(...chosen) < network.inputs ? chosen : [0, 1];
  const plane = useMemo(() => planeOf([data.train, data.test], x, y), [data, x, y]);
  const range = useMemo(() => rangeOf([data.train, data.test]), [data]);
  const ground = useGround(run, plane, range, [version, theme]);
  const dots = useDrawing((surface) => drawSamples(surface, run, plane, range), [data, plane, theme]);
  const probe = useProbe(plane);
  const [atX, atY] = probe.at ?? [0, 0];
  const place = { left: `${100 * shareAt(plane.x, atX)}%`, bottom: `${100 * shareAt(plane.y, atY)}%` };
  return (
    <figure class="view" aria-label="What the network answers">
      {network.inputs > 2 && <FeatureChoice names={inputNames} chosen={[x, y]} onChoose={choose} />}
      <Axes x={plane.x} y={plane.y} names={[inputNames[x], inputNames[y]]}>
        <canvas class="ground" ref={ground} width={GRID} height={GRID} />
        <canvas class="samples" ref={dots} />
        <button type="button" class="probe" aria-label="Probe of the plane: the arrow keys move it" {...probe.events}>
          {probe.at && <i style={place} />}
        </button>
      </Axes>
      <output class="readout" aria-live={probe.byKey ? "polite" : "off"}>
        {probe.at
          ? `${inputNames[x]} ${short(atX)}, ${inputNames[y]} ${short(atY)}: ${answerText(problem, network.predict(pointOf(plane, atX, atY)))}`
          : "Point at the plane for the network's answer."}
      </output>
      <Legend problem={problem} range={range} />
    </figure>
  );
}

/** The canvas of the answers, a pixel a point of the grid, drawn when one of `changes` does. */
function useGround(
  { problem, network }: Run,
  plane: Plane,
  [least, most]: readonly [number, number],
  changes: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  const grid = useMemo(() => new AnswerGrid(plane, network.outputs), [plane, network.outputs]);
  const image = useMemo(() => new ImageData(GRID, GRID), []);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const colour =
      problem.task === "classification"
        ? classColourer(network.outputs, parseColour(getComputedStyle(canvas).backgroundColor))
        : valueColourer(least, most);
    grid.update(network);
    for (let i = 0; i < GRID * GRID; i++) colour(grid.answers, i * network.outputs, image.data, 4 * i);
    context.putImageData(image, 0, 0);
  }, [grid, network, ...changes]);
  return ref;
}

function drawSamples(surface: Surface, { data }: Run, { x, y }: Plane, range: readonly [number, number]): void {
  const { context, width, height } = surface;
  const edge = parseColour(getComputedStyle(context.canvas).color);
  for (const samples of [data.train, data.test]) {
    const { inputs, rows } = samples;
    const size = inputs.length / rows;
    const place = (row: number): [number, number] => [
      width * shareAt(x, inputs[row * size + x.feature]),
      height * (1 - shareAt(y, inputs[row * size + y.feature])),
    ];
    drawDots(surface, { samples, isTest: samples === data.test, place, colour: colouring(samples, range) }, edge);
  }
}
