// Classes of points in the plane, within about −1..1: xor, circles, spirals, moons, gaussians.

import { datasets } from "nablanet";
import { cosSin } from "../../../src/exact.js";
import { Random, Stream } from "../../../src/random.js";
import { rowsOf } from "./dataset-rows.js";
import type { Problem, Rows, Sampling } from "./problem.js";

const inputNames = ["x₁", "x₂"];

/** Half the width of the lane along the axes that has no points of xor. */
const LANE = 0.05;

/** Deviation of each cloud of gaussians, without noise. */
const CLOUD = 0.12;

function twoClasses(name: string, title: string, make: Problem["make"]): Problem {
  return { name, title, task: "classification", inputNames, classNames: ["orange", "blue"], make };
}

/** Points of `classes` classes in turn, each where `point` puts it, moved by normal noise. */
function scattered(
  { samples, noise, seed }: Sampling,
  classes: number,
  point: (label: number, random: Random) => [number, number],
): Rows {
  const random = new Random(seed, Stream.data);
  const inputs = new Float32Array(2 * samples);
  const targets = new Float32Array(samples);
  for (let i = 0; i < samples; i++) {
    const label = i % classes;
    const [x, y] = point(label, random);
    inputs[2 * i] = x + noise * random.normal();
    inputs[2 * i + 1] = y + noise * random.normal();
    targets[i] = label;
  }
  return { inputs, inputSize: 2, targets, outputSize: classes === 2 ? 1 : classes };
}

export const xor = twoClasses("xor", "Exclusive or", (sampling) =>
  scattered(sampling, 2, (label, random) => {
    const [u, v] = [random.uniform(), random.uniform()].map((share) => LANE + (1 - LANE) * share) as [number, number];
    const side = random.below(2) === 0 ? -1 : 1;
    return [side * u, (label === 0 ? side : -side) * v];
  }),
);

export const circles = twoClasses("circles", "Circle in a circle", (sampling) =>
  rowsOf(datasets.circles({ ...sampling, outputSize: 1 })),
);

export const moons = twoClasses("moons", "Two moons", (sampling) => {
  const rows = rowsOf(datasets.moons({ ...sampling, outputSize: 1 }));
  // they lie within −1..2 and −½..1
  for (let i = 0; i < rows.inputs.length; i += 2) {
    rows.inputs[i] = (rows.inputs[i] - 0.5) / 1.5;
    rows.inputs[i + 1] = (rows.inputs[i + 1] - 0.25) / 1.5;
  }
  return rows;
});

export const spirals = twoClasses("spirals", "Two spirals", (sampling) =>
  rowsOf(datasets.spirals({ ...sampling, outputSize: 1 })),
);

export const gaussians: Problem = {
  name: "gaussians",
  title: "Three clouds",
  task: "classification",
  inputNames,
  classNames: ["orange", "blue", "green"],
  make: (sampling) =>
    scattered(sampling, 3, (label, random) => {
      const [cos, sin] = cosSin(1 / 4 + label / 3);
      return [0.6 * cos + CLOUD * random.normal(), 0.6 * sin + CLOUD * random.normal()];
    }),
};
