// 784-30-10 learns MNIST with every choice as in M. Nielsen, Neural Networks and Deep Learning, chapter 1
// (http://neuralnetworksanddeeplearning.com/chap1.html), beside the book's result. Run by `npm run mnist`.

import { parseArgs } from "node:util";
import { datasets, Network, Trainer } from "nablanet";
import { findMnist } from "./mnist-files.mjs";
import { percent, whole } from "./numbers.mjs";
import { colours } from "./terminal.mjs";

const BOOK_ACCURACY = 0.9542;
const EPOCHS = 30;
// the book keeps the last 10,000 of the 60,000 for validation
const TRAINING_IMAGES = 50_000;
// the book's pixels are 0.0 for white to 1.0 for black
const SCALE = 1 / 255;

const seed = readSeed();
const { files, missing } = findMnist();
if (files === undefined) {
  console.log(`Skipped, as this file of MNIST isn't there: ${missing}`);
  console.log("To get going, put the four files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz,");
  console.log("t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz (or unzipped, without .gz) into");
  console.log("a folder, and name it: MNIST_DIR=/path/to/folder npm run mnist");
  process.exit(0);
}

const start = performance.now();
const training = (await datasets.idx({ ...files.training, scale: SCALE })).take(TRAINING_IMAGES);
const test = await datasets.idx({ ...files.test, scale: SCALE });

const neurons = { activation: "sigmoid", initializer: "normal", biasInitializer: "normal" };
const network = await Network.create({
  inputs: training.inputSize,
  layers: [
    { ...neurons, units: 30 },
    { ...neurons, units: training.outputSize },
  ],
  seed,
});
const trainer = new Trainer(network, {
  loss: "quadratic",
  optimizer: { kind: "sgd", learningRate: 3 },
  batchSize: 10,
});

console.log(`784-30-10 learns from ${whole(training.length)} images, seed ${network.seed}\n`);
const head = ["epoch", "training loss", `correct of ${whole(test.length)}`, "accuracy", "seconds", "samples/s"];
console.log(colours.bold(head.join("  ")));

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());
const { status, history } = await trainer.fit(training, {
  epochs: EPOCHS,
  validation: test,
  signal: interrupt.signal,
  onEpoch: (row) => console.log(cells(row).join("  ")),
});

if (history.length > 0) {
  const best = history.reduce((a, b) => (b.validationAccuracy > a.validationAccuracy ? b : a));
  const result = `Best: ${percent(best.validationAccuracy, 2)} in epoch ${best.epoch}`;
  console.log(`\n${colours.bold(result)}; the book's best is ${percent(BOOK_ACCURACY, 2)}.`);
}
console.log(`${((performance.now() - start) / 1000).toFixed(1)} s in all, reading the files and testing included.`);
if (status !== "completed") {
  console.error(`Training was ${status} after ${history.length} of ${EPOCHS} epochs.`);
  process.exitCode = status === "aborted" ? 130 : 1;
}

/** One epoch, each number as wide as its heading. */
function cells({ epoch, loss, validationAccuracy, seconds, samplesPerSecond }) {
  return [
    String(epoch),
    loss.toFixed(5),
    whole(validationAccuracy * test.length),
    percent(validationAccuracy, 2),
    seconds.toFixed(2),
    whole(samplesPerSecond),
  ].map((cell, i) => cell.padStart(head[i].length));
}

function readSeed() {
  try {
    const { seed = "1" } = parseArgs({ options: { seed: { type: "string" } } }).values;
    if (!/^\d+$/.test(seed) || !Number.isSafeInteger(Number(seed)))
      throw new Error(`--seed must be a whole number, got "${seed}"`);
    return Number(seed);
  } catch (error) {
    console.error(`${error.message}\nusage: node demo/mnist.mjs [--seed N]`);
    process.exit(2);
  }
}
