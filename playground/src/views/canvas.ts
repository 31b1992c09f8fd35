// A canvas that is as sharp as the screen, drawn anew when it is resized or what it shows changes.

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** In CSS pixels. */
export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
}

/** `draw` is called on an empty canvas whenever one of `dependencies` changes, or the canvas its size. */
export function useDrawing(
  draw: (surface: Surface) => void,
  dependencies: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  const latest = useRef(draw);
  latest.current = draw;
  useEffect(() => {
    const canvas = ref.current;
    if (canvas === null) return undefined;
    const observer = new ResizeObserver(() => redraw(canvas, latest.current));
    observer.observe(canvas);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (ref.current !== null) redraw(ref.current, latest.current);
  }, [...dependencies]);
  return ref;
}

function redraw(canvas: HTMLCanvasElement, draw: (surface: Surface) => void): void {
  const context = canvas.getContext("2d");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (context === null || width === 0 || height === 0) return;
  const scale = globalThis.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  draw({ context, width, height });
}
