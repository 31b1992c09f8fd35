// A model as TensorFlow.js' tf.loadLayersModel loads it: model.json and one file of weights beside it. It is a Sequential
// model of TensorFlow.js 4's layers, in the form that Keras 2 has, too.

import { resolveNetwork } from "../../network-options.js";
import { crc32 } from "../crc32.js";
import type { Model } from "../model.js";
import type { AffineStep, Step } from "../sequence.js";
import { centreOf } from "../sequence.js";
import { stepsOf } from "../steps-of-model.js";
import { HARD_SIGMOID, written } from "./activations.js";
import { regularizerOf } from "./penalties.js";

interface Written {
  className: string;
  config: Record<string, unknown>;
  weights?: readonly { what: string; shape: readonly number[]; values: ArrayLike<number> }[];
}

/** @throws RangeError for an activation that TensorFlow.js hasn't. */
export function encode(model: Model, name: string): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const first = name.includes(".") ? name : `${name}.json`;
  const stem = first.replace(/\.[^.]*$/, "").replace(/^\W+|[^\w.-]/g, "_");
  const steps = withKerasHardSigmoid(stepsOf(model));
  const { inputs, layers: options } = resolveNetwork(model.network);
  const input: Written = {
    className: "InputLayer",
    config: { batch_input_shape: [null, inputs], dtype: "float32", sparse: false },
  };
  let denses = 0;
  const layers = [input];
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1];
    if (step.kind !== "dense") {
      // what a dense layer before it has done already
      if (step.kind === "activation" && step.activation !== "leakyRelu" && steps[i - 1]?.kind === "dense") continue;
      layers.push(layerOf(step, i === 0));
      continue;
    }
    layers.push(denseOf(step, next, regularizerOf(options[denses++] as { l1: number; l2: number })));
  }
  const weights = bytesOf(layers);
  // by what is in it: over an older model of the same name, neither ever stands beside the other's weights
  const weightsFile = `${stem}.${crc32(weights).toString(16).padStart(8, "0")}.weights.bin`;
  return new Map([
    [first, new TextEncoder().encode(topology(layers, weightsFile, model))],
    [weightsFile, weights],
  ]);
}

function denseOf(step: Step & { kind: "dense" }, next: Step | undefined, regularizer: object | null): Written {
  const { units, inputs, weights, biases, place } = step;
  const fused = next?.kind === "activation" && next.activation !== "leakyRelu" ? next.activation : "identity";
  const usesBias = !next?.kind.endsWith("Normalization") || biases.some((bias) => bias !== 0);
  const kernel = new Float32Array(weights.length);
  for (let j = 0; j < units; j++) {
    for (let k = 0; k < inputs; k++) kernel[k * units + j] = weights[j * inputs + k] as number;
  }
  return {
    className: "Dense",
    config: {
      ...{ units, activation: written(fused, place), use_bias: usesBias },
      // of the weights that were scaled it would be another
      kernel_regularizer: fused === "hardSigmoid" ? null : regularizer,
    },
    weights: [
      { what: "kernel", shape: [inputs, units], values: kernel },
      ...(usesBias ? [{ what: "bias", shape: [units], values: biases }] : []),
    ],
  };
}

function layerOf(step: Exclude<Step, { kind: "dense" }>, isFirst: boolean): Written {
  if (step.kind === "affine") return scalingOf(step, isFirst);
  if (step.kind === "dropout") return { className: "Dropout", config: { rate: step.share } };
  if (step.kind === "activation") {
    if (step.activation === "leakyRelu") return { className: "LeakyReLU", config: { alpha: 0.01 } };
    return { className: "Activation", config: { activation: written(step.activation, step.place) } };
  }
  const { gamma, beta, epsilon } = step;
  if (step.kind === "layerNormalization") {
    return { className: "LayerNormalization", config: { axis: [1], epsilon }, weights: vectors({ gamma, beta }) };
  }
  const { mean, variance, momentum = 0.1 } = step;
  return batchNormalization({ gamma, beta, mean, variance }, { epsilon, momentum: 1 - momentum });
}

/** TensorFlow.js has no layer that scales each input, but a batch normalization without epsilon, of variance 1, does. */
function scalingOf(step: AffineStep, isFirst: boolean): Written {
  const { factor, offset } = step;
  const zeros = new Float32Array(factor.length);
  const ones = zeros.map(() => 1);
  // of inputs (x − mean)·γ, which doesn't cancel far from 0
  const [mean, beta] = isFirst ? [centreOf(step), zeros] : [zeros, offset];
  return batchNormalization(
    { gamma: factor, beta, mean, variance: ones },
    { epsilon: 0, momentum: 0.99, trainable: false },
  );
}

function batchNormalization(
  { gamma, beta, mean, variance }: Record<"gamma" | "beta" | "mean" | "variance", ArrayLike<number>>,
  config: Record<string, unknown>,
): Written {
  return {
    className: "BatchNormalization",
    config: { axis: -1, ...config },
    weights: vectors({ gamma, beta, moving_mean: mean, moving_variance: variance }),
  };
}

const vectors = (named: Record<string, ArrayLike<number>>) =>
  Object.entries(named).map(([what, values]) => ({ what, shape: [values.length], values }));

/** Keras' hard sigmoid of 6z/5 is ours of z; so the layer before it gives ⅚ of what it gave. */
function withKerasHardSigmoid(steps: readonly Step[]): Step[] {
  const scaled = (values: Float32Array) => values.map((each) => each / HARD_SIGMOID);
  return steps.map((step, i) => {
    const next = steps[i + 1];
    if (next?.kind !== "activation" || next.activation !== "hardSigmoid") return step;
    if (step.kind === "dense") return { ...step, weights: scaled(step.weights), biases: scaled(step.biases) };
    if ("gamma" in step) return { ...step, gamma: scaled(step.gamma), beta: scaled(step.beta) };
    return step;
  });
}

function topology(layers: readonly Written[], weightsFile: string, { network }: Model): string {
  const named = namesOf(layers);
  return JSON.stringify({
    format: "layers-model",
    generatedBy: "nablanet",
    convertedBy: null,
    modelTopology: {
      class_name: "Sequential",
      config: {
        name: "sequential",
        layers: layers.map(({ className, config }, i) => ({
          class_name: className,
          config: { name: named[i], trainable: true, ...config },
        })),
      },
      keras_version: "tfjs-layers 4.22.0",
      backend: "tensor_flow.js",
    },
    weightsManifest: [
      {
        paths: [weightsFile],
        weights: layers.flatMap(({ weights = [] }, i) =>
          weights.map(({ what, shape }) => ({ name: `${named[i]}/${what}`, shape, dtype: "float32" })),
        ),
      },
    ],
    userDefinedMetadata: { nablanet: { network } },
  });
}

/** "batch_normalization_2": no two alike. */
function namesOf(layers: readonly Written[]): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ className }) => {
    const count = (counts.get(className) ?? 0) + 1;
    counts.set(className, count);
    return `${className.replace(/\B[A-Z][a-z]/g, "_$&").toLowerCase()}_${count}`;
  });
}

function bytesOf(layers: readonly Written[]): Uint8Array<ArrayBuffer> {
  const all = layers.flatMap(({ weights = [] }) => weights.map(({ values }) => values));
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length * 4, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const values of all) {
    for (let i = 0; i < values.length; i++, at += 4) view.setFloat32(at, values[i] as number, true);
  }
  return bytes;
}
