// Some of the rows that go by, evenly spread over them all, for a plot.

import type { SomePoints } from "./report/plots.js";

/** The most points of a plot; even, so that half as many go on where they left off. */
const MOST_POINTS = 2000;

/** One row in `step`, which doubles where there are too many. */
export class PlottedRows implements SomePoints {
  points: [actual: number, predicted: number][] = [];
  step = 1;
  #rows = 0;

  add(actual: number, predicted: number): void {
    const isNext = this.#rows % this.step === 0;
    this.#rows += 1;
    if (!isNext) return;
    if (this.points.length === MOST_POINTS) {
      this.points = this.points.filter((_, i) => i % 2 === 0);
      this.step *= 2;
    }
    this.points.push([actual, predicted]);
  }
}
