// Rows of datasets and streams as typed arrays of their own, which threads can be sent, and made into columns again.

import { FlatColumns } from "../data/columns.js";
import { Dataset } from "../dataset.js";
import type { Content } from "../dataset-options.js";
import type { Data } from "../feed.js";
import type { TypedNumbers } from "../samples.js";

/** What the rows of a content are like. */
export interface RowShape {
  inputSize: number;
  outputSize: number;
  scale: number;
  classNames: readonly string[] | undefined;
  /** Whether inputs are bytes, targets are class indices, and rows have weights. */
  bytes: boolean;
  classes: boolean;
  weighs: boolean;
  /** Of targets that are numbers. */
  range: [least: number, most: number];
}

/** A dataset by its length; or a stream. */
export type DataShape =
  | (RowShape & { rows: number })
  | (Pick<RowShape, "inputSize" | "outputSize" | "scale" | "classNames"> & { bufferRows: number });

export interface PackedRows {
  inputs: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
  targets: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
  weights: Float32Array<ArrayBuffer> | undefined;
}

/** A stream's chunk, and what errors call it. */
export interface PackedChunk extends PackedRows {
  shape: RowShape;
  place: string;
}

export function shapeOfData(data: Data): DataShape {
  if (data instanceof Dataset) return { ...shapeOfRows(data.source), rows: data.length };
  const { inputSize, outputSize, scale, classNames, bufferRows } = data;
  return { inputSize, outputSize, scale, classNames, bufferRows };
}

export function shapeOfRows({ inputs, targets, weights, outputSize, scale, classNames }: Content): RowShape {
  const kinds = { bytes: inputs.bytes, classes: targets.kind === "classes", weighs: weights !== undefined };
  const range: [number, number] = targets.kind === "values" ? targets.range : [0, 0];
  return { inputSize: inputs.width, outputSize, scale, classNames, ...kinds, range };
}

/** Room for so many rows. */
export function roomFor(rows: number, { inputSize, outputSize, bytes, classes, weighs }: RowShape): PackedRows {
  return {
    inputs: bytes ? new Uint8Array(rows * inputSize) : new Float32Array(rows * inputSize),
    targets: classes ? new Int32Array(rows) : new Float32Array(rows * outputSize),
    weights: weighs ? new Float32Array(rows) : undefined,
  };
}

/** A copy of the rows order[from..to] (or from..to, where there is no order). */
export function pack(content: Content, order: Uint32Array | undefined, from: number, to: number): PackedRows {
  const room = roomFor(to - from, shapeOfRows(content));
  content.inputs.copyTo(room.inputs, order, from, to);
  content.targets.columns.copyTo(room.targets, order, from, to);
  if (room.weights !== undefined) content.weights?.copyTo(room.weights, order, from, to);
  return room;
}

/** The rows as what a dataset is made of. */
export function unpack({ inputs, targets, weights }: PackedRows, shape: RowShape): Content {
  const { inputSize, outputSize, scale, classNames, classes, range } = shape;
  const columns = (values: PackedRows["inputs" | "targets"], width: number) =>
    new FlatColumns(values as unknown as TypedNumbers, width);
  return {
    inputs: columns(inputs, inputSize),
    targets: classes
      ? { kind: "classes", columns: columns(targets, 1) }
      : { kind: "values", columns: columns(targets, outputSize), range },
    weights: weights && columns(weights, 1),
    outputSize,
    scale,
    classNames,
  };
}

export const buffersOfRows = ({ inputs, targets, weights }: PackedRows): ArrayBuffer[] =>
  [inputs, targets, ...(weights ? [weights] : [])].map(({ buffer }) => buffer);
