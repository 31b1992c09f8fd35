// What is trained on: the problem, how many samples, how noisy, how they are split and scaled.

import { problems } from "../data/problems.js";
import { bounds, choices } from "../model/settings.js";
import { problem, settings, table, takeTable, update } from "../model/store.js";
import { NumberField, Select, Slider } from "./controls.js";
import { TableChooser } from "./table-chooser.js";

const scalings = { none: "as they are", standard: "mean 0, deviation 1", minMax: "0 to 1", robust: "by quartiles" };

export function DataPanel() {
  const { data } = settings.value;
  const own = table.value === undefined ? [] : [{ value: "table", name: table.value.title }];
  const { samples, noise, split } = bounds.data;
  const percent = `${Math.round(100 * data.split)} %`;
  return (
    <section class="panel data" aria-labelledby="data-title">
      <h2 id="data-title">Data</h2>
      <Select
        label="problem"
        testId="data"
        value={data.kind}
        options={[...problems.map(({ name, title }) => ({ value: name, name: title })), ...own]}
        onChoose={(kind) => update("data", { kind })}
      />
      <Slider
        label="samples"
        testId="samples"
        value={data.samples}
        {...samples}
        step={10}
        shown={String(data.samples)}
        onInput={(value) => update("data", { samples: value })}
      />
      <Slider
        label="noise"
        testId="noise"
        value={data.noise}
        {...noise}
        most={0.5}
        step={0.01}
        shown={data.noise.toFixed(2)}
        onInput={(value) => update("data", { noise: value })}
      />
      <Slider
        label="for training"
        testId="split"
        value={data.split}
        {...split}
        step={0.05}
        shown={percent}
        onInput={(value) => update("data", { split: value })}
      />
      <Select
        label={problem.value.task === "regression" ? "inputs and targets" : "inputs"}
        testId="normalise"
        value={data.normalise}
        options={choices.normalise.map((value) => ({ value, name: scalings[value] }))}
        onChoose={(normalise) => update("data", { normalise })}
      />
      <NumberField
        label="seed of the data"
        testId="data-seed"
        value={data.seed}
        {...bounds.seed}
        onChange={(seed) => update("data", { seed })}
      />
      <TableChooser onProblem={takeTable} />
    </section>
  );
}
