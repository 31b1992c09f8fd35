// Above each column of the diagram: how many neurons, which activation, how much dropout; layers to add and to take away.

import type { ActivationName } from "nablanet";
import { outputOf, outputsFor } from "../model/plan.js";
import type { Run } from "../model/run.js";
import { bounds, choices, type HiddenLayer, MOST_LAYERS } from "../model/settings.js";
import { settings, update } from "../model/store.js";
import { columnX, type Margins } from "./diagram-geometry.js";

const DROPOUTS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

const setLayers = (layers: readonly HiddenLayer[]) => update("network", { layers });

function setLayer(index: number, some: Partial<HiddenLayer>): void {
  setLayers(settings.value.network.layers.map((layer, i) => (i === index ? { ...layer, ...some } : layer)));
}

export interface LayerHeadsProps {
  run: Run;
  width: number;
  margins: Margins;
}

export function LayerHeads({ run, width, margins }: LayerHeadsProps) {
  const { layers } = settings.value.network;
  const columns = layers.length + 2;
  const at = (column: number) => ({ left: `${columnX(column, columns, width, margins)}px` });
  return (
    <div class="layer-heads">
      <div class="head" style={at(0)}>
        <span class="head-note">input</span>
      </div>
      {layers.map((layer, i) => (
        // layers have no identity but their place
        <HiddenHead key={i} layer={layer} index={i} style={at(i + 1)} />
      ))}
      <OutputHead run={run} style={at(columns - 1)} />
    </div>
  );
}

function HiddenHead({ layer, index, style }: { layer: HiddenLayer; index: number; style: { left: string } }) {
  const { units, activation, dropout } = layer;
  const name = `layer ${index + 1}`;
  const { least, most } = bounds.layer.units;
  const remove = () => setLayers(settings.value.network.layers.filter((_, i) => i !== index));
  return (
    <fieldset class="head" style={style} data-testid={`layer-${index + 1}`}>
      <legend class="hidden">Hidden {name}</legend>
      <span class="head-row">
        <span class="head-note" aria-hidden="true">
          {name}
        </span>
        <button type="button" class="remove" aria-label={`Remove ${name}`} title={`Remove ${name}`} onClick={remove}>
          ×
        </button>
      </span>
      <div class="stepper">
        <button
          type="button"
          aria-label={`Remove a neuron from ${name}`}
          disabled={units <= least}
          onClick={() => setLayer(index, { units: units - 1 })}
        >
          −
        </button>
        <output aria-label={`Neurons of ${name}`}>{units}</output>
        <button
          type="button"
          aria-label={`Add a neuron to ${name}`}
          disabled={units >= most}
          onClick={() => setLayer(index, { units: units + 1 })}
        >
          +
        </button>
      </div>
      <select
        aria-label={`Activation of ${name}`}
        value={activation}
        onChange={({ currentTarget }) => setLayer(index, { activation: currentTarget.value as ActivationName })}
      >
        {choices.activation.map((each) => (
          <option key={each} selected={each === activation}>
            {each}
          </option>
        ))}
      </select>
      <select
        aria-label={`Dropout of ${name}`}
        value={String(dropout)}
        onChange={({ currentTarget }) => setLayer(index, { dropout: Number(currentTarget.value) })}
      >
        {[...new Set([...DROPOUTS, dropout])].map((each) => (
          <option key={each} value={each} selected={each === dropout}>
            {each === 0 ? "no dropout" : `drop ${Math.round(100 * each)} %`}
          </option>
        ))}
      </select>
    </fieldset>
  );
}

function OutputHead({ run, style }: { run: Run; style: { left: string } }) {
  const { shape } = run.data;
  const { output } = settings.value.network;
  return (
    <div class="head" style={style}>
      <span class="head-note">output</span>
      <select
        aria-label="Activation of the output"
        data-testid="output"
        value={output}
        onChange={({ currentTarget }) =>
          update("network", { output: choices.output.find((each) => each === currentTarget.value) ?? "auto" })
        }
      >
        <option value="auto" selected={output === "auto"}>
          {outputsFor(shape)[0]}
        </option>
        {outputsFor(shape)
          .slice(1)
          .map((each) => (
            <option key={each} selected={each === output && each === outputOf(settings.value, shape)}>
              {each}
            </option>
          ))}
      </select>
    </div>
  );
}

export function AddLayer() {
  const { layers } = settings.value.network;
  const last = layers.at(-1) ?? { units: 4, activation: "tanh", dropout: 0 };
  return (
    <button
      type="button"
      class="quiet"
      data-testid="add-layer"
      disabled={layers.length >= MOST_LAYERS}
      onClick={() => setLayers([...layers, { ...last, units: Math.min(last.units, 8) }])}
    >
      + layer
    </button>
  );
}
