// Every neuron of the layer that the lesson is at: z and a, and on the way back δ; each can be chosen.

import type { Lesson } from "../model/lesson.js";
import { chosen } from "../model/store.js";
import { digits } from "./number.js";
import { Sym } from "./symbols.js";

interface LayerTableProps {
  lesson: Lesson;
  layer: number;
  to: number;
  isForward: boolean;
}

export function LayerTable({ lesson, layer, to, isForward }: LayerTableProps) {
  const { z, a, delta } = lesson.layers[layer - 1];
  return (
    <section class="layer-table" aria-label={`Neurons of layer ${layer}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">neuron</th>
            <th scope="col">
              <Sym>z</Sym>
            </th>
            <th scope="col">
              <Sym>a</Sym>
            </th>
            {!isForward && (
              <th scope="col">
                <Sym>δ</Sym>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {Array.from(z, (value, j) => (
            <tr key={`neuron ${j + 1}`} class={j === to ? "chosen" : undefined}>
              <th scope="row">
                <button
                  type="button"
                  class="quiet"
                  aria-pressed={j === to}
                  aria-label={`Neuron ${j + 1}`}
                  onClick={() => {
                    const { layer: at, from } = chosen.value;
                    chosen.value =
                      at === layer && from === undefined
                        ? { layer, to: j }
                        : { layer, to: j, from: at === layer ? (from ?? 0) : 0 };
                  }}
                >
                  {j + 1}
                </button>
              </th>
              <td>{digits(value)}</td>
              <td>{digits(a[j])}</td>
              {!isForward && <td>{digits(delta[j])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
