// A network in linear memory.

import { InputKind, LayerOption, NetworkOption, Purpose, TargetKind } from "../abi.js";
import { namesOf } from "../checks.js";
import type { TypedNumbers } from "../samples.js";
import { unscaleOutputs } from "../target-scaling.js";
import type { Engine, Freeable } from "./engine.js";
import type { Pointer } from "./exports.js";
import { Team } from "./team.js";

/** Rows that a prediction takes through the layers at a time. */
export const ROWS = 64;

/** Each input or target x becomes (x − center)·factor. */
export interface Scaling {
  center: readonly number[];
  factor: readonly number[];
}

/** A layer in numbers, and how many parameters it has. */
export type LayerShape = Record<keyof typeof LayerOption, number> & { count: number };

/** A network in numbers. */
export type NetworkShape = Record<keyof typeof NetworkOption, number> & { layers: readonly LayerShape[] };

const networkOptions = /* @__PURE__ */ namesOf<keyof typeof NetworkOption>(NetworkOption);
const layerOptions = /* @__PURE__ */ namesOf<keyof typeof LayerOption>(LayerOption);

/** What `buildNetwork` reads. */
export function describe(shape: NetworkShape): number[] {
  return [
    ...networkOptions.map((name) => shape[name]),
    ...shape.layers.flatMap((layer) => layerOptions.map((name) => layer[name])),
  ];
}

export class NetworkBlock {
  readonly pointer: Pointer;
  /** Everything that is to be freed with the network. */
  readonly blocks: Freeable[] = [];
  readonly parameterCount: number;
  readonly inputs: number;
  readonly outputs: number;
  /** What keeps the parameters from being changed by others: a running fit. */
  busy: string | undefined;
  /** Ends the slice that workers train at the moment, if they do, so that the parameters stand still until the next. */
  settle: (() => void) | undefined;
  /** What is done with this network at the moment, whoever's it is. Others wait for it before they begin theirs. */
  working: Promise<unknown> | undefined;
  /** Evaluations under way, which need the memory between two slices. */
  readers = 0;
  /** Counts what changes the parameters from outside of a fit, which a fit that is resumed must know of. */
  changes = 0;
  disposed = false;
  /** Brings in what another thread has trained meanwhile, unless somebody reads the parameters. */
  catchUp: (() => void) | undefined;
  /** The team of one that works on the calling thread. */
  readonly alone: Team;

  /** How targets are scaled, and outputs scaled back, once that is known. The kernels know nothing of it. */
  targetScaling: Scaling | undefined;

  #scaling: Scaling | undefined;
  readonly #workspace: Pointer;
  readonly #table: Pointer;
  readonly #in: Pointer;
  readonly #out: Pointer;

  readonly layers: readonly LayerShape[];

