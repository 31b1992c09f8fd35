// The process of a contestant in JavaScript: child.mjs NAME runs contenders/NAME.mjs and answers Remote's calls.

import { readFileSync } from "node:fs";
import { readTask } from "./task.mjs";

/** How many different batches are predicted in turn, so that no prediction is of the batch before. */
const BATCHES = 64;

let task;
let contender;

const calls = {
  async prepare(staged) {
    task = readTask(staged);
    const contenderFile = await import(`./contenders/${process.argv[2]}.mjs`);
    contender = await contenderFile.default.create(task);
    const { packageName, differs, batchSize, loss } = contenderFile;
    return {
      version: versionOf(packageName),
      differs: differs?.(task.work),
      batchSize: batchSize ?? task.work.batchSize,
      loss: loss ?? task.work.loss,
    };
  },

  /** Back to the first parameters and a new optimizer. */
  async reset(start) {
    if (start) task.start.set(start);
    await contender.reset();
  },

  /** Seconds that so many epochs of the first `rows` rows take. */
  async train(amount) {
    const order = new Uint32Array(amount.rows).map((_, row) => row);
    const begin = performance.now();
    await contender.train({ order, ...amount });
    return (performance.now() - begin) / 1000;
  },

  /** What the network answers to the first rows of the data, or to all of the test data. */
  outputs({ test, rows }) {
    return contender.outputs(test ? task.test : task.data.inputs.subarray(0, rows * task.work.inputs));
  },

  /** Seconds that so many predictions of `batch` rows take, from an array of samples to an array of answers. */
  async predict({ batch, calls }) {
    const size = batch * task.work.inputs;
    const count = Math.min(BATCHES, Math.floor(task.data.inputs.length / size));
    const batches = Array.from({ length: count }, (_, i) => task.data.inputs.slice(i * size, (i + 1) * size));
    const begin = performance.now();
    for (let i = 0; i < calls; i++) {
      const outputs = contender.outputs(batches[i % count]);
      if (outputs instanceof Promise) await outputs;
    }
    return (performance.now() - begin) / 1000;
  },
};

function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;
}

process.on("message", async ({ call, argument }) => {
  try {
    process.send({ answer: await calls[call](argument) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
