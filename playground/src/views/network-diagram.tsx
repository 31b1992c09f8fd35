// The network as a picture that can be pointed at: neurons, weights, and controls above the layers.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { SIDE as DIGIT_SIDE } from "../data/digits.js";
import { isOver, parametersOf, stageOf } from "../model/lesson.js";
import type { Run } from "../model/run.js";
import type { Session } from "../model/session.js";
import { type Choice, chosen } from "../model/store.js";
import { useDrawing } from "./canvas.js";
import { drawDiagram } from "./diagram-drawing.js";
import { type Geometry, geometryOf, type Hit, hitAt, inputsAreBlock, marginsOf } from "./diagram-geometry.js";
import { Inspector } from "./inspector.js";
import { LayerHeads } from "./layer-heads.js";
import { A_PICTURE, NeuronMaps } from "./neuron-maps.js";
import { digits } from "./number.js";
import { Weight } from "./symbols.js";
import { useThrottled } from "./throttled.js";

/** A column needs so much, or the diagram is scrolled. */
const LEAST_COLUMN = 112;
const LEAST_HEIGHT = 280;

export interface NetworkDiagramProps {
  session: Session;
  version: number;
  theme: string;
}

/** Milliseconds between two pictures while it is trained: the eye wants no more, and the answer's picture has the rest. */
const REDRAWN_EVERY = 50;

export function NetworkDiagram({ session, version: latest, theme }: NetworkDiagramProps) {
  const throttled = useThrottled(latest, REDRAWN_EVERY);
  const version = session.playing ? throttled : latest;
  const { run, lesson } = session;
  const { network, data, problem } = run;
  const [frame, size] = useSize();
  const [hit, setHit] = useState<Hit & { x: number; y: number }>();
  const [focus, setFocus] = useState(0);
  const counts = [network.inputs, ...network.layers.map(({ units }) => units)];
  const shape = counts.join();
  const width = Math.max(size.width, counts.length * LEAST_COLUMN);
  const height = Math.max(LEAST_HEIGHT, Math.min(440, 40 + 69 * Math.max(...counts.slice(1))));
  const { inputs, outputs } = namesOf(run);
  const margins = useMemo(() => marginsOf(inputs, outputs), [inputs.join(), outputs.join()]);
  const geometry = useMemo(() => geometryOf(counts, width, height, margins), [shape, width, height, margins]);
  const maps = useMemo(() => NeuronMaps.of(network, [data.train, data.test]), [network, data]);
  const parameters = useMemo(() => parametersOf(run), [run, network, version]);
  const stage = lesson && !isOver(lesson) ? stageOf(lesson) : undefined;
  const active = stage === undefined || stage.kind === "update" ? undefined : stage.layer;
  const canvas = useDrawing(
    (surface) => {
      maps?.update(session.playing ? A_PICTURE : maps.size);
      const imageSide = problem.name === "digits" ? DIGIT_SIDE : undefined;
      const hovered = hit && hit.layer > 0 ? hit : undefined;
      drawDiagram(surface, { geometry, parameters, maps, chosen: chosen.value, hovered, active, imageSide });
    },
    [version, theme, geometry, maps, chosen.value, hit, active],
  );
  const point = (event: PointerEvent | MouseEvent) => {
    const { left, top } = (event.currentTarget as Element).getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const found = hitAt(geometry, x, y);
    return found && { ...found, x, y };
  };
  const choose = (event: MouseEvent) => {
    const found = point(event);
    if (found === undefined || found.layer === 0) return;
    const { layer, to, from } = found;
    chosen.value = from === undefined ? { layer, to } : { layer, to, from };
    setFocus(focus + 1);
  };
  return (
    <div class="diagram">
      <div class="diagram-scroll" ref={frame}>
        <div class="diagram-sheet" style={{ width: `${width}px` }}>
          <LayerHeads run={run} width={width} margins={margins} />
          <div class="diagram-picture" style={{ height: `${height}px` }}>
            <canvas
              ref={canvas}
              role="img"
              aria-label={summaryOf(run)}
              class={hit && hit.layer > 0 ? "pointing" : undefined}
              onPointerMove={(event) => setHit(point(event))}
              onPointerLeave={() => setHit(undefined)}
              onClick={choose}
            />
            <Names geometry={geometry} run={run} />
            {hit && <Tooltip hit={hit} run={run} />}
          </div>
        </div>
      </div>
      <Inspector focus={focus} />
    </div>
  );
}

/** The width that there is. */
function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size] as const;
}

function summaryOf({ network, problem }: Run): string {
  const layers = network.layers.map(({ units, activation }) => `${units} ${activation}`).join(", then ");
  const parameters = network.parameterCount;
  return `The network: ${network.inputs} inputs, then ${layers}; ${parameters} parameters. It learns “${problem.title}”.`;
}

/** What goes in, and what comes out. */
function namesOf({ problem, network }: Run): { inputs: readonly string[]; outputs: readonly string[] } {
  const { inputNames, classNames, targetNames = ["y"] } = problem;
  const outputs = classNames === undefined ? targetNames : network.outputs === 1 ? [`P(${classNames[1]})`] : classNames;
  return { inputs: inputsAreBlock(network.inputs) ? [`${network.inputs} inputs`] : inputNames, outputs };
}

function Names({ geometry, run }: { geometry: Geometry; run: Run }) {
  const { inputs, outputs } = namesOf(run);
  const [first, last] = [geometry.columns[0], geometry.columns[geometry.columns.length - 1]];
  return (
    <div aria-hidden="true">
      {first.map(({ x, y, size }, i) => (
        <span
          key={inputs[i]}
          class={geometry.inputsAreBlock ? "name below" : "name before"}
          style={
            geometry.inputsAreBlock
              ? { left: `${x}px`, top: `${y + size / 2}px` }
              : { left: `${x - size / 2}px`, top: `${y}px` }
          }
        >
          {inputs[i]}
        </span>
      ))}
      {last.map(({ x, y, size }, i) => (
        <span key={outputs[i]} class="name behind" style={{ left: `${x + size / 2}px`, top: `${y}px` }}>
          {outputs[i]}
        </span>
      ))}
    </div>
  );
}

function Tooltip({ hit, run }: { hit: Choice & { x: number; y: number }; run: Run }) {
  const { layer, to, from, x, y } = hit;
  const style = { left: `${x}px`, top: `${y}px` };
  if (layer === 0) {
    return (
      <div class="tooltip" style={style}>
        {run.problem.inputNames[to]}
      </div>
    );
  }
  const { inputs } = run.network.layers[layer - 1];
  const { weights, biases } = run.network.weightsOf(layer - 1);
  return (
    <div class="tooltip" style={style}>
      <Weight layer={layer} to={to} from={from} /> ={" "}
      {digits(from === undefined ? biases[to] : weights[to * inputs + from])}
      <small>
        {from === undefined ? `neuron ${to + 1}, its bias` : `to neuron ${to + 1} from ${from + 1}`}; click to change it
      </small>
    </div>
  );
}
