// Looks for a learning rate by trying them all in one short run.

import { finite, options, outOfRange, plainObject, wholeNumber, wrongKind } from "../checks.js";
import { balancedWeights } from "../class-weights.js";
import { type Batch, Dataset } from "../dataset.js";
import { exp, log } from "../exact.js";
import { Network } from "../network.js";
import type { NetworkOptions } from "../network-options.js";
import { resolveLearningRate } from "../optimizers.js";
import { Pacer } from "../pacer.js";
import { Random, randomSeed, Stream } from "../random.js";
import { learnScaling } from "../scaling.js";
import { assertSuits } from "../suits.js";
import { Trainer } from "../trainer.js";
import { classesOf, type TrainerOptions } from "../trainer-options.js";

export interface RangeTestOptions {
  network: NetworkOptions;
  /** Its optimizer's learning rate isn't used. */
  trainer?: TrainerOptions;
  data: Dataset;
  /** The first learning rate. Default 1e-6. */
  from?: number;
  /** The last. Default 1. */
  to?: number;
  /** Mini-batches, each with a rate of its own, 10 or more. Default 100. */
  steps?: number;
  /** β of the smoothed loss, 0 (none) to less than 1. Default 0.98. */
  smoothing?: number;
  /** Decides the order of the rows, and the network where that has no seed. Default: random, and in the result. */
  seed?: number;
  /** Ends the test with status "aborted". */
  signal?: AbortSignal;
}

export interface RangeTestRow {
  learningRate: number;
  /** Of its mini-batch, before the update. */
  loss: number;
  smoothed: number;
}

export interface RangeTest {
  /** One a mini-batch. */
  rows: RangeTestRow[];
  /** A rate to train with; undefined where the smoothed loss never falls. */
  suggestion: number | undefined;
  /** "exploded" where the smoothed loss came to 4 times its least, or a loss was not finite, which has no row. */
  status: "completed" | "exploded" | "aborted";
  seed: number;
}

/** How many times its least the smoothed loss may be, and the rows at the end in which it is about to be: fastai's. */
const EXPLOSION = 4;
const LAST_ROWS = 5;

/**
 * The learning rate range test (Smith 2017, "Cyclical learning rates for training neural networks", arXiv:1506.01186, §3.3),
 * as fastai does it: on a network that is thrown away, mini-batch i of n is trained on with the rate
 *
 *     ηᵢ = from · (to / from)^(i / (n − 1)),   sᵢ = (1 − β) Σⱼ₌₀..ᵢ βⁱ⁻ʲ lossⱼ / (1 − βⁱ⁺¹),
 *
 * until the smoothed loss s has exploded. The suggestion is where s falls most steeply, arg min (sᵢ₊₁ − sᵢ) / (ln ηᵢ₊₁ − ln ηᵢ),
 * leaving out the first n / 10 rows, where s is hardly smoothed, and the last 5. Unlike fastai's it is sought only before s is
 * least: what falls after a burst of too large a rate may be steeper, and says nothing of a rate to train with.
 *
 * Inputs and targets are scaled, and samples weighed, as a fit does; a schedule is refused.
 *
 * @throws RangeError or TypeError for options that can't be used.
 */
