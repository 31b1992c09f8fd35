// Rows staged in linear memory: row-major, in their dataset's order.

import { InputKind, TargetKind } from "../abi.js";
import type { Dataset } from "../dataset.js";
import type { Content } from "../dataset-options.js";
import { Pacer } from "../pacer.js";
import type { TypedNumbers } from "../samples.js";
import { scaleTargets } from "../target-scaling.js";
import type { Block, Engine } from "./engine.js";
import type { Pointer } from "./exports.js";
import type { Scaling } from "./network-block.js";

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

/** Rows of numbers, flat, with a weight for each row where there are some. */
type Floats = Record<"inputs" | "targets", TypedNumbers> & { weights?: TypedNumbers | undefined };

/** Where rows are staged, and how their targets are, where the network scales them. */
export interface Staging {
  engine: Engine;
  /** `keeps`: also as they were given. */
  targets?: { scaling: Scaling; keeps: boolean };
}

export class Table {
  readonly pointer: Pointer;
  readonly engine: Engine;
  readonly layout: Layout;
  readonly #blocks: Block[] = [];
  readonly inputs: Pointer;
  readonly targets: Pointer;
  readonly #weights: Pointer;
  /** How the targets are scaled, if they are. */
  readonly targetScaling: Scaling | undefined;
  /** The targets before they were scaled, where they are kept. */
  readonly givenTargets: Float32Array<ArrayBuffer> | undefined;

  /** A table of `rows` rows of float32. */
  static ofFloats(staging: Staging, rows: number, { inputs, targets, weights }: Floats): Table {
    const sizes = { rows, inputSize: inputs.length / rows, targetSize: targets.length / rows };
    const kinds = { bytes: false, classes: false, weighs: weights !== undefined, scale: 1 };
    const table = new Table(staging, { ...sizes, ...kinds });
    try {
      const { floats } = staging.engine;
      floats.set(inputs, table.inputs / 4);
      floats.set(targets, table.targets / 4);
      table.#scale(floats.subarray(table.targets / 4, table.targets / 4 + targets.length), 0);
      if (weights !== undefined) floats.set(weights, table.#weights / 4);
    } catch (error) {
      table.free();
      throw error;
    }
    return table;
  }

  /** Room for `rows` rows of the same kind as `content`'s. Inputs that are bytes stay bytes. */
  static allocate(staging: Staging, { inputs, targets, weights, outputSize, scale }: Content, rows: number): Table {
    const classes = targets.kind === "classes";
    const sizes = { rows, inputSize: inputs.width, targetSize: classes ? 1 : outputSize };
    return new Table(staging, { ...sizes, bytes: inputs.bytes, classes, weighs: weights !== undefined, scale });
  }

  /** Copies a dataset, in slices, as far as `signal` lets it. */
  static async stage(staging: Staging, dataset: Dataset, signal?: AbortSignal): Promise<Table> {
    const { order, ...content } = dataset.source;
    const table = Table.allocate(staging, content, dataset.length);
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

  private constructor({ engine, targets: staged }: Staging, layout: Layout) {
    const { rows, inputSize, targetSize, bytes, classes, weighs, scale } = layout;
    this.engine = engine;
    this.layout = layout;
    this.targetScaling = staged?.scaling;
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
    if (staged?.keeps) this.givenTargets = new Float32Array(rows * targetSize);
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
    if (targetView instanceof Float32Array) this.#scale(targetView, at);
    const weights = new Float32Array(buffer, this.#weights + at * 4, content.weights === undefined ? 0 : count);
    content.weights?.copyTo(weights, order, from, to);
  }

  /** Scales targets where they lie, those of row `at` and after, if they are to be. */
  #scale(targets: Float32Array, at: number): void {
    if (this.targetScaling === undefined) return;
    this.givenTargets?.set(targets, at * this.layout.targetSize);
    scaleTargets(targets, this.targetScaling);
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}
