// What a worker runs that trains for another thread: the fit that would have run there, which asks that thread for rows and
// callbacks. Compiled into a script of its own (build/training-worker.ts; dist/worker.js, which is also that of threads).

import { Engine } from "../engine/engine.js";
import { NetworkBlock } from "../engine/network-block.js";
import { setWorkerUrl } from "../engine/platform.js";
import { TrainerBlock } from "../engine/trainer-block.js";
import { asThread } from "../engine/worker.js";
import { Fit } from "../fit.js";
import type { BatchRow, ResolvedFit } from "../fit-options.js";
import { assertTargets } from "../suits.js";
import { type Ask, askForData } from "./asked-data.js";
import type { End, FromWorker, Job, Report, ToWorker, Word } from "./messages.js";
import { buffersOf, readState, writeState } from "./training-state.js";

declare const port: {
  onmessage: (event: { data: ToWorker | Parameters<typeof asThread>[0]["data"] }) => void;
  postMessage(message: FromWorker, moved: ArrayBuffer[]): void;
};

/** Unless callbacks wait for each epoch, one is told after so many ms, and when telling took this share of the time since. */
const REPORT_MS = 100;
const REPORT_SHARE = 0.05;

/** Something failed where it was answered. */
class AnswerError extends Error {
  constructor(readonly question: number) {
    super("the calling thread failed");
  }
}

const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
const controller = new AbortController();
let questions = 0;
/** Messages that came, and that were sent. */
let got = 0;
let told = 0;

const ask: Ask = (question, asked, moved = []) =>
  new Promise((resolve, reject) => {
    const id = questions++;
    waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
    post({ id, question, asked }, moved);
  });

function post(message: FromWorker, moved: ArrayBuffer[] = []): void {
  told += 1;
  port.postMessage(message, moved);
}

// a worker that isn't told to train is a thread
port.onmessage = ({ data }) => {
  got += 1;
  if ("job" in data) void train(data.job);
  else if ("abort" in data) controller.abort();
  else if ("count" in data) post({ count: { sent: data.count, got, told: told + 1 } });
  else if ("id" in data) {
    const { resolve, reject } = waiting.get(data.id) as { resolve(answer: unknown): void; reject(error: Error): void };
    waiting.delete(data.id);
    if ("failed" in data) reject(new AnswerError(data.id));
    else resolve(data.answer);
  } else void asThread({ data });
};

async function train(job: Job): Promise<void> {
  const end: End = { result: undefined, failure: undefined, report: undefined, forgot: false };
  const run = new Run(job);
  try {
    const { history, ...result } = await run.run();
    end.result = result;
  } catch (error) {
    const { name, message } = error as Error;
    end.failure = { name, message, question: error instanceof AnswerError ? error.question : undefined };
  }
  const { fit } = run;
  await fit?.block.network.engine.endWorkers();
  if (fit !== undefined) Object.assign(end, { report: run.report(), forgot: fit.forgot });
  post({ end }, end.report === undefined ? [] : buffersOf(end.report.state));
}

class Run {
  readonly #job: Job;
  fit: Fit | undefined;
  #block!: TrainerBlock;
  /** Rows of the history that the calling thread has. */
  #told: number;
  #isTelling = false;
  #nextReport = performance.now() + REPORT_MS;

  constructor(job: Job) {
    this.#job = job;
    this.#told = job.progress.history.length;
  }

  async run(): Promise<ReturnType<Fit["run"]>> {
    const { seed, progress, schedule, unlearned, parts, trainer } = this.#job;
    this.#block = await this.#build();
    const data = await askForData("data", parts.data as NonNullable<typeof parts.data>, ask, controller.signal);
    const validation = parts.validation && (await askForData("validation", parts.validation, ask, controller.signal));
    const check: Fit["check"] = (content, place) => assertTargets(content, trainer.loss.name, place);
    const options = this.#options(validation);
    this.fit = new Fit(this.#block, seed, progress, data, check, options, schedule, unlearned);
    return this.fit.run();
  }

  async #build(): Promise<TrainerBlock> {
    const { variant, module, workerUrl, network, trainer, classWeights, state } = this.#job;
    setWorkerUrl(workerUrl);
    const block = new TrainerBlock(new NetworkBlock(await Engine.of(variant, module), network), trainer);
    if (classWeights.length > 0) block.classWeights = classWeights;
    writeState(block, state);
    return block;
  }

  #options(validation: ResolvedFit["validation"]): ResolvedFit {
    const { options, asks } = this.#job;
    return {
      ...options,
      validation,
      metrics: asks.measure
        ? (predictions, targets, sizes) =>
            ask("measure", { predictions, targets, sizes }, [predictions.buffer, targets.buffer])
        : undefined,
      resume: undefined,
      signal: controller.signal,
      onBatch: asks.onBatch ? (row) => this.#tellBatch(row) : undefined,
      onEpoch: (row) => (asks.onEpoch ? this.#tell(row) : this.#tellNowAndThen()),
      onTrainEnd: undefined,
      worker: false,
    };
  }

  async #tellBatch(row: BatchRow): Promise<boolean> {
    const { optimizer } = this.#block;
    const { learningRate } = optimizer;
    const goesOn = this.#heed(await ask("batch", row));
    // whoever trains again what comes now does so with the new rate
    if (optimizer.learningRate !== learningRate) await this.#tell();
    return goesOn;
  }

  async #tell(row?: Report["rows"][number]): Promise<boolean> {
    const report = this.report();
    return this.#heed(await ask("epoch", { report, row }, buffersOf(report.state)));
  }

  #tellNowAndThen(): void {
    const begin = performance.now();
    if (this.#isTelling || begin < this.#nextReport) return;
    this.#isTelling = true;
    const telling = this.#tell();
    this.#nextReport = begin + Math.max(REPORT_MS, (performance.now() - begin) / REPORT_SHARE);
    const told = () => {
      this.#isTelling = false;
    };
    telling.then(told, told);
  }

  #heed({ goesOn, learningRate }: Word): boolean {
    this.#block.optimizer.learningRate = learningRate;
    return goesOn;
  }

  /** How far it is, since it was asked last. */
  report(): Report {
    const { progress } = this.#job;
    const rows = progress.history.slice(this.#told);
    this.#told = progress.history.length;
    return { state: readState(this.#block), progress: { ...progress, history: [] }, rows };
  }
}
