// One run: a network, its trainer and its samples, trained a mini-batch or a sample at a time. What the parameters are
// depends on the settings and the steps taken only, not on when they were taken.

import { layerStatistics, Network, Trainer } from "nablanet";
import { Random, Stream, shuffled } from "../../../src/random.js";
import type { Problem } from "../data/problem.js";
import { networkOptions, type Scaling, trainerOptions } from "./plan.js";
import { gather, makeSamples, type Samples, type SplitSamples, withSample } from "./samples.js";
import type { Settings } from "./settings.js";

/** How well the network does, on all samples. */
export interface Measures {
  loss: number;
  testLoss: number;
  /** Fractions, where there are classes. */
  accuracy?: number;
  testAccuracy?: number;
  /** √Σ(∂C/∂w)² over all parameters and training samples. */
  gradientNorm: number;
}

/** How far training has come. */
export interface Progress {
  /** Whole and begun ones, from 0. */
  epoch: number;
  /** Updates of the parameters. */
  steps: number;
  /** Samples trained on. */
  samples: number;
}

/** That many samples say enough of layers. */
const LOOKED_AT = 64;

export class Run {
  static async create(settings: Settings, problem: Problem): Promise<Run> {
    const data = await makeSamples(problem, settings.data);
    return new Run(settings, problem, data, await learnScaling(settings, data)).#build();
  }

  readonly problem: Problem;
  /** How the network scales inputs and targets; learned once, of the first samples. */
  readonly scaling: Scaling;
  #data: SplitSamples;
  #settings: Settings;
  #network!: Network;
  #trainer!: Trainer;
  #order: Uint32Array;
  /** The next sample's place in the order. */
  #at = 0;
  #progress: Progress = { epoch: 0, steps: 0, samples: 0 };

  private constructor(settings: Settings, problem: Problem, data: SplitSamples, scaling: Scaling) {
    this.#settings = settings;
    this.problem = problem;
    this.#data = data;
    this.scaling = scaling;
    this.#order = this.#orderOf(0);
  }

  get network(): Network {
    return this.#network;
  }

  get trainer(): Trainer {
    return this.#trainer;
  }

  get data(): SplitSamples {
    return this.#data;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get progress(): Readonly<Progress> {
    return this.#progress;
  }

  /** The training sample that the next step begins with. */
  get next(): number {
    return this.#order[this.#at];
  }

