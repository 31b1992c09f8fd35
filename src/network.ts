// A feed-forward network: what it is made of, what it answers, its parameters.

import { wholeNumber, wrongKind } from "./checks.js";
import type { Source } from "./data/source.js";
import { disposable } from "./dispose.js";
import { Engine } from "./engine/engine.js";
import { isBasicNetwork } from "./engine/extent.js";
import { NetworkBlock } from "./engine/network-block.js";
import { drawParameters } from "./first-parameters.js";
import type { EncodedModel } from "./formats/format.js";
import type { FormatName, SeveralFiles } from "./formats/formats.js";
import type { LoadOptions } from "./formats/loading.js";
import type { Model } from "./formats/model.js";
import type { SaveOptions } from "./formats/saving.js";
import {
  type Layer,
  type MathMode,
  type NetworkOptions,
  type OwnNetworkOptions,
  ownNetworkOptions,
  type ResolvedNetwork,
  resolveNetwork,
} from "./network-options.js";
import { shapeOf } from "./network-shape.js";
import { countOf } from "./normalization.js";
import { type NormalizeKind, type NormalizeOptions, normalizeOptions } from "./normalize.js";
import { type PredictOptions, resolvePredict } from "./predict-options.js";
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
import type { Unlearned } from "./scaling.js";
import { type Answer, type Row, type RowCodec, withSchema } from "./schema.js";

/** What a layer computes for one sample: z = W·a + b of the layer below, and a = σ(z). */
export interface LayerTrace {
  z: Float32Array<ArrayBuffer>;
  a: Float32Array<ArrayBuffer>;
}

export class Network {
  /**
   * Builds a network and draws its first parameters.
   *
   * @throws RangeError or TypeError for options that can't be used; OutOfMemoryError where it doesn't fit.
   */
  static async create(networkOptions: NetworkOptions): Promise<Network> {
    const resolved = resolveNetwork(await withSchema(networkOptions));
    const engine = await Engine.shared(resolved.math);
    if (!engine.isFull && !isBasicNetwork(resolved)) await engine.fill();
    return new Network(engine, resolved);
  }

  /**
   * A network from a model file of any of the formats that `save` writes, and of other libraries.
   *
   * @param source a path (where there is a file system), URL, Blob or File, Response, stream, or the bytes; gzipped or not
   *   (then at most 1 GiB unzipped)
   * @throws FormatError for a file that is damaged, of no known format, or has a part that no network here can do, by its name.
   */
  static async load(source: Source, loadOptions?: LoadOptions): Promise<Network> {
    const { loadModel } = await import("./formats/loading.js");
    const { network: networkOptions, parameters } = await loadModel(source, loadOptions);
    const network = await Network.create(networkOptions);
    network.block.writeBlock(network.block.parameters, parameters);
    return network;
  }

  /** Layer l of the book is layers[l − 1]. */
  readonly layers: readonly Layer[];
  readonly seed: number;
  readonly math: MathMode;
  readonly inputDropout: number;
  readonly inputNoise: number;
  /** How `predictRow` reads rows and tells answers, where that is known. */
  readonly schema: RowCodec | undefined;
  readonly #normalize: NormalizeKind | undefined;
  readonly #normalizeTargets: NormalizeKind | undefined;
  readonly #block: NetworkBlock;

