// What colours and dots of a plot mean.

import type { Problem } from "../data/problem.js";
import { colourOfClass, colourOfValue, css } from "./colours.js";
import { short } from "./plane.js";

const STOPS = 8;

/** `range` is that of a regression's targets. */
export function Legend({ problem, range: [least, most] }: { problem: Problem; range: readonly [number, number] }) {
  const ramp = Array.from({ length: STOPS + 1 }, (_, i) => css(colourOfValue(i / STOPS))).join(", ");
  return (
    <figcaption class="legend">
      {problem.classNames?.map((name, label) => (
        <span key={name}>
          <i class="swatch" style={{ background: css(colourOfClass(label)) }} />
          {name}
        </span>
      )) ?? (
        <span>
          {short(least)}
          <i class="swatch swatch-ramp" style={{ background: `linear-gradient(90deg, ${ramp})` }} />
          {short(most)}
        </span>
      )}
      <span>
        <i class="dot" />
        training
      </span>
      <span>
        <i class="dot dot-test" />
        test
      </span>
    </figcaption>
  );
}
