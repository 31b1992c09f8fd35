// Trains a network: mini-batch by mini-batch, epoch by epoch, or one step at a time.

import { Purpose } from "./abi.js";
import { outOfRange, wrongKind } from "./checks.js";
import { assertClasses, balancedWeights } from "./class-weights.js";
import { Dataset } from "./dataset.js";
import { disposable } from "./dispose.js";
import { assertDistributions } from "./distributions.js";
import { isBasicTrainer } from "./engine/extent.js";
import type { Table } from "./engine/table.js";
import { Metrics, TrainerBlock } from "./engine/trainer-block.js";
import { type EvaluateOptions, type Evaluation, evaluateFeed, isMeasured, resolveEvaluate } from "./evaluation.js";
import { type Check, type Data, openFeed, rowsOf } from "./feed.js";
import { Fit } from "./fit.js";
import { assertAsManyRows, assertGoesOn, type FitOptions, resolveFit } from "./fit-options.js";
import type { FitResult, Progress } from "./fit-result.js";
import { type Checkpoint, encodeCheckpoint } from "./formats/checkpoint.js";
import { byLayer, type Gradients, type TrainingLayerTrace } from "./gradients.js";
import { type LossName, thresholdOf } from "./losses.js";
import { checkedBatch, type GivenBatch, withStaged } from "./mini-batch.js";
import { Network } from "./network.js";
import type { ActivationName } from "./network-options.js";
import { needsFullBatch, resolveLearningRate } from "./optimizers.js";
import { Pacer } from "./pacer.js";
import { checkedSample, type Numbers } from "./samples.js";
import { assertMeasured } from "./schedules.js";
import { assertSuits, assertTargets } from "./suits.js";
import { Threads } from "./threads.js";
import {
  classesOf,
  ownTrainerOptions,
  type ResolvedTrainer,
  resolveTrainer,
  type TrainerOptions,
} from "./trainer-options.js";

/** Only who trains in a worker loads what that takes. */
async function fitInWorker(fit: Fit): Promise<FitResult> {
  const { WorkerFit } = await import("./worker-fit/calling-side.js");
  return new WorkerFit(fit).run();
}

export class Trainer {
  /**
   * A trainer, and its network, as they were when `bytes` were taken by `checkpoint()`. Its next fit goes on with the one
   * that was under way or came last, unless told `resume: false`: with `epochs: 4` it ends at epoch 4, with the same bits as
   * if never stopped (but if it diverges in an epoch that was resumed in its middle, it is put back to where it was resumed).
   * It must be given the same rows, `shuffle` and `earlyStopping`.
   *
   * @throws FormatError for bytes that aren't a checkpoint or are damaged; RangeError for a dataset of another shape.
   */
  static async resume(bytes: Uint8Array, dataset: Data): Promise<Trainer> {
    const { assertState, readCheckpoint, rebuild } = await import("./resuming.js");
    const saved = readCheckpoint(bytes, dataset);
    const trainer = await rebuild(saved);
    try {
      trainer.#takeOver(saved, dataset, assertState);
    } catch (error) {
      trainer.dispose();
      trainer.network.dispose();
      throw error;
    }
    return trainer;
  }

  readonly #network: Network;
  readonly #options: ResolvedTrainer;
  readonly #block: TrainerBlock;
  #disposed = false;
  /** How many fits were begun, so that each shuffles in its own way. */
  #runs = 0;
  /** Where the fit under way is, or how far the last one came, unless the network was trained otherwise since. */
  #progress: Progress | undefined;
  /** Whether the next fit goes on from there. */
  #resumes = false;
  /** The data of the last fit, whose cost an optimizer may know; undefined where a checkpoint's are meant. */
  #trainedOn: WeakRef<Data> | undefined;
  /** The network's count of changes when that was so. */
  #changes = 0;
  readonly #ready: Promise<void> | undefined;

