// A staged work as a contestant in JavaScript reads it.

import { readFileSync } from "node:fs";
import { shuffle } from "../data.mjs";

/** { work, threads, data: { inputs, targets, labels, classes }, test, start } */
export function readTask({ work, threads, files }) {
  const classes = work.layers.at(-1).units;
  return {
    work,
    threads,
    data: {
      inputs: floats(files.inputs),
      targets: floats(files.targets),
      ...(files.labels && { labels: new Uint8Array(readFileSync(files.labels)), classes }),
    },
    test: files.test && floats(files.test),
    start: floats(files.start),
  };
}

function floats(path) {
  const bytes = new Uint8Array(readFileSync(path));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** The parameters as [{ inputs, units, activation, weights, biases }], a layer each; weights row-major [to][from]. */
export function layersOf({ work, start }) {
  let at = 0;
  let inputs = work.inputs;
  return work.layers.map(({ units, activation }) => {
    const weights = start.subarray(at, at + units * inputs);
    const biases = start.subarray(at + units * inputs, at + units * (inputs + 1));
    at += units * (inputs + 1);
    const layer = { inputs, units, activation, weights, biases };
    inputs = units;
    return layer;
  });
}

/** [to][from] to [from][to] */
export function transposed({ weights, inputs, units }) {
  const result = new Float32Array(weights.length);
  for (let j = 0; j < units; j++) for (let k = 0; k < inputs; k++) result[k * units + j] = weights[j * inputs + k];
  return result;
}

/** { from, count } for each mini-batch of each epoch; `order` is shuffled before an epoch, if asked. */
export function* miniBatches({ epochs, order, shuffled }, batchSize, random) {
  for (let epoch = 0; epoch < epochs; epoch++) {
    if (shuffled) shuffle(order, random);
    for (let from = 0; from < order.length; from += batchSize) {
      yield { from, count: Math.min(batchSize, order.length - from) };
    }
  }
}

/** The rows order[from], …, order[from + count − 1], each `width` wide, one after the other. */
export function gathered(rows, width, order, from, count) {
  const batch = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    const row = order[from + i];
    batch.set(rows.subarray(row * width, (row + 1) * width), i * width);
  }
  return batch;
}
