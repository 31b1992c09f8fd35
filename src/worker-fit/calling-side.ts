// A fit that a worker runs: starts it, answers what it asks, and takes over what it has trained.

import { trainingWorker as script } from "../../build/training-worker.js";
import type { Dataset } from "../dataset.js";
import { OutOfMemoryError } from "../engine/memory.js";
import { startThread, type Thread } from "../engine/platform.js";
import { ThreadError } from "../engine/thread-error.js";
import type { Metric } from "../evaluation.js";
import type { Fit } from "../fit.js";
import type { EpochRow, FitResult } from "../fit-result.js";
import { measureAll } from "../metric-rows.js";
import { jobOf } from "./job.js";
import type {
  Answered,
  Asked,
  Count,
  End,
  Failure,
  FromWorker,
  Part,
  Question,
  Report,
  ToWorker,
  Word,
} from "./messages.js";
import { buffersOfRows, pack } from "./packed-rows.js";
import { Passes } from "./passes.js";
import { buffersOf, unread, writeState } from "./training-state.js";

/** The worker is gone; the fit can be gone on with from what it told last. */
class LostError extends Error {}

/** Between two looks whether all messages came. */
const COUNT_MS = 10_000;

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
  /** What was asked and isn't answered yet. */
  readonly #answering = new Set<Promise<void>>();
  /** Messages that were sent to the worker, and that came from it. */
  #sent = 0;
  #got = 0;
  /** Whether callbacks have since decided what it hadn't told yet. */
  #isBehind = false;

  constructor(fit: Fit) {
    this.#fit = fit;
    this.#parts = { data: fit.data, validation: fit.options.validation };
    this.#passes = new Passes(this.#parts);
  }

  /** As the fit's own `run`, which it falls back on where no worker can be started, or where it is lost. */
  async run(): Promise<FitResult> {
    const fit = this.#fit;
    const { options, progress } = fit;
    if (options.signal?.aborted) return fit.run();
    let end: End;
    try {
      end = await this.#runThere();
    } catch (error) {
      if (!(error instanceof LostError)) throw error;
      await Promise.all(this.#answering);
      return await this.#runHere(error.message);
    }
    fit.forgot = end.forgot;
    if (end.result === undefined) throw this.#errorOf(end.failure as Failure);
    const { threads } = end.result;
    if (threads.used > 0) threads.reason = `in a worker: ${threads.reason}`;
    return { ...end.result, history: progress.history.map((row) => ({ ...row })) };
  }

  async #runThere(): Promise<End> {
    const { block, options } = this.#fit;
    const abort = () => this.#tell({ abort: true });
    options.signal?.addEventListener("abort", abort);
    block.network.catchUp = () => this.#catchUp();
    const counting = setInterval(() => this.#tell({ count: this.#sent + 1 }), COUNT_MS);
    try {
      return await this.#train();
    } finally {
      clearInterval(counting);
      options.signal?.removeEventListener("abort", abort);
      await this.#thread?.end();
      this.#passes.endAll();
      await unread(block.network);
      this.#catchUp();
      block.network.catchUp = undefined;
    }
  }

  /** Goes on from what the worker told last, unless callbacks decided something since. */
  async #runHere(why: string): Promise<FitResult> {
    for (const thrown of this.#thrown.values()) throw thrown;
    if (this.#isBehind) throw new ThreadError(`the fit's worker was lost: ${why}`);
    const fit = this.#fit;
    const { epoch } = fit.progress;
    const result = await fit.run();
    const place = this.#isHeard ? ` after ${epoch} epochs, as its worker was lost` : ", as no worker could be started";
    result.threads.reason = `on the calling thread${place} (${why}): ${result.threads.reason}`;
    return result;
  }

  /** What the worker says in the end. */
  #train(): Promise<End> {
    return new Promise((resolve, reject) => {
      const lost = (reason: string) => reject(new LostError(reason));
      const hear = (message: unknown) => {
        this.#isHeard = true;
        this.#got += 1;
        const told = message as FromWorker;
        if ("count" in told) this.#assertAll(told.count, lost);
        else if ("id" in told) {
          const answering = this.#answer(told).finally(() => this.#answering.delete(answering));
          this.#answering.add(answering);
        } else {
          if (told.end.report !== undefined) this.#keep(told.end.report);
          resolve(told.end);
        }
      };
      startThread(script, hear, lost)
        .then((thread) => {
          this.#thread = thread;
          const job = jobOf(this.#fit);
          this.#tell({ job }, buffersOf(job.state));
          if (this.#fit.options.signal?.aborted) this.#tell({ abort: true });
        })
        .catch((error: Error) => lost(error.message));
    });
  }

  /** A message that got lost would be waited for for ever. */
  #assertAll({ sent, got, told }: Count, lost: (reason: string) => void): void {
    if (got < sent || this.#got < told) lost("a message to or from it was lost");
  }

  #tell(message: ToWorker, moved?: ArrayBuffer[]): void {
    if (this.#thread === undefined) return;
    this.#thread.send(message, moved);
    this.#sent += 1;
  }

  async #answer({ id, question, asked }: Extract<FromWorker, { id: number }>): Promise<void> {
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
    batch: async (row) => {
      const { optimizer } = this.#fit.block;
      const { learningRate } = optimizer;
      const word = this.#word(await this.#fit.options.onBatch?.(row));
      this.#fit.told = row;
      if (!word.goesOn || word.learningRate !== learningRate) this.#isBehind = true;
      return word;
    },
    epoch: async ({ report, row }) => {
      this.#keep(report);
      if (row === undefined) return this.#word(undefined);
      // all that an evaluation under way sees are the same parameters
      await unread(this.#fit.block.network);
      const word = this.#word(await this.#fit.options.onEpoch?.(row));
      if (!word.goesOn) this.#isBehind = true;
      return word;
    },
    measure: ({ predictions, targets, sizes }) =>
      measureAll(this.#fit.options.metrics as Readonly<Record<string, Metric>>, predictions, targets, sizes),
  };

  #word(said: unknown): Word {
    return { goesOn: said !== false, learningRate: this.#fit.block.optimizer.learningRate };
  }

  #keep(report: Report): void {
    this.#report = report;
    this.#isBehind = false;
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
