// A network's options as they are given, checked, and as they are kept.

import { Activation } from "./abi.js";
import { finite, inFloat32, namesOf, oneOf, options, wholeNumber, wrongKind } from "./checks.js";
import { defaultInitializer, type Initializer, type InitializerOptions, resolveInitializer } from "./initializers.js";
import { type NormalizationOptions, type ResolvedNormalization, resolveNormalization } from "./normalization.js";
import { type NormalizeOptions, type ResolvedNormalize, resolveNormalize } from "./normalize.js";
import { randomSeed } from "./random.js";
import {
  noWeightOptions,
  ownWeightOptions,
  type ResolvedWeightOptions,
  resolveDropout,
  resolveWeightOptions,
  type WeightOptions,
  weightOptionNames,
} from "./regularization.js";
import { type RowCodec, resolveSchema } from "./schema.js";

/** The names of the activations, σ in a = σ(z). Their formulas and sources are in assembly/activations.ts. @useDeclaredType */
export type ActivationName = keyof typeof Activation;

export interface LayerOptions extends WeightOptions {
  /** The number of neurons, 1 or more. */
  units: number;
  /** Default "identity". */
  activation?: ActivationName;
  /**
   * How the weights start. Default: "heNormal" for relu, leakyRelu, elu, gelu, swish, mish, relu6 and hardSwish,
   * "lecunNormal" for selu, "glorotUniform" for all others.
   */
  initializer?: Initializer;
  /** How the biases start. Default "zeros". */
  biasInitializer?: Initializer;
  /**
   * The share of this layer's activations, in [0, 1), that each mini-batch of training drops at random, while the others are
   * multiplied by 1/(1 − share) (inverted dropout, Srivastava et al. 2014). Predictions, evaluations and gradients drop
   * nothing. Not for the output layer. Default 0.
   */
  dropout?: number;
  /**
   * z = γ·(s − mean)/√(variance + ε) + β of the weighted sums s = W·a, β being the bias, before the activation. "batch" takes
   * mean and variance over the mini-batch while training (`gradients` too), and running ones in predictions, evaluations and
   * traces; "layer" over the units of each sample. Default: none.
   */
  normalization?: NormalizationOptions;
}

export interface NetworkOptions extends WeightOptions {
  /** The numbers in one sample, 1 or more. Default: those that `schema` makes of a row. */
  inputs?: number;
  /** Hidden layers, then the output layer; at least one. */
  layers: readonly LayerOptions[];
  /**
   * How rows with names become inputs and outputs an answer, for `predictRow`: the schema that came with the data
   * (`nablanet/tables`), or its JSON. Model files and checkpoints have it.
   */
  schema?: RowCodec | object;
  /** An integer of at least 0: the same seed gives the same weights and shuffles. Default: random, see `network.seed`. */
  seed?: number;
  /**
   * Scales each input by what the data of the first fit ask for, from then on in predictions, too; checkpoints have it.
   * "minMax" brings each column to 0..1, "standard" to mean 0 and deviation 1, "robust" to median 0 and interquartile
   * range 1. Or as it was learned: `network.normalize`. Default: inputs are taken as they are.
   */
  normalize?: NormalizeOptions;
  /**
   * Scales each target likewise, for losses of numbers (meanSquaredError, quadratic, meanAbsoluteError, huber, logCosh), not
   * for classes. The layers work in scaled targets, (t − center)·factor: so do losses, gradients and traces. Targets are given,
   * predictions answered, and both measured by metrics in the units of the data: a/factor + center. Before the first fit
   * nothing is scaled. Learned, kept and told as `normalize` is. Default: targets are taken as they are.
   */
  normalizeTargets?: NormalizeOptions;
  /** The same as a layer's `dropout`, for the inputs. Default 0. */
  inputDropout?: number;
  /** The standard deviation of normal noise that training adds to each input (as Keras' GaussianNoise). Default 0. */
  inputNoise?: number;
  /**
   * "fast" (default) uses fused multiply-add where the engine has it; "deterministic" gives the same bits on every engine
   * and machine. `capabilities()` says which kernels either runs on.
   */
  math?: MathMode;
}

/** As a network has them: complete. */
export type OwnNetworkOptions = NetworkOptions & { inputs: number };

export type MathMode = "fast" | "deterministic";

/** A layer with every option filled in. */
export interface Layer extends ResolvedWeightOptions {
  readonly inputs: number;
  readonly units: number;
  readonly activation: ActivationName;
  readonly initializer: InitializerOptions;
  readonly biasInitializer: InitializerOptions;
  readonly dropout: number;
  readonly normalization?: ResolvedNormalization;
}

const MOST_UNITS = 2 ** 24;

export interface ResolvedNetwork {
  inputs: number;
  layers: Layer[];
  seed: number;
  math: MathMode;
  inputDropout: number;
  inputNoise: number;
  schema: RowCodec | undefined;
  normalize: ResolvedNormalize | undefined;
  normalizeTargets: ResolvedNormalize | undefined;
}

