// How fast this machine trains and answers, measured.

import { Dataset } from "../dataset.js";
import { Network } from "../network.js";
import type { LayerOptions } from "../network-options.js";
import { Random, Stream } from "../random.js";
import { Trainer } from "../trainer.js";

/** A network that is measured. */
export interface Contestant {
  inputs: number;
  layers: LayerOptions[];
  batchSize: number;
}

/** Samples per second. */
export interface Speed {
  threads: number;
  training: number;
  predicting: number;
}

const ROWS = 2048;

export const contestants: readonly Contestant[] = [
  {
    inputs: 2,
    layers: [
      { units: 16, activation: "tanh" },
      { units: 16, activation: "tanh" },
      { units: 2, activation: "softmax" },
    ],
    batchSize: 16,
  },
  {
    inputs: 784,
    layers: [
      { units: 128, activation: "relu" },
      { units: 10, activation: "softmax" },
    ],
    batchSize: 32,
  },
  {
    inputs: 784,
    layers: [
      { units: 512, activation: "relu" },
      { units: 512, activation: "relu" },
      { units: 10, activation: "softmax" },
    ],
    batchSize: 128,
  },
];

/** "784-128-10" */
export const sizesOf = ({ inputs, layers }: Contestant): string =>
  [inputs, ...layers.map(({ units }) => units)].join("-");

/** Trains and then predicts on each number of threads, for about `seconds` each time, on random rows. */
export async function measureSpeeds(
  contestant: Contestant,
  counts: readonly number[],
  seconds: number,
): Promise<Speed[]> {
  const { inputs, layers, batchSize } = contestant;
  const network = await Network.create({ inputs, layers, seed: 1 });
  const random = new Random(1, Stream.data);
  const samples = Float32Array.from({ length: ROWS * inputs }, () => random.uniform());
  const targets = Uint32Array.from({ length: ROWS }, () => random.below(network.outputs));
  const data = Dataset.from({ inputs: samples, inputSize: inputs, targets, classes: network.outputs });
  const trainer = new Trainer(network, { batchSize });
  const speeds: Speed[] = [];
  for (const threads of counts) {
    const training = await trainingSpeed(trainer, data, threads, seconds);
    const predicting = await predictingSpeed(network, samples, threads, seconds);
    speeds.push({ threads, training, predicting });
  }
  trainer.dispose();
  network.dispose();
  return speeds;
}

async function trainingSpeed(trainer: Trainer, data: Dataset, threads: number, seconds: number): Promise<number> {
  let begin = 0;
  let rows = 0;
  const most = ROWS / trainer.batchSize;
  let before = 0;
  await trainer.fit(data, {
    epochs: 1_000_000,
    threads,
    onBatch: ({ batch }) => {
      const now = performance.now() / 1000;
      // the first slice warms up
      if (begin === 0) begin = now;
      else rows += ((batch - before + most) % most || most) * trainer.batchSize;
      before = batch;
      return now - begin < seconds;
    },
  });
  return rows / (performance.now() / 1000 - begin);
}

async function predictingSpeed(
  network: Network,
  samples: Float32Array,
  threads: number,
  seconds: number,
): Promise<number> {
  await network.predictAsync(samples, { threads });
  const begin = performance.now() / 1000;
  let rows = 0;
  while (performance.now() / 1000 - begin < seconds) {
    await network.predictAsync(samples, { threads });
    rows += ROWS;
  }
  return rows / (performance.now() / 1000 - begin);
}
