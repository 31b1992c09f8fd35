// The model that computes what a sequence of steps computes: what isn't a layer of ours is folded into one, in float64.

import { joinedFloats } from "../data/joined.js";
import type { Scaling } from "../engine/network-block.js";
import type { ActivationName, LayerOptions, NetworkOptions } from "../network-options.js";
import { FormatError } from "./errors.js";
import type { Model } from "./model.js";
import {
  type AffineStep,
  type BatchNormalizationStep,
  centreOf,
  type DenseStep,
  type LayerNormalizationStep,
  type Step,
} from "./sequence.js";

/** A layer as it is put together. */
interface Draft {
  place: string;
  units: number;
  inputs: number;
  weights: Float64Array;
  biases: Float64Array;
  normalization?: {
    options: NonNullable<LayerOptions["normalization"]>;
    gamma: Float64Array;
    /** Of batch normalization. */
    running?: [mean: Float64Array, variance: Float64Array];
  };
  activation?: ActivationName;
  dropout: number;
}

type Affine = Omit<AffineStep, "kind"> & { place: string };

/**
 * @param steps at least one dense step
 * @throws FormatError for sizes that don't fit each other, and for a step that no layer of ours can stand for, by its place.
 */
export function modelOf(steps: readonly Step[]): Model {
  const layers: Draft[] = [];
  const network: Partial<NetworkOptions> = {};
  /** What is still to be done to the numbers that the next step takes. */
  let affine: Affine | undefined;
  for (const step of steps) {
    const layer = layers.at(-1);
    assertWidth(step, layer?.units);
    if (step.kind === "dense") {
      if (layer === undefined && affine !== undefined && affine.factor.every((each) => each > 0)) {
        network.normalize = { kind: "standard", ...inputScaling(affine) };
        affine = undefined;
      }
      layers.push(draft(step, affine));
      affine = undefined;
    } else if (step.kind === "activation") {
      if (step.activation === "identity") continue;
      if (layer === undefined || layer.activation !== undefined) {
        throw new FormatError(`${step.place}: an activation must follow a dense layer, got ${step.activation}`);
      }
      if (affine !== undefined) foldInto(layer, affine);
      affine = undefined;
      layer.activation = step.activation;
    } else if (step.kind === "dropout") {
      if (layer === undefined) network.inputDropout = step.share;
      else layer.dropout = step.share;
    } else if (step.kind === "affine") affine = composed(affine, step);
    else if (layer !== undefined && affine === undefined && canNormalize(layer)) normalize(layer, step);
    else if (step.kind === "batchNormalization") affine = composed(affine, { place: step.place, ...affineOf(step) });
    else {
      throw new FormatError(
        `${step.place}: a layer normalization must follow the weighted sums of a dense layer without biases`,
      );
    }
  }
  const [first] = layers;
  const last = layers.at(-1);
  if (first === undefined || last === undefined) throw new FormatError("there must be a dense layer, got none");
  if (affine !== undefined) Object.assign(network, finish(last, affine));
  // it drops nothing from answers, and ours has none there
  last.dropout = 0;
  return {
    network: { ...network, inputs: first.inputs, layers: layers.map(layerOptions) },
    parameters: parametersOf(layers),
  };
}

function assertWidth(step: Step, width: number | undefined): void {
  if (width === undefined) return;
  const found =
    step.kind === "dense"
      ? step.inputs
      : "gamma" in step
        ? step.gamma.length
        : "factor" in step
          ? step.factor.length
          : width;
  if (found !== width) throw new FormatError(`${step.place} must take ${width} numbers, got ${found}`);
}

function draft({ place, units, inputs, weights, biases }: DenseStep & { place: string }, before?: Affine): Draft {
  const layer = {
    place,
    units,
    inputs,
    weights: Float64Array.from(weights),
    biases: Float64Array.from(biases),
    dropout: 0,
  };
  if (before === undefined) return layer;
  if (before.factor.length !== inputs) {
    throw new FormatError(`${place} must take ${before.factor.length} numbers, got ${inputs}`);
  }
  // W·(f ⊙ x + o) + b = (W·diag f)·x + (W·o + b)
  for (let j = 0; j < units; j++) {
    for (let k = 0; k < inputs; k++) {
      const weight = layer.weights[j * inputs + k] as number;
      layer.biases[j] = (layer.biases[j] as number) + weight * (before.offset[k] as number);
      layer.weights[j * inputs + k] = weight * (before.factor[k] as number);
    }
  }
  return layer;
}

