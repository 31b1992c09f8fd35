// Handwritten digits, of nablanet's own 1,797.

import { datasets } from "nablanet";
import { Random, Stream } from "../../../src/random.js";
import { rowsOf } from "./dataset-rows.js";
import type { Problem } from "./problem.js";

/** Pixels in a row or column of an image. */
export const SIDE = 8;

/** How many digits there are. */
export const DIGITS = 1797;

export const digits: Problem = {
  name: "digits",
  title: "Handwritten digits",
  task: "classification",
  inputNames: Array.from(
    { length: SIDE * SIDE },
    (_, i) => `row ${Math.floor(i / SIDE) + 1}, column ${(i % SIDE) + 1}`,
  ),
  classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
  /** At most as many as there are; noise changes each pixel, within 0..1. */
  async make({ samples, noise, seed }) {
    const all = (await datasets.digits()).shuffle(seed);
    const rows = rowsOf(all.take(Math.min(samples, all.length)));
    if (noise > 0) {
      const random = new Random(seed, Stream.data);
      rows.inputs.forEach((pixel, i) => {
        rows.inputs[i] = Math.min(1, Math.max(0, pixel + noise * random.normal()));
      });
    }
    return rows;
  },
};
