// A search on a backend: hands out its trials, never the same twice at a time, and makes the table.

import { setMaxListeners } from "node:events";
import { options, outOfRange, wholeNumber } from "../checks.js";
import { historyFromJson } from "../history.js";
import type { AshaOptions, DrawnTrial, SearchBackend, SearchPlan, TrainedTrial } from "../selection/backend.js";
import { type LanesStatus, type ResolvedLanes, resolveLanes } from "../selection/lanes.js";
import type { Trial } from "../selection/search.js";
import type { TrialOptions } from "../selection/trial.js";
import { Asha } from "./asha.js";
import { EachOnce, type Schedule, type Turn } from "./schedule.js";
import { errorOf } from "./told-error.js";
import { configure, type TrialJob, type TrialResult, trialKey } from "./trial-job.js";
import type { OpenTrialQueue, TrialQueue } from "./trial-queue.js";

/** A backend for `search` from a queue of one's own. */
export function backendOf(queue: TrialQueue): SearchBackend {
  return {
    async run(plan) {
      const resolved = resolve(plan);
      if (resolved.lanes.signal?.aborted) return { status: "aborted", trials: [] };
      const open = await queue.open();
      try {
        return await new Coordinator(open, plan, resolved).run();
      } finally {
        await open.close();
      }
    },
    async model({ modelHash }) {
      if (modelHash === undefined) throw new Error("the trial has no modelHash: its search needs keepModels: true");
      const bytes = await queue.model?.(modelHash);
      if (bytes === undefined) throw new Error(`the model ${modelHash} isn't there any more: search again`);
      return new Uint8Array(bytes);
    },
  };
}

interface Resolved {
  asha: Required<AshaOptions> | undefined;
  lanes: ResolvedLanes<Trial<unknown>>;
}

const ELSEWHERE = ["validation", "concurrency"];

function resolve({ given }: SearchPlan): Resolved {
  for (const key of ELSEWHERE) {
    if (given[key] !== undefined) outOfRange(key, "left out, as the backend or the reference says it", given[key]);
  }
  return { asha: resolveAsha(given), lanes: resolveLanes(given) };
}

function resolveAsha({ asha, method }: Record<string, unknown>): Required<AshaOptions> | undefined {
  if (method !== "asha") {
    if (asha !== undefined) outOfRange("asha", 'left out, as method isn\'t "asha"', asha);
    return undefined;
  }
  const given = options(asha, "asha", ["minEpochs", "maxEpochs", "reductionFactor"]);
  const { minEpochs = 1, maxEpochs, reductionFactor = 3 } = given;
  const least = wholeNumber(minEpochs, "asha.minEpochs", 1);
  return {
    minEpochs: least,
    maxEpochs: wholeNumber(maxEpochs, "asha.maxEpochs", least),
    reductionFactor: wholeNumber(reductionFactor, "asha.reductionFactor", 2),
  };
}

/** A trial of which a turn was begun. */
interface Begun {
  drawn: DrawnTrial;
  row: TrainedTrial;
  setup?: TrialOptions;
  /** Where its next turn may go on. */
  checkpoint?: string | undefined;
}

class Coordinator {
  readonly #schedule: Schedule;
  readonly #begun = new Map<number, Begun>();
  /** By key. */
  readonly #underWay = new Map<string, Promise<TrialResult>>();
  readonly #controller = new AbortController();
  /** Rejected once the search is ended before all is done. */
  readonly #ending: Promise<never>;
  #status: LanesStatus = "completed";

  constructor(
    readonly queue: OpenTrialQueue,
    readonly plan: SearchPlan,
    readonly resolved: Resolved,
  ) {
    const { count, isBetter } = plan;
    // each trial under way listens
    const { signal } = this.#controller;
    setMaxListeners(0, signal);
    this.#ending = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    this.#ending.catch(() => {});
    this.#schedule = resolved.asha === undefined ? new EachOnce(count) : new Asha(count, resolved.asha, isBetter);
  }

