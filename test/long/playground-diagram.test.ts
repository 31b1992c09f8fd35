// The playground's diagram: what is drawn is hit where it is drawn, and neurons show what they answer.

import { Network } from "nablanet";
import { describe, expect, it } from "vitest";
import { problems } from "../../playground/src/data/problems.js";
import { Run } from "../../playground/src/model/run.js";
import { defaults } from "../../playground/src/model/settings.js";
import { geometryOf, hitAt, lineOf } from "../../playground/src/views/diagram-geometry.js";
import { NeuronMaps, SIDE } from "../../playground/src/views/neuron-maps.js";
import { axisOf, valueAt } from "../../playground/src/views/plane.js";

const margins = { left: 64, right: 84 };

describe("a point of the diagram", () => {
  it.each([[[2, 4, 3, 1]], [[1, 64, 64, 10]], [[64, 30, 10]], [[12, 1]]])("of %j hits each neuron", (counts) => {
    const geometry = geometryOf(counts, 900, 400, margins);
    geometry.columns.forEach((places, layer) => {
      places.forEach(({ x, y, size }, to) => {
        expect(size).toBeGreaterThan(2);
        expect(Math.abs(y - 200) + size / 2).toBeLessThanOrEqual(200);
        const expected = layer === 0 && geometry.inputsAreBlock ? undefined : { layer, to };
        expect(hitAt(geometry, x, y)).toEqual(expected);
      });
    });
  });

  it("hits a weight on its line, and none beside it", () => {
    const geometry = geometryOf([2, 3, 1], 900, 400, margins);
    geometry.columns[1].forEach((target, to) => {
      geometry.columns[0].forEach((source, from) => {
        const [x0, y0, x1, y1] = lineOf(source, target);
        // a quarter of the way down Bézier's curve: x = 1.5t(1 − t) + t³ and y = 3t² − 2t³ at t = ¼
        const [x, y] = [x0 + (x1 - x0) * 0.296875, y0 + (y1 - y0) * 0.15625];
        expect(hitAt(geometry, x, y)).toEqual({ layer: 1, to, from });
      });
    });
    expect(hitAt(geometry, 450, 2)).toBeUndefined();
    expect(hitAt(geometry, 2, 200)).toBeUndefined();
  });
});

describe("a neuron's map", () => {
  it("is what it answers over the plane, whichever way the grid is gone over", async () => {
    const run = await Run.create(defaults, problems[0]);
    const parts = [run.data.train, run.data.test];
    const maps = NeuronMaps.of(run.network, parts)!;
    for (let point = 0; point < maps.size; point += 50) maps.update(50);
    const [x, y] = [axisOf(parts, 0), axisOf(parts, 1)];
    const [column, row] = [4, 13];
    const answer = run.network.predict([valueAt(x, (column + 0.5) / SIDE), valueAt(y, 1 - (row + 0.5) / SIDE)])[0];
    expect(maps.map(2, 0)[row * SIDE + column]).toBeCloseTo(2 * answer - 1, 6);
    expect(Math.max(...maps.map(0, 1).map(Math.abs))).toBeCloseTo(1, 6);
  });

  it("is there for one or two inputs only", async () => {
    const network = await Network.create({ inputs: 3, layers: [{ units: 1 }] });
    expect(NeuronMaps.of(network, [])).toBeUndefined();
  });
});
