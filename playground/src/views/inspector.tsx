// The chosen weight or bias: which it is, its value, and another in its place.

import { useEffect, useRef } from "preact/hooks";
import { chosen, frame, session } from "../model/store.js";
import { digits } from "./number.js";
import { Weight } from "./symbols.js";

/** Where a parameter lies in `network.parameters()`. */
function indexOf(layer: number, to: number, from: number | undefined): number {
  const layers = session.value?.run.network.layers ?? [];
  const before = layers.slice(0, layer - 1).reduce((sum, { units, inputs }) => sum + units * (inputs + 1), 0);
  const { units, inputs } = layers[layer - 1];
  return before + (from === undefined ? units * inputs + to : to * inputs + from);
}

function setParameter(index: number, value: number): void {
  const it = session.value;
  if (it === undefined || !Number.isFinite(value)) return;
  const vector = it.run.network.parameters();
  vector[index] = value;
  it.setParameters(vector);
}

const oneTo = (count: number) => Array.from({ length: count }, (_, i) => i);

export function Inspector({ focus }: { focus: number }) {
  void frame.value;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus > 0) input.current?.select();
  }, [focus]);
  const it = session.value;
  if (it === undefined) return null;
  const { layer, to, from } = chosen.value;
  const { layers } = it.run.network;
  const index = indexOf(layer, to, from);
  const value = it.run.network.parameters()[index];
  const select = (label: string, at: number, options: readonly [number, string][], choose: (value: number) => void) => (
    <label class="field">
      {label}
      <select value={at} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
        {options.map(([each, name]) => (
          <option key={each} value={each} selected={each === at}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  const numbered = (count: number): [number, string][] => oneTo(count).map((i) => [i, String(i + 1)]);
  return (
    <form
      class="inspector"
      data-testid="inspector"
      onSubmit={(event) => {
        event.preventDefault();
        if (input.current?.value) setParameter(index, Number(input.current.value));
      }}
    >
      <span class="symbol">
        <Weight layer={layer} to={to} from={from} />
      </span>
      {select(
        "layer",
        layer,
        layers.map((_, l) => [l + 1, l === layers.length - 1 ? "output" : String(l + 1)]),
        (l) => {
          chosen.value = { layer: l, to: 0, from: 0 };
        },
      )}
      {select("to neuron", to, numbered(layers[layer - 1].units), (j) => {
        chosen.value = from === undefined ? { layer, to: j } : { layer, to: j, from };
      })}
      {select("from", from ?? -1, [...numbered(layers[layer - 1].inputs), [-1, "bias"]], (k) => {
        chosen.value = k < 0 ? { layer, to } : { layer, to, from: k };
      })}
      <label class="field">
        value
        <input
          ref={input}
          type="number"
          step="any"
          key={`${index} ${value}`}
          defaultValue={String(Number(value.toPrecision(6)))}
          disabled={it.playing}
          data-testid="parameter"
        />
      </label>
      <button type="submit" disabled={it.playing}>
        Set
      </button>
      <span class="hidden" aria-live="polite">
        {it.playing ? "" : digits(value)}
      </span>
    </form>
  );
}
