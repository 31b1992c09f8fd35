// The frame of a plot: ticks and names of its two axes around whatever is drawn.

import type { ComponentChildren } from "preact";
import { type Axis, shareAt, short, ticksOf } from "./plane.js";

type Scale = Pick<Axis, "least" | "most">;

export interface AxesProps {
  x: Scale;
  y: Scale;
  names: readonly [x: string, y: string];
  children: ComponentChildren;
}

const percentOf = (axis: Scale, value: number) => `${100 * shareAt({ feature: 0, ...axis }, value)}%`;

export function Axes({ x, y, names, children }: AxesProps) {
  return (
    <div class="plot">
      <div class="plot-ticks plot-y" aria-hidden="true">
        {ticksOf(y).map((value) => (
          <span key={value} style={{ bottom: percentOf(y, value) }}>
            {short(value)}
          </span>
        ))}
      </div>
      <div class="plot-area">{children}</div>
      <div class="plot-ticks plot-x" aria-hidden="true">
        {ticksOf(x).map((value) => (
          <span key={value} style={{ left: percentOf(x, value) }}>
            {short(value)}
          </span>
        ))}
      </div>
      <div class="plot-name plot-name-y">{names[1]}</div>
      <div class="plot-name plot-name-x">{names[0]}</div>
    </div>
  );
}
