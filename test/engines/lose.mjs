// Runs in each engine: loses a worker in the middle of a fit, then the idle ones, and then can't start any. Prints what came
// of each as JSON, and whether the bits are those of one thread.

import { Worker } from "node:worker_threads";
import { datasets, Network, Trainer } from "../../dist/index.js";

const workers = new Set();
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (...message) {
  workers.add(this);
  return postMessage.apply(this, message);
};

const data = datasets.spirals({ samples: 5000, classes: 3 });
const layers = [{ units: 40 }, { units: 3, activation: "softmax" }];
const make = async () => new Trainer(await Network.create({ inputs: 2, layers, seed: 1 }));
const trainer = await make();
const plain = await make();
async function fit(epochs, threads) {
  const { status, threads: had } = await trainer.fit(data, { epochs, threads });
  await plain.fit(data, { epochs, threads: 1 });
  return `${status}, ${had.used}: ${had.reason}`;
}

const answers = { started: await fit(1, 2) };
const [, second] = workers;
setTimeout(() => second.terminate(), 100);
answers.lost = await fit(100, 2);
answers.again = await fit(1, 2);
await Promise.all([...workers].map((worker) => worker.terminate()));
answers.replaced = await fit(1, 2);
Worker.prototype.postMessage = () => {
  throw new Error("no worker today");
};
answers.refused = await fit(1, 5);
answers.isSame = String(trainer.network.parameters()) === String(plain.network.parameters());
console.log(JSON.stringify(answers));
