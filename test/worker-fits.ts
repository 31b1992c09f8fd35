// Fits that are trained twice, in a worker and on the calling thread, for tests that hold one against the other.

import type { Data } from "../src/feed.js";
import { decodeCheckpoint } from "../src/formats/checkpoint-reader.js";
import {
  Dataset,
  datasets,
  type FitOptions,
  metrics,
  Network,
  type NetworkOptions,
  Trainer,
  type TrainerOptions,
} from "../src/index.js";
import { normals } from "./arrays.js";

export const spirals = datasets.spirals({ samples: 231, classes: 3, seed: 1 });

const rows = normals(120 * 3, 5);
const sums = Array.from({ length: 120 }, (_, i) => [100 + 7 * rows[3 * i], rows[3 * i + 1] * rows[3 * i + 2]]);
/** Columns of any size, and targets far from 0. */
export const regression = Dataset.from({ inputs: rows.map((x, i) => x * 10 ** (i % 3)), inputSize: 3, targets: sums });

/** Bytes with a scale, weighed, two classes in one output. */
export const bytes = Dataset.from({
  inputs: Uint8Array.from({ length: 90 * 4 }, (_, i) => (i * 37 + Math.floor(i / 4) * 11) % 256),
  inputSize: 4,
  scale: 1 / 255,
  targets: Array.from({ length: 90 }, (_, i) => i % 2),
  classes: 2,
  outputSize: 1,
  sampleWeights: Float32Array.from({ length: 90 }, (_, i) => 0.5 + (i % 3)),
});

export const stream = () =>
  Dataset.stream({
    inputSize: 2,
    classes: 3,
    bufferRows: 64,
    chunks: async function* () {
      for (const { inputs, targets } of spirals.batches(50)) yield { inputs, targets };
    },
  });

export interface Case {
  network: Omit<NetworkOptions, "seed">;
  trainer?: TrainerOptions;
  data: Data;
  fit?: Partial<FitOptions>;
}

const hidden = { units: 13, activation: "tanh" } as const;
const softmax = { units: 3, activation: "softmax" } as const;
const plain = { inputs: 2, layers: [hidden, softmax] };
const [train, validation] = spirals.split(0.7, { seed: 2 });

export const cases: Record<string, Case> = {
  "momentum, and threads of the worker's own": {
    network: plain,
    trainer: { optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: true }, batchSize: 7 },
    data: spirals,
    fit: { threads: 2 },
  },
  "dropout, noise, batch normalization, AMSGrad": {
    network: {
      ...plain,
      inputNoise: 0.1,
      layers: [{ ...hidden, dropout: 0.3, normalization: "batch", maxNorm: 2 }, softmax],
    },
    trainer: { optimizer: { kind: "adam", learningRate: 0.01, amsgrad: true, clipNorm: 1 }, labelSmoothing: 0.1 },
    data: train,
    fit: { validation },
  },
  "early stopping that restores the best": {
    network: plain,
    trainer: { optimizer: { kind: "adam", learningRate: 0.2 } },
    data: train,
    fit: { validation, epochs: 60, earlyStopping: { patience: 2 } },
  },
  "scaled inputs and targets, a plateau's schedule": {
    network: { inputs: 3, layers: [hidden, { units: 2 }], normalize: "robust", normalizeTargets: "standard" },
    trainer: {
      optimizer: { kind: "rmsProp", learningRate: 0.01 },
      schedule: { kind: "reduceOnPlateau", metric: "validationLoss", patience: 0 },
    },
    data: regression.skip(30),
    fit: { validation: regression.take(30), metrics: { r2: metrics.r2, mine: ([first]) => first ?? 0 } },
  },
  "class weights of unequal classes, rows joined and out of order, a schedule by mini-batches": {
    network: plain,
    trainer: {
      classWeights: "balanced",
      optimizer: { kind: "adamW", learningRate: 0.01 },
      schedule: { kind: "cosine", warmUp: 1 },
      batchSize: 5,
    },
    data: spirals.take(150).concat(spirals.shuffle(3).take(40)),
  },
  "bytes with weights, in order": {
    network: { inputs: 4, layers: [hidden, { units: 1, activation: "sigmoid" }] },
    trainer: { optimizer: { kind: "lion", learningRate: 0.001 } },
    data: bytes,
    fit: { shuffle: false, validation: bytes.take(20) },
  },
  "a line search over the whole batch": {
    network: plain,
    trainer: { optimizer: { kind: "lbfgs" }, batchSize: 231 },
    data: spirals,
  },
  "streams, scaled by a first pass": {
    network: { ...plain, normalize: "standard" },
    data: stream(),
    fit: { validation: stream(), metrics: { f1: metrics.f1 } },
  },
  "a rate so large that it diverges": {
    network: { inputs: 3, layers: [{ units: 9, activation: "relu" }, { units: 2 }] },
    trainer: { optimizer: { kind: "sgd", learningRate: 1 } },
    data: regression,
  },
};

export async function make({ network, trainer }: Case): Promise<Trainer> {
  return new Trainer(await Network.create({ ...network, seed: 3 }), trainer);
}

/** What a trainer knows, but for how long it took. */
export function knowledge(checkpoint: Uint8Array) {
  const { progress, ...rest } = decodeCheckpoint(checkpoint);
  const history = untimed(progress?.history ?? []);
  return { ...rest, progress: progress && { ...progress, seconds: 0, history } };
}

export const untimed = (history: readonly object[]) =>
  history.map((row) => ({ ...row, seconds: 0, samplesPerSecond: 0 }));

/** Aborts in the middle of an epoch: behind the first slice that it has. */
export function abortingIn(epoch: number): Pick<FitOptions, "signal" | "onBatch"> {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onBatch: (row) => {
      if (row.epoch === epoch) controller.abort();
    },
  };
}
