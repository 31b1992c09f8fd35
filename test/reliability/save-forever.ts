// A program that writes a model and a checkpoint over and over, each in two versions in turn, into the folder that it is given,
// until it is killed. Says so once both are there.

import { join } from "node:path";
import { writeFile } from "../../src/engine/whole-file.js";
import { datasets, Network, Trainer } from "../../src/index.js";

const folder = process.argv[2] as string;
const network = await Network.create({ inputs: 2, layers: [{ units: 2, activation: "softmax" }], seed: 1 });
const trainer = new Trainer(network, { optimizer: { kind: "sgd", learningRate: 0.1 } });
const versions: { parameters: Float32Array; checkpoint: Uint8Array }[] = [];
for (const epochs of [1, 2]) {
  await trainer.fit(datasets.moons({ samples: 64 }), { epochs, resume: epochs > 1 });
  versions.push({ parameters: network.parameters(), checkpoint: trainer.checkpoint() });
}
for (let i = 0; ; i++) {
  const { parameters, checkpoint } = versions[i % 2] as (typeof versions)[number];
  network.setParameters(parameters);
  await Promise.all([network.save(join(folder, "model.nabla")), writeFile(join(folder, "run.checkpoint"), checkpoint)]);
  if (i === 0) console.log("saved");
}
