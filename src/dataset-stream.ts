// Rows that come bit by bit: of any number, in the memory of two stretches of them.

import { options, wholeNumber, wrongKind } from "./checks.js";
import { type Content, type DatasetOptions, resolveClasses, resolveDataset, resolveScale } from "./dataset-options.js";

/** Some rows of a stream. */
export type Chunk = Pick<DatasetOptions, "inputs" | "targets" | "sampleWeights">;

export interface StreamOptions extends Pick<DatasetOptions, "classes" | "scale"> {
  /**
   * Called for each pass over the rows, an epoch or an evaluation; gives them in chunks of any size, some thousand rows
   * being a good one, and each time the same rows in the same order.
   */
  chunks: () => Iterable<Chunk> | AsyncIterable<Chunk>;
  /** The numbers in a row of inputs. */
  inputSize: number;
  /** The numbers in a row of targets. Default: the number of classes, else 1. */
  outputSize?: number;
  /**
   * The rows that are in memory at a time (and once more while the next are read), which are shuffled among each other.
   * Default: as many as take 16 MiB, but 1,024 at least.
   */
  bufferRows?: number;
}

const BUFFER_BYTES = 2 ** 24;
const LEAST_BUFFER = 1024;

/** Made by `Dataset.stream` and `datasets.idxStream`; `fit` and `evaluate` take it as they take a Dataset. */
export class DatasetStream {
  readonly inputSize: number;
  readonly outputSize: number;
  /** The classes' names, or undefined where the targets are not classes. */
  readonly classNames: readonly string[] | undefined;
  /** What every input is multiplied by. */
  readonly scale: number;
  readonly bufferRows: number;
  readonly #chunks: StreamOptions["chunks"];

  /** @internal */
  constructor(streamOptions: StreamOptions) {
    const keys = ["chunks", "inputSize", "outputSize", "classes", "scale", "bufferRows"];
    if (streamOptions === undefined) wrongKind("the options of Dataset.stream", "an object with chunks", undefined);
    const given = options(streamOptions, "Dataset.stream", keys);
    if (typeof given.chunks !== "function") wrongKind("chunks", "a function that gives chunks of rows", given.chunks);
    this.#chunks = given.chunks as StreamOptions["chunks"];
    this.inputSize = wholeNumber(given.inputSize, "inputSize", 1);
    this.classNames = resolveClasses(given.classes);
    const fallback = this.classNames?.length ?? 1;
    this.outputSize = given.outputSize === undefined ? fallback : wholeNumber(given.outputSize, "outputSize", 1);
    this.scale = resolveScale(given.scale);
    const usual = Math.max(LEAST_BUFFER, Math.floor(BUFFER_BYTES / 4 / (this.inputSize + this.outputSize)));
    this.bufferRows = given.bufferRows === undefined ? usual : wholeNumber(given.bufferRows, "bufferRows", 1, 2 ** 30);
  }

  get [Symbol.toStringTag](): string {
    return "DatasetStream";
  }

  /** @internal One pass over the rows, checked chunk by chunk. */
  async *pass(): AsyncGenerator<Content & { place: string }> {
    let index = 0;
    for await (const chunk of this.#chunks()) {
      const place = `chunk ${index}`;
      yield { ...this.#resolve(chunk, place), place };
      index += 1;
    }
  }

  #resolve(chunk: unknown, place: string): Content {
    const keys = ["inputs", "targets", "sampleWeights"];
    const { inputs, targets, sampleWeights } = options(chunk, place, keys) as unknown as Chunk;
    const { inputSize, outputSize, classNames: classes, scale } = this;
    try {
      const given = { inputs, targets, inputSize, outputSize, scale };
      return resolveDataset({ ...given, ...(classes && { classes }), ...(sampleWeights && { sampleWeights }) });
    } catch (error) {
      // the same error, that says which chunk
      if (error instanceof Error) error.message = `${place}: ${error.message}`;
      throw error;
    }
  }
}
