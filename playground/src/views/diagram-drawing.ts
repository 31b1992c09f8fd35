// Draws the network: weights as lines, their width their size and their colour their sign; neurons as what they respond to.

import type { LayerParameters } from "../model/lesson.js";
import type { Choice } from "../model/store.js";
import type { Surface } from "./canvas.js";
import { type Colour, colourOfClass, css, parseColour } from "./colours.js";
import { type Geometry, lineOf, type Place } from "./diagram-geometry.js";
import { type NeuronMaps, SIDE } from "./neuron-maps.js";

export interface Diagram {
  geometry: Geometry;
  parameters: readonly LayerParameters[];
  /** Undefined where there is no plane. */
  maps: NeuronMaps | undefined;
  chosen: Choice;
  hovered: Choice | undefined;
  /** The layer that a lesson is at, if any; counts from 1. */
  active: number | undefined;
  /** Side of the images that inputs are, if they are. */
  imageSide: number | undefined;
}

interface Palette {
  ink: Colour;
  ground: Colour;
  line: string;
  negative: Colour;
  positive: Colour;
}

function paletteOf(canvas: HTMLCanvasElement): Palette {
  const style = getComputedStyle(canvas);
  return {
    ink: parseColour(style.color),
    ground: parseColour(style.backgroundColor),
    line: style.borderTopColor,
    negative: colourOfClass(0),
    positive: colourOfClass(1),
  };
}

export function drawDiagram({ context, height }: Surface, diagram: Diagram): void {
  const palette = paletteOf(context.canvas);
  const { columns } = diagram.geometry;
  if (diagram.active !== undefined) {
    const { x } = columns[diagram.active][0];
    context.fillStyle = css(palette.ink);
    context.globalAlpha = 0.06;
    context.beginPath();
    context.roundRect(x - 40, 0, 80, height, 10);
    context.fill();
    context.globalAlpha = 1;
  }
  diagram.parameters.forEach((layer, l) => {
    drawWeights(context, diagram, l, layer, palette);
  });
  drawChosenWeight(context, diagram, palette);
  columns.forEach((places, column) => {
    places.forEach((place, i) => {
      drawNeuron(context, diagram, column, i, place, palette);
    });
  });
}

/** 0 to 1, steep at first, as most weights are small. */
const strength = (weight: number) => Math.abs(weight) / (Math.abs(weight) + 1.5);

function trace(context: CanvasRenderingContext2D, from: Place, to: Place): void {
  const [x0, y0, x1, y1] = lineOf(from, to);
  const middle = (x0 + x1) / 2;
  context.beginPath();
  context.moveTo(x0, y0);
  context.bezierCurveTo(middle, y0, middle, y1, x1, y1);
}

