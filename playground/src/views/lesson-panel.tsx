// The lesson: one sample's way forward and back through the network, and the update, in the book's symbols with the actual
// numbers.

import { useEffect, useRef } from "preact/hooks";
import { isForward, isOver, type Lesson, stageOf } from "../model/lesson.js";
import type { Run } from "../model/run.js";
import type { Session } from "../model/session.js";
import { type Choice, chosen } from "../model/store.js";
import { Backward } from "./lesson-backward.js";
import { below, Forward } from "./lesson-forward.js";
import { LayerTable } from "./lesson-table.js";
import { Update } from "./lesson-update.js";
import { digits, fine } from "./number.js";
import { Derivative, Sym, Weight } from "./symbols.js";

interface LessonPanelProps {
  session: Session;
  /** Changes whenever the session does. */
  version: number;
}

export function LessonPanel({ session }: LessonPanelProps) {
  const { lesson, run } = session;
  const panel = useRef<HTMLElement>(null);
  const begins = lesson?.step === 1;
  useEffect(() => {
    // with the network, which is above it, as far as that can be
    if (begins) panel.current?.scrollIntoView({ block: "nearest" });
  }, [begins]);
  return (
    <section ref={panel} class="lesson" aria-labelledby="lesson-title" data-testid="lesson">
      <h2 id="lesson-title">One step, taken apart</h2>
      {lesson === undefined ? <Invitation session={session} /> : <Steps session={session} lesson={lesson} run={run} />}
    </section>
  );
}

function Invitation({ session }: { session: Session }) {
  return (
    <>
      <p>
        Follow one sample through the network: forward, layer by layer, to the cost; then back, for each layer's error{" "}
        <i>δ</i> and the gradient of every weight; and see how far the weight that you chose is moved by it.
      </p>
      <button type="button" class="primary" data-testid="lesson-begin" onClick={() => session.stepForwardLayer()}>
        Take the first layer
      </button>
    </>
  );
}

/** In the layer at hand, the neuron and weight that were chosen, or the first. */
function focusOf({ layer, to, from }: Choice, at: number): { to: number; from: number | undefined } {
  return layer === at ? { to, from } : { to: 0, from: 0 };
}

function Steps({ session, lesson, run }: { session: Session; lesson: Lesson; run: Run }) {
  const stage = stageOf(lesson);
  const layer = stage.kind === "update" ? chosen.value.layer : stage.layer;
  const focus = focusOf(chosen.value, layer);
  const props = { lesson, run, layer, ...focus };
  const total = 2 * lesson.layers.length + 1;
  const titles = { forward: `Forward, layer ${layer}`, backward: `Backward, layer ${layer}`, update: "The update" };
  return (
    <>
      <ol class="way" aria-label="Steps of the lesson">
        {Array.from({ length: total }, (_, i) => i + 1).map((step) => (
          <li key={step} class={step < lesson.step ? "done" : step === lesson.step ? "now" : undefined}>
            <span aria-current={step === lesson.step ? "step" : undefined}>{nameOf(step, lesson.layers.length)}</span>
          </li>
        ))}
      </ol>
      <div class="lesson-body">
        <div class="mathematics" aria-live="polite" data-testid="mathematics">
          <h3>
            {titles[stage.kind]}
            {stage.kind !== "update" && `, neuron ${focus.to + 1}`}
          </h3>
          {stage.kind === "forward" && <Forward {...props} />}
          {stage.kind === "backward" && <Backward {...props} />}
          {stage.kind === "update" && <Update {...props} />}
        </div>
        <LayerTable lesson={lesson} layer={layer} to={focus.to} isForward={stage.kind === "forward"} />
      </div>
      <Followed lesson={lesson} />
      <div class="lesson-buttons">
        <button
          type="button"
          class="primary"
          data-testid="lesson-next"
          onClick={() =>
            isForward(lesson) || isOver(lesson) ? session.stepForwardLayer() : session.stepBackwardLayer()
          }
        >
          {nextOf(lesson)}
        </button>
        <button type="button" class="quiet" onClick={() => session.leaveLesson()}>
          Close
        </button>
      </div>
    </>
  );
}

function nameOf(step: number, layers: number): string {
  if (step <= layers) return `forward ${step}`;
  return step <= 2 * layers ? `back ${2 * layers + 1 - step}` : "update";
}

function nextOf(lesson: Lesson): string {
  const { length } = lesson.layers;
  if (isOver(lesson)) return "Next sample";
  if (isForward(lesson)) return `Forward through layer ${lesson.step + 1}`;
  return lesson.step === 2 * length ? "Update the weights" : `Back through layer ${2 * length - lesson.step}`;
}

/** The chosen weight through the whole step; what isn't known yet is left open. */
function Followed({ lesson }: { lesson: Lesson }) {
  const { layer, to, from } = chosen.value;
  const { inputs, weights, biases } = lesson.before[layer - 1];
  const { a, delta, weightGradient, biasGradient } = lesson.layers[layer - 1];
  const forward = lesson.step >= layer;
  const backward = lesson.step >= 2 * lesson.layers.length + 1 - layer;
  const after = lesson.after?.[layer - 1];
  const index = to * inputs + (from ?? 0);
  const weight = <Weight layer={layer} to={to} from={from} />;
  const open = "…";
  const figures: [preact.ComponentChild, string][] = [
    [<>{weight} before</>, fine(from === undefined ? biases[to] : weights[index])],
    ...(from === undefined
      ? []
      : ([
          [
            <Sym layer={layer - 1} of={[from]}>
              a
            </Sym>,
            forward ? digits(below(lesson, layer)[from]) : open,
          ],
        ] as [preact.ComponentChild, string][])),
    [
      <Sym layer={layer} of={[to]}>
        a
      </Sym>,
      forward ? digits(a[to]) : open,
    ],
    [
      <Sym layer={layer} of={[to]}>
        δ
      </Sym>,
      backward ? digits(delta[to]) : open,
    ],
    [
      <Derivative by={weight} />,
      backward ? digits(from === undefined ? biasGradient[to] : weightGradient[index]) : open,
    ],
    [
      <>{weight} after</>,
      after === undefined ? open : fine(from === undefined ? after.biases[to] : after.weights[index]),
    ],
  ];
  return (
    <dl class="followed" aria-label="The parameter that is followed" data-testid="followed">
      {figures.map(([name, value], i) => (
        <div key={`${i} of ${from === undefined}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
