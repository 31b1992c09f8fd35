// The point of a plot that is looked at: where the pointer is, or where the arrow keys moved it.

import { useState } from "preact/hooks";
import { type Axis, valueAt } from "./plane.js";

export interface Probe {
  /** In the units of the axes. */
  at: readonly [x: number, y: number] | undefined;
  byKey: boolean;
  /** Of the element that covers the plot. */
  events: {
    onPointerMove(event: PointerEvent): void;
    onPointerLeave(): void;
    onKeyDown(event: KeyboardEvent): void;
    onBlur(): void;
  };
}

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Of an axis, with each key. */
const STEP = 0.025;

interface Place {
  /** Shares of the axes, from the left and from below. */
  x: number;
  y: number;
  byKey: boolean;
}

const within = (share: number) => Math.min(1, Math.max(0, share));

export function useProbe({ x, y }: { x: Axis; y: Axis }): Probe {
  const [place, setPlace] = useState<Place>();
  return {
    at: place && [valueAt(x, place.x), valueAt(y, place.y)],
    byKey: place?.byKey === true,
    events: {
      onPointerMove({ currentTarget, clientX, clientY }) {
        const { left, top, width, height } = (currentTarget as Element).getBoundingClientRect();
        setPlace({ x: within((clientX - left) / width), y: within(1 - (clientY - top) / height), byKey: false });
      },
      onPointerLeave: () => setPlace(undefined),
      onBlur: () => setPlace(undefined),
      onKeyDown(event) {
        const arrow = arrows[event.key];
        if (arrow === undefined) return;
        event.preventDefault();
        const from = place ?? { x: 0.5, y: 0.5 };
        setPlace({ x: within(from.x + STEP * arrow[0]), y: within(from.y + STEP * arrow[1]), byKey: true });
      },
    },
  };
}
