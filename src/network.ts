// A feed-forward network: what it is made of, what it answers, its parameters.

import { Activation } from "./abi.js";
import { finite, inFloat32, namesOf, oneOf, options, wholeNumber, wrongKind } from "./checks.js";
import { dispose } from "./dispose.js";
import { Engine } from "./engine/engine.js";
import { NetworkBlock } from "./engine/network-block.js";
import {
  defaultInitializer,
  drawer,
  type Initializer,
  type InitializerOptions,
  resolveInitializer,
} from "./initializers.js";
import {
  countOf,
  type NormalizationOptions,
  normalizationShape,
  perUnit,
  type ResolvedNormalization,
  resolveNormalization,
} from "./normalization.js";
import { type NormalizeKind, type NormalizeOptions, type ResolvedNormalize, resolveNormalize } from "./normalize.js";
import { type PredictOptions, predictRows, resolvePredict } from "./prediction.js";
import { Random, randomSeed, Stream } from "./random.js";
import {
  noWeightOptions,
  ownWeightOptions,
  type ResolvedWeightOptions,
  resolveDropout,
  resolveWeightOptions,
  type WeightOptions,
  weightOptionNames,
} from "./regularization.js";
import {
  checked,
  checkedRows,
  checkedSample,
  countRows,
  isFloat32Array,
  isRows,
  isTyped,
  lengthOfTyped,
  type Numbers,
  type TypedNumbers,
  viewOf,
} from "./samples.js";

/** The names of the activations, σ in a = σ(z). Their formulas and sources are in assembly/activations.ts. */
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
  /** The numbers in one sample, 1 or more. */
  inputs: number;
  /** Hidden layers, then the output layer; at least one. */
  layers: readonly LayerOptions[];
  /** An integer of at least 0: the same seed gives the same weights and shuffles. Default: random, see `network.seed`. */
  seed?: number;
  /**
   * Scales each input by what the data of the first fit ask for, from then on in predictions, too; checkpoints have it.
   * "minMax" brings each column to 0..1, "standard" to mean 0 and deviation 1, "robust" to median 0 and interquartile
   * range 1. Or as it was learned: `network.normalize`. Default: inputs are taken as they are.
   */
  normalize?: NormalizeOptions;
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

/** What a layer computes for one sample: z = W·a + b of the layer below, and a = σ(z). */
export interface LayerTrace {
  z: Float32Array<ArrayBuffer>;
  a: Float32Array<ArrayBuffer>;
}

const MOST_UNITS = 2 ** 24;

export class Network {
  /**
   * Builds a network and draws its first parameters.
   *
   * @throws RangeError or TypeError for options that can't be used; OutOfMemoryError where it doesn't fit.
   */
  static async create(networkOptions: NetworkOptions): Promise<Network> {
    const resolved = resolve(networkOptions);
    return new Network(await Engine.shared(resolved.math), resolved);
  }

  /** Layer l of the book is layers[l − 1]. */
  readonly layers: readonly Layer[];
  readonly seed: number;
  readonly math: MathMode;
  readonly inputDropout: number;
  readonly inputNoise: number;
  readonly #normalize: NormalizeKind | undefined;
  readonly #block: NetworkBlock;

