// One layer forward, of one neuron: its weighted input term by term, its activation, and behind the last layer the cost.

import { costFormulas } from "../model/costs.js";
import type { Lesson } from "../model/lesson.js";
import type { Run } from "../model/run.js";
import { digits, factor } from "./number.js";
import { Sym } from "./symbols.js";
import { Terms } from "./terms.js";

export interface StageProps {
  lesson: Lesson;
  run: Run;
  layer: number;
  /** The neuron that is written out, and the one whose weight to it is followed. */
  to: number;
  from: number | undefined;
}

/** a of the layer below; of the first, the inputs. */
export const below = ({ layers, input }: Lesson, layer: number): Float32Array =>
  layer === 1 ? input : layers[layer - 2].a;

export function Forward({ lesson, run, layer, to, from }: StageProps) {
  const { z, a } = lesson.layers[layer - 1];
  const { inputs, weights, biases } = lesson.before[layer - 1];
  const source = below(lesson, layer);
  const { activation } = run.network.layers[layer - 1];
  const terms = Array.from({ length: inputs }, (_, k) => ({
    index: k,
    left: weights[to * inputs + k],
    right: source[k],
  }));
  return (
    <>
      <p class="formula">
        <Sym layer={layer} of={[to]}>
          z
        </Sym>{" "}
        = Σ
        <sub>
          <i>k</i>
        </sub>{" "}
        <Sym layer={layer} of={[to, "k"]}>
          w
        </Sym>{" "}
        <Sym layer={layer - 1} of={["k"]}>
          a
        </Sym>{" "}
        +{" "}
        <Sym layer={layer} of={[to]}>
          b
        </Sym>
      </p>
      <p class="numbers" data-testid="lesson-z">
        = <Terms terms={terms} marked={from} /> + {factor(biases[to])} = <strong>{digits(z[to])}</strong>
      </p>
      <p class="formula">
        <Sym layer={layer} of={[to]}>
          a
        </Sym>{" "}
        = <i>σ</i>(
        <Sym layer={layer} of={[to]}>
          z
        </Sym>
        ) = {activation}({digits(z[to])}) = <strong data-testid="lesson-a">{digits(a[to])}</strong>
      </p>
      {layer === lesson.layers.length && <Cost lesson={lesson} run={run} />}
    </>
  );
}

function Cost({ lesson: { cost, layers, target }, run }: { lesson: Lesson; run: Run }) {
  const { a } = layers[layers.length - 1];
  const formula = costFormulas[run.trainer.loss];
  return (
    <p class="formula">
      The sample's cost, with <i>y</i> = {listOf(target)} and <i>a</i> = {listOf(a)}: <i>C</i> ={" "}
      {formula === undefined ? run.trainer.loss : formula} = <strong data-testid="lesson-cost">{digits(cost)}</strong>
    </p>
  );
}

const listOf = (numbers: Float32Array) =>
  numbers.length === 1 ? digits(numbers[0]) : `(${Array.from(numbers, digits).join(", ")})`;
