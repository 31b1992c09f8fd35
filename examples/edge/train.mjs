// Makes model.json, which worker.mjs has in it: JSON, so that bundlers take it as it is.

import { fileURLToPath } from "node:url";
import { Network, Trainer } from "nablanet";
import { readTable } from "nablanet/tables";

const [model = fileURLToPath(new URL("model.json", import.meta.url))] = process.argv.slice(2);
const table = fileURLToPath(new URL("../../test/fixtures/iris.csv", import.meta.url));

const { dataset, schema } = await readTable(table, { target: "species" });
const network = await Network.create({
  schema,
  layers: [
    { units: 8, activation: "tanh" },
    { units: schema.outputs, activation: "softmax" },
  ],
  normalize: "standard",
  math: "deterministic", // the same file on every machine
  seed: 1,
});
const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.02 } });
const { history } = await trainer.fit(dataset, { epochs: 100 });
await network.save(model);
console.log(`saved ${model}: accuracy ${history.at(-1).accuracy.toFixed(3)}`);
