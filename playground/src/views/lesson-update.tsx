// The update of the parameter that is followed: where it was, where it is now, and by which rule.

import { trainerOptions } from "../model/plan.js";
import type { StageProps } from "./lesson-forward.js";
import { factor, fine } from "./number.js";
import { Derivative, Weight } from "./symbols.js";

export function Update({ lesson, run, layer, to, from }: StageProps) {
  const { inputs } = lesson.before[layer - 1];
  const followed = (parameters: { weights: Float32Array; biases: Float32Array }) =>
    from === undefined ? parameters.biases[to] : parameters.weights[to * inputs + from];
  const { weightGradient, biasGradient } = lesson.layers[layer - 1];
  const gradient = from === undefined ? biasGradient[to] : weightGradient[to * inputs + from];
  const before = followed(lesson.before[layer - 1]);
  const after = followed((lesson.after ?? lesson.before)[layer - 1]);
  const { optimizer = { kind: "sgd" } } = trainerOptions(run.settings, run.data.shape);
  const rate = run.trainer.learningRate;
  const drops = run.network.layers.some(({ dropout }) => dropout > 0);
  const isPlain = optimizer.kind === "sgd" && !("momentum" in optimizer) && !drops;
  const weight = <Weight layer={layer} to={to} from={from} />;
  return (
    <>
      {isPlain ? (
        <p class="formula">
          {weight} ← {weight} − <i>η</i> <Derivative by={weight} /> = {fine(before)} − {rate}·{factor(gradient, fine)} ={" "}
          <strong data-testid="lesson-after">{fine(after)}</strong>
        </p>
      ) : (
        <p class="formula">
          {weight}: {fine(before)} → <strong data-testid="lesson-after">{fine(after)}</strong>, a change of{" "}
          {fine(after - before)} for a gradient of {fine(gradient)}
        </p>
      )}
      <p class="note">
        {isPlain
          ? "Every weight and bias was moved so, on this one sample; a mini-batch would have taken the mean of its samples' gradients."
          : `${drops ? "Dropout silenced some neurons in this step, which the passes above don't show. " : ""}${optimizer.kind} makes its steps of this gradient and of those before it.`}
      </p>
    </>
  );
}
