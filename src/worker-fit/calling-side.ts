// A fit that a worker runs: starts it, answers what it asks, and takes over what it has trained.

import { trainingWorker as script } from "../../build/training-worker.js";
import type { Dataset } from "../dataset.js";
import { OutOfMemoryError } from "../engine/memory.js";
import { absoluteWorkerUrl, startThread, type Thread } from "../engine/platform.js";
import { ThreadError } from "../engine/thread-error.js";
import type { Metric } from "../evaluation.js";
import type { Fit } from "../fit.js";
import type { EpochRow, FitResult } from "../fit-result.js";
import { measureAll } from "../metric-rows.js";
import type {
  Answered,
  Asked,
  End,
  Failure,
  FromWorker,
  Job,
  Part,
  Question,
  Report,
  ToWorker,
  Word,
} from "./messages.js";
import { buffersOfRows, pack, shapeOfData } from "./packed-rows.js";
import { Passes } from "./passes.js";
import { buffersOf, readState, unread, writeState } from "./training-state.js";

/** A worker of which nothing was heard before it was lost. */
class NotStartedError extends Error {}

/** Errors that a fit throws by itself. */
const errors: Record<string, new (message: string) => Error> = {
  RangeError,
  TypeError,
  ThreadError,
  OutOfMemoryError,
};

type Answers = { [Q in Question]: (asked: Asked<Q>) => Answered<Q> | Promise<Answered<Q>> };

export class WorkerFit {
  readonly #fit: Fit;
  readonly #parts: Record<Part, Fit["data"] | undefined>;
  readonly #passes: Passes;
  #thread: Thread | undefined;
  #isHeard = false;
  /** What was thrown while a question was answered, by its number. */
  readonly #thrown = new Map<number, unknown>();
  /** What the worker told last, and the rows that it told since the last was taken over. */
  #report: Report | undefined;
  readonly #rows: EpochRow[] = [];

  constructor(fit: Fit) {
    this.#fit = fit;
    this.#parts = { data: fit.data, validation: fit.options.validation };
    this.#passes = new Passes(this.#parts);
  }

  /** As the fit's own `run`, which it falls back on where no worker can be started. */
  async run(): Promise<FitResult> {
    const fit = this.#fit;
    const { block, options, progress } = fit;
    if (options.signal?.aborted) return fit.run();
    const abort = () => this.#tell({ abort: true });
    options.signal?.addEventListener("abort", abort);
    block.network.catchUp = () => this.#catchUp();
    let end: End;
    try {
      end = await this.#train();
    } catch (error) {
      if (error instanceof NotStartedError) return await this.#runHere(error.message);
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", abort);
      this.#thread?.end();
      this.#passes.endAll();
      await unread(block.network);
      this.#catchUp();
      block.network.catchUp = undefined;
    }
    fit.forgot = end.forgot;
    if (end.result === undefined) throw this.#errorOf(end.failure as Failure);
    const { threads } = end.result;
    if (threads.used > 0) threads.reason = `in a worker: ${threads.reason}`;
    return { ...end.result, history: progress.history.map((row) => ({ ...row })) };
  }

