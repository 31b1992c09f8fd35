// Calls on trainers, but for fits.

import fc from "fast-check";
import { expect } from "vitest";
import { Dataset, Trainer, type TrainerOptions } from "../../../src/index.js";
import * as argument from "./arguments.js";
import { busy, type Call, gone, onNetwork, onTrainer, read, refusals, retired } from "./call.js";
import { data, evaluated } from "./data.js";
import { allFinite, mayOverflow, same } from "./world.js";

/** As many trainers are alive at most. */
const MOST = 8;
/** A loss beyond which the next update may be of any size: the doc comment of `step` promises no more. */
const LARGE_LOSS = 1e12;

const optimizer = fc.record({
  kind: fc.constantFrom("sgd", "adam", "adamW", "rmsProp", "lion", "nadam"),
  learningRate: fc.constantFrom(0.001, 0.01, 0.1),
});

const trainerOptions: fc.Arbitrary<argument.Argument<TrainerOptions>> = fc.oneof(
  {
    arbitrary: fc
      .record({ optimizer, batchSize: fc.integer({ min: 1, max: 12 }) })
      .map((value) => ({ value }) as never),
    weight: 3,
  },
  {
    arbitrary: fc.constantFrom<argument.Argument<TrainerOptions>>(
      { value: { loss: "lost" } as never, refusal: /^loss must be one of / },
      { value: { batchSize: 0 }, refusal: /^batchSize must be an integer from 1 / },
      { value: { batchSize: 2.5 }, refusal: /^batchSize must be an integer from 1 / },
      { value: { optimizer: { kind: "sgd", learningRate: -1 } }, refusal: /^optimizer\.learningRate must be / },
      { value: { optimizer: { kind: "adam", beta1: 1 } }, refusal: /^optimizer\.beta1 (in float32 )?must be / },
      { value: { optimizer: { kind: "newton" } } as never, refusal: /^optimizer\.kind must be one of / },
      { value: { epochs: 3 } as never, refusal: /^Trainer has no option "epochs"/ },
      { value: 3 as never, refusal: /^the options of Trainer must be a plain object, got 3/ },
    ),
    weight: 1,
  },
);

const construct = onNetwork("new Trainer", trainerOptions, (world, known, given) => {
  const trainer = world.call(
    { must: [gone(known), ...refusals(given)] },
    () => new Trainer(known.network, given.value),
  );
  if (trainer === undefined) return;
  const old = world.trainers.findIndex(({ disposed, of }) => disposed || of.disposed);
  if (world.trainers.length >= MOST && old >= 0) world.trainers.splice(old, 1)[0]?.trainer.dispose();
  world.addTrainer(trainer, known);
});

const step = onTrainer("step", argument.batch, (world, known, given) => {
  const { of, trainer } = known;
  const { inputs, targets, weights } = given.value;
  const must = [retired(known), busy(of, "step"), ...refusals(given)];
  const loss = world.call({ must, may: [read(of, "step")], changes: of }, () => {
    const before = trainer.network.parameters();
    const loss = trainer.step(inputs, targets as never, weights);
    if (!Number.isFinite(loss)) expect(same(trainer.network.parameters(), before)).toBe(true);
    if (!(Math.abs(loss) < LARGE_LOSS)) of.wild = true;
    return loss;
  });
  if (loss !== undefined && !mayOverflow(of)) expect(loss).toSatisfy(Number.isFinite);
});

const gradients = onTrainer("gradients", argument.batch, (world, known, given) => {
  const { inputs, targets, weights } = given.value;
  const answer = world.call({ must: [retired(known), ...refusals(given)] }, () =>
    known.trainer.gradients(inputs, targets as never, weights),
  );
  if (answer === undefined || mayOverflow(known.of) || answer.loss > LARGE_LOSS) return;
  if (!allFinite(answer.vector)) expect.fail(`gradients answered ${answer.vector}`);
});

const trace = onTrainer(
  "trainer.trace",
  fc.tuple(argument.sample, argument.target),
  (world, known, [sample, target]) => {
    world.call({ must: [retired(known), ...refusals(sample, target)] }, () =>
      known.trainer.trace(sample.value, target.value),
    );
  },
);

const setLearningRate = onTrainer("learningRate =", argument.learningRate, (world, known, given) => {
  const done = world.call({ must: [retired(known), ...refusals(given)] }, () => {
    known.trainer.learningRate = given.value;
    return true;
  });
  if (!done) return;
  known.rateChanges += 1;
  expect(known.trainer.learningRate).toBe(given.value);
});

const evaluate = onTrainer(
  "evaluate",
  fc.tuple(evaluated, argument.threads),
  async (world, known, [given, threads]) => {
    const must = [retired(known), ...refusals(given, threads)];
    known.of.readers += 1;
    const answer = await world.callLater({ must }, () =>
      known.trainer.evaluate(given.value as Dataset, { threads: threads.value as never }),
    );
    known.of.readers -= 1;
    if (answer !== undefined && !mayOverflow(known.of)) expect(answer.loss).toSatisfy(Number.isFinite);
  },
);

/** A checkpoint, and a trainer that is made of it and takes the other's place beside it. */
const resume = onTrainer(
  "checkpoint, resume",
  fc.constantFrom("whole", "cut", "changed", "data"),
  async (world, known, how) => {
    const bytes = world.call({ must: [retired(known)] }, () => known.trainer.checkpoint());
    if (bytes === undefined) return;
    const damaged = how === "cut" ? bytes.subarray(0, bytes.length - 5) : bytes;
    if (how === "changed") damaged[damaged.length >> 1] ^= 16;
    const other = how === "data" ? Dataset.from({ inputs: [[1]], targets: [1] }) : data.few;
    const before = known.trainer.network.parameters();
    // a dataset of another length is refused where a fit stands
    const may = [/^dataset\.length must be \d+, as in the fit that is resumed/, known.of.wild ? /finite/ : undefined];
    const must = { whole: [], cut: [/./], changed: [/./], data: [/^dataset\.inputSize must be 2/] }[how] as RegExp[];
    const resumed = await world.callLater({ must, may }, () => Trainer.resume(damaged, other));
    if (resumed === undefined) return;
    expect(same(resumed.network.parameters(), before)).toBe(true);
    resumed.dispose();
    resumed.network.dispose();
  },
);

const dispose = onTrainer("trainer.dispose", fc.constant(0), (world, known) => {
  const must = known.disposed ? [] : [busy(known.of, "dispose"), read(known.of, "dispose")];
  const done = world.call({ must }, () => {
    known.trainer.dispose();
    return true;
  });
  if (done) known.disposed = true;
});

export const trainerCalls: fc.WeightedArbitrary<Call>[] = [
  { arbitrary: construct, weight: 3 },
  { arbitrary: step, weight: 12 },
  { arbitrary: gradients, weight: 6 },
  { arbitrary: trace, weight: 4 },
  { arbitrary: setLearningRate, weight: 4 },
  { arbitrary: evaluate, weight: 4 },
  { arbitrary: resume, weight: 3 },
  { arbitrary: dispose, weight: 1 },
];
