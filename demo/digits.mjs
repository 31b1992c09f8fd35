// Learns to read 1,797 handwritten digits, and shows what came of it. Run by `npm start`.

import { datasets, Network, Trainer } from "nablanet";
import { confusionTable } from "./confusion-matrix.mjs";
import { digitPictures, picturesInLine } from "./digit-pictures.mjs";
import { lossCurve } from "./loss-curve.mjs";
import { percent, whole } from "./numbers.mjs";
import { showProgress } from "./progress.mjs";
import { colours } from "./terminal.mjs";

const SEED = 1;
const EPOCHS = 50;
const LEAST_ACCURACY = 0.97;

const digits = await datasets.digits();
const [training, heldOut] = digits.split(0.8, { seed: SEED, stratified: true });
const network = await Network.create({
  inputs: digits.inputSize,
  layers: [
    { units: 256, activation: "relu" },
    { units: 64, activation: "relu" },
    { units: digits.outputSize, activation: "softmax" },
  ],
  seed: SEED,
});
const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.002 }, batchSize: 32 });

const sizes = [network.inputs, ...network.layers.map(({ units }) => units)].join("-");
heading(`${sizes}, ${whole(network.parameterCount)} parameters, learns from ${whole(training.length)} digits`);
const { status, history } = await trainer.fit(training, {
  epochs: EPOCHS,
  validation: heldOut,
  onEpoch: (row) => showProgress(row, EPOCHS, 5),
});

if (status !== "completed") {
  console.error(`Training didn't run to its end: ${status} after ${history.length} of ${EPOCHS} epochs.`);
  process.exit(1);
}

heading("Loss by epoch, on a logarithmic axis");
console.log(lossCurve(history));

const { accuracy, confusionMatrix } = await trainer.evaluate(heldOut);
heading(`The ${heldOut.length} digits it never saw`);
console.log(confusionTable(confusionMatrix, heldOut.classNames));

const answers = ask([...heldOut.shuffle(SEED)]);
const right = answers.filter(({ said, label }) => said === label);
const wrong = answers.filter(({ said, label }) => said !== label);
show("Some that it got right", right);
show("Some that it got wrong", wrong);

const seconds = history.reduce((sum, row) => sum + row.seconds, 0);
const speed = whole((training.length * history.length) / seconds);
const verdict = `${right.length} of ${heldOut.length} held-out digits right, ${percent(accuracy)}`;
console.log(`\n${colours.bold(verdict)}; ${seconds.toFixed(2)} s, ${speed} samples/s, seed ${SEED}.`);
if (accuracy < LEAST_ACCURACY) {
  console.error(`That is too few: it should be ${percent(LEAST_ACCURACY)} or more.`);
  process.exitCode = 1;
}

/** The samples with what the network says they are, and how sure it is. */
function ask(samples) {
  const outputs = network.predict(samples.map(({ input }) => input));
  return samples.map(({ input, label }, i) => {
    const probability = Math.max(...outputs[i]);
    return { input, label, said: outputs[i].indexOf(probability), probability };
  });
}

function show(title, some) {
  if (some.length === 0) return;
  heading(title);
  console.log(digitPictures(some.slice(0, picturesInLine())));
}

function heading(text) {
  console.log(`\n${colours.bold(text)}`);
}
