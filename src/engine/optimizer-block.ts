// An optimizer in linear memory: its options, its counters, and the blocks of its state.

import { Optimizer, OptimizerCounter, OptimizerOption } from "../abi.js";
import { namesOf } from "../checks.js";
import type { ResolvedOptimizer } from "../optimizers.js";
import type { Pointer } from "./exports.js";
import type { NetworkBlock } from "./network-block.js";

export type Counters = Record<keyof typeof OptimizerCounter, number>;

/** The optimizer's memory as JavaScript sees it: blocks in the book's order, and what it counts. */
export interface OptimizerMemory {
  blocks: Float32Array<ArrayBuffer>[];
  counters: Counters;
}

const optionNames = /* @__PURE__ */ namesOf<keyof typeof OptimizerOption>(OptimizerOption);
export const counterNames = /* @__PURE__ */ namesOf<keyof typeof OptimizerCounter>(OptimizerCounter);

export class OptimizerBlock {
  readonly pointer: Pointer;
  readonly #network: NetworkBlock;
  /** Where its blocks lie, in the kernels' layout. */
  readonly state: Pointer;
  readonly #stateBlocks: number;

  /** `take` allocates bytes that are freed with the trainer. */
  constructor(network: NetworkBlock, optimizer: ResolvedOptimizer, take: (bytes: number) => Pointer) {
    const { exports } = network.engine;
    this.#network = network;
    this.pointer = take(exports.optimizerBytes());
    exports.buildOptimizer(this.pointer, Optimizer[optimizer.kind]);
    for (const name of optionNames) this.#options[OptimizerOption[name]] = Number(optimizer[name]);
    this.#stateBlocks = exports.stateBlocks(this.pointer);
    this.state = take(this.#stateBlocks * network.blockBytes);
    exports.setStateBlocks(this.pointer, this.state);
    this.reset();
  }

  /** Views, made anew each time: a memory that grows leaves the old ones behind. */
  get #options(): Float64Array {
    const { exports, buffer } = this.#network.engine;
    return new Float64Array(buffer, exports.optionsOf(this.pointer) >>> 0, optionNames.length);
  }

  /** What it counts. */
  get counters(): Float64Array {
    const { exports, buffer } = this.#network.engine;
    return new Float64Array(buffer, exports.countersOf(this.pointer) >>> 0, counterNames.length);
  }

  get learningRate(): number {
    return this.#options[OptimizerOption.learningRate] as number;
  }

  set learningRate(learningRate: number) {
    this.#options[OptimizerOption.learningRate] = learningRate;
  }

  /** Forgets what is known of the cost, before it is that of other data. */
  forgetCost(): void {
    this.counters[OptimizerCounter.isKnown] = 0;
    this.counters[OptimizerCounter.hasConverged] = 0;
  }

  /** Whether no further step would lower the cost. */
  get hasConverged(): boolean {
    return this.counters[OptimizerCounter.hasConverged] !== 0;
  }

  /** Forgets moments and momentum. */
  reset(): void {
    this.#network.engine.exports.resetOptimizer(this.pointer, this.#network.blockBytes);
  }

  get memory(): OptimizerMemory {
    const { counters } = this;
    return {
      blocks: Array.from({ length: this.#stateBlocks }, (_, i) => this.#network.readBlock(this.#stateAt(i))),
      counters: Object.fromEntries(counterNames.map((name) => [name, counters[OptimizerCounter[name]]])) as Counters,
    };
  }

  set memory({ blocks, counters }: OptimizerMemory) {
    blocks.forEach((block, i) => {
      this.#network.writeBlock(this.#stateAt(i), block);
    });
    for (const name of counterNames) this.counters[OptimizerCounter[name]] = counters[name];
  }

  /** Bytes of its blocks. */
  get stateBytes(): number {
    return this.#stateBlocks * this.#network.blockBytes;
  }

  #stateAt(i: number): Pointer {
    return this.state + i * this.#network.blockBytes;
  }
}