export async function learningRateRangeTest(rangeTestOptions: RangeTestOptions): Promise<RangeTest> {
  const { networkOptions, trainer: trainerOptions, data, from, to, steps, ...rest } = resolve(rangeTestOptions);
  const { smoothing, seed, signal } = rest;
  const rows: RangeTestRow[] = [];
  let status: RangeTest["status"] = "completed";
  const network = await Network.create({ ...networkOptions, seed: networkOptions.seed ?? seed });
  try {
    const trainer = new Trainer(network, withNumbers(trainerOptions, data, network));
    try {
      assertSuits(data, network, trainer.loss, "data");
      const { unlearned } = network;
      if (unlearned !== undefined) Object.assign(network.block, await learnScaling(unlearned, data, signal));
      const batches = endless(data, trainer.batchSize, seed);
      let sum = 0;
      let weight = 0;
      let least = Number.POSITIVE_INFINITY;
      const step = (i: number): RangeTest["status"] => {
        if (signal?.aborted) return "aborted";
        const learningRate = i === steps - 1 ? to : from * exp((i / (steps - 1)) * (log(to) - log(from)));
        const { inputs, targets, sampleWeights } = batches.next().value;
        trainer.learningRate = learningRate;
        const loss = trainer.step(inputs, targets, sampleWeights);
        if (!Number.isFinite(loss)) return "exploded";
        sum = smoothing * sum + (1 - smoothing) * loss;
        weight = smoothing * weight + (1 - smoothing);
        const smoothed = sum / weight;
        rows.push({ learningRate, loss, smoothed });
        least = Math.min(least, smoothed);
        return smoothed > EXPLOSION * least ? "exploded" : "completed";
      };
      await new Pacer().over(0, steps, 1, (begin, end) => {
        for (let i = begin; i < end && status === "completed"; i++) status = step(i);
        return status === "completed";
      });
    } finally {
      trainer.dispose();
    }
  } finally {
    network.dispose();
  }
  return { rows, suggestion: steepest(rows, Math.floor(steps / 10)), status, seed };
}

function resolve(rangeTestOptions: unknown) {
  const keys = ["network", "trainer", "data", "from", "to", "steps", "smoothing", "seed", "signal"];
  const given = options(rangeTestOptions, "learningRateRangeTest", keys);
  const { network, trainer, data, signal } = given as Partial<RangeTestOptions>;
  if (network === undefined) wrongKind("network", "the options of a network", network);
  const networkOptions = plainObject(network, "network") as unknown as NetworkOptions;
  if (!(data instanceof Dataset)) wrongKind("data", "a Dataset", data);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongKind("signal", "an AbortSignal", signal);
  const from = given.from === undefined ? 1e-6 : resolveLearningRate(given.from, "from");
  const to = given.to === undefined ? 1 : resolveLearningRate(given.to, "to");
  if (to <= from) outOfRange("to", `above ${from}, where the rates begin`, to);
  const steps = given.steps === undefined ? 100 : wholeNumber(given.steps, "steps", 10);
  const smoothing = given.smoothing === undefined ? 0.98 : finite(given.smoothing, "smoothing", { least: 0, below: 1 });
  const seed = given.seed === undefined ? randomSeed() : wholeNumber(given.seed, "seed", 0);
  return { networkOptions, trainer, data, from, to, steps, smoothing, seed, signal };
}

/** "balanced" class weights as numbers, as there is no fit to work them out. */
function withNumbers(given: TrainerOptions | undefined, data: Dataset, network: Network): TrainerOptions {
  if (given?.schedule !== undefined) {
    throw new RangeError("trainer.schedule must be left out, as the test is a schedule of its own");
  }
  if (given?.classWeights !== "balanced") return given ?? {};
  return { ...given, classWeights: balancedWeights(data, classesOf(network)) };
}

/** Mini-batches without end, the rows in a new order in each pass. */
function* endless(data: Dataset, batchSize: number, seed: number): Generator<Batch, never> {
  for (let pass = 0; ; pass++) {
    yield* data.shuffle(new Random(seed, Stream.shuffle, pass).uint32()).batches(batchSize);
  }
}

/** The rate of the row from which the smoothed loss falls most steeply to the next, on its way to its least. */
function steepest(rows: readonly RangeTestRow[], first: number): number | undefined {
  const looked = rows.slice(first, -LAST_ROWS);
  const bottom = looked.reduce((least, { smoothed }) => Math.min(least, smoothed), Number.POSITIVE_INFINITY);
  let best: number | undefined;
  // where the loss doesn't fall, there is nothing to suggest
  let least = 0;
  for (let i = 0; i < looked.length - 1; i++) {
    const [here, next] = [looked[i] as RangeTestRow, looked[i + 1] as RangeTestRow];
    if (here.smoothed === bottom) break;
    const slope = (next.smoothed - here.smoothed) / (log(next.learningRate) - log(here.learningRate));
    if (slope >= least) continue;
    least = slope;
    best = here.learningRate;
  }
  return best;
}
