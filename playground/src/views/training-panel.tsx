// How it is trained: the cost, the rule of the step, its size, where the weights begin.

import { hasMomentum, lossesFor, lossOf, outputOf } from "../model/plan.js";
import type { Run } from "../model/run.js";
import { bounds, choices } from "../model/settings.js";
import { change, settings, update } from "../model/store.js";
import { NumberField, NumberSelect, Select } from "./controls.js";

const RATES = [1e-5, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const PENALTIES = [0, 1e-5, 1e-4, 0.001, 0.003, 0.01, 0.03, 0.1];
const MOMENTA = [0, 0.5, 0.8, 0.9, 0.95, 0.99];

export function TrainingPanel({ run }: { run: Run }) {
  const { trainer, network } = settings.value;
  const { shape } = run.data;
  const possible = lossesFor(shape, outputOf(settings.value, shape));
  const usual = lossOf({ ...settings.value, trainer: { ...trainer, loss: "auto" } }, shape);
  const rolled = () => change({ ...settings.value, seed: crypto.getRandomValues(new Uint32Array(1))[0] % 10000 });
  return (
    <section class="panel training" aria-label="Training">
      <NumberSelect
        label={
          <>
            learning rate <i>η</i>
          </>
        }
        testId="rate"
        values={RATES}
        value={trainer.learningRate}
        onChoose={(learningRate) => update("trainer", { learningRate })}
      />
      <Select
        label="optimizer"
        testId="optimizer"
        value={trainer.optimizer}
        options={choices.optimizer}
        onChoose={(optimizer) => update("trainer", { optimizer })}
      />
      {hasMomentum(trainer.optimizer) && (
        <NumberSelect
          label="momentum"
          testId="momentum"
          values={MOMENTA}
          value={trainer.momentum}
          onChoose={(momentum) => update("trainer", { momentum })}
        />
      )}
      <Select
        label={
          <>
            cost <i>C</i>
          </>
        }
        testId="loss"
        value={trainer.loss !== "auto" && possible.includes(trainer.loss) ? trainer.loss : "auto"}
        options={[
          { value: "auto", name: usual },
          ...choices.loss.filter((loss) => loss !== "auto" && loss !== usual && possible.includes(loss)),
        ]}
        onChoose={(loss) => update("trainer", { loss })}
      />
      <NumberField
        label="batch size"
        testId="batch"
        value={trainer.batchSize}
        {...bounds.trainer.batchSize}
        onChange={(batchSize) => update("trainer", { batchSize })}
      />
      <NumberSelect
        label="L2"
        testId="l2"
        values={PENALTIES}
        value={trainer.l2}
        onChoose={(l2) => update("trainer", { l2 })}
      />
      <Select
        label="first weights"
        testId="initializer"
        value={network.initializer}
        options={choices.initializer}
        onChoose={(initializer) => update("network", { initializer })}
      />
      <div class="with-dice">
        <NumberField
          label="seed"
          testId="seed"
          value={settings.value.seed}
          {...bounds.seed}
          onChange={(seed) => change({ ...settings.value, seed })}
        />
        <button type="button" aria-label="Another seed at random" title="Another seed at random" onClick={rolled}>
          <Die />
        </button>
      </div>
    </section>
  );
}

function Die() {
  return (
    <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <rect x="1.5" y="1.5" width="13" height="13" rx="3" fill="none" stroke="currentColor" stroke-width="1.5" />
      <circle cx="5" cy="5" r="1.3" fill="currentColor" />
      <circle cx="11" cy="11" r="1.3" fill="currentColor" />
      <circle cx="8" cy="8" r="1.3" fill="currentColor" />
    </svg>
  );
}
