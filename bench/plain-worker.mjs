// A baseline, doing a work as the benchmark asks: what PlainContender runs in a worker.

import { parentPort, workerData } from "node:worker_threads";
import { randomFrom, shuffle } from "./data.mjs";
import { samplesOf, timePredictions } from "./predicting.mjs";
import { dataOf, miniBatch, selectWorks } from "./works.mjs";

const [work] = selectWorks([workerData.work]);
const start = workerData.parameters;
const data = dataOf(work);
const [Network, stage] = await baseline(workerData.name);
const network = new Network(work, start);
const staged = stage(data, work.inputs);
const samples = samplesOf(data, work.inputs);
const order = new Uint32Array(data.inputs.length / work.inputs);
const random = randomFrom(5);

/** Only the one that is measured is loaded, so that neither sees what the other does to the engine. */
async function baseline(name) {
  if (name === "loops") {
    const { LoopsNetwork, stage } = await import("./loops.mjs");
    return [LoopsNetwork, stage];
  }
  const { TunedNetwork, stage } = await import("./tuned.mjs");
  return [TunedNetwork, stage];
}

const calls = {
  /** As NablanetContender's; and the largest component of the gradients, and Adam's v̂ after each step. */
  steps(count) {
    network.reset(start);
    const losses = [];
    const secondMoments = [];
    let largestGradient = 0;
    for (let n = 0; n < count; n++) {
      const { inputs, targets } = miniBatch(work, data, n);
      losses.push(network.step(inputs, targets));
      if (work.optimizer.kind === "adam") secondMoments.push(network.optimizer.secondMoments());
      for (const component of network.gradients()) largestGradient = Math.max(largestGradient, Math.abs(component));
    }
    return { losses, parameters: network.parameters(), largestGradient, secondMoments };
  },

  train(epochs) {
    network.reset(start);
    const losses = [];
    const begin = performance.now();
    for (let epoch = 0; epoch < epochs; epoch++) {
      shuffle(order, random);
      losses.push(network.epoch(staged, order));
    }
    return { seconds: (performance.now() - begin) / 1000, losses };
  },

  predict(count) {
    return timePredictions(network, samples, count);
  },
};

parentPort.on("message", ({ call, argument }) => parentPort.postMessage(calls[call](argument)));
