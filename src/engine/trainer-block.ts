// A trainer in linear memory: the optimizer's state, the workspace, and the calls that train.

import { Loss, Purpose } from "../abi.js";
import type { LossName, ResolvedLoss } from "../losses.js";
import type { ResolvedOptimizer } from "../optimizers.js";
import type { Block, Engine } from "./engine.js";
import type { Pointer } from "./exports.js";
import type { NetworkBlock } from "./network-block.js";
import { OptimizerBlock } from "./optimizer-block.js";
import type { Table } from "./table.js";
import type { Team } from "./team.js";

/** What was measured since the last reset. */
export interface Measured {
  /** Summed over rows. */
  lossSum: number;
  correct: number;
}

/** Beyond so many classes a confusion matrix would take more than 16 MiB, and nobody could read it. */
const MOST_CONFUSED = 2048;

/** Counters that train and evaluate add to. */
export class Metrics {
  readonly pointer: Pointer;
  readonly #engine: Engine;
  readonly #blocks: Block[];
  readonly #confusion: Pointer;

  /** Counts hits where there are `classes` (0: none; two in one output are told apart by `threshold`), and a confusion matrix where asked, unless it would be huge. */
  constructor(
    engine: Engine,
    readonly classes: number,
    readonly threshold = 0.5,
    withConfusion = false,
  ) {
    this.#engine = engine;
    const block = engine.allocate(engine.exports.metricsBytes());
    this.#blocks = [block];
    this.pointer = block.pointer;
    this.#confusion = 0;
    if (withConfusion && classes > 0 && classes <= MOST_CONFUSED) {
      try {
        const matrix = engine.allocate(classes * classes * 4);
        this.#blocks.push(matrix);
        this.#confusion = matrix.pointer;
      } catch (error) {
        this.free();
        throw error;
      }
    }
    this.reset();
  }