  private constructor(engine: Engine, resolved: ResolvedNetwork) {
    if (!(engine instanceof Engine)) throw new TypeError("networks are made by await Network.create(…)");
    this.layers = Object.freeze(resolved.layers.map((layer) => Object.freeze(layer)));
    this.seed = resolved.seed;
    this.math = resolved.math;
    this.inputDropout = resolved.inputDropout;
    this.inputNoise = resolved.inputNoise;
    const { inputs, seed, inputDropout, inputNoise, layers } = resolved;
    this.#block = new NetworkBlock(engine, {
      ...{ inputs, layerCount: layers.length, seed, inputDropout, inputNoise },
      scalesInputs: Number(resolved.normalize !== undefined),
      layers: layers.map((layer) => ({
        ...layer,
        activation: Activation[layer.activation],
        count: countOf(layer),
        ...normalizationShape(layer.normalization),
      })),
    });
    engine.freeWith(this, this.block.blocks);
    this.#normalize = resolved.normalize?.kind;
    if (resolved.normalize !== undefined) this.block.scaling = resolved.normalize.scaling;
    try {
      this.block.writeBlock(this.block.parameters, draw(resolved));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** The numbers in one sample. */
  get inputs(): number {
    return this.#block.inputs;
  }

  /** The numbers that it answers with: the units of the last layer. */
  get outputs(): number {
    return this.#block.outputs;
  }

  /** How inputs are scaled: by name before the first fit, then as it was learned; undefined where they aren't. */
  get normalize(): NormalizeOptions | undefined {
    const kind = this.#normalize;
    const { scaling } = this.#block;
    if (kind === undefined || scaling === undefined) return kind;
    return { kind, center: [...scaling.center], factor: [...scaling.factor] };
  }

  /** How many numbers `parameters()` has. */
  get parameterCount(): number {
    return this.block.parameterCount;
  }

  /**
   * The network's answer to one sample or several. A flat array of n·inputs numbers gives n·outputs numbers; an array of
   * rows gives an array of answers.
   *
   * @throws RangeError for the wrong number of numbers, NaN or infinities; TypeError for what isn't numbers.
   */
  predict(samples: Numbers): Float32Array<ArrayBuffer>;
  predict(samples: readonly Numbers[]): Float32Array<ArrayBuffer>[];
  predict(samples: Numbers | readonly Numbers[]): Float32Array<ArrayBuffer> | Float32Array<ArrayBuffer>[] {
    const { outputs } = this.#block;
    if (isRows(samples)) {
      const rows = countRows(samples, this.inputs, "samples");
      const answers = new Float32Array(rows * outputs);
      this.#answer(checkedRows(samples, 0, rows, this.inputs, "samples"), rows, answers);
      return Array.from({ length: rows }, (_, row) => answers.slice(row * outputs, (row + 1) * outputs));
    }
    const rows = this.#rowsOf(samples);
    const answers = new Float32Array(rows * outputs);
    this.#answer(samples, rows, answers);
    return answers;
  }

  /**
   * `predict` into an array that is there already: n·inputs numbers give n·outputs numbers in `out`, which is returned. With
   * a typed array of one sample, nothing is allocated.
   *
   * @throws RangeError for the wrong number of numbers, NaN or infinities, which leave the answers to one sample as they
   *   were; TypeError for what isn't numbers, or an `out` that isn't a Float32Array.
   */
  predictInto(samples: Numbers, out: Float32Array): Float32Array {
    const rows = this.#rowsOf(samples);
    if (!isFloat32Array(out)) wrongKind("out", "a Float32Array", out);
    const expected = rows * this.#block.outputs;
    if (lengthOfTyped(out) !== expected) {
      throw new RangeError(`out must have ${expected} numbers, got ${lengthOfTyped(out)}`);
    }
    this.#answer(samples, rows, out);
    return out;
  }

  /**
   * `predict` for many samples: in slices, so that neither the page nor the event loop is held for long, and on several
   * threads where that pays. The answers are those of `predict`; a fit under way waits, so that all see the same parameters.
   *
   * @throws RangeError or TypeError as `predict` does; the signal's reason; ThreadError where a worker is lost.
   */
  predictAsync(samples: Numbers, predictOptions?: PredictOptions): Promise<Float32Array<ArrayBuffer>>;
  predictAsync(samples: readonly Numbers[], predictOptions?: PredictOptions): Promise<Float32Array<ArrayBuffer>[]>;
  async predictAsync(
    samples: Numbers | readonly Numbers[],
    predictOptions?: PredictOptions,
  ): Promise<Float32Array<ArrayBuffer> | Float32Array<ArrayBuffer>[]> {
    const resolved = resolvePredict(predictOptions);
    const { outputs } = this.#block;
    const rows = countRows(samples, this.inputs, "samples");
    const numbers = checkedRows(samples, 0, rows, this.inputs, "samples");
    resolved.signal?.throwIfAborted();
    // from here on nothing of the user's runs before the network is known to be in use
    const block = this.usable();
    block.readers += 1;
    try {
      const answers = await predictRows(block, numbers, rows, resolved);
      if (!isRows(samples)) return answers;
      return Array.from({ length: rows }, (_, row) => answers.slice(row * outputs, (row + 1) * outputs));
    } finally {
      block.readers -= 1;
    }
  }

  /** How many rows a flat array holds. */
  #rowsOf(samples: Numbers): number {
    const { inputs } = this.#block;
    // the usual case, without a look at anything else
    if (isTyped(samples) && lengthOfTyped(samples) === inputs) return 1;
    return countRows(samples, inputs, "samples");
  }

  #answer(samples: Numbers, rows: number, out: Float32Array): void {
    // plain arrays are copied and checked; typed arrays are checked where they are copied to
    const numbers = !isTyped(samples) ? this.#checked(samples, rows) : rows === 1 ? samples : viewOf(samples);
    if (lengthOfTyped(numbers) !== rows * this.#block.inputs) this.#checked(samples, rows);
    if (!this.usable().predictInto(numbers, rows, rows === 1 ? out : viewOf(out))) this.#checked(samples, rows);
  }

  /** The numbers of a flat array of rows; an error says which can't be used. */
  #checked(samples: Numbers, rows: number): TypedNumbers {
    return checked(samples, 0, rows * this.#block.inputs, (i) => (rows === 1 ? `sample[${i}]` : `samples[${i}]`));
  }

  /** z and a of every layer for one sample, as the book has them. */
  trace(sample: Numbers): { layers: LayerTrace[] } {
    const numbers = checkedSample(sample, this.#block.inputs, "sample");
    return { layers: this.usable().trace(numbers) };
  }

  /**
   * A copy of all parameters, ordered w1, b1, w2, b2, …, each W row-major [to][from]. A normalised layer has γ behind its
   * biases and, with batch normalization, the running mean and variance (as Keras' get_weights).
   */
  parameters(): Float32Array<ArrayBuffer> {
    const block = this.usable();
    return block.readBlock(block.parameters);
  }

  /** A copy of the weights, row-major [to][from], and biases of layers[i]. */
  weightsOf(i: number): { weights: Float32Array<ArrayBuffer>; biases: Float32Array<ArrayBuffer> } {
    wholeNumber(i, "i", 0, this.layers.length - 1);
    const vector = this.parameters();
    const before = this.layers.slice(0, i).reduce((sum, layer) => sum + countOf(layer), 0);
    const { inputs, units } = this.layers[i] as Layer;
    const biases = before + units * inputs;
    return { weights: vector.slice(before, biases), biases: vector.slice(biases, biases + units) };
  }

  /**
   * Sets all parameters, in the order of `parameters()`.
   *
   * @throws RangeError for the wrong length, NaN or infinities, and Error while a fit runs; nothing is changed then.
   */
  setParameters(vector: Numbers): void {
    this.usable();
    const numbers = checkedSample(vector, this.#block.parameterCount, "vector");
    const block = this.usable();
    this.assertChangeable("setParameters");
    block.writeBlock(block.parameters, numbers);
    block.changes += 1;
  }

  /**
   * Gives the network's memory back at once; without it, that happens some time after the network is forgotten.
   * A second time does nothing.
   */
  dispose(): void {
    if (this.block.disposed) return;
    this.assertDisposable();
    this.block.disposed = true;
    this.block.engine.freeNow(this, this.block.blocks);
  }

  [dispose](): void {
    this.dispose();
  }

  get [Symbol.toStringTag](): string {
    return "Network";
  }

  /** @internal What Network.create made it from, as JSON can hold it: without what does nothing. */
  get options(): NetworkOptions {
    const { inputs, seed, math, inputDropout, inputNoise } = this;
    const layers = this.layers.map(
      ({ units, activation, initializer, biasInitializer, dropout, normalization, ...rest }) => ({
        ...{ units, activation, initializer, biasInitializer },
        ...(dropout > 0 && { dropout }),
        ...(normalization && { normalization }),
        ...ownWeightOptions(rest),
      }),
    );
    const noise = { ...(inputDropout > 0 && { inputDropout }), ...(inputNoise > 0 && { inputNoise }) };
    const { normalize } = this;
    return { inputs, layers, seed, math, ...(normalize && { normalize }), ...noise };
  }

  /** @internal Private, so that neither JSON nor consoles show it. */
  get block(): NetworkBlock {
    return this.#block;
  }

  /** @internal The block, its parameters between two mini-batches, unless the network was disposed. */
  usable(): NetworkBlock {
    if (this.block.disposed) throw new Error("this network was disposed and can't be used any more");
    this.block.settle?.();
    return this.block;
  }

  /** @internal */
  assertDisposable(): void {
    this.assertIdle("dispose");
    if (this.block.readers > 0) {
      throw new Error(
        "dispose can't be called while an evaluation or prediction of this network runs; wait for it to end",
      );
    }
  }

  /** @internal */
  assertIdle(call: string): void {
    if (this.block.busy !== undefined) {
      throw new Error(`${call} can't be called while ${this.block.busy}; abort that first, or wait for it to end`);
    }
  }

  /** @internal The parameters may be changed: no fit trains them, and no evaluation or prediction reads them. */
  assertChangeable(call: string): void {
    this.assertIdle(call);
    if (this.block.working !== undefined && this.block.settle === undefined) {
      throw new Error(
        `${call} can't be called while an evaluation or prediction of this network runs; wait for it to end`,
      );
    }
  }
}

interface ResolvedNetwork {
  inputs: number;
  layers: Layer[];
  seed: number;
  math: MathMode;
  inputDropout: number;
  inputNoise: number;
  normalize: ResolvedNormalize | undefined;
}

function resolve(networkOptions: unknown): ResolvedNetwork {
  if (networkOptions === undefined)
    wrongKind("the options of Network.create", "an object with inputs and layers", undefined);
  const keys = ["inputs", "layers", "seed", "math", "normalize", "inputDropout", "inputNoise", ...weightOptionNames];
  const given = options(networkOptions, "Network.create", keys);
  const inputs = wholeNumber(given.inputs, "inputs", 1, MOST_UNITS);
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
  const normalize = resolveNormalize(given.normalize, inputs);
  return { inputs, layers, seed, math, inputDropout, inputNoise, normalize };
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

/** The first parameters. Each layer has a stream of its own, so that a change in one leaves the others as they were. */
function draw({ layers, seed }: ResolvedNetwork): Float32Array {
  const vector = new Float32Array(layers.reduce((sum, layer) => sum + countOf(layer), 0));
  let at = 0;
  layers.forEach((layer, i) => {
    const random = new Random(seed, Stream.weights, i);
    const weight = drawer(layer.initializer, layer);
    const bias = drawer(layer.biasInitializer, layer);
    for (const end = at + layer.units * layer.inputs; at < end; at++) vector[at] = weight(random);
    for (const end = at + layer.units; at < end; at++) vector[at] = bias(random);
    for (const name of perUnit(layer.normalization).slice(1)) {
      vector.fill(name === "runningMean" ? 0 : 1, at, at + layer.units);
      at += layer.units;
    }
  });
  return vector;
}