  private constructor(engine: Engine, resolved: ResolvedNetwork) {
    if (!(engine instanceof Engine)) throw new TypeError("networks are made by await Network.create(…)");
    disposable(Network.prototype);
    this.layers = Object.freeze(resolved.layers.map((layer) => Object.freeze(layer)));
    this.seed = resolved.seed;
    this.math = resolved.math;
    this.inputDropout = resolved.inputDropout;
    this.inputNoise = resolved.inputNoise;
    this.schema = resolved.schema;
    this.#block = new NetworkBlock(engine, shapeOf(resolved));
    engine.freeWith(this, this.block.blocks);
    this.#normalize = resolved.normalize?.kind;
    if (resolved.normalize !== undefined) this.block.scaling = resolved.normalize.scaling;
    this.#normalizeTargets = resolved.normalizeTargets?.kind;
    this.block.targetScaling = resolved.normalizeTargets?.scaling;
    try {
      this.block.writeBlock(this.block.parameters, drawParameters(resolved));
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
    return normalizeOptions(this.#normalize, this.#block.scaling);
  }

  /** The same for targets, (t − center)·factor; answers of the network are scaled back. */
  get normalizeTargets(): NormalizeOptions | undefined {
    return normalizeOptions(this.#normalizeTargets, this.#block.targetScaling);
  }

  /** @internal What the data of the next fit are to tell; undefined where there is nothing to learn. */
  get unlearned(): Unlearned | undefined {
    const { scaling, targetScaling } = this.#block;
    const normalize = scaling === undefined ? this.#normalize : undefined;
    const normalizeTargets = targetScaling === undefined ? this.#normalizeTargets : undefined;
    return normalize === undefined && normalizeTargets === undefined ? undefined : { normalize, normalizeTargets };
  }

  /** How many numbers `parameters()` has. */
  get parameterCount(): number {
    return this.block.parameterCount;
  }

  /**
   * The network's answer to one sample or several. A flat array of n·inputs numbers gives n·outputs numbers; an array of
   * rows gives an array of answers. With `normalizeTargets`, they are in the units of the data.
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
   * The network's answer to a row with names, `{ label, probabilities }` for classes, else a number for each target by its
   * name. Needs a `schema`.
   *
   * @throws RangeError for a name or value that the schema doesn't know, by its column; Error where there is no schema.
   */
  predictRow(row: Row): Answer {
    const { schema } = this;
    if (schema === undefined)
      throw new Error("this network has no schema; give it one with Network.create({ schema, … })");
    return schema.decode(this.predict(schema.encode(row)));
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
   * @throws RangeError or TypeError as `predict` does; the signal's reason.
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
      const { predictRows } = await import("./prediction.js");
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

  /** z and a of every layer for one sample, as the book has them: with `normalizeTargets`, the last layer's are scaled. */
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
   * The network as the bytes of a model file: its layers, parameters and scaling, not what a trainer knows (`checkpoint()`).
   *
   * @param format default "nablanet"
   * @returns the file; of a format of several files all by name, the one that is opened first before the others
   * @throws RangeError for what the format can't hold, by its place.
   */
  encode(format?: Exclude<FormatName, SeveralFiles>): Promise<Uint8Array<ArrayBuffer>>;
  encode(format: SeveralFiles): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>;
  encode(format: FormatName): Promise<EncodedModel>;
  async encode(format: FormatName = "nablanet"): Promise<EncodedModel> {
    const model = this.#model();
    const { encodeModel } = await import("./formats/saving.js");
    return encodeModel(model, format, "model");
  }

  /**
   * Writes a model file, where there is a file system. It is written whole or not at all: what was there before stays until the
   * new one is safe on the disk.
   *
   * @throws RangeError for an ending that no format has, and for what the format can't hold; the file system's errors.
   */
  async save(path: string | URL, saveOptions?: SaveOptions): Promise<void> {
    const model = this.#model();
    const { saveModel } = await import("./formats/saving.js");
    await saveModel(model, path, saveOptions);
  }

  /** As it is now, whatever is trained while it is written. */
  #model(): Model {
    return { network: this.options, parameters: this.parameters() };
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

  [Symbol.dispose](): void {
    this.dispose();
  }

  get [Symbol.toStringTag](): string {
    return "Network";
  }

  /** @internal What Network.create made it from, as JSON can hold it: without what does nothing. */
  get options(): OwnNetworkOptions {
    return ownNetworkOptions(this);
  }

  /** @internal Private, so that neither JSON nor consoles show it. */
  get block(): NetworkBlock {
    return this.#block;
  }

  /** @internal The block, its parameters between two mini-batches, unless the network was disposed. */
  usable(): NetworkBlock {
    if (this.block.disposed) throw new Error("this network was disposed and can't be used any more");
    this.block.settle?.();
    this.block.catchUp?.();
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
