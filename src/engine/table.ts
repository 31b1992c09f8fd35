// Rows staged in linear memory: row-major, in their dataset's order.

import { InputKind, TargetKind } from "../abi.js";
import type { Dataset } from "../dataset.js";
import type { Content } from "../dataset-options.js";
import { Pacer } from "../pacer.js";
import type { TypedNumbers } from "../samples.js";
import type { Block, Engine } from "./engine.js";
import type { Pointer } from "./exports.js";

/** How many rows, and how they lie. */
interface Layout {
  rows: number;
  inputSize: number;
  /** Numbers that a row's targets take: 1 for a class index. */
  targetSize: number;
  /** Whether the inputs are bytes, the targets class indices, and there is a weight for each row. */
  bytes: boolean;
  classes: boolean;
  weighs: boolean;
  scale: number;
}

export class Table {
  readonly pointer: Pointer;
  readonly engine: Engine;
  readonly layout: Layout;
  readonly #blocks: Block[] = [];
  readonly inputs: Pointer;
  readonly targets: Pointer;
  readonly #weights: Pointer;

  /** A table of one row of float32, as long as all rows together. */
  static ofFloats(engine: Engine, inputs: TypedNumbers, targets: TypedNumbers): Table {
    const sizes = { rows: 1, inputSize: inputs.length, targetSize: targets.length };
    const table = new Table(engine, { ...sizes, bytes: false, classes: false, weighs: false, scale: 1 });
    engine.floats.set(inputs, table.inputs / 4);
    engine.floats.set(targets, table.targets / 4);
    return table;
  }

  /** Room for `rows` rows of the same kind as `content`'s. Inputs that are bytes stay bytes. */
  static allocate(engine: Engine, { inputs, targets, weights, outputSize, scale }: Content, rows: number): Table {
    const classes = targets.kind === "classes";
    const sizes = { rows, inputSize: inputs.width, targetSize: classes ? 1 : outputSize };
    return new Table(engine, { ...sizes, bytes: inputs.bytes, classes, weighs: weights !== undefined, scale });
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

  private constructor(engine: Engine, layout: Layout) {
    const { rows, inputSize, targetSize, bytes, classes, weighs, scale } = layout;
    this.engine = engine;
    this.layout = layout;
    const take = (size: number) => {
      const block = engine.allocate(size);
      this.#blocks.push(block);
      return block.pointer;
    };
    try {
      this.inputs = take(rows * inputSize * (bytes ? 1 : 4));
      this.targets = take(rows * targetSize * 4);
      this.#weights = weighs ? take(rows * 4) : 0;
      this.pointer = take(engine.exports.tableBytes());
    } catch (error) {
      this.free();
      throw error;
    }
    const inputKind = bytes ? InputKind.uint8 : InputKind.float32;
    const targetKind = classes ? TargetKind.classes : TargetKind.values;
    const targets = [this.targets, targetKind, this.#weights] as const;
    engine.exports.buildTable(this.pointer, this.inputs, inputKind, scale, ...targets);
  }

  /** Refuses content whose numbers would have to lie otherwise than here. */
  assertTakes({ inputs, targets, weights }: Content, place: string): void {
    const { bytes, classes, weighs } = this.layout;
    if (bytes && !inputs.bytes) {
      throw new TypeError(`${place}: inputs must be bytes (Uint8Array), as those of the chunk before it`);
    }
    if (classes !== (targets.kind === "classes")) {
      const kind = classes ? "one class a row" : "rows of numbers";
      throw new TypeError(`${place}: targets must be ${kind}, as those of the chunk before it`);
    }
    if (weighs !== (weights !== undefined)) {
      throw new TypeError(`${place} must have sampleWeights like the chunk before it: both, or neither`);
    }
  }

  /** Copies the rows order[from..to] of some content (or from..to, where there is no order) to row `at` and after. */
  put(content: Content, order: Uint32Array | undefined, from: number, to: number, at: number): void {
    const { inputSize, targetSize, bytes, classes } = this.layout;
    const count = to - from;
    // views made anew: the memory may have grown since the last slice
    const { buffer } = this.engine;
    const inputAt = this.inputs + at * inputSize * (bytes ? 1 : 4);
    const inputView = bytes
      ? new Uint8Array(buffer, inputAt, count * inputSize)
      : new Float32Array(buffer, inputAt, count * inputSize);
    content.inputs.copyTo(inputView, order, from, to);
    const targetAt = this.targets + at * targetSize * 4;
    const targetView = classes
      ? new Int32Array(buffer, targetAt, count * targetSize)
      : new Float32Array(buffer, targetAt, count * targetSize);
    content.targets.columns.copyTo(targetView, order, from, to);
    const weights = new Float32Array(buffer, this.#weights + at * 4, content.weights === undefined ? 0 : count);
    content.weights?.copyTo(weights, order, from, to);
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}
