// Where the diagram's neurons and weights lie, and which of them a point is on.

/** A neuron's square. */
export interface Place {
  x: number;
  y: number;
  /** Of its side. */
  size: number;
}

export interface Geometry {
  width: number;
  height: number;
  /** The inputs, then each layer's neurons. */
  columns: readonly (readonly Place[])[];
  /** Inputs that are too many are drawn as one block. */
  inputsAreBlock: boolean;
}

export interface Hit {
  /** Counts from 1; 0 is the input. */
  layer: number;
  to: number;
  /** Of a weight. */
  from?: number;
}

/** From this many on, inputs are a block. */
const MOST_INPUTS = 12;
const BLOCK = 84;
const LARGEST = 46;
/** Images one above the other, before they are set in columns. */
const DOWN = 10;
const GAP = 0.32;
/** What is left free at the ends, for names. */
export interface Margins {
  left: number;
  right: number;
}

/** About a letter's width. */
const LETTER = 7.5;
const SHORTEST = 4;
const LONGEST = 16;

/** As the longest names need, up to a point. */
export function marginsOf(inputs: readonly string[], outputs: readonly string[]): Margins {
  const room = (names: readonly string[]) =>
    40 + LETTER * Math.min(LONGEST, Math.max(SHORTEST, ...names.map(({ length }) => length)));
  return { left: room(inputs), right: room(outputs) };
}

const TOP = 14;
/** Pixels from a weight's line that are still on it. */
const REACH = 6;

export const inputsAreBlock = (inputs: number) => inputs > MOST_INPUTS;

export const columnX = (column: number, columns: number, width: number, { left, right }: Margins) =>
  left + ((width - left - right) * column) / (columns - 1);

export function geometryOf(counts: readonly number[], width: number, height: number, margins: Margins): Geometry {
  const isBlock = inputsAreBlock(counts[0]);
  const columns = counts.map((count, column) => {
    const x = columnX(column, counts.length, width, margins);
    if (column === 0 && isBlock) return [{ x, y: height / 2, size: BLOCK }];
    // neurons that show their weights as images need room; behind a block, none of the lines needs theirs
    if (column === 1 && isBlock && counts.length > 2) return gridOf(count, x, height);
    return gridOf(count, x, height, 1);
  });
  return { width, height, columns, inputsAreBlock: isBlock };
}

/** Neurons one above the other, in so many columns around `x`. */
function gridOf(count: number, x: number, height: number, across = Math.min(4, Math.ceil(count / DOWN))): Place[] {
  const down = Math.ceil(count / across);
  const room = (height - 2 * TOP) / down;
  const size = Math.min(LARGEST, room * (1 - GAP * Math.min(1, 8 / down)));
  const pitch = Math.min(room, size * 1.5);
  return Array.from({ length: count }, (_, i) => ({
    x: x + ((i % across) - (across - 1) / 2) * (size + 5),
    y: height / 2 + (Math.floor(i / across) - (down - 1) / 2) * pitch,
    size,
  }));
}

/** The ends of the line from one neuron to the next layer's. */
export function lineOf(from: Place, to: Place): [x0: number, y0: number, x1: number, y1: number] {
  return [from.x + from.size / 2, from.y, to.x - to.size / 2, to.y];
}

/** The height of a line's curve at a share of its width; the curve is Bézier's with level ends. */
function heightAt(share: number, y0: number, y1: number): number {
  // x(t) = 1.5t(1 − t) + t³ grows with t, so that t is found by halving
  let [least, most] = [0, 1];
  for (let i = 0; i < 14; i++) {
    const t = (least + most) / 2;
    if (1.5 * t * (1 - t) + t ** 3 < share) least = t;
    else most = t;
  }
  return y0 + (y1 - y0) * (3 * least ** 2 - 2 * least ** 3);
}

/** The neuron or weight at a point. */
export function hitAt({ columns, inputsAreBlock }: Geometry, x: number, y: number): Hit | undefined {
  for (const [layer, places] of columns.entries()) {
    const to = places.findIndex(
      (place) => Math.max(Math.abs(x - place.x), Math.abs(y - place.y)) <= place.size / 2 + 2,
    );
    if (to >= 0) return layer === 0 && inputsAreBlock ? undefined : { layer, to };
  }
  for (let layer = inputsAreBlock ? 2 : 1; layer < columns.length; layer++) {
    const [x0, , x1] = lineOf(columns[layer - 1][0], columns[layer][0]);
    if (x > x0 && x < x1) return nearestLine(columns[layer - 1], columns[layer], layer, (x - x0) / (x1 - x0), y);
  }
  return undefined;
}

function nearestLine(sources: readonly Place[], targets: readonly Place[], layer: number, share: number, y: number) {
  let nearest = REACH;
  let hit: Hit | undefined;
  const bend = heightAt(share, 0, 1);
  for (const [to, target] of targets.entries()) {
    for (const [from, source] of sources.entries()) {
      const distance = Math.abs(source.y + (target.y - source.y) * bend - y);
      if (distance < nearest) {
        nearest = distance;
        hit = { layer, to, from };
      }
    }
  }
  return hit;
}
