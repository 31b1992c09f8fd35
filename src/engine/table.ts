// A dataset staged in linear memory: row-major, in the dataset's order.

import { InputKind, TargetKind } from "../abi.js";
import type { Dataset } from "../dataset.js";
import { Pacer } from "../pacer.js";
import type { TypedNumbers } from "../samples.js";
import type { Block, Engine } from "./engine.js";
import type { Pointer } from "./exports.js";

export class Table {
  readonly pointer: Pointer;
  readonly #blocks: Block[];

  private constructor(blocks: Block[], table: Block) {
    this.#blocks = [...blocks, table];
    this.pointer = table.pointer;
  }

  /** A table of float32 rows. */
  static ofFloats(engine: Engine, inputs: TypedNumbers, targets: TypedNumbers): Table {
    return Table.#build(engine, inputs.length * 4, targets.length * 4, (inputBlock, targetBlock, table) => {
      engine.floats.set(inputs, inputBlock / 4);
      engine.floats.set(targets, targetBlock / 4);
      engine.exports.buildTable(table, inputBlock, InputKind.float32, 1, targetBlock, TargetKind.values);
    });
  }

  /** Copies a dataset, in slices, as far as `signal` lets it. Inputs that are bytes stay bytes. */
  static async stage(engine: Engine, dataset: Dataset, signal?: AbortSignal): Promise<Table> {
    const { inputs, targets, scale, outputSize, order } = dataset.source;
    const rows = dataset.length;
    const classes = targets.kind === "classes";
    const targetWidth = classes ? 1 : outputSize;
    const inputBytes = inputs.bytes ? 1 : 4;
    let at: { inputs: Pointer; targets: Pointer } = { inputs: 0, targets: 0 };
    const table = Table.#build(
      engine,
      rows * inputs.width * inputBytes,
      rows * targetWidth * 4,
      (input, target, pointer) => {
        at = { inputs: input, targets: target };
        const inputKind = inputs.bytes ? InputKind.uint8 : InputKind.float32;
        const targetKind = classes ? TargetKind.classes : TargetKind.values;
        engine.exports.buildTable(pointer, input, inputKind, scale, target, targetKind);
      },
    );
    try {
      await new Pacer().over(0, rows, 1, (from, to) => {
        const count = (to - from) * inputs.width;
        const inputAt = at.inputs + from * inputs.width * inputBytes;
        // views made anew: the memory may have grown since the last slice
        const inputArray = inputs.bytes
          ? new Uint8Array(engine.buffer, inputAt, count)
          : new Float32Array(engine.buffer, inputAt, count);
        inputs.copyTo(inputArray, order, from, to);
        const targetAt = at.targets + from * targetWidth * 4;
        const targetArray = classes
          ? new Int32Array(engine.buffer, targetAt, to - from)
          : new Float32Array(engine.buffer, targetAt, (to - from) * targetWidth);
        targets.columns.copyTo(targetArray, order, from, to);
        return !signal?.aborted;
      });
    } catch (error) {
      table.free();
      throw error;
    }
    return table;
  }

  static #build(
    engine: Engine,
    inputBytes: number,
    targetBytes: number,
    fill: (inputs: Pointer, targets: Pointer, table: Pointer) => void,
  ): Table {
    const blocks: Block[] = [];
    try {
      for (const bytes of [inputBytes, targetBytes, engine.exports.tableBytes()]) {
        blocks.push(engine.allocate(bytes));
      }
      const [inputs, targets, table] = blocks as [Block, Block, Block];
      fill(inputs.pointer, targets.pointer, table.pointer);
      return new Table([inputs, targets], table);
    } catch (error) {
      for (const block of blocks) block.free();
      throw error;
    }
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}