  /**
   * @throws RangeError or TypeError for options that can't be used; OutOfMemoryError where they don't fit.
   */
  constructor(network: Network, trainerOptions?: TrainerOptions) {
    if (!(network instanceof Network)) wrongKind("network", "a Network", network);
    disposable(Trainer.prototype);
    this.#options = resolveTrainer(trainerOptions, network);
    this.#network = network;
    const { classWeights } = this.#options;
    const classes = classesOf(network);
    const weighedClasses = classWeights === undefined ? 0 : classes;
    this.#block = new TrainerBlock(network.usable(), { ...this.#options, weighedClasses });
    // those that the data are to balance count alike until there are data
    if (classWeights === "balanced") this.#block.classWeights = new Array(classes).fill(1);
    else if (classWeights !== undefined) this.#block.classWeights = classWeights;
    const { engine } = network.usable();
    engine.freeWith(this, this.#block.blocks);
    if (!engine.isFull && !isBasicTrainer(this.#options, network.layers.at(-1)?.activation as ActivationName)) {
      this.#ready = engine.fill();
      // who needs it is told
      this.#ready.catch(() => {});
    }
  }

  /**
   * Resolves once `step`, `gradients` and `trace` may be called. In Node, at once. A page begins with the kernels that most
   * networks are made of, and loads the others when a trainer asks for them: for losses other than meanSquaredError,
   * quadratic and the cross-entropies of their own output layers; optimizers other than sgd, adam and adamW; amsgrad, clipping,
   * labelSmoothing and classWeights. `fit` and `evaluate` wait by themselves; `init({ kernels: "full" })` loads all from the start.
   *
   * @throws what the loading failed with
   */
  get ready(): Promise<void> {
    return this.#ready ?? Promise.resolve();
  }

  /** The loss's name. */
  get loss(): LossName {
    return this.#options.loss.name;
  }

  /** Samples in a mini-batch. */
  get batchSize(): number {
    return this.#options.batchSize;
  }

  /** What it trains. */
  get network(): Network {
    return this.#network;
  }

  /** η, which may be changed at any time (but for rProp and lbfgs, whose steps it only begins). */
  get learningRate(): number {
    return this.#usable().optimizer.learningRate;
  }

  set learningRate(learningRate: number) {
    const { kind } = this.#options.optimizer;
    if (needsFullBatch(kind)) {
      throw new Error(`optimizer "${kind}" has steps of its own, which learningRate only begins`);
    }
    this.#usable().optimizer.learningRate = resolveLearningRate(learningRate, "learningRate");
  }

  /**
   * Trains for `epochs` passes over the dataset, in slices of a few milliseconds, so that neither the page nor the event
   * loop is held for longer than one mini-batch takes, or about 10 ms where it takes less. However it ends, the network is usable; see `FitResult.status`.
   *
   * @throws RangeError or TypeError, before anything changed, for a dataset or options that can't be used (also where the
   *   optimizer needs all samples in one mini-batch and `batchSize` is less); Error while another fit trains this network,
   *   or with `resume` where there is nothing to go on with; whatever callbacks and metrics throw.
   */
  async fit(dataset: Data, fitOptions: FitOptions): Promise<FitResult> {
    const resolved = resolveFit(fitOptions, dataset);
    if (this.#isWaiting) await this.#ready;
    const block = this.#usable();
    assertSuits(dataset, this.network, this.loss, "dataset");
    if (resolved.validation !== undefined) assertSuits(resolved.validation, this.network, this.loss, "validation");
    this.#assertFullBatch(dataset);
    assertMeasured(this.#options.schedule, resolved.columns);
    if (this.#options.classWeights !== undefined) assertClasses(dataset);
    const balanced = this.#options.classWeights === "balanced" && balancedWeights(dataset, classesOf(this.network));
    this.network.assertIdle("fit");
    const { shuffle, resume = this.#resumes, onTrainEnd } = resolved;
    const resumed = resume ? this.#standing() : undefined;
    if (resumed !== undefined) assertGoesOn(resumed, dataset, resolved);
    else if (resolved.resume) {
      throw new Error("there is no fit to resume: this trainer had none, or the network was changed otherwise since");
    } else this.#runs += 1;
    const before = [this.#runs - Number(resumed === undefined), this.#progress, this.#resumes, this.#changes] as const;
    const fresh = { run: this.#runs, rows: rowsOf(dataset), shuffle, epoch: 0, row: 0, seconds: 0, history: [] };
    const progress = resumed ?? fresh;
    if (balanced) block.classWeights = balanced;
    const isSame = this.#trainedOn === undefined || this.#trainedOn.deref() === dataset;
    if (resumed === undefined || !isSame) block.optimizer.forgetCost();
    this.#trainedOn = new WeakRef(dataset);
    const { epoch, row } = progress;
    this.#progress = progress;
    this.network.block.changes += 1;
    this.#changes = this.network.block.changes;
    this.network.block.busy = "a fit trains this network";
    const { unlearned } = this.network;
    const fit = new Fit(
      block,
      this.network.seed,
      progress,
      dataset,
      this.#check,
      resolved,
      this.#options.schedule,
      unlearned,
    );
    const isUntouched = () => progress.epoch === epoch && progress.row === row && !fit.forgot;
    const unlearn = () => {
      if (unlearned?.normalize !== undefined) this.network.block.scaling = undefined;
      if (unlearned?.normalizeTargets !== undefined) this.network.block.targetScaling = undefined;
    };
    let result: FitResult;
    try {
      result = await (resolved.worker ? fitInWorker(fit) : fit.run());
      if (result.status === "aborted" && isUntouched()) unlearn();
    } catch (error) {
      if (isUntouched()) {
        // as if it had never been asked for
        [this.#runs, this.#progress, this.#resumes, this.#changes] = before;
        this.network.block.changes -= 1;
        unlearn();
      } else this.#resumes = false;
      throw error;
    } finally {
      this.network.block.busy = undefined;
    }
    // what was aborted before it did anything may be resumed still
    this.#resumes = resumed !== undefined && isUntouched();
    await onTrainEnd?.(result);
    return result;
  }

  /**
   * Loss, and for classes accuracy and confusion matrix, over a dataset, and what `metrics` say; in slices, as `fit`. A fit
   * under way waits, so that all samples see the same parameters.
   */
  async evaluate(dataset: Data, evaluateOptions?: EvaluateOptions): Promise<Evaluation> {
    const wanted = resolveEvaluate(evaluateOptions);
    const { signal } = wanted;
    signal?.throwIfAborted();
    if (this.#isWaiting) await this.#ready;
    const block = this.#usable();
    assertSuits(dataset, this.network, this.loss, "dataset");
    const { engine } = this.network.block;
    const owned: { free(): void }[] = [];
    this.network.block.readers += 1;
    try {
      const measured = isMeasured(wanted);
      const feed = await openFeed(block.network, dataset, block.evaluationRows, this.#check, signal, measured);
      owned.push(feed);
      const metrics = new Metrics(engine, dataset.classNames?.length ?? 0, thresholdOf(this.loss), true);
      owned.push(metrics);
      const threads = await Threads.start(this.network.block, block.evaluationRows, wanted.threads);
      owned.push(threads);
      signal?.throwIfAborted();
      const evaluation = await evaluateFeed(block, threads, feed, metrics, new Pacer(), wanted);
      signal?.throwIfAborted();
      return evaluation as Evaluation;
    } finally {
      for (const thing of owned) thing.free();
      this.network.block.readers -= 1;
    }
  }

  /**
   * One update on exactly these samples, averaged over them, whatever `batchSize` says. Returns their loss before it. If
   * that isn't finite, nothing is updated. A network with
   * `normalizeTargets` scales the targets once a fit has learned how; the loss is in scaled units then.
   *
   * @param inputs n rows: flat, n·inputs numbers, or nested
   * @param targets n rows of outputs, flat or nested; or, with 2 or more outputs, n class indices
   * @param sampleWeights what each row counts in the loss, n numbers of at least 0. Default: 1 each
   */
  step(inputs: Numbers | readonly Numbers[], targets: Numbers | readonly Numbers[], sampleWeights?: Numbers): number {
    const block = this.#usable();
    this.network.assertChangeable("step");
    return this.#withBatch({ inputs, targets, sampleWeights }, (table, rows, metrics) => {
      this.network.assertChangeable("step");
      this.network.block.changes += 1;
      block.optimizer.forgetCost();
      block.inWorkspace(rows, Purpose.train, () => block.train(block.network.alone, metrics, table, 0, 0, 0, rows));
      return metrics.measured.lossSum / rows;
    });
  }

  /**
   * Loss and gradient on exactly these samples (as for `step`), nothing updated. The gradient is that of the cost, with the
   * penalties l1 and l2 where there are some; the loss, here as everywhere, is without them. Both are in the units of the
   * scaled targets, where the network scales them.
   */
  gradients(
    inputs: Numbers | readonly Numbers[],
    targets: Numbers | readonly Numbers[],
    sampleWeights?: Numbers,
  ): Gradients {
    const block = this.#usable();
    return this.#withBatch({ inputs, targets, sampleWeights }, (table, rows, metrics) => {
      const vector = block.gradients(metrics, table, rows, Purpose.train, (at) => this.network.block.readBlock(at));
      return { loss: metrics.measured.lossSum / rows, vector, layers: byLayer(this.network, vector) };
    });
  }

  /** Forward and backward pass of one sample, in the book's symbols; z, a and loss are those of scaled targets, where they are. */
  trace(sample: Numbers, target: Numbers): { loss: number; layers: TrainingLayerTrace[] } {
    const block = this.#usable();
    const input = checkedSample(sample, this.network.inputs, "sample");
    const output = checkedSample(target, this.network.outputs, "target");
    return this.#withBatch({ inputs: input, targets: output }, (table, rows, metrics) =>
      block.gradients(metrics, table, rows, Purpose.trace, (at, workspace) => {
        const { block } = this.network;
        const gradients = byLayer(this.network, block.readBlock(at));
        const layers = block.readLayers(workspace).map(({ z, a }, i) => ({
          z,
          a,
          delta: block.readUnits(z.length, (to) => block.engine.exports.readDeltas(workspace, i + 1, 1, to)),
          weightGradient: gradients[i]?.weights as Float32Array<ArrayBuffer>,
          biasGradient: gradients[i]?.biases as Float32Array<ArrayBuffer>,
        }));
        return { loss: metrics.measured.lossSum, layers };
      }),
    );
  }

  /**
   * Everything needed to go on: parameters, optimizer state, and where a fit stands. May be taken at any time, also
   * within `onEpoch`.
   */
  checkpoint(): Uint8Array<ArrayBuffer> {
    const { learningRate, memory } = this.#usable().optimizer;
    return encodeCheckpoint({
      network: this.network.options,
      trainer: ownTrainerOptions(this.#options, learningRate),
      parameters: this.network.parameters(),
      optimizer: memory,
      runs: this.#runs,
      progress: this.#standing(),
    });
  }

  /** Gives the trainer's memory back at once (not the network's); else that happens some time after it is forgotten. */
  dispose(): void {
    if (this.#disposed) return;
    this.network.assertDisposable();
    this.#disposed = true;
    this.network.block.engine.freeNow(this, this.#block.blocks);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get [Symbol.toStringTag](): string {
    return "Trainer";
  }

  #usable(): TrainerBlock {
    this.network.usable();
    if (this.#disposed) throw new Error("this trainer was disposed and can't be used any more");
    return this.#block;
  }

  /** Whether kernels that it needs are on their way. */
  get #isWaiting(): boolean {
    return this.#ready !== undefined && !this.network.block.engine.isFull;
  }

  #assertFullBatch(dataset: Data): void {
    const { kind } = this.#options.optimizer;
    const rows = dataset instanceof Dataset ? dataset.length : Number.POSITIVE_INFINITY;
    if (!needsFullBatch(kind) || rows <= this.batchSize) return;
    const needed = `at least the dataset's length${Number.isFinite(rows) ? `, ${rows}` : ""}`;
    outOfRange(`batchSize, for optimizer "${kind}",`, needed, this.batchSize);
  }

  /** Makes this trainer and its network what a checkpoint says, unless data or checkpoint don't suit them. */
  #takeOver(saved: Checkpoint, dataset: Data, assertState: typeof import("./resuming.js").assertState): void {
    assertState(saved, this.#block.optimizer.memory);
    assertSuits(dataset, this.network, this.loss, "dataset");
    if (saved.progress !== undefined) assertAsManyRows(saved.progress, dataset);
    this.network.setParameters(saved.parameters);
    if (this.#options.classWeights === "balanced") {
      this.#block.classWeights = balancedWeights(dataset, classesOf(this.network));
    }
    this.#block.optimizer.memory = saved.optimizer;
    this.#runs = saved.runs;
    this.#progress = saved.progress;
    this.#resumes = saved.progress !== undefined;
    this.#changes = this.network.block.changes;
  }

  /** How far the last fit came, unless the network was changed since. */
  #standing(): Progress | undefined {
    return this.#changes === this.network.block.changes ? this.#progress : undefined;
  }

  /** Refuses targets that the loss can't take. */
  get #check(): Check {
    return (content, place) => assertTargets(content, this.loss, place);
  }

  /** Checks a mini-batch and stages it; what `use` returns. */
  #withBatch<T>(given: GivenBatch, use: (table: Table, rows: number, metrics: Metrics) => T): T {
    if (this.#isWaiting)
      throw new Error("the kernels that this trainer needs are being loaded: await trainer.ready first");
    const batch = checkedBatch(this.network, this.loss, given);
    if (this.#options.classWeights !== undefined)
      assertDistributions(batch.targets, this.network.outputs, "as there are classWeights");
    // reading the arrays may have run the user's code
    this.#usable();
    return withStaged(this.network.block, batch, use);
  }
}