export function resolveNetwork(networkOptions: unknown): ResolvedNetwork {
  if (networkOptions === undefined)
    wrongKind("the options of Network.create", "an object with inputs and layers", undefined);
  const own = [
    "inputs",
    "layers",
    "schema",
    "seed",
    "math",
    "normalize",
    "normalizeTargets",
    "inputDropout",
    "inputNoise",
  ];
  const keys = [...own, ...weightOptionNames];
  const given = options(networkOptions, "Network.create", keys);
  const schema = resolveSchema(given.schema);
  const inputs = wholeNumber(given.inputs ?? schema?.inputs, "inputs", 1, MOST_UNITS);
  if (!Array.isArray(given.layers)) wrongKind("layers", "an array of layers", given.layers);
  if (given.layers.length === 0) throw new RangeError("layers must have at least one layer, got none");
  const weights = resolveWeightOptions(given, "", noWeightOptions);
  let below = inputs;
  // Array.from doesn't leave out the holes of an array
  const layers = Array.from(given.layers, (layer: unknown, i) => {
    const resolved = resolveLayer(layer, below, `layers[${i}]`, weights);
    below = resolved.units;
    return resolved;
  });
  const seed = given.seed === undefined ? randomSeed() : wholeNumber(given.seed, "seed", 0);
  const math = given.math === undefined ? "fast" : oneOf(given.math, "math", ["fast", "deterministic"] as const);
  if (layers.at(-1)?.dropout !== 0) {
    throw new RangeError(
      `layers[${layers.length - 1}].dropout must be 0, as its outputs are the answer, got ${layers.at(-1)?.dropout}`,
    );
  }
  const inputDropout = resolveDropout(given.inputDropout, "inputDropout");
  const inputNoise = given.inputNoise === undefined ? 0 : inFloat32(given.inputNoise, "inputNoise", { least: 0 });
  const normalize = resolveNormalize(given.normalize, "normalize", inputs, "input");
  // below is by now what the last layer answers with
  const normalizeTargets = resolveNormalize(given.normalizeTargets, "normalizeTargets", below, "output");
  if (schema !== undefined) assertFits(schema, inputs, below);
  return { inputs, layers, seed, math, inputDropout, inputNoise, schema, normalize, normalizeTargets };
}

function assertFits(schema: RowCodec, inputs: number, outputs: number): void {
  if (schema.inputs !== inputs) {
    throw new RangeError(`inputs must be ${schema.inputs}, as the schema makes of a row, got ${inputs}`);
  }
  if (schema.outputs !== outputs) {
    throw new RangeError(`the last layer must have ${schema.outputs} units, as the schema's answers, got ${outputs}`);
  }
}

function resolveLayer(value: unknown, inputs: number, place: string, weights: ResolvedWeightOptions): Layer {
  if (value === undefined) wrongKind(place, "an object with units", value);
  const keys = [
    "units",
    "activation",
    "initializer",
    "biasInitializer",
    "dropout",
    "normalization",
    ...weightOptionNames,
  ];
  const given = options(value, place, keys);
  const units = wholeNumber(given.units, `${place}.units`, 1, MOST_UNITS);
  const activation =
    given.activation === undefined
      ? "identity"
      : oneOf(given.activation, `${place}.activation`, namesOf<ActivationName>(Activation));
  if (activation === "softmax" && units === 1) {
    throw new RangeError(`${place}: softmax needs at least 2 units, got 1 (its only output would always be 1)`);
  }
  const initializer =
    given.initializer === undefined
      ? defaultInitializer(activation)
      : resolveInitializer(given.initializer, `${place}.initializer`);
  const biasInitializer = resolveInitializer(
    given.biasInitializer === undefined ? "zeros" : given.biasInitializer,
    `${place}.biasInitializer`,
  );
  finite(inputs * units, `${place}'s number of weights`, { most: 2 ** 30 });
  const dropout = resolveDropout(given.dropout, `${place}.dropout`);
  const own = resolveWeightOptions(given, place, weights);
  const normalization = resolveNormalization(given.normalization, `${place}.normalization`);
  const layer = { inputs, units, activation, initializer, biasInitializer, dropout, ...own };
  return normalization === undefined ? layer : { ...layer, normalization };
}

/** What `resolveNetwork` takes, as JSON can hold it: without what does nothing. */
export function ownNetworkOptions(network: {
  inputs: number;
  layers: readonly Layer[];
  seed: number;
  math: MathMode;
  inputDropout: number;
  inputNoise: number;
  normalize: NormalizeOptions | undefined;
  schema: RowCodec | undefined;
  normalizeTargets: NormalizeOptions | undefined;
}): OwnNetworkOptions {
  const { inputs, seed, math, inputDropout, inputNoise, schema, normalize, normalizeTargets } = network;
  const layers = network.layers.map(
    ({ units, activation, initializer, biasInitializer, dropout, normalization, ...rest }) => ({
      ...{ units, activation, initializer, biasInitializer },
      ...(dropout > 0 && { dropout }),
      ...(normalization && { normalization }),
      ...ownWeightOptions(rest),
    }),
  );
  const noise = { ...(inputDropout > 0 && { inputDropout }), ...(inputNoise > 0 && { inputNoise }) };
  const scaling = { ...(normalize && { normalize }), ...(normalizeTargets && { normalizeTargets }) };
  const rows = schema && { schema: schema.toJSON() as object };
  return { inputs, layers, seed, math, ...rows, ...scaling, ...noise };
}