function drawWeights(
  context: CanvasRenderingContext2D,
  { geometry: { columns, inputsAreBlock } }: Diagram,
  l: number,
  { units, inputs, weights }: LayerParameters,
  { negative, positive, line }: Palette,
): void {
  const [sources, targets] = [columns[l], columns[l + 1]];
  if (l === 0 && inputsAreBlock) {
    // a line for each would be a blot; the neurons show their weights as images
    [context.strokeStyle, context.lineWidth, context.globalAlpha] = [line, 1, 1];
    for (const target of targets) {
      trace(context, sources[0], target);
      context.stroke();
    }
    return;
  }
  const crowd = Math.min(1, 12 / Math.sqrt(units * inputs));
  for (let j = 0; j < units; j++) {
    for (let k = 0; k < inputs; k++) {
      const weight = weights[j * inputs + k];
      const size = strength(weight);
      context.strokeStyle = css(weight < 0 ? negative : positive);
      context.globalAlpha = 0.15 + 0.75 * size;
      context.lineWidth = Math.max(0.4, (0.5 + 7 * size) * crowd);
      trace(context, sources[k], targets[j]);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
}

function drawChosenWeight(
  context: CanvasRenderingContext2D,
  { geometry: { columns, inputsAreBlock }, chosen, hovered, parameters }: Diagram,
  { ink, ground, negative, positive }: Palette,
): void {
  for (const choice of [chosen, hovered]) {
    if (choice?.from === undefined || (choice.layer === 1 && inputsAreBlock)) continue;
    const { weights, inputs } = parameters[choice.layer - 1];
    const weight = weights[choice.to * inputs + choice.from];
    const [from, to] = [columns[choice.layer - 1][choice.from], columns[choice.layer][choice.to]];
    const lineWidth = 1.5 + 6 * strength(weight);
    const strokes: [string, number][] = [
      [css(ink), lineWidth + 4],
      [css(ground), lineWidth + 2],
      [css(weight < 0 ? negative : positive), lineWidth],
    ];
    for (const [colour, across] of strokes) {
      [context.strokeStyle, context.lineWidth] = [colour, across];
      trace(context, from, to);
      context.stroke();
    }
  }
}

function drawNeuron(
  context: CanvasRenderingContext2D,
  diagram: Diagram,
  column: number,
  index: number,
  place: Place,
  palette: Palette,
): void {
  const { x, y, size } = place;
  const { chosen, hovered, geometry, maps, parameters, imageSide } = diagram;
  const isChosen = column > 0 && chosen.layer === column && chosen.to === index;
  const isHovered = hovered?.from === undefined && hovered?.layer === column && hovered.to === index;
  context.save();
  context.beginPath();
  context.roundRect(x - size / 2, y - size / 2, size, size, Math.min(5, size / 5));
  context.fillStyle = css(palette.ground);
  context.fill();
  context.save();
  context.clip();
  const layer = parameters[column - 1];
  if (maps !== undefined) {
    const values = column === 0 ? maps.inputMap(index) : maps.map(column - 1, index);
    if (values.length === SIDE * SIDE) drawField(context, values, SIDE, place, palette);
    else drawLine(context, values, place, palette);
  } else if (column === 1 && imageSide !== undefined) {
    const { inputs, weights } = layer;
    drawField(context, shares(weights.subarray(index * inputs, (index + 1) * inputs)), imageSide, place, palette);
  } else if (column > 0) {
    drawField(context, Float32Array.of(Math.tanh(layer.biases[index])), 1, place, palette);
  }
  context.restore();
  context.lineWidth = isChosen ? 2.5 : isHovered ? 2 : 1;
  context.strokeStyle = isChosen || isHovered ? css(palette.ink) : palette.line;
  context.stroke();
  if (column === 0 && geometry.inputsAreBlock) drawGrid(context, imageSide, place, palette);
  else if (column > 0 && size >= 14) drawBias(context, layer.biases[index], place, palette);
  context.restore();
}

/** In shares of the largest. */
function shares(weights: Float32Array): Float32Array {
  const most = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 1e-9);
  return weights.map((weight) => weight / most);
}

let offscreen: HTMLCanvasElement | undefined;

/** Values from −1 to 1 as colours, `side` in a row. */
function drawField(
  context: CanvasRenderingContext2D,
  values: Float32Array,
  side: number,
  { x, y, size }: Place,
  { ground, negative, positive }: Palette,
): void {
  offscreen ??= document.createElement("canvas");
  const field = offscreen.getContext("2d");
  if (field === null) return;
  const rows = Math.ceil(values.length / side);
  [offscreen.width, offscreen.height] = [side, rows];
  const image = field.createImageData(side, rows);
  values.forEach((value, i) => {
    const share = Math.min(1, Math.abs(value)) * 0.9;
    const colour = value < 0 ? negative : positive;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = ground[c] + (colour[c] - ground[c]) * share;
    image.data[4 * i + 3] = 255;
  });
  field.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = side >= SIDE;
  context.drawImage(offscreen, x - size / 2, y - size / 2, size, size);
}

function drawLine(
  context: CanvasRenderingContext2D,
  values: Float32Array,
  { x, y, size }: Place,
  { ink }: Palette,
): void {
  context.beginPath();
  values.forEach((value, i) => {
    context.lineTo(x - size / 2 + (size * i) / (values.length - 1), y - 0.42 * size * value);
  });
  [context.strokeStyle, context.lineWidth] = [css(ink), 1.5];
  context.stroke();
  context.beginPath();
  context.roundRect(x - size / 2, y - size / 2, size, size, Math.min(5, size / 5));
}

/** Pixels of an image. */
function drawGrid(
  context: CanvasRenderingContext2D,
  side: number | undefined,
  { x, y, size }: Place,
  { line }: Palette,
): void {
  if (side === undefined) return;
  context.beginPath();
  for (let i = 1; i < side; i++) {
    const at = (size * i) / side - size / 2;
    context.moveTo(x + at, y - size / 2);
    context.lineTo(x + at, y + size / 2);
    context.moveTo(x - size / 2, y + at);
    context.lineTo(x + size / 2, y + at);
  }
  [context.strokeStyle, context.lineWidth] = [line, 0.5];
  context.stroke();
}

function drawBias(
  context: CanvasRenderingContext2D,
  bias: number,
  { x, y, size }: Place,
  { ground, negative, positive }: Palette,
): void {
  const radius = 2 + 4 * strength(bias);
  context.beginPath();
  context.arc(x - size / 2, y + size / 2, radius, 0, 2 * Math.PI);
  [context.fillStyle, context.strokeStyle, context.lineWidth] = [css(bias < 0 ? negative : positive), css(ground), 1.5];
  context.fill();
  context.stroke();
}
