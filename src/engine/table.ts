// Rows staged in linear memory: row-major, in their dataset's order.

import { InputKind, TargetKind } from "../abi.js";
import type { Dataset } from "../dataset.js";
import type { Content } from "../dataset-options.js";
import { Pacer } from "../pacer.js";
import type { TypedNumbers } from "../samples.js";
import type { Block, Engine } from "./engine.js";
import type { Pointer } from "./exports.js";

export class Table {
  readonly pointer: Pointer;
  readonly #engine: Engine;
  readonly #blocks: Block[] = [];
  readonly #inputs: Pointer;
  readonly #targets: Pointer;
  readonly #inputSize: number;
  /** Numbers that a row's targets take: 1 for a class index. */
  readonly #targetSize: number;
  readonly #bytes: boolean;
  readonly #classes: boolean;

  /** A table of float32 rows. */
  static ofFloats(engine: Engine, inputs: TypedNumbers, targets: TypedNumbers): Table {
    const table = new Table(engine, inputs.length, targets.length, 1, false, false, 1);
    engine.floats.set(inputs, table.#inputs / 4);
    engine.floats.set(targets, table.#targets / 4);
    return table;
  }

  /** Room for `rows` rows of the same kind as `content`'s. Inputs that are bytes stay bytes. */
  static allocate(engine: Engine, { inputs, targets, outputSize, scale }: Content, rows: number): Table {
    const classes = targets.kind === "classes";
    return new Table(engine, inputs.width, classes ? 1 : outputSize, rows, inputs.bytes, classes, scale);
  }

  /** Copies a dataset, in slices, as far as `signal` lets it. */
  static async stage(engine: Engine, dataset: Dataset, signal?: AbortSignal): Promise<Table> {
    const { order, ...content } = dataset.source;
    const table = Table.allocate(engine, content, dataset.length);
    try {
      await new Pacer().over(0, dataset.length, 1, (from, to) => {
        table.put(content, order, from, to, from);
        return !signal?.aborted;
      });
    } catch (error) {
      table.free();
      throw error;
    }
    return table;
  }

  private constructor(
    engine: Engine,
    inputSize: number,
    targetSize: number,
    rows: number,
    bytes: boolean,
    classes: boolean,
    scale: number,
  ) {
    this.#engine = engine;
    this.#inputSize = inputSize;
    this.#targetSize = targetSize;
    this.#bytes = bytes;
    this.#classes = classes;
    const take = (size: number) => {
      const block = engine.allocate(size);
      this.#blocks.push(block);
      return block.pointer;
    };
    try {
      this.#inputs = take(rows * inputSize * (bytes ? 1 : 4));
      this.#targets = take(rows * targetSize * 4);
      this.pointer = take(engine.exports.tableBytes());
    } catch (error) {
      this.free();
      throw error;
    }
    const inputKind = bytes ? InputKind.uint8 : InputKind.float32;
    const targetKind = classes ? TargetKind.classes : TargetKind.values;
    engine.exports.buildTable(this.pointer, this.#inputs, inputKind, scale, this.#targets, targetKind);
  }

  /** Refuses content whose numbers would have to lie otherwise than here. */
  assertTakes({ inputs, targets }: Content, place: string): void {
    if (this.#bytes && !inputs.bytes) {
      throw new TypeError(`${place}: inputs must be bytes (Uint8Array), as those of the chunk before it`);
    }
    if (this.#classes !== (targets.kind === "classes")) {
      const kind = this.#classes ? "one class a row" : "rows of numbers";
      throw new TypeError(`${place}: targets must be ${kind}, as those of the chunk before it`);
    }
  }

  /** Copies the rows order[from..to] of some content (or from..to, where there is no order) to row `at` and after. */
  put({ inputs, targets }: Content, order: Uint32Array | undefined, from: number, to: number, at: number): void {
    const { buffer } = this.#engine;
    const count = to - from;
    // views made anew: the memory may have grown since the last slice
    const inputAt = this.#inputs + at * this.#inputSize * (this.#bytes ? 1 : 4);
    const inputCount = count * this.#inputSize;
    const inputView = this.#bytes
      ? new Uint8Array(buffer, inputAt, inputCount)
      : new Float32Array(buffer, inputAt, inputCount);
    inputs.copyTo(inputView, order, from, to);
    const targetAt = this.#targets + at * this.#targetSize * 4;
    const targetCount = count * this.#targetSize;
    const targetView = this.#classes
      ? new Int32Array(buffer, targetAt, targetCount)
      : new Float32Array(buffer, targetAt, targetCount);
    targets.columns.copyTo(targetView, order, from, to);
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}