  async #build(keepsParameters = false): Promise<this> {
    const { shape } = this.data;
    const network = await Network.create(networkOptions(this.#settings, shape, this.scaling));
    const trainer = new Trainer(network, trainerOptions(this.#settings, shape));
    // a step doesn't wait for kernels that the page didn't begin with
    await trainer.ready;
    // as they are by now: it was trained on meanwhile
    if (keepsParameters) network.setParameters(this.#network.parameters());
    if (this.#network !== undefined) disposeLater(this.#trainer, this.#network);
    [this.#network, this.#trainer] = [network, trainer];
    return this;
  }

  /** Goes on with other settings of the trainer, l2 or dropout; the weights stay. */
  async adopt(settings: Settings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    const options = (of: Settings) => JSON.stringify([trainerRest(of), networkOptions(of, this.data.shape, {})]);
    if (options(before) === options(settings)) this.#trainer.learningRate = settings.trainer.learningRate;
    else await this.#build(true);
  }

  /** As `fit` shuffles in its first run, so that whole epochs give the bits that `fit` gives. */
  #orderOf(epoch: number): Uint32Array {
    return shuffled(this.data.train.rows, new Random(this.#settings.seed, Stream.shuffle, 1, epoch));
  }

  /** One update on the next `count` samples, fewer at the end of an epoch. Returns their loss before it. */
  #step(count: number): number {
    // samples that were added since are of the next epoch
    const rows = this.#order.length;
    const to = Math.min(this.#at + count, rows);
    const { inputs, targets } = gather(this.data.train, this.#order.subarray(this.#at, to));
    const loss = this.#trainer.step(inputs, targets);
    const { epoch, steps, samples } = this.#progress;
    this.#progress = { epoch, steps: steps + 1, samples: samples + to - this.#at };
    this.#at = to;
    if (to === rows) {
      this.#at = 0;
      this.#progress.epoch = epoch + 1;
      this.#order = this.#orderOf(epoch + 1);
    }
    return loss;
  }

  /** A training sample by its row. */
  sample(row: number): Pick<Samples, "inputs" | "targets"> {
    return gather(this.data.train, [row]);
  }

  stepBatch(): number {
    return this.#step(this.#settings.trainer.batchSize);
  }

  stepSample(): number {
    return this.#step(1);
  }

  /** One more sample to train on, from the next epoch on. */
  teach(input: Float32Array, label: number): void {
    this.#data = withSample(this.#data, input, label);
  }

  measure(): Measures {
    const { train, test, shape } = this.data;
    const gradients = this.#trainer.gradients(train.inputs, train.targets);
    const measures: Measures = {
      loss: gradients.loss,
      testLoss: this.#trainer.gradients(test.inputs, test.targets).loss,
      gradientNorm: Math.hypot(...chunkNorms(gradients.vector)),
    };
    if (shape.task === "regression") return measures;
    return { ...measures, accuracy: this.#accuracyOn(train), testAccuracy: this.#accuracyOn(test) };
  }

  #accuracyOn({ inputs, labels, rows }: Samples): number {
    const answers = this.#network.predict(inputs);
    const { outputs } = this.#network;
    let correct = 0;
    for (let row = 0; row < rows; row++) {
      if (classOf(answers.subarray(row * outputs, (row + 1) * outputs)) === labels?.[row]) correct += 1;
    }
    return correct / rows;
  }

  /** nablanet's statistics of the layers, on a few training samples. */
  statistics() {
    const { train } = this.data;
    const rows = Array.from({ length: Math.min(LOOKED_AT, train.rows) }, (_, row) => row);
    const { inputs, targets } = gather(train, rows);
    return layerStatistics(this.#trainer, inputs, targets);
  }

  dispose(): void {
    disposeLater(this.#trainer, this.#network);
  }
}

/** Views may be drawn once more with what was there before. */
const GRACE = 1000;

function disposeLater(...owners: readonly { dispose(): void }[]): void {
  setTimeout(() => {
    for (const owner of owners) owner.dispose();
  }, GRACE);
}

/** The class that outputs tell: the largest, or at a single one the threshold ½. */
export function classOf(outputs: ArrayLike<number>): number {
  if (outputs.length === 1) return outputs[0] >= 0.5 ? 1 : 0;
  let best = 0;
  for (let j = 1; j < outputs.length; j++) if (outputs[j] > outputs[best]) best = j;
  return best;
}

/** Everything of the trainer but its learning rate, which can be changed on the way; a mini-batch is gathered here. */
function trainerRest({ trainer }: Settings): unknown {
  return { ...trainer, learningRate: 0, batchSize: 0 };
}

/** Of each stretch, as a call can't have arguments without end. */
function chunkNorms(vector: Float32Array): number[] {
  return Array.from({ length: Math.ceil(vector.length / 1024) }, (_, i) =>
    Math.hypot(...vector.subarray(i * 1024, (i + 1) * 1024)),
  );
}

/** What a fit would learn of the training samples, learned by a fit whose network is thrown away. */
async function learnScaling(settings: Settings, { shape, trainData }: SplitSamples): Promise<Scaling> {
  const { normalise } = settings.data;
  if (normalise === "none") return {};
  const scaling: Scaling = { inputs: normalise, targets: shape.task === "regression" ? normalise : undefined };
  const network = await Network.create({
    ...networkOptions(settings, shape, scaling),
    layers: [{ units: shape.outputs }],
  });
  const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 1e-6 }, batchSize: trainData.length });
  await trainer.fit(trainData, { epochs: 1, threads: 1 });
  const { normalize, normalizeTargets } = network;
  trainer.dispose();
  network.dispose();
  return { inputs: normalize, targets: normalizeTargets };
}
