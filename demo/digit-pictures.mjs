// Digits drawn side by side, each with what the network says it is.

import { percent } from "./numbers.mjs";
import { colours, columns } from "./terminal.mjs";

const SIDE = 8;
const SHADES = " ░▒▓█";
// a character is about twice as high as wide
const WIDTH = 2 * SIDE;
const GAP = "   ";

/** As many as a line has room for. */
export const picturesInLine = () => Math.max(1, Math.floor((columns() + GAP.length) / (WIDTH + GAP.length)));

/** @param answers each { input, label, said, probability }: pixels 0..1, the class it is, and the network's word */
export function digitPictures(answers) {
  const pictures = answers.map(picture);
  return pictures[0].map((_, line) => pictures.map((lines) => lines[line]).join(GAP)).join("\n");
}

function picture({ input, label, said, probability }) {
  const lines = Array.from({ length: SIDE }, (_, y) =>
    Array.from(input.subarray(y * SIDE, (y + 1) * SIDE), (ink) => shade(ink).repeat(2)).join(""),
  );
  const isRight = said === label;
  const colour = isRight ? colours.green : colours.red;
  return [
    ...lines,
    `says ${said}, ${percent(probability)}`.padEnd(WIDTH),
    colour(`${isRight ? "✓" : "✗"} it is ${label}`.padEnd(WIDTH)),
  ];
}

const shade = (ink) => SHADES[Math.round(ink * (SHADES.length - 1))];
