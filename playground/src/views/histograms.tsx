// The spread of activations and gradients in each layer, on some training samples.

import type { ActivationName } from "nablanet";
import { useId, useMemo } from "preact/hooks";
import type { Run } from "../model/run.js";
import { gather } from "../model/samples.js";
import { percent } from "./answer-text.js";
import type { ViewProps } from "./boundary.js";
import { BINS, type Histogram, histogramOf } from "./histogram.js";
import { short } from "./plane.js";
import { useThrottled } from "./throttled.js";

/** Milliseconds between two looks. */
const EVERY = 300;
/** Samples that are looked at. */
const SAMPLES = 64;

/** Of the activations that have a fixed range. */
const ranges: Partial<Record<ActivationName, readonly [number, number]>> = {
  sigmoid: [0, 1],
  tanh: [-1, 1],
  softsign: [-1, 1],
  softmax: [0, 1],
  hardSigmoid: [0, 1],
  relu6: [0, 6],
};

interface LayerSpread {
  name: string;
  activations: Histogram;
  gradients: Histogram;
  remark: string;
}

export function Histograms({ run, version }: Omit<ViewProps, "theme">) {
  const about = useId();
  const now = useThrottled(version, EVERY);
  const layers = useMemo(() => spreadsOf(run), [run, run.network, now]);
  return (
    <div class="view histograms scroll-x">
      <h3>Spread in each layer</h3>
      <p class="about" id={about}>
        On {Math.min(SAMPLES, run.data.train.rows)} training samples.
      </p>
      <table aria-describedby={about}>
        <thead class="histograms-head">
          <tr>
            <th scope="col">layer</th>
            <th scope="col">activations a</th>
            <th scope="col">gradients ∂C/∂w</th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ name, activations, gradients, remark }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {remark !== "" && <small class="remark">{remark}</small>}
              </th>
              <td>
                <Bars histogram={activations} label={`activations of ${name}`} />
              </td>
              <td>
                <Bars histogram={gradients} label={`gradients of ${name}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const HEIGHT = 12;

function Bars({ histogram: { least, most, counts }, label }: { histogram: Histogram; label: string }) {
  const highest = Math.max(1, ...counts);
  const path = counts.map(
    (count, i) => `M${i} ${HEIGHT}v${(-HEIGHT * count) / highest}h.9v${(HEIGHT * count) / highest}z`,
  );
  return (
    <div class="histogram">
      <svg
        viewBox={`0 0 ${BINS} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}, from ${short(least)} to ${short(most)}`}
      >
        <path d={path.join("")} />
      </svg>
      <span>{short(least)}</span>
      <span>{short(most)}</span>
    </div>
  );
}

function spreadsOf(run: Run): LayerSpread[] {
  const { network, trainer, data } = run;
  const rows = Array.from({ length: Math.min(SAMPLES, data.train.rows) }, (_, row) => row);
  const { inputs, targets } = gather(data.train, rows);
  const traces = rows.map((row) => network.trace(inputs.subarray(row * network.inputs, (row + 1) * network.inputs)));
  const gradients = trainer.gradients(inputs, targets).layers;
  return run.statistics().map(({ activation, dead, saturated }, l) => {
    const { weights } = gradients[l];
    const widest = weights.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    // an output that is sure of itself is what is wanted
    const isHidden = l < network.layers.length - 1;
    const remarks = [
      dead > 0 && `${percent(dead)} dead`,
      isHidden && saturated > 0.005 && `${percent(saturated)} saturated`,
    ];
    return {
      name: `${l + 1}: ${activation}`,
      activations: histogramOf(
        traces.map(({ layers }) => layers[l].a),
        ranges[activation],
      ),
      // 0 is in the middle
      gradients: histogramOf([weights], [-widest, widest]),
      remark: remarks.filter(Boolean).join(", "),
    };
  });
}
