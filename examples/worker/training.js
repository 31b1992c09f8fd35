// The worker: trains when it is told to, tells how far it is, and gives the network as the bytes of a model file.

import { Network, Trainer } from "../../dist/nablanet.min.js";
import { split } from "./digits.js";

let controller;

self.onmessage = ({ data: message }) => {
  // a fit lets others have their turn, so that this comes through while it runs
  if (message.kind === "cancel") controller?.abort();
  if (message.kind === "train") train(message.epochs);
};

async function train(epochs) {
  controller = new AbortController();
  const { signal } = controller;
  const [training, test] = await split();
  const network = await Network.create({
    inputs: training.inputSize,
    layers: [
      { units: 128, activation: "relu", dropout: 0.2 },
      { units: 64, activation: "relu" },
      { units: training.outputSize, activation: "softmax" },
    ],
    seed: 1,
  });
  const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.001 } });
  const { status, history } = await trainer.fit(training, {
    epochs,
    signal,
    onBatch: ({ epoch, batch, batches, loss }) => {
      postMessage({ kind: "progress", epoch, done: (epoch - 1 + batch / batches) / epochs, loss });
    },
  });
  const { accuracy } = await trainer.evaluate(test);
  const model = await network.encode();
  postMessage({ kind: "trained", status, epochs: history.length, accuracy, model }, [model.buffer]);
  trainer.dispose();
  network.dispose();
}
