// What each class of Keras' layers computes, in steps. A class that isn't here is refused by name.

import { boolean, finite, got, wholeNumber } from "../../checks.js";
import { FormatError } from "../errors.js";
import { list } from "../json-fields.js";
import { affineOf } from "../model-of-steps.js";
import type { BatchNormalizationStep, Step } from "../sequence.js";
import { activationSteps } from "./activations.js";
import type { KerasLayer } from "./topology.js";
import type { Weights } from "./weights.js";

type Read = (layer: KerasLayer, reading: Reading) => Step[];

/** A walk through the layers. */
export class Reading {
  /** What one sample is, as far as the model says: a stranger's word, so nothing is made as large. */
  #shape: readonly number[] | undefined;
  /** The numbers that the layer at hand takes, known from weights. */
  width: number | undefined;
  /** What is done to all inputs before their number is known: x·scale + offset. */
  #rescaling: { place: string; scale: number; offset: number } | undefined;

  constructor(
    readonly weights: Weights,
    readonly keras3: boolean,
  ) {}

  /** @throws FormatError, RangeError or TypeError for a layer that can't be read. */
  steps(layer: KerasLayer): Step[] {
    const read = classes.get(layer.className);
    if (read === undefined) throw new FormatError(`${layer.place} is of a class that no network here can do`);
    this.#look(layer);
    const { place } = layer;
    if (!anyShape.has(layer.className) && (this.#shape?.length ?? 1) !== 1) {
      throw new FormatError(`${place} must take one row of numbers, got an input of [${this.#shape?.join(", ")}]`);
    }
    return read(layer, this);
  }

  /** The first layer may tell the shape of a batch: [null, 784]. */
  #look({ config, place }: KerasLayer): void {
    const shape = config.get("batch_input_shape") ?? config.get("batch_shape");
    if (shape === undefined || this.width !== undefined || this.#shape !== undefined) return;
    const [, ...sides] = list(shape, `${place}: its batch_input_shape`);
    if (sides.length === 1 && sides[0] === null) return;
    this.#shape = sides.map((side, i) => wholeNumber(side, `${place}: its batch_input_shape[${i + 1}]`, 1));
  }

  flatten(): void {
    if (this.#shape !== undefined) this.#shape = [this.#shape.reduce((product, side) => product * side, 1)];
  }

  rescale(place: string, scale: number, offset: number): Step[] {
    this.#rescaling = {
      place,
      scale: scale * (this.#rescaling?.scale ?? 1),
      offset: offset + scale * (this.#rescaling?.offset ?? 0),
    };
    return this.width === undefined ? [] : this.take(this.width, place);
  }

  /** The layer at `place` takes `width` numbers, as its weights show: what was still to be done to them. */
  take(width: number, place: string): Step[] {
    const told = this.width ?? this.#shape?.[0];
    if (told !== undefined && told !== width) throw new FormatError(`${place} must take ${told} numbers, got ${width}`);
    this.width = width;
    const rescaling = this.#rescaling;
    if (rescaling === undefined) return [];
    this.#rescaling = undefined;
    const factor = new Float64Array(width).fill(rescaling.scale);
    const offset = new Float64Array(width).fill(rescaling.offset);
    return [{ place: rescaling.place, kind: "affine", factor, offset }];
  }
}

/** Classes that don't care what shape their input has. */
const anyShape = new Set(["InputLayer", "Flatten", "Rescaling", "Dropout", "GaussianNoise", "ActivityRegularization"]);

/** Of layers that act in training only; noise is an option of networks here, and what the metadata say of it is taken. */
const nothing: Read = () => [];

const classes = new Map<string, Read>([
  ["InputLayer", nothing],
  ["GaussianNoise", nothing],
  ["ActivityRegularization", nothing],
  ["Flatten", flatten],
  ["Rescaling", rescaling],
  ["Dense", dense],
  [
    "Dropout",
    ({ config, place }) => [{ place, kind: "dropout", share: finite(config.get("rate"), `${place}: its rate`) }],
  ],
  ["Activation", (layer, reading) => activation(layer, layer.config.get("activation"), reading)],
  ["ReLU", relu],
  ["LeakyReLU", (layer, reading) => leaky(layer, slopeOf(layer, 0.3), reading)],
  ["ELU", elu],
  ["Softmax", softmax],
  ["BatchNormalization", batchNormalization],
  ["LayerNormalization", layerNormalization],
]);

function flatten({ config, place }: KerasLayer, reading: Reading): Step[] {
  const order = config.get("data_format") ?? "channels_last";
  if (order !== "channels_last")
    throw new FormatError(`${place}: its data_format must be "channels_last", got ${got(order)}`);
  reading.flatten();
  return [];
}

function rescaling({ config, place }: KerasLayer, reading: Reading): Step[] {
  const number = (name: string, otherwise: number) => finite(config.get(name) ?? otherwise, `${place}: its ${name}`);
  return reading.rescale(place, number("scale", 1), number("offset", 0));
}

function dense({ config, name, place }: KerasLayer, reading: Reading): Step[] {
  const { shape, values } = reading.weights.take(name, "kernel", place);
  const [inputs, units] = shape as [number, number];
  if (shape.length !== 2 || values.length === 0)
    throw new FormatError(`${place}: its kernel must be [inputs, units], got [${shape}]`);
  wholeNumber(config.get("units"), `${place}: its units`, units, units);
  const before = reading.take(inputs, place);
  reading.width = units;
  const usesBias = config.get("use_bias") === undefined || boolean(config.get("use_bias"), `${place}: its use_bias`);
  const biases = usesBias ? vector(reading, name, "bias", place, units) : new Float32Array(units);
  // ours are [to][from]
  const weights = new Float32Array(values.length);
  for (let k = 0; k < inputs; k++) {
    for (let j = 0; j < units; j++) weights[j * inputs + k] = values[k * units + j] as number;
  }
  return [
    ...before,
    { place, kind: "dense", inputs, units, weights, biases },
    ...activationSteps(config.get("activation"), place, () => units, reading.keras3),
  ];
}

function vector({ weights }: Reading, layer: string, what: string, place: string, length: number): Float32Array {
  const { shape, values } = weights.take(layer, what, place);
  if (shape.length !== 1 || values.length !== length) {
    throw new FormatError(`${place}: its ${what} must be [${length}], got [${shape}]`);
  }
  return values;
}

function activation({ place }: KerasLayer, value: unknown, reading: Reading): Step[] {
  const units = () => {
    if (reading.width === undefined) throw new FormatError(`${place}: an activation must follow a dense layer`);
    return reading.width;
  };
  return activationSteps(value, place, units, reading.keras3);
}

function relu(layer: KerasLayer, reading: Reading): Step[] {
  const { config, place } = layer;
  const threshold = config.get("threshold") ?? 0;
  if (threshold !== 0) throw new FormatError(`${place}: its threshold must be 0, got ${got(threshold)}`);
  const slope = slopeOf(layer, 0);
  const most = config.get("max_value") ?? undefined;
  if (most === undefined) return leaky(layer, slope, reading);
  if (most !== 6 || slope !== 0) throw new FormatError(`${place}: its max_value must be none, or 6 with a slope of 0`);
  return activation(layer, "relu6", reading);
}

/** The slope below 0, which Keras 3 calls otherwise than Keras 2 did. */
function slopeOf({ config, place }: KerasLayer, otherwise: number): number {
  return finite(config.get("negative_slope") ?? config.get("alpha") ?? otherwise, `${place}: its alpha`);
}

function leaky(layer: KerasLayer, slope: number, reading: Reading): Step[] {
  if (slope === 0) return activation(layer, "relu", reading);
  if (Math.fround(slope) === Math.fround(0.01))
    return [{ place: layer.place, kind: "activation", activation: "leakyRelu" }];
  throw new FormatError(`${layer.place}: its alpha must be 0.01, as leakyRelu has it here, or 0, got ${slope}`);
}

function elu(layer: KerasLayer, reading: Reading): Step[] {
  const alpha = layer.config.get("alpha") ?? 1;
  if (alpha !== 1) throw new FormatError(`${layer.place}: its alpha must be 1, got ${got(alpha)}`);
  return activation(layer, "elu", reading);
}

function softmax(layer: KerasLayer, reading: Reading): Step[] {
  assertLastAxis(layer);
  return activation(layer, "softmax", reading);
}

/** Of a batch of rows: 1, which is also −1; alone or in a list. */
function assertLastAxis({ config, place }: KerasLayer): void {
  const axis = config.get("axis") ?? -1;
  const only = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (only !== 1 && only !== -1) throw new FormatError(`${place}: its axis must be -1, got ${got(only)}`);
}

/** γ, β and ε of either normalization. */
function scaleOf(layer: KerasLayer, reading: Reading, width: number) {
  const { config, name, place } = layer;
  const has = (what: string) => config.get(what) === undefined || boolean(config.get(what), `${place}: its ${what}`);
  return {
    gamma: has("scale") ? vector(reading, name, "gamma", place, width) : new Float32Array(width).fill(1),
    beta: has("center") ? vector(reading, name, "beta", place, width) : new Float32Array(width),
    epsilon: finite(config.get("epsilon") ?? 1e-3, `${place}: its epsilon`, { least: 0 }),
  };
}

function batchNormalization(layer: KerasLayer, reading: Reading): Step[] {
  const { config, name, place } = layer;
  assertLastAxis(layer);
  const mean = reading.weights.take(name, "moving_mean", place).values;
  const width = mean.length;
  const before = reading.take(width, place);
  const variance = vector(reading, name, "moving_variance", place, width);
  const momentum = finite(config.get("momentum") ?? 0.99, `${place}: its momentum`);
  const step: BatchNormalizationStep = {
    kind: "batchNormalization",
    ...scaleOf(layer, reading, width),
    ...{ mean, variance },
    // as decimals: 1 − 0.99 is 0.01
    ...(momentum >= 0 && momentum < 1 && { momentum: Number((1 - momentum).toPrecision(12)) }),
  };
  // ours have an epsilon above 0; without one it is a scaling, as `write` makes them of those of inputs
  return [...before, step.epsilon === 0 ? { place, ...affineOf(step) } : { place, ...step }];
}

function layerNormalization(layer: KerasLayer, reading: Reading): Step[] {
  assertLastAxis(layer);
  const { width, weights } = reading;
  const shown = width ?? weights.take(layer.name, "gamma", layer.place).values.length;
  const before = reading.take(shown, layer.place);
  return [...before, { place: layer.place, kind: "layerNormalization", ...scaleOf(layer, reading, shown) }];
}
