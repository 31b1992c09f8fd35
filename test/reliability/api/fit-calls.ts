// Fits: some run to their end, some are held in their first callback while other calls are made, and then go on, are stopped,
// aborted or thrown out of. At times a twin, made of a checkpoint, is trained likewise on one thread, and must come to the same.

import fc from "fast-check";
import { expect } from "vitest";
import { type Dataset, type FitOptions, type FitResult, Trainer } from "../../../src/index.js";
import { untimed } from "../../worker-fits.js";
import type { Argument } from "./arguments.js";
import { threads } from "./arguments.js";
import { busy, type Call, onTrainer, refusals, retired } from "./call.js";
import { data, trained } from "./data.js";
import { allFinite, type KnownTrainer, mayOverflow, same, tally, type World } from "./world.js";

const thrown = new Error("thrown by a callback");

type Ending = "goes on" | "stops" | "aborts" | "throws";
const ending = fc.constantFrom<Ending>("goes on", "stops", "aborts", "throws");

/** A worker of its own takes long to start, so few have one. */
const inWorker = fc.integer({ min: 0, max: 24 }).map((n) => n === 0);

const plan = fc.record({
  epochs: fc.integer({ min: 1, max: 3 }),
  shuffle: fc.boolean(),
  validates: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  stopsEarly: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  callback: fc.constantFrom<"onBatch" | "onEpoch">("onBatch", "onEpoch"),
  worker: inWorker,
  hasTwin: fc.integer({ min: 0, max: 2 }).map((n) => n === 0),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

const optionsOf = ({ epochs, shuffle, validates, stopsEarly }: Plan): FitOptions => ({
  epochs,
  shuffle,
  resume: false,
  ...(validates && { validation: data.few }),
  ...(stopsEarly && { earlyStopping: { patience: 1 } }),
});

const wrongOptions = fc.constantFrom<Argument<object>>(
  { value: { epochs: 0 }, refusal: /^epochs must be a positive integer, got 0/ },
  { value: { epochs: 1.5 }, refusal: /^epochs must be a positive integer, got 1\.5/ },
  { value: { epochs: "3" }, refusal: /^epochs must be a positive integer, got "3"/ },
  { value: { epochs: undefined }, refusal: /^epochs must be a positive integer, got undefined/ },
  { value: { shuffle: 1 }, refusal: /^shuffle must be true or false, got 1/ },
  { value: { worker: "yes" }, refusal: /^worker must be true or false, got "yes"/ },
  { value: { resume: 0 }, refusal: /^resume must be true or false, got 0/ },
  { value: { signal: {} }, refusal: /^signal must be an AbortSignal, got an object/ },
  { value: { onEpoch: 3 }, refusal: /^onEpoch must be a function, got 3/ },
  { value: { validation: [] }, refusal: /^validation must be a Dataset, got an array of length 0/ },
  { value: { earlyStopping: { patience: 0 } }, refusal: /^earlyStopping\.patience must be a positive integer, got 0/ },
  { value: { earlyStopping: { metric: "f2" } }, refusal: /^earlyStopping\.metric must be one of / },
  { value: { validation: undefined, metrics: { mine: () => 1 } }, refusal: /^metrics are measured on validation/ },
  { value: { epoch: 3 }, refusal: /^fit has no option "epoch"/ },
);

/** A callback that is waited in until it is let go, and how the fit ends then. */
class Gate {
  readonly #controller = new AbortController();
  readonly reached: Promise<void>;
  #reach: () => void = () => {};
  #open: (how: Ending) => void = () => {};
  readonly #opened: Promise<Ending>;

  constructor(readonly name: Plan["callback"]) {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(how: Ending): void {
    this.#open(how);
  }

  get options(): Partial<FitOptions> {
    const callback = async () => {
      this.#reach();
      const how = await this.#opened;
      if (how === "throws") throw thrown;
      if (how === "aborts") this.#controller.abort();
      return how !== "stops";
    };
    return { signal: this.#controller.signal, [this.name]: callback };
  }
}

interface Outcome {
  result?: FitResult;
  error?: unknown;
}

const outcomeOf = (fitting: Promise<FitResult>): Promise<Outcome> =>
  fitting.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );

const STATUS: Record<Ending, readonly string[]> = {
  "goes on": ["completed"],
  // an early stop may come in the same epoch
  stops: ["stopped"],
  // behind the last epoch there is nothing to abort
  aborts: ["aborted", "completed"],
  throws: [],
};

/** What must be so however a fit ended. */
function assertEnded(outcome: Outcome, how: Ending, { stopsEarly }: Plan, { of }: KnownTrainer): void {
  const { result, error } = outcome;
  if (result === undefined) {
    if (how !== "throws" || error !== thrown) throw error;
    return;
  }
  const expected = [...STATUS[how], ...(stopsEarly ? ["converged"] : []), "diverged"];
  expect(expected).toContain(result.status);
  // steps may have left parameters with which nothing can be trained
  if (result.status === "diverged") {
    tally.diverged += 1;
    expect(result.diagnosis).toMatch(/^In epoch \d /);
  }
  // the loss of other rows may be beyond float32, but is a number
  const isSound = mayOverflow(of) ? (value: number) => !Number.isNaN(value) : Number.isFinite;
  for (const { seconds, samplesPerSecond, ...row } of result.history) {
    if (!Object.values(row).every(isSound)) expect.fail(`history has ${Object.entries(row).join(" ")}`);
  }
  expect(result.threads.reason).not.toBe("");
}

/** The same fit by a trainer made of a checkpoint, with nobody in between. */
async function trainTwin(checkpoint: Uint8Array, given: Dataset, plan: Plan, how: Ending) {
  const twin = await Trainer.resume(checkpoint, given);
  const gate = new Gate(plan.callback);
  gate.open(how);
  const outcome = await outcomeOf(twin.fit(given, { ...optionsOf(plan), ...gate.options, threads: 1 }));
  const parameters = twin.network.parameters();
  twin.dispose();
  twin.network.dispose();
  return { outcome, parameters };
}

const told = ({ result, error }: Outcome) => ({
  status: result?.status,
  history: untimed(result?.history ?? []),
  best: result?.best,
  error,
});

/** A checkpoint of whom a twin can be made; one with a fit of other data can't be resumed with these. */
async function checkpointFor(known: KnownTrainer, given: unknown): Promise<Uint8Array | undefined> {
  const checkpoint = known.trainer.checkpoint();
  const probe = await Trainer.resume(checkpoint, given as Dataset).catch(() => undefined);
  probe?.dispose();
  probe?.network.dispose();
  return probe && checkpoint;
}

/** Begins a fit, and puts its end among what is pending. */
async function begin(
  world: World,
  known: KnownTrainer,
  given: Dataset,
  plan: Plan,
  threadChoice: FitOptions["threads"],
  how: Ending,
) {
  const { of, trainer } = known;
  const checkpoint = plan.hasTwin && !of.wild ? await checkpointFor(known, given) : undefined;
  const { rateChanges } = known;
  const wasWild = of.wild;
  // before its epoch ends, nobody says of a fit that it diverged
  of.wild = true;
  const gate = new Gate(plan.callback);
  of.fits += 1;
  tally.answered += 1;
  if (plan.worker) tally.fitsInWorkers += 1;
  const options = { ...optionsOf(plan), ...gate.options, worker: plan.worker, threads: threadChoice ?? "auto" };
  const ending = outcomeOf(trainer.fit(given, options));
  let ended = false;
  const finish = async () => {
    if (ended) return;
    ended = true;
    gate.open(how);
    const outcome = await ending;
    of.fits -= 1;
    await new Promise(setImmediate);
    of.wild = wasWild && !allFinite(of.network.parameters());
    world.settle(of);
    assertEnded(outcome, how, plan, known);
    if (checkpoint === undefined || known.rateChanges !== rateChanges) return;
    const twin = await trainTwin(checkpoint, given, plan, how);
    tally.twins += 1;
    const circumstances = fc.stringify({ plan, how, threads: threadChoice, layers: of.network.layers });
    expect(told(outcome), circumstances).toEqual(told(twin.outcome));
    if (!same(of.network.parameters(), twin.parameters)) expect.fail(`a twin has other parameters: ${circumstances}`);
  };
  world.pending.push(finish);
  // one that diverges at once comes to no callback
  const isHeld = await Promise.race([gate.reached.then(() => true), ending.then(() => false)]);
  if (!isHeld) await finish();
  return finish;
}

const fitCall = (name: string, waits: boolean) =>
  onTrainer(name, fc.tuple(trained, threads, plan, ending), async (world, known, [given, choice, plan, how]) => {
    const must = [retired(known), busy(known.of, "fit"), ...refusals(given, choice)];
    if (must.some((reason) => reason !== undefined)) {
      const options = { ...optionsOf(plan), threads: choice.value } as FitOptions;
      await world.callLater({ must }, () => known.trainer.fit(given.value as Dataset, options));
      return;
    }
    const finish = await begin(world, known, given.value as Dataset, plan, choice.value, how);
    if (waits) await finish();
  });

const wrongFit = onTrainer("fit", fc.tuple(plan, wrongOptions), async (world, known, [plan, wrong]) => {
  const must = [retired(known), busy(known.of, "fit"), wrong.refusal];
  const options = { ...optionsOf(plan), ...wrong.value } as FitOptions;
  await world.callLater({ must }, () => known.trainer.fit(data.few, options));
});

const abortedFit = onTrainer("fit, aborted before", plan, async (world, known, plan) => {
  const must = [retired(known), busy(known.of, "fit")];
  const options = { ...optionsOf(plan), worker: plan.worker, signal: AbortSignal.abort() };
  const result = await world.callLater({ must }, () => known.trainer.fit(data.few, options));
  if (result !== undefined) expect([result.status, result.history]).toEqual(["aborted", []]);
});

/** The longest waiting of those under way. */
const finish = fc.constant<Call>({
  async run(world) {
    await world.pending.shift()?.();
  },
  toString: () => "finish",
});

export const fitCalls: fc.WeightedArbitrary<Call>[] = [
  { arbitrary: fitCall("fit", true), weight: 8 },
  { arbitrary: fitCall("fit, held", false), weight: 3 },
  { arbitrary: wrongFit, weight: 4 },
  { arbitrary: abortedFit, weight: 1 },
  { arbitrary: finish, weight: 4 },
];
