// Digits as people draw them: the lines of a pen in a square of side 1, y downwards.

/** Points of an arc of an ellipse, from one angle to another in degrees, clockwise from 3 o'clock. */
function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): number[] {
  return Array.from({ length: 25 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / 24) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  }).flat();
}

/** The strokes of each digit. */
export const drawn: readonly (readonly number[][])[] = [
  [arc(0.5, 0.5, 0.22, 0.35, -90, 270)],
  [[0.4, 0.3, 0.52, 0.15, 0.52, 0.85]],
  [[...arc(0.5, 0.33, 0.2, 0.18, 180, 400), 0.3, 0.84, 0.72, 0.84]],
  [[...arc(0.48, 0.32, 0.19, 0.17, 200, 450), ...arc(0.48, 0.67, 0.22, 0.18, 270, 510)]],
  [
    [0.45, 0.15, 0.28, 0.55, 0.72, 0.55],
    [0.6, 0.4, 0.6, 0.86],
  ],
  [[0.68, 0.15, 0.36, 0.15, 0.34, 0.45, ...arc(0.48, 0.63, 0.22, 0.2, 230, 500)]],
  [[0.6, 0.14, 0.42, 0.35, 0.32, 0.62, ...arc(0.5, 0.67, 0.18, 0.18, 180, 530)]],
  [[0.28, 0.16, 0.72, 0.16, 0.45, 0.86]],
  [[...arc(0.5, 0.32, 0.17, 0.17, 90, 450), ...arc(0.5, 0.67, 0.2, 0.18, 270, 630)]],
  [[...arc(0.5, 0.34, 0.18, 0.19, 0, 360), 0.68, 0.34, 0.66, 0.6, 0.58, 0.86]],
];
