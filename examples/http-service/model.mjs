// The model that the service answers with: read from its file, or trained when there is none yet.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Network, Trainer } from "nablanet";
import { readTable } from "nablanet/tables";

const table = fileURLToPath(new URL("../../test/fixtures/iris.csv", import.meta.url));

export async function loadOrTrain(file) {
  if (!existsSync(file)) {
    const network = await train();
    // written whole or not at all: a service that starts beside this one never reads half a model
    await network.save(file);
    network.dispose();
  }
  return Network.load(file);
}

async function train() {
  const { dataset, schema } = await readTable(table, { target: "species" });
  const network = await Network.create({
    schema,
    layers: [
      { units: 16, activation: "relu" },
      { units: schema.outputs, activation: "softmax" },
    ],
    normalize: "standard",
    seed: 1,
  });
  const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.01 } });
  const { history } = await trainer.fit(dataset, { epochs: 100 });
  console.log(`trained: accuracy ${history.at(-1).accuracy.toFixed(3)}`);
  return network;
}
