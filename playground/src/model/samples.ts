// A problem's rows, split for training and testing, as flat arrays that mini-batches are gathered from.

import { Dataset } from "nablanet";
import type { Problem, Rows } from "../data/problem.js";
import type { Shape } from "./plan.js";
import type { DataSettings } from "./settings.js";

export interface Samples {
  rows: number;
  /** Flat, as `predict` takes them. */
  inputs: Float32Array<ArrayBuffer>;
  /** Flat, as `step` takes them: classes one-hot. */
  targets: Float32Array<ArrayBuffer>;
  /** The class of each row, where there are classes. */
  labels?: Uint32Array<ArrayBuffer>;
}

export interface SplitSamples {
  shape: Shape;
  train: Samples;
  test: Samples;
  /** What `fit` and the like take. */
  trainData: Dataset;
}

/** Made as the settings say, then split. */
export async function makeSamples(problem: Problem, settings: DataSettings): Promise<SplitSamples> {
  const { samples, noise, seed, split } = settings;
  const made = await problem.make({ samples, noise, seed });
  const data = datasetOf(made, problem.classNames);
  const [trainData, testData] = data.split(split, { seed, stratified: problem.task === "classification" });
  return {
    shape: { task: problem.task, inputs: made.inputSize, outputs: made.outputSize },
    train: samplesOf(trainData),
    test: samplesOf(testData),
    trainData,
  };
}

function datasetOf(rows: Rows, classNames: readonly string[] | undefined): Dataset {
  return Dataset.from(classNames === undefined ? { ...rows } : { ...rows, classes: classNames });
}

function samplesOf(data: Dataset): Samples {
  const [all] = data.batches(data.length);
  const samples: Samples = { rows: data.length, inputs: all.inputs, targets: all.targets };
  if (data.classNames === undefined) return samples;
  return { ...samples, labels: Uint32Array.from(data, ({ label = 0 }) => label) };
}

/** The same with one more sample of a class to train on. */
export function withSample(split: SplitSamples, input: Float32Array, label: number): SplitSamples {
  const { train, trainData, shape } = split;
  const target = Float32Array.from({ length: shape.outputs }, (_, j) => Number(j === label));
  const one = Dataset.from({
    inputs: input,
    inputSize: shape.inputs,
    targets: [label],
    classes: trainData.classNames ?? [],
    outputSize: shape.outputs,
  });
  return {
    ...split,
    train: {
      rows: train.rows + 1,
      inputs: joined(train.inputs, input),
      targets: joined(train.targets, target),
      labels: Uint32Array.of(...(train.labels ?? []), label),
    },
    trainData: trainData.concat(one),
  };
}

/** Some rows one after the other. */
export function gather(
  { inputs, targets, rows: count }: Samples,
  rows: ArrayLike<number>,
): Pick<Samples, "inputs" | "targets"> {
  const [inputSize, outputSize] = [inputs.length / count, targets.length / count];
  const gathered = {
    inputs: new Float32Array(rows.length * inputSize),
    targets: new Float32Array(rows.length * outputSize),
  };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    gathered.inputs.set(inputs.subarray(row * inputSize, (row + 1) * inputSize), i * inputSize);
    gathered.targets.set(targets.subarray(row * outputSize, (row + 1) * outputSize), i * outputSize);
  }
  return gathered;
}

function joined(numbers: Float32Array, more: Float32Array): Float32Array<ArrayBuffer> {
  const all = new Float32Array(numbers.length + more.length);
  all.set(numbers);
  all.set(more, numbers.length);
  return all;
}
