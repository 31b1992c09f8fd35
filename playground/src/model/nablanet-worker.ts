// Trains with nablanet, in a worker, as the plain JavaScript that it races against does.

import { Dataset, Network, Trainer } from "nablanet";
import type { Turn } from "./contender.js";
import type { NablanetStart } from "./race.js";

let train: ((milliseconds: number) => Promise<Turn>) | undefined;

async function prepare(start: NablanetStart): Promise<(milliseconds: number) => Promise<Turn>> {
  const { inputs, inputSize, targets, outputSize } = start;
  const data = Dataset.from({ inputs, inputSize, targets, outputSize });
  const trainer = new Trainer(await Network.create(start.network), start.trainer);
  return async (milliseconds) => {
    const begin = performance.now();
    let [samples, loss, now] = [0, Number.NaN, begin];
    await trainer.fit(data, {
      epochs: Number.MAX_SAFE_INTEGER,
      threads: 1,
      onEpoch: (row) => {
        samples += data.length;
        loss = row.loss;
        now = performance.now();
        return now - begin < milliseconds;
      },
    });
    return { samples, seconds: (now - begin) / 1000, loss };
  };
}

/** First a NablanetStart, answered with true; then milliseconds, each answered with a Turn. */
self.onmessage = async ({ data }: MessageEvent<NablanetStart | number>) => {
  if (typeof data !== "number") train = await prepare(data);
  self.postMessage(typeof data === "number" ? await train?.(data) : true);
};
