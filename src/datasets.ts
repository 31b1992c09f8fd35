// Datasets to begin with: four made up, one real, and the reader of MNIST's format.

import { finite, options, wholeNumber } from "./checks.js";
import type { RereadableSource } from "./data/byte-stream.js";
import { decodeIdx } from "./data/idx.js";
import { IdxRows } from "./data/idx-rows.js";
import { readSource, type Source } from "./data/source.js";
import { Dataset } from "./dataset.js";
import type { DatasetStream } from "./dataset-stream.js";
import { cosSin } from "./exact.js";
import { FormatError } from "./formats/errors.js";
import { Random, Stream } from "./random.js";

/** Options of the made-up datasets. */
export interface CloudOptions {
  /** Points in all, shared out evenly between the classes. Default 200. */
  samples?: number;
  /** Deviation of the normal noise added to both coordinates. Default 0.1. */
  noise?: number;
  /** Default 0. */
  seed?: number;
  /** Default: an output a class. 1 puts two classes into one output, 0 and 1. */
  outputSize?: number;
}

export interface SpiralOptions extends CloudOptions {
  /** Arms of the spiral. Default 2. */
  classes?: number;
  /** Turns that an arm makes. Default 1.5. */
  turns?: number;
}

/** The truth table of exclusive or: 4 rows of 2 inputs, one target. */
export function xor(): Dataset {
  return Dataset.from({
    inputs: [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    targets: [0, 1, 1, 0],
    classes: 2,
    outputSize: 1,
  });
}

/** Two half circles that reach into each other. Two classes. */
export function moons(cloudOptions?: CloudOptions): Dataset {
  return cloud("moons", cloudOptions, 2, (label, t) => {
    const [cos, sin] = cosSin(t / 2);
    return label === 0 ? [cos, sin] : [1 - cos, 0.5 - sin];
  });
}

/** A circle of radius ½ in one of radius 1. Two classes. */
export function circles(cloudOptions?: CloudOptions): Dataset {
  return cloud("circles", cloudOptions, 2, (label, t) => {
    const [cos, sin] = cosSin(t);
    const radius = label === 0 ? 1 : 0.5;
    return [radius * cos, radius * sin];
  });
}

/** Arms of a spiral around one another, one a class. The noise's default is 0.02. */
export function spirals(spiralOptions?: SpiralOptions): Dataset {
  const given = options(spiralOptions, "spirals", ["samples", "noise", "seed", "outputSize", "classes", "turns"]);
  const { classes = 2, turns = 1.5, ...rest } = given as SpiralOptions;
  wholeNumber(classes, "spirals.classes", 2);
  finite(turns, "spirals.turns", { above: 0 });
  return cloud("spirals", { ...rest, noise: rest.noise === undefined ? 0.02 : rest.noise }, classes, (label, t) => {
    const [cos, sin] = cosSin(label / classes + turns * t);
    return [t * cos, t * sin];
  });
}

/** Points along a curve for each class, t from 0 to 1, with noise. */
function cloud(
  place: string,
  cloudOptions: CloudOptions | undefined,
  classes: number,
  point: (label: number, t: number) => [number, number],
): Dataset {
  const given = options(cloudOptions, place, ["samples", "noise", "seed", "outputSize"]);
  const { samples: count = 200, noise: deviation = 0.1, seed = 0, outputSize = classes } = given as CloudOptions;
  const samples = wholeNumber(count, `${place}.samples`, classes, 2 ** 24);
  const noise = finite(deviation, `${place}.noise`, { least: 0 });
  const random = new Random(wholeNumber(seed, `${place}.seed`, 0), Stream.data);
  const inputs = new Float32Array(samples * 2);
  const targets = new Uint32Array(samples);
  for (let i = 0; i < samples; i++) {
    const label = i % classes;
    const [x, y] = point(label, random.uniform());
    inputs[2 * i] = x + noise * random.normal();
    inputs[2 * i + 1] = y + noise * random.normal();
    targets[i] = label;
  }
  return Dataset.from({ inputs, inputSize: 2, targets, classes, outputSize });
}

/**
 * 1,797 real handwritten digits of 8×8 pixels in 0..1, ten classes: the test part of "Optical Recognition of Handwritten
 * Digits" (E. Alpaydin, C. Kaynak 1998, UCI Machine Learning Repository, CC BY 4.0). Comes with the package and is loaded
 * when first asked for.
 */
export async function digits(): Promise<Dataset> {
  const { pixels, labels } = await import("../build/digits.js");
  return Dataset.from({
    inputs: Uint8Array.from({ length: pixels.length }, (_, i) => pixels.charCodeAt(i) - 48),
    inputSize: 64,
    scale: 1 / 16,
    targets: Uint8Array.from(labels, Number),
    classes: 10,
  });
}

/**
 * A pair of IDX files, the format of MNIST (Y. LeCun, C. Cortes, C. Burges), plain or gzipped: images or other rows as
 * inputs, and labels 0 to classes − 1. Rows of bytes stay bytes in memory.
 *
 * @param sources each a path (where there is a file system), URL, Blob or File, Response, stream, or the bytes
 * @param sources.scale what inputs are multiplied by. Default 1/255 for bytes, else 1
 * @param sources.classes how many classes, or their names. Default: the largest label, and all below it
 * @throws FormatError for files that aren't IDX, or are cut off, or don't agree
 */
export async function idx(sources: {
  inputs: Source;
  targets: Source;
  scale?: number;
  classes?: number | readonly string[];
}): Promise<Dataset> {
  const given = options(sources, "datasets.idx", [
    "inputs",
    "targets",
    "scale",
    "classes",
  ]) as unknown as typeof sources;
  const [inputs, targets] = await Promise.all(
    (["inputs", "targets"] as const).map(async (name) => decodeIdx(await readSource(given[name], name), name)),
  );
  if (inputs === undefined || targets === undefined) throw new FormatError("both inputs and targets are needed");
  const rows = inputs.shape[0] as number;
  if (targets.shape.length !== 1) {
    throw new FormatError(`targets must have 1 dimension, a label a row, got ${targets.shape.length}`);
  }
  if (targets.values.length !== rows) {
    throw new FormatError(`inputs and targets must have as many rows, got ${rows} and ${targets.values.length}`);
  }
  if (rows === 0) throw new FormatError("inputs must have at least one row, got none");
  let most = 1;
  for (const label of targets.values) most = Math.max(most, label);
  return Dataset.from({
    inputs: inputs.values,
    inputSize: inputs.values.length / rows,
    targets: targets.values,
    classes: given.classes ?? most + 1,
    scale: given.scale ?? (inputs.values instanceof Uint8Array ? 1 / 255 : 1),
  });
}

/** Rows that are read at a time. */
const CHUNK_BYTES = 2 ** 20;

/**
 * The same pair of files, read anew in each epoch and never whole in memory: for files that are larger than that. Shuffled
 * within `bufferRows` rows, as `Dataset.stream` says.
 *
 * @param sources.classes how many classes, or their names. Default: the labels are read once for the largest
 * @throws FormatError for files that aren't IDX or don't agree; a fit is rejected with it where one is cut off
 */
export async function idxStream(sources: {
  inputs: RereadableSource;
  targets: RereadableSource;
  scale?: number;
  classes?: number | readonly string[];
  bufferRows?: number;
}): Promise<DatasetStream> {
  const keys = ["inputs", "targets", "scale", "classes", "bufferRows"];
  const given = options(sources, "datasets.idxStream", keys) as unknown as typeof sources;
  const openBoth = async (): Promise<[IdxRows, IdxRows]> => {
    const inputs = await IdxRows.open(given.inputs, "inputs");
    try {
      return [inputs, await IdxRows.open(given.targets, "targets")];
    } catch (error) {
      await inputs.close();
      throw error;
    }
  };
  const [inputs, targets] = await openBoth();
  let classes = given.classes;
  try {
    if (targets.width !== 1) throw new FormatError(`targets must have one label a row, got ${targets.width} numbers`);
    if (targets.count !== inputs.count) {
      throw new FormatError(`inputs and targets must have as many rows, got ${inputs.count} and ${targets.count}`);
    }
    if (inputs.count === 0) throw new FormatError("inputs must have at least one row, got none");
    classes ??= (await largest(targets)) + 1;
  } finally {
    await Promise.all([inputs.close(), targets.close()]);
  }
  const { width, bytes } = inputs;
  const rows = Math.max(1, Math.floor(CHUNK_BYTES / width));
  async function* chunks() {
    const files = await openBoth();
    try {
      for (;;) {
        const [values, labels] = await Promise.all(files.map((file) => file.take(rows)));
        if (values === undefined || labels === undefined) return;
        yield { inputs: values, targets: labels };
      }
    } finally {
      await Promise.all(files.map((file) => file.close()));
    }
  }
  const scale = given.scale ?? (bytes ? 1 / 255 : 1);
  const buffer = given.bufferRows === undefined ? {} : { bufferRows: given.bufferRows };
  return Dataset.stream({ chunks, inputSize: width, classes, scale, ...buffer });
}

async function largest(labels: IdxRows): Promise<number> {
  let most = 1;
  for (;;) {
    const values = await labels.take(CHUNK_BYTES);
    if (values === undefined) return most;
    for (const label of values) most = Math.max(most, label);
  }
}
