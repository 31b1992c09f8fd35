// What every neuron responds to over the inputs' plane (or line), on a coarse grid that is gone over bit by bit, so that a
// frame takes little.

import type { Network } from "nablanet";
import type { Samples } from "../model/samples.js";
import { type Axis, axisOf, valueAt } from "./plane.js";

/** Points in a row of the grid. */
export const SIDE = 18;
/** Of a line, for networks of one input. */
const POINTS = 48;
/** Points that each picture may take while the network is trained. */
export const A_PICTURE = 108;

const centred = new Set(["sigmoid", "hardSigmoid", "softmax"]);

export class NeuronMaps {
  readonly #network: Network;
  readonly #points: readonly Float32Array[];
  /** By layer from 0 on and unit: −1 to 1 a point. */
  readonly #values: readonly Float32Array[][];
  #next = 0;

  /** @returns undefined for networks of more than two inputs, which have no plane. */
  static of(network: Network, parts: readonly Samples[]): NeuronMaps | undefined {
    if (network.inputs > 2) return undefined;
    return new NeuronMaps(
      network,
      Array.from({ length: network.inputs }, (_, k) => axisOf(parts, k)),
    );
  }

  private constructor(network: Network, axes: readonly Axis[]) {
    this.#network = network;
    const [x, y] = axes;
    this.#points =
      y === undefined
        ? Array.from({ length: POINTS }, (_, i) => Float32Array.of(valueAt(x, i / (POINTS - 1))))
        : Array.from({ length: SIDE * SIDE }, (_, i) => {
            const [column, row] = [i % SIDE, Math.floor(i / SIDE)];
            return Float32Array.of(valueAt(x, (column + 0.5) / SIDE), valueAt(y, 1 - (row + 0.5) / SIDE));
          });
    this.#values = network.layers.map(({ units }) =>
      Array.from({ length: units }, () => new Float32Array(this.#points.length)),
    );
  }

  /** How many points there are. */
  get size(): number {
    return this.#points.length;
  }

  /** Goes on with the next so many points. */
  update(count: number): void {
    for (let n = 0; n < count; n++) {
      const point = this.#next;
      const { layers } = this.#network.trace(this.#points[point]);
      layers.forEach(({ a }, l) => {
        a.forEach((value, j) => {
          this.#values[l][j][point] = value;
        });
      });
      this.#next = (point + 1) % this.#points.length;
    }
  }

  /** A neuron's responses, −1 to 1: probabilities by how far from ½ they are, others in shares of the largest. */
  map(layer: number, unit: number): Float32Array {
    const values = this.#values[layer][unit];
    if (centred.has(this.#network.layers[layer].activation)) return values.map((value) => 2 * value - 1);
    const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9);
    return values.map((value) => value / most);
  }

  /** What an input itself is over the plane. */
  inputMap(input: number): Float32Array {
    const most = this.#points.reduce((largest, point) => Math.max(largest, Math.abs(point[input])), 1e-9);
    return Float32Array.from(this.#points, (point) => point[input] / most);
  }
}