  /** As if nothing had been counted. */
  reset(): void {
    const { exports, buffer } = this.#engine;
    if (this.#confusion !== 0) new Uint32Array(buffer, this.#confusion, this.classes ** 2).fill(0);
    exports.resetMetrics(this.pointer, this.classes > 0, this.threshold, this.#confusion);
  }

  get measured(): Measured {
    const { lossSum, correct } = this.#engine.exports;
    return { lossSum: lossSum(this.pointer), correct: correct(this.pointer) };
  }

  set measured({ lossSum, correct }: Measured) {
    this.#engine.exports.setMetrics(this.pointer, lossSum, correct);
  }

  /** confusion[actual][predicted], where one is kept. */
  get confusion(): number[][] | undefined {
    if (this.#confusion === 0) return undefined;
    const counts = new Uint32Array(this.#engine.buffer, this.#confusion, this.classes ** 2);
    return Array.from({ length: this.classes }, (_, i) => [
      ...counts.subarray(i * this.classes, (i + 1) * this.classes),
    ]);
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}

/** Rows that an evaluation takes through the layers at a time, at least. */
const EVALUATION_ROWS = 128;

/** A trainer's loss over many rows at a time, with a workspace of its own, so that the trainer may be used meanwhile. */
export class Evaluator {
  readonly #blocks: Block[] = [];
  readonly #pointer: Pointer;
  readonly #workspace: Pointer;
  readonly #network: NetworkBlock;

  constructor(
    network: NetworkBlock,
    loss: ResolvedLoss,
    optimizer: Pointer,
    readonly rows: number,
  ) {
    this.#network = network;
    const { engine } = network;
    const { exports } = engine;
    const take = (bytes: number) => {
      const block = engine.allocate(bytes);
      this.#blocks.push(block);
      return block.pointer;
    };
    try {
      this.#workspace = take(exports.workspaceBytes(network.pointer, rows, Purpose.train));
      this.#pointer = take(exports.trainerBytes());
      exports.buildWorkspace(this.#workspace, network.pointer, rows, Purpose.train);
      exports.buildTrainer(this.#pointer, network.pointer, this.#workspace, Loss[loss.name], optimizer, 0, 0, 0);
      exports.setLossOptions(this.#pointer, loss.parameter, 0, 0);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** Adds loss and hits of rows from..to, which starts at a multiple of `rows`. */
  evaluate(team: Team, metrics: Metrics, table: Table, from: number, to: number): Promise<void> | undefined {
    return team.run("evaluate", this.#pointer, metrics.pointer, table.pointer, from, to);
  }

  /** The outputs for the `count` rows, `rows` at most, that were evaluated last. */
  outputs(count: number): Float32Array<ArrayBuffer> {
    const { engine, layers, outputs } = this.#network;
    return this.#network.readUnits(count * outputs, (target) =>
      engine.exports.readActivations(this.#workspace, layers.length, count, target),
    );
  }

  free(): void {
    for (const block of this.#blocks) block.free();
  }
}

/** What a trainer does, in numbers. */
export interface TrainerShape {
  loss: ResolvedLoss;
  labelSmoothing: number;
  /** How many classes have weights, 0 where all count alike. */
  weighedClasses: number;
  optimizer: ResolvedOptimizer;
  batchSize: number;
}

export class TrainerBlock {
  readonly pointer: Pointer;
  readonly batchSize: number;
  /** Everything that is to be freed with the trainer. */
  readonly blocks: Block[] = [];
  readonly #engine: Engine;
  readonly optimizer: OptimizerBlock;
  readonly #workspace: Pointer;

  readonly #loss: ResolvedLoss;
  readonly #classWeights: Pointer;

  constructor(
    readonly network: NetworkBlock,
    readonly shape: TrainerShape,
  ) {
    const { engine } = network;
    const { exports } = engine;
    const { loss, labelSmoothing, weighedClasses, optimizer, batchSize } = shape;
    this.#engine = engine;
    this.#loss = loss;
    this.batchSize = batchSize;
    const take = (bytes: number) => this.#take(bytes);
    try {
      this.optimizer = new OptimizerBlock(network, optimizer, take);
      this.#workspace = take(exports.workspaceBytes(network.pointer, batchSize, Purpose.train));
      this.pointer = take(exports.trainerBytes());
      const { pointer: state } = this.optimizer;
      // bounding the whole gradient's norm takes the whole gradient, and so does a line search
      const bounds = optimizer.clipNorm !== 0;
      const searchBytes = exports.searchBytes(network.pointer, state);
      const gradient = bounds || searchBytes > 0 ? take(network.blockBytes) : 0;
      const norms = bounds ? take(exports.normsBytes(network.pointer)) : 0;
      const search = searchBytes > 0 ? take(searchBytes) : 0;
      exports.buildWorkspace(this.#workspace, network.pointer, batchSize, Purpose.train);
      const blocks = [gradient, norms, search] as const;
      exports.buildTrainer(this.pointer, network.pointer, this.#workspace, Loss[loss.name], state, ...blocks);
      this.#classWeights = weighedClasses > 0 ? take(weighedClasses * 4) : 0;
      exports.setLossOptions(this.pointer, loss.parameter, labelSmoothing, this.#classWeights);
    } catch (error) {
      for (const block of this.blocks) block.free();
      throw error;
    }
  }

  #take(bytes: number): Pointer {
    const block = this.#engine.allocate(bytes);
    this.blocks.push(block);
    return block.pointer;
  }

  get loss(): LossName {
    return this.#loss.name;
  }

  /** What each class counts; as many as were announced. */
  get classWeights(): readonly number[] {
    const at = this.#classWeights / 4;
    return [...this.#engine.floats.subarray(at, at + this.shape.weighedClasses)];
  }

  set classWeights(weights: readonly number[]) {
    this.#engine.floats.set(weights, this.#classWeights / 4);
  }

  /** To be freed by who asked for it. */
  createEvaluator(): Evaluator {
    return new Evaluator(this.network, this.#loss, this.optimizer.pointer, this.evaluationRows);
  }

  get evaluationRows(): number {
    return Math.max(EVALUATION_ROWS, this.batchSize);
  }

  /** A step for each mini-batch of rows from..to of the epoch, by rates of their own (float64) where there are some. */
  train(
    team: Team,
    metrics: Metrics,
    table: Table,
    order: Pointer,
    rates: Pointer,
    from: number,
    to: number,
  ): Promise<void> | undefined {
    return team.run("train", this.pointer, metrics.pointer, table.pointer, order, rates, from, to);
  }

  /** The gradient on a table's `rows` rows, handed to `read` as a block, with the workspace it was computed in. */
  gradients<T>(
    metrics: Metrics,
    table: Table,
    rows: number,
    purpose: Purpose,
    read: (block: Pointer, workspace: Pointer) => T,
  ): T {
    const { exports } = this.#engine;
    return this.#engine.borrow(this.network.blockBytes, (block) =>
      this.inWorkspace(rows, purpose, (workspace) => {
        // a trace has the network's answer, which the running statistics make
        const fixed = purpose === Purpose.trace;
        exports.gradients(this.network.alone.leader, this.pointer, metrics.pointer, table.pointer, rows, block, fixed);
        return read(block, workspace);
      }),
    );
  }

  /** What `use` returns, with a workspace that has room for `rows` rows: the trainer's own where that does. */
  inWorkspace<T>(rows: number, purpose: Purpose, use: (workspace: Pointer) => T): T {
    if (rows <= this.batchSize && purpose === Purpose.train) return use(this.#workspace);
    const { exports } = this.#engine;
    return this.network.borrowWorkspace(rows, purpose, (workspace) => {
      exports.setWorkspace(this.pointer, workspace);
      try {
        return use(workspace);
      } finally {
        exports.setWorkspace(this.pointer, this.#workspace);
      }
    });
  }
}
