// What classes and values look like: colours that differ for colour-blind eyes, too, and a ramp whose lightness grows
// evenly (viridis, S. van der Walt and N. Smith 2015).

export type Colour = readonly [red: number, green: number, blue: number];

const classColours: readonly Colour[] = [
  [232, 121, 43],
  [47, 111, 208],
  [34, 150, 104],
  [150, 92, 190],
  [209, 73, 91],
  [23, 150, 175],
  [196, 148, 20],
  [214, 107, 160],
  [140, 109, 70],
  [120, 124, 135],
];

const ramp: readonly Colour[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
];

/** Of a class; from the eleventh on, they come again. */
export const colourOfClass = (label: number): Colour => classColours[label % classColours.length];

export const css = ([red, green, blue]: Colour): string => `rgb(${red} ${green} ${blue})`;

/** A computed colour, as browsers tell it: rgb(…) or rgba(…). */
export function parseColour(text: string): Colour {
  const [red = 0, green = 0, blue = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/** The ramp at 0 to 1; beyond, its ends. */
export function colourOfValue(share: number): Colour {
  const at = Math.min(1, Math.max(0, share)) * (ramp.length - 1);
  const below = Math.min(ramp.length - 2, Math.floor(at));
  return mixed(ramp[below], ramp[below + 1], at - below);
}

function mixed(from: Colour, to: Colour, share: number): Colour {
  const [red, green, blue] = from.map((each, i) => Math.round(each + (to[i] - each) * share));
  return [red, green, blue];
}

/** Writes the colour of the answer at answers[at…] to pixels[to…]. */
export type Colourer = (answers: Float32Array, at: number, pixels: Uint8ClampedArray, to: number) => void;

/** How far the likeliest class colours the ground. */
const STRONGEST = 0.62;

/** The likeliest class's colour, the nearer to `ground` the less it is ahead of the next. */
export function classColourer(outputs: number, ground: Colour): Colourer {
  return (answers, at, pixels, to) => {
    let [best, first, second] = [0, answers[at], Number.NEGATIVE_INFINITY];
    if (outputs === 1) {
      second = 1 - first;
      if (second <= first) best = 1;
      else [first, second] = [second, first];
    }
    for (let j = 1; j < outputs; j++) {
      const each = answers[at + j];
      if (each > first) [best, first, second] = [j, each, first];
      else if (each > second) second = each;
    }
    const share = STRONGEST * Math.min(1, Math.max(0, first - second));
    const colour = classColours[best % classColours.length];
    for (let i = 0; i < 3; i++) pixels[to + i] = ground[i] + (colour[i] - ground[i]) * share;
    pixels[to + 3] = 255;
  };
}

/** The ramp's colour of the first output, from `least` to `most`. */
export function valueColourer(least: number, most: number): Colourer {
  const table = Array.from({ length: 256 }, (_, i) => colourOfValue(i / 255));
  const factor = 255 / (most - least || 1);
  return (answers, at, pixels, to) => {
    const colour = table[Math.min(255, Math.max(0, Math.round((answers[at] - least) * factor)))];
    for (let i = 0; i < 3; i++) pixels[to + i] = colour[i];
    pixels[to + 3] = 255;
  };
}
