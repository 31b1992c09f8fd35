// Runs in each engine: the same fit on the calling thread and in a worker, aborted within an epoch and gone on with; prints
// whether they gave the same parameters, and what the second says of threads.

import { datasets, Network, Trainer } from "../../dist/index.js";

async function train(options) {
  const data = datasets.spirals({ samples: 3000, classes: 3 });
  const layers = [
    { units: 20, activation: "tanh", dropout: 0.2 },
    { units: 3, activation: "softmax" },
  ];
  const trainer = new Trainer(await Network.create({ inputs: 2, layers, seed: 1, normalize: "standard" }));
  const controller = new AbortController();
  const onBatch = ({ epoch }) => {
    if (epoch === 2) controller.abort();
  };
  const { status } = await trainer.fit(data, { epochs: 3, ...options, onBatch, signal: controller.signal });
  const { threads } = await trainer.fit(data, { epochs: 3, ...options, resume: true });
  return { status, parameters: String(trainer.network.parameters()), threads };
}

const here = await train({ threads: 1 });
const there = await train({ threads: 2, worker: true });
console.log(
  JSON.stringify({
    isSame: here.parameters === there.parameters,
    ends: [here.status, there.status],
    threads: there.threads,
  }),
);