  async #runHere(why: string): Promise<FitResult> {
    const result = await this.#fit.run();
    result.threads.reason = `on the calling thread, as no worker could be started (${why}): ${result.threads.reason}`;
    return result;
  }

  /** What the worker says in the end. */
  #train(): Promise<End> {
    return new Promise((resolve, reject) => {
      const lost = (reason: string) =>
        reject(this.#isHeard ? new ThreadError(`the fit's worker was lost: ${reason}`) : new NotStartedError(reason));
      const hear = (message: unknown) => {
        this.#isHeard = true;
        const told = message as FromWorker;
        if (!("end" in told)) return void this.#answer(told);
        if (told.end.report !== undefined) this.#keep(told.end.report);
        resolve(told.end);
      };
      startThread(script, hear, lost)
        .then((thread) => {
          this.#thread = thread;
          const job = this.#job();
          this.#tell({ job }, buffersOf(job.state));
          if (this.#fit.options.signal?.aborted) this.#tell({ abort: true });
        })
        .catch((error: Error) => lost(error.message));
    });
  }

  #tell(message: ToWorker, moved?: ArrayBuffer[]): void {
    this.#thread?.send(message, moved);
  }

  #job(): Job {
    const { block, seed, progress, schedule, unlearned, options } = this.#fit;
    const { engine, shape } = block.network;
    const { loss, labelSmoothing, weighedClasses, batchSize } = block.shape;
    // which may have been set since
    const optimizer = { ...block.shape.optimizer, learningRate: block.optimizer.learningRate };
    const { epochs, shuffle, earlyStopping, columns } = options;
    const { data, validation } = this.#parts;
    return {
      variant: engine.variant,
      module: engine.kernels,
      workerUrl: absoluteWorkerUrl(),
      network: shape,
      trainer: { loss, labelSmoothing, weighedClasses, optimizer, batchSize },
      classWeights: block.classWeights,
      state: readState(block),
      seed,
      progress,
      schedule,
      unlearned,
      parts: { data: data && shapeOfData(data), validation: validation && shapeOfData(validation) },
      // the worker that was asked for is this one
      options: { epochs, shuffle, earlyStopping, columns, threads: options.threads === "worker" ? 1 : options.threads },
      asks: {
        onBatch: options.onBatch !== undefined,
        onEpoch: options.onEpoch !== undefined,
        measure: options.metrics !== undefined,
      },
    };
  }

  async #answer({ id, question, asked }: Exclude<FromWorker, { end: End }>): Promise<void> {
    try {
      const answer = await (this.#answers[question] as (asked: unknown) => unknown)(asked);
      const isRows = question === "rows" || question === "chunk";
      const moved = isRows && answer !== undefined ? buffersOfRows(answer as Answered<"rows">) : [];
      this.#tell({ id, answer }, moved);
    } catch (error) {
      this.#thrown.set(id, error);
      this.#tell({ id, failed: true });
    }
  }

  readonly #answers: Answers = {
    rows: ({ part, from, to }) => {
      const { order, ...content } = (this.#parts[part] as Dataset).source;
      return pack(content, order, from, to);
    },
    chunk: (pass) => this.#passes.next(pass),
    endPass: (pass) => {
      this.#passes.end(pass);
      return undefined;
    },
    batch: async (row) => this.#word(await this.#fit.options.onBatch?.(row)),
    epoch: async ({ report, row }) => {
      this.#keep(report);
      if (row === undefined) return this.#word(undefined);
      // all that an evaluation under way sees are the same parameters
      await unread(this.#fit.block.network);
      return this.#word(await this.#fit.options.onEpoch?.(row));
    },
    measure: ({ predictions, targets, sizes }) =>
      measureAll(this.#fit.options.metrics as Readonly<Record<string, Metric>>, predictions, targets, sizes),
  };

  #word(said: unknown): Word {
    return { goesOn: said !== false, learningRate: this.#fit.block.optimizer.learningRate };
  }

  #keep(report: Report): void {
    this.#report = report;
    this.#rows.push(...report.rows);
  }

  /** Takes over what the worker told last, which costs nothing as long as nobody asks for it. */
  #catchUp(): void {
    const { block, progress } = this.#fit;
    if (this.#report === undefined || block.network.readers > 0) return;
    const { state, progress: told } = this.#report;
    this.#report = undefined;
    const { history } = progress;
    for (const row of this.#rows.splice(0)) history.push(row);
    Object.assign(progress, told, { history });
    writeState(block, state);
  }

  #errorOf({ name, message, question }: Failure): unknown {
    if (question !== undefined) return this.#thrown.get(question);
    return new (errors[name] ?? Error)(message);
  }
}
