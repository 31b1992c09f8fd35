// A sheet to draw digits on, which the network reads while they are drawn; what it gets wrong can be taught.

import { useMemo, useRef, useState } from "preact/hooks";
import { imageOf, type Stroke } from "../data/digit-image.js";
import { SIDE } from "../data/digits.js";
import type { Run } from "../model/run.js";
import { percent } from "./answer-text.js";
import type { ViewProps } from "./boundary.js";
import { type Surface, useDrawing } from "./canvas.js";

export interface DigitPadProps extends ViewProps {
  /** Adds a drawing to the samples that are trained on. */
  onTeach(image: Float32Array<ArrayBuffer>, label: number): void;
}

/** Of a line, as a share of the sheet's width. */
const THICKNESS = 0.07;

export function DigitPad({ run, version, theme, onTeach }: DigitPadProps) {
  const [strokes, setStrokes] = useState<readonly Stroke[]>([]);
  const [taught, setTaught] = useState(0);
  const sheet = useDrawing((surface) => drawStrokes(surface, strokes), [strokes, theme]);
  const image = useMemo(() => imageOf(strokes), [strokes]);
  const seen = useDrawing((surface) => drawImage(surface, image), [image, theme]);
  const isEmpty = strokes.length === 0;
  const pen = usePen(setStrokes);
  const teach = (label: number) => {
    onTeach(image, label);
    setTaught(taught + 1);
    setStrokes([]);
  };
  return (
    <div class="view digit-pad">
      <div class="digit-sheets">
        <div class="digit-sheet">
          <canvas ref={sheet} role="img" aria-label="A sheet to draw a digit on, with mouse, finger or pen" {...pen} />
          {isEmpty && <p aria-hidden="true">Draw a digit here</p>}
        </div>
        <div class="digit-seen">
          <canvas ref={seen} role="img" aria-label="The drawing in 8 times 8 pixels, as the network sees it" />
          <span>what the network sees</span>
        </div>
      </div>
      <button type="button" disabled={isEmpty} onClick={() => setStrokes([])}>
        Clear
      </button>
      <Reading run={run} version={version} image={isEmpty ? undefined : image} />
      <Teaching isEmpty={isEmpty} taught={taught} onTeach={teach} />
    </div>
  );
}

/** A stroke from where the pointer goes down to where it comes up, in shares of the sheet. */
function usePen(setStrokes: (change: (strokes: readonly Stroke[]) => readonly Stroke[]) => void) {
  const isDown = useRef(false);
  const pointOf = ({ currentTarget, clientX, clientY }: PointerEvent): [number, number] => {
    const { left, top, width, height } = (currentTarget as Element).getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };
  const end = () => {
    isDown.current = false;
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      isDown.current = true;
      const point = pointOf(event);
      setStrokes((strokes) => [...strokes, point]);
    },
    onPointerMove(event: PointerEvent) {
      if (!isDown.current) return;
      const point = pointOf(event);
      setStrokes((strokes) => [...strokes.slice(0, -1), [...(strokes.at(-1) ?? []), ...point]]);
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}

/** What the network makes of the drawing: a bar for each digit. */
function Reading({ run, image }: { run: Run; version: number; image: Float32Array<ArrayBuffer> | undefined }) {
  const answer = image === undefined ? undefined : run.network.predict(image);
  const best = answer === undefined ? -1 : answer.indexOf(Math.max(...answer));
  const { classNames = [] } = run.problem;
  return (
    <div class="digit-reading">
      <p role="status">
        {best < 0 ? "Nothing drawn." : `It reads ${/^8/.test(classNames[best]) ? "an" : "a"} ${classNames[best]}.`}
      </p>
      <ul>
        {classNames.map((name, label) => (
          <li key={name} class={label === best ? "best" : undefined}>
            <span>{name}</span>
            <span class="bar" style={{ "--share": Math.max(0, answer?.[label] ?? 0) }} />
            <span>{answer === undefined ? "" : percent(answer[label])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TeachingProps {
  isEmpty: boolean;
  taught: number;
  onTeach(label: number): void;
}

function Teaching({ isEmpty, taught, onTeach }: TeachingProps) {
  const [label, setLabel] = useState(0);
  return (
    <form
      class="digit-teaching"
      onSubmit={(event) => {
        event.preventDefault();
        onTeach(label);
      }}
    >
      <label>
        It is a{" "}
        <select value={label} onChange={({ currentTarget }) => setLabel(Number(currentTarget.value))}>
          {Array.from({ length: 10 }, (_, digit) => (
            <option key={digit} value={digit}>
              {digit}
            </option>
          ))}
        </select>
      </label>{" "}
      <button type="submit" disabled={isEmpty}>
        Add to the training samples
      </button>
      <span role="status">{taught > 0 && `${taught} added; train on to learn ${taught === 1 ? "it" : "them"}.`}</span>
    </form>
  );
}

function drawStrokes({ context, width, height }: Surface, strokes: readonly Stroke[]): void {
  context.strokeStyle = getComputedStyle(context.canvas).color;
  context.lineWidth = THICKNESS * width;
  [context.lineCap, context.lineJoin] = ["round", "round"];
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0] * width, stroke[1] * height);
    // a dot is a line to where it begins
    for (let i = 0; i < stroke.length; i += 2) context.lineTo(stroke[i] * width, stroke[i + 1] * height);
    context.stroke();
  }
}

function drawImage({ context, width, height }: Surface, image: Float32Array): void {
  context.fillStyle = getComputedStyle(context.canvas).color;
  image.forEach((pixel, i) => {
    context.globalAlpha = pixel;
    context.fillRect(((i % SIDE) * width) / SIDE, (Math.floor(i / SIDE) * height) / SIDE, width / SIDE, height / SIDE);
  });
  context.globalAlpha = 1;
}
