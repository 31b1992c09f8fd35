// One layer back, of one neuron: its error δ, and the gradient of the weight that is followed and of the bias.

import type { ComponentChildren } from "preact";
import { costSlopes, isPlainDelta } from "../model/costs.js";
import { derivatives } from "../model/derivatives.js";
import { below, type StageProps } from "./lesson-forward.js";
import { digits, factor } from "./number.js";
import { Derivative, Sym, Weight } from "./symbols.js";
import { Terms } from "./terms.js";

export function Backward(props: StageProps) {
  const isOutput = props.layer === props.lesson.layers.length;
  return (
    <>
      {isOutput ? <OutputError {...props} /> : <HiddenError {...props} />}
      <Gradients {...props} />
    </>
  );
}

function Delta({ layer, to, children }: { layer: number; to: number; children: ComponentChildren }) {
  return (
    <p class="formula">
      <Sym layer={layer} of={[to]}>
        δ
      </Sym>{" "}
      = {children}
    </p>
  );
}

function OutputError({ lesson, run, layer, to }: StageProps) {
  const { z, a, delta } = lesson.layers[layer - 1];
  const y = lesson.target[to];
  const outputs = a.length;
  const { activation } = run.network.layers[layer - 1];
  const { loss } = run.trainer;
  const slope = costSlopes[loss];
  const derivative = derivatives[activation];
  const result = <strong data-testid="lesson-delta">{digits(delta[to])}</strong>;
  const byZ = (
    <Derivative
      by={
        <Sym layer={layer} of={[to]}>
          z
        </Sym>
      }
    />
  );
  if (isPlainDelta(loss, activation)) {
    const isMean = loss === "binaryCrossEntropy" && outputs > 1;
    return (
      <>
        <Delta layer={layer} to={to}>
          {byZ} = <i>a</i> − <i>y</i> {isMean && "over the number of outputs"} = {digits(a[to])} − {factor(y)}
          {isMean && `, over ${outputs}`} = {result}
        </Delta>
        <p class="note">
          The slope of {activation} and that of the cost cancel out, so an output that is sure and wrong still learns.
        </p>
      </>
    );
  }
  if (slope !== undefined && derivative !== undefined) {
    return (
      <Delta layer={layer} to={to}>
        <Derivative by={<i>a</i>} /> · <i>σ</i>′(<i>z</i>) = ({slope.formula}) · ({derivative.formula}) ={" "}
        {factor(slope.at(a[to], y, outputs))}·{factor(derivative.at(z[to], a[to]))} = {result}
      </Delta>
    );
  }
  return (
    <Delta layer={layer} to={to}>
      {byZ} = {result}
    </Delta>
  );
}

function HiddenError({ lesson, run, layer, to }: StageProps) {
  const { z, a, delta } = lesson.layers[layer - 1];
  const above = lesson.before[layer];
  const errors = lesson.layers[layer].delta;
  const terms = Array.from({ length: above.units }, (_, i) => ({
    index: i,
    left: above.weights[i * above.inputs + to],
    right: errors[i],
  }));
  const sum = terms.reduce((total, { left, right }) => total + left * right, 0);
  const derivative = derivatives[run.network.layers[layer - 1].activation];
  // where σ′ is long to write, its value is what δ has of the sum
  const slope = derivative?.at(z[to], a[to]) ?? (sum === 0 ? Number.NaN : delta[to] / sum);
  return (
    <>
      <Delta layer={layer} to={to}>
        ( Σ
        <sub>
          <i>i</i>
        </sub>{" "}
        <Sym layer={layer + 1} of={["i", to]}>
          w
        </Sym>{" "}
        <Sym layer={layer + 1} of={["i"]}>
          δ
        </Sym>{" "}
        ) · <i>σ</i>′(<i>z</i>)
      </Delta>
      <p class="numbers">
        = (<Terms terms={terms} />) · {factor(slope)} = {factor(sum)} · {factor(slope)} ={" "}
        <strong data-testid="lesson-delta">{digits(delta[to])}</strong>
      </p>
      {derivative !== undefined && (
        <p class="note">
          σ′ = {derivative.formula}, with <i>z</i> = {digits(z[to])} and <i>a</i> = {digits(a[to])}.
        </p>
      )}
    </>
  );
}

function Gradients({ lesson, run, layer, to, from }: StageProps) {
  const { delta, weightGradient, biasGradient } = lesson.layers[layer - 1];
  const { inputs, weights } = lesson.before[layer - 1];
  const k = from ?? 0;
  const { l2 } = run.network.layers[layer - 1];
  const gradient = weightGradient[to * inputs + k];
  return (
    <>
      <p class="formula">
        <Derivative by={<Weight layer={layer} to={to} from={k} />} /> ={" "}
        <Sym layer={layer - 1} of={[k]}>
          a
        </Sym>{" "}
        <Sym layer={layer} of={[to]}>
          δ
        </Sym>
        {l2 > 0 && (
          <>
            {" "}
            + 2<i>λw</i>
          </>
        )}{" "}
        = {factor(below(lesson, layer)[k])}·{factor(delta[to])}
        {l2 > 0 && ` + 2·${digits(l2)}·${factor(weights[to * inputs + k])}`} ={" "}
        <strong data-testid="lesson-gradient">{digits(gradient)}</strong>
      </p>
      <p class="formula">
        <Derivative by={<Weight layer={layer} to={to} />} /> ={" "}
        <Sym layer={layer} of={[to]}>
          δ
        </Sym>{" "}
        = <strong>{digits(biasGradient[to])}</strong>
      </p>
    </>
  );
}
