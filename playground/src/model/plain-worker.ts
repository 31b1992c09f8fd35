// Trains in plain JavaScript, in a worker: V8 compiles that worse in a page whose WebAssembly memory has grown
// (bench/plain-contender.mjs), and the race is to be fair.

import { stage, TunedNetwork } from "../../../bench/tuned.mjs";
import { Random, Stream, shuffled } from "../../../src/random.js";
import type { Turn } from "./contender.js";
import type { PlainStart } from "./plain.js";

let train: ((milliseconds: number) => Turn) | undefined;

function prepare({ work, parameters, inputs, targets, seed }: PlainStart): (milliseconds: number) => Turn {
  const network = new TunedNetwork(work, parameters);
  const data = stage({ inputs, targets });
  const rows = inputs.length / work.inputs;
  let epoch = 0;
  return (milliseconds) => {
    const begin = performance.now();
    let [samples, loss, now] = [0, Number.NaN, begin];
    do {
      epoch += 1;
      loss = network.epoch(data, shuffled(rows, new Random(seed, Stream.shuffle, epoch)));
      samples += rows;
      now = performance.now();
    } while (now - begin < milliseconds);
    return { samples, seconds: (now - begin) / 1000, loss };
  };
}

/** First a PlainStart, answered with true; then milliseconds, each answered with a Turn. */
self.onmessage = ({ data }: MessageEvent<PlainStart | number>) => {
  if (typeof data !== "number") train = prepare(data);
  self.postMessage(typeof data === "number" ? train?.(data) : true);
};
