// Runs in each engine: loses a worker in the middle of a fit, then the idle ones, and then can't start any. Prints what came
// of each as JSON.

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
const network = await Network.create({ inputs: 2, layers, seed: 1 });
const trainer = new Trainer(network);
async function fit(epochs, threads) {
  try {
    const result = await trainer.fit(data, { epochs, threads });
    return `${result.status}, ${result.threads.used}: ${result.threads.reason}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

const answers = { started: await fit(1, 2) };
const [, second] = workers;
setTimeout(() => second.terminate(), 100);
answers.lost = await fit(1_000_000, 2);
answers.again = await fit(1, 2);
await Promise.all([...workers].map((worker) => worker.terminate()));
answers.replaced = await fit(1, 2);
Worker.prototype.postMessage = () => {
  throw new Error("no worker today");
};
answers.refused = await fit(1, 5);
console.log(JSON.stringify(answers));