  constructor(
    readonly engine: Engine,
    readonly shape: NetworkShape,
  ) {
    const { exports } = engine;
    const { layers } = shape;
    this.layers = layers;
    this.inputs = shape.inputs;
    this.outputs = layers.at(-1)?.units as number;
    this.parameterCount = layers.reduce((sum, layer) => sum + layer.count, 0);
    const description = describe(shape);
    try {
      this.pointer = engine.borrow(description.length * 8, (pointer) => {
        new Float64Array(engine.buffer, pointer, description.length).set(description);
        const network = this.#take(exports.networkBytes(pointer));
        exports.buildNetwork(network, pointer);
        return network;
      });
      this.#in = this.#take(ROWS * this.inputs * 4);
      this.#out = this.#take(ROWS * this.outputs * 4);
      this.#workspace = this.#take(exports.workspaceBytes(this.pointer, ROWS, Purpose.predict));
      this.#table = this.#take(exports.tableBytes());
      this.alone = new Team(engine, this.pointer, 1);
      this.blocks.push(this.alone);
    } catch (error) {
      this.free();
      throw error;
    }
    exports.buildWorkspace(this.#workspace, this.pointer, ROWS, Purpose.predict);
    exports.buildTable(this.#table, this.#in, InputKind.float32, 1, 0, TargetKind.values, 0);
  }

  #take(bytes: number): Pointer {
    const block = this.engine.allocate(bytes);
    this.blocks.push(block);
    return block.pointer;
  }

  free(): void {
    for (const block of this.blocks) block.free();
  }

  /** The bytes of one block of parameters in the kernels' layout. */
  get blockBytes(): number {
    return this.engine.exports.blockBytes(this.pointer);
  }

  /** Where the parameters lie. */
  get parameters(): Pointer {
    // WebAssembly hands pointers over as signed numbers
    return this.engine.exports.parametersOf(this.pointer) >>> 0;
  }

  /** How inputs are scaled, once that is known. */
  get scaling(): Scaling | undefined {
    return this.#scaling;
  }

  set scaling(scaling: Scaling | undefined) {
    this.#scaling = scaling;
    const { floats, exports } = this.engine;
    writeScaling(floats, exports.scalingOf(this.pointer) >>> 0, this.inputs, scaling);
  }

  /** A block as a vector in the book's order. */
  readBlock(block: Pointer): Float32Array<ArrayBuffer> {
    return this.engine.borrow(this.parameterCount * 4, (vector) => {
      this.engine.exports.readBlock(this.pointer, block, vector);
      return this.engine.copyFloats(vector, this.parameterCount);
    });
  }

  /** The book's vector into a block. */
  writeBlock(block: Pointer, vector: ArrayLike<number>): void {
    // what is longer would be written over others' memory
    if (vector.length !== this.parameterCount) {
      throw new RangeError(`a block must have ${this.parameterCount} numbers, got ${vector.length}`);
    }
    this.engine.borrow(this.parameterCount * 4, (pointer) => {
      this.engine.floats.set(vector, pointer / 4);
      this.engine.exports.writeBlock(this.pointer, block, pointer);
    });
  }

  /**
   * What `task` gives, which sees one state of the parameters from its begin to its end: slices of training wait for it,
   * and it for the one under way.
   */
  async hold<T>(task: () => Promise<T>): Promise<T> {
    while (this.working !== undefined) await this.working;
    const result = task();
    const nothing = () => {};
    void this.occupy(result.then(nothing, nothing));
    return result;
  }

  /** Marks the network as worked with until a slice of workers is done. */
  occupy(slice: Promise<void>, settle?: () => void): Promise<void> {
    this.settle = settle;
    const working = slice
      .catch(() => {})
      .then(() => {
        if (this.working !== working) return;
        this.working = undefined;
        this.settle = undefined;
      });
    this.working = working;
    return slice;
  }

  /**
   * The answers to `rows` rows of inputs into `out`, both row-major; for one row without allocating anything. Returns
   * whether the inputs are finite in float32; where they aren't, out is left as it is from that stretch of rows on.
   */
  predictInto(samples: TypedNumbers, rows: number, out: Float32Array): boolean {
    const { inputs, outputs } = this;
    if (rows === 1) {
      const { floats } = this.engine;
      floats.set(samples, this.#in / 4);
      if (!this.#predict(1)) return false;
      const at = this.#out / 4;
      for (let j = 0; j < outputs; j++) out[j] = floats[at + j] as number;
      if (this.targetScaling !== undefined) unscaleOutputs(out, this.targetScaling);
      return true;
    }
    for (let from = 0; from < rows; from += ROWS) {
      const to = Math.min(rows, from + ROWS);
      const { floats } = this.engine;
      floats.set(samples.subarray(from * inputs, to * inputs), this.#in / 4);
      if (!this.#predict(to - from)) return false;
      out.set(floats.subarray(this.#out / 4, this.#out / 4 + (to - from) * outputs), from * outputs);
    }
    if (this.targetScaling !== undefined) unscaleOutputs(out, this.targetScaling);
    return true;
  }

  /** From `#in` to `#out`, unless a number isn't finite. */
  #predict(rows: number): boolean {
    const { exports } = this.engine;
    if (!exports.areFinite(this.#in, rows * this.inputs)) return false;
    exports.predict(this.alone.leader, this.#workspace, this.#table, 0, rows, this.#out);
    return true;
  }

  /** What `use` returns, with a workspace for `rows` rows that lives no longer than the call. */
  borrowWorkspace<T>(rows: number, purpose: Purpose, use: (workspace: Pointer) => T): T {
    const { exports } = this.engine;
    return this.engine.borrow(exports.workspaceBytes(this.pointer, rows, purpose), (workspace) => {
      exports.buildWorkspace(workspace, this.pointer, rows, purpose);
      return use(workspace);
    });
  }

  /** z and a of every layer for one sample. */
  trace(sample: TypedNumbers): { z: Float32Array<ArrayBuffer>; a: Float32Array<ArrayBuffer> }[] {
    return this.borrowWorkspace(1, Purpose.trace, (workspace) => {
      this.engine.floats.set(sample, this.#in / 4);
      this.engine.exports.forwardRows(this.alone.leader, workspace, this.#table, 1);
      return this.readLayers(workspace);
    });
  }

  /** z and a of every layer, of the one row that a workspace holds. */
  readLayers(workspace: Pointer): { z: Float32Array<ArrayBuffer>; a: Float32Array<ArrayBuffer> }[] {
    const { readSums, readActivations } = this.engine.exports;
    return this.layers.map(({ units }, i) => ({
      z: this.readUnits(units, (target) => readSums(workspace, i + 1, 1, target)),
      a: this.readUnits(units, (target) => readActivations(workspace, i + 1, 1, target)),
    }));
  }

  readUnits(units: number, read: (target: Pointer) => void): Float32Array<ArrayBuffer> {
    return this.engine.borrow(units * 4, (target) => {
      read(target);
      return this.engine.copyFloats(target, units);
    });
  }
}

/** Into the kernels' panels, [inputs/8][2][8]. Without a scaling, inputs stay as they are. */
export function writeScaling(
  floats: Float32Array,
  pointer: Pointer,
  inputs: number,
  scaling: Scaling | undefined,
): void {
  for (let k = 0; k < inputs; k++) {
    const at = pointer / 4 + (k >> 3) * 16 + (k & 7);
    floats[at] = scaling === undefined ? 0 : (scaling.center[k] as number);
    floats[at + 8] = scaling === undefined ? 1 : (scaling.factor[k] as number);
  }
}