/** f ⊙ z + o, where z are a layer's sums, normalized or not. */
function foldInto(layer: Draft, { factor, offset }: Affine): void {
  const { units, inputs, weights, biases, normalization } = layer;
  for (let j = 0; j < units; j++) {
    const by = factor[j] as number;
    biases[j] = (biases[j] as number) * by + (offset[j] as number);
    if (normalization !== undefined) normalization.gamma[j] = (normalization.gamma[j] as number) * by;
    else for (let k = j * inputs; k < (j + 1) * inputs; k++) weights[k] = (weights[k] as number) * by;
  }
}

/** One step after another as one. */
export function composed(first: Affine | undefined, then: Affine): Affine {
  if (first === undefined) return then;
  if (first.factor.length !== then.factor.length) {
    throw new FormatError(`${then.place} must take ${first.factor.length} numbers, got ${then.factor.length}`);
  }
  return {
    place: then.place,
    factor: first.factor.map((each, k) => each * (then.factor[k] as number)),
    offset: first.offset.map((each, k) => each * (then.factor[k] as number) + (then.offset[k] as number)),
  };
}

/** By the numbers that it keeps. */
export function affineOf({ gamma, beta, mean, variance, epsilon }: BatchNormalizationStep): AffineStep {
  const factor = Float64Array.from(gamma, (each, k) => each / Math.sqrt((variance[k] as number) + epsilon));
  return {
    kind: "affine",
    factor,
    offset: Float64Array.from(beta, (each, k) => each - (mean[k] as number) * (factor[k] as number)),
  };
}

/** A step as a scaling of inputs, (x − center)·factor. */
export function inputScaling({ factor, offset }: Omit<Affine, "place">): Scaling {
  return {
    center: Array.from(centreOf({ factor, offset })),
    factor: Array.from(factor, Math.fround),
  };
}

const canNormalize = (layer: Draft) => layer.activation === undefined && layer.normalization === undefined;

function normalize(layer: Draft, step: (BatchNormalizationStep | LayerNormalizationStep) & { place: string }): void {
  const gamma = Float64Array.from(step.gamma);
  const { epsilon } = step;
  if (step.kind === "batchNormalization") {
    const { momentum = 0.1 } = step;
    // γ·(W·a + b − mean)/… + β: our sums have no biases, so the mean takes them in
    const mean = Float64Array.from(step.mean, (each, j) => each - (layer.biases[j] as number));
    const running: [Float64Array, Float64Array] = [mean, Float64Array.from(step.variance)];
    layer.normalization = { options: { kind: "batch", epsilon, momentum }, gamma, running };
  } else {
    if (layer.biases.some((bias) => bias !== 0)) {
      throw new FormatError(`${step.place}: the layer that a layer normalization follows must have no biases`);
    }
    layer.normalization = { options: { kind: "layer", epsilon }, gamma };
  }
  layer.biases = Float64Array.from(step.beta);
}

/** What is left to be done to the outputs: by the last layer where it can, else as a scaling of targets. */
function finish(last: Draft, affine: Affine): Pick<NetworkOptions, "normalizeTargets"> {
  if (last.activation === undefined) {
    foldInto(last, affine);
    return {};
  }
  const { factor, offset, place } = affine;
  if (factor.length !== last.units || !factor.every((each) => each > 0)) {
    throw new FormatError(
      `${place}: what follows the last activation must be a scaling by ${last.units} positive numbers`,
    );
  }
  const scaling = {
    center: Array.from(offset, Math.fround),
    factor: Array.from(factor, (each) => Math.fround(1 / each)),
  };
  return { normalizeTargets: { kind: "standard", ...scaling } };
}

function layerOptions({ units, activation, dropout, normalization }: Draft): LayerOptions {
  return {
    units,
    activation: activation ?? "identity",
    ...(dropout > 0 && { dropout }),
    ...(normalization && { normalization: normalization.options }),
  };
}

function parametersOf(layers: readonly Draft[]): Float32Array<ArrayBuffer> {
  return joinedFloats(
    layers.flatMap(({ weights, biases, normalization }) => [
      ...[weights, biases],
      ...(normalization === undefined ? [] : [normalization.gamma, ...(normalization.running ?? [])]),
    ]),
  );
}