  async run(): Promise<{ status: LanesStatus; trials: TrainedTrial[] }> {
    const { signal } = this.resolved.lanes;
    const abort = () => this.#end("aborted");
    signal?.addEventListener("abort", abort);
    try {
      await this.#all();
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    const rows = [...this.#begun.values()].map(({ row }) => row);
    return { status: this.#status, trials: rows.sort((a, b) => a.number - b.number) };
  }

  /** As many turns at a time as the queue wants, until there is none any more; the first error of `onTrial` ends them. */
  async #all(): Promise<void> {
    const working = new Set<Promise<void>>();
    const errors: unknown[] = [];
    for (;;) {
      while (!this.#isEnded && working.size < this.queue.ahead) {
        const turn = this.#schedule.next();
        if (turn === undefined) break;
        const work: Promise<void> = this.#take(turn)
          .then(() => this.#tell(turn, () => working.size > 1))
          .catch((error) => {
            errors.push(error);
            this.#end("stopped");
          })
          .finally(() => working.delete(work));
        working.add(work);
      }
      if (working.size === 0) break;
      await Promise.race(working);
    }
    if (errors.length > 0) throw errors[0];
  }

  get #isEnded(): boolean {
    return this.#controller.signal.aborted;
  }

  #end(why: LanesStatus): void {
    if (this.#isEnded) return;
    this.#status = why;
    this.#controller.abort();
  }

  /** Trains a trial up to the turn's end, and writes its row. */
  async #take(turn: Turn): Promise<void> {
    const trial = this.#trialOf(turn.number);
    const { row } = trial;
    try {
      this.#write(trial, await this.#result(this.#jobOf(trial, turn)));
    } catch (error) {
      // what an aborted turn goes on from stays in the table
      if (!this.#isEnded) Object.assign(row, this.#nothing(), { status: "failed", error });
      else if (row.epochs === undefined) row.status = "aborted";
    }
    this.#schedule.report(turn, row.loss < Infinity ? row.value : undefined);
  }

  async #tell({ number }: Turn, others: () => boolean): Promise<void> {
    if (this.#isEnded) return;
    const { row } = this.#trialOf(number);
    const goesOn = (await this.resolved.lanes.onTrial?.({ ...row })) !== false;
    if (goesOn) return;
    // the last of all leaves nothing out
    const turn = this.#schedule.next();
    if (turn !== undefined || others()) this.#end("stopped");
  }

  #trialOf(number: number): Begun {
    const begun = this.#begun.get(number);
    if (begun !== undefined) return begun;
    const drawn = this.plan.trial(number);
    const { parameters, seed } = drawn;
    const trial: Begun = { drawn, row: { number, parameters, seed, status: "failed", seconds: 0, ...this.#nothing() } };
    this.#begun.set(number, trial);
    return trial;
  }

  #nothing() {
    return { loss: Number.POSITIVE_INFINITY, value: this.plan.worst };
  }

  #jobOf(trial: Begun, { until, isOpen }: Turn): TrialJob {
    trial.setup ??= trial.drawn.build();
    const { setup, row, checkpoint, drawn } = trial;
    const { data, keep } = this.plan;
    const { asha } = this.resolved;
    if (asha !== undefined && setup.fit.epochs !== asha.maxEpochs) {
      outOfRange("fit.epochs", `asha.maxEpochs, ${asha.maxEpochs}`, setup.fit.epochs);
    }
    row.seed = setup.network.seed ?? row.seed;
    const configuration = configure(setup, row.seed, data, {
      ...(drawn.fold && { fold: drawn.fold }),
      ...(until !== undefined && { until }),
    });
    const key = trialKey(configuration);
    row.key = key;
    const job = { key, trial: configuration, ...(checkpoint && { from: checkpoint }) };
    return { ...job, keep: isOpen ? ["checkpoint", ...keep] : keep };
  }

  /** What comes of a job: once for all that have its key. */
  #result(job: TrialJob): Promise<TrialResult> {
    const underWay = this.#underWay.get(job.key);
    if (underWay !== undefined) return underWay;
    const { signal } = this.#controller;
    const trained = this.queue.lookup(job).then((known) => known ?? this.queue.run(job, signal));
    // a queue that is out of reach answers nothing, not even that it heard
    const result = Promise.race([trained, this.#ending]).finally(() => this.#underWay.delete(job.key));
    this.#underWay.set(job.key, result);
    return result;
  }

  #write(trial: Begun, result: TrialResult): void {
    const { status, evaluation, epochs, seconds, parametersHash, modelHash, history, checkpoint, error } = result;
    const { row } = trial;
    trial.checkpoint = checkpoint;
    Object.assign(row, this.#nothing(), { status, epochs, seconds: row.seconds + seconds });
    if (parametersHash !== undefined) row.parametersHash = parametersHash;
    // those of an earlier turn aren't this one's
    delete row.accuracy;
    delete row.modelHash;
    if (modelHash !== undefined) row.modelHash = modelHash;
    if (history !== undefined) row.history = historyFromJson(history);
    if (error !== undefined) row.error = errorOf(error);
    if (evaluation === undefined) return;
    row.value = this.plan.scoreOf(evaluation);
    row.loss = evaluation.loss;
    if (evaluation.accuracy !== undefined) row.accuracy = evaluation.accuracy;
  }
}
