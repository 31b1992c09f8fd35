// Learns a table from its CSV file, keeps the model in a file, and asks that file.

import { fileURLToPath } from "node:url";
import { Network, Trainer } from "nablanet";
import { readTable } from "nablanet/tables";

// 150 flowers: four measurements in centimetres, and the species
const table = fileURLToPath(new URL("../../test/fixtures/iris.csv", import.meta.url));
const MODEL = "iris.nabla";

const { dataset, schema } = await readTable(table, { target: "species" });
const [train, test] = dataset.split(0.8, { stratified: true, seed: 1 });
console.log(`${dataset.length} rows of ${schema.inputs} inputs: ${schema.classes.join(", ")}`);

const network = await Network.create({
  schema, // is saved with the model: whoever loads it needs no table
  layers: [
    { units: 16, activation: "relu" },
    { units: schema.outputs, activation: "softmax" },
  ],
  normalize: "standard", // columns come in all sizes
  seed: 1,
});
const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.01 } });
const { status, history } = await trainer.fit(train, {
  epochs: 300,
  validation: test,
  earlyStopping: { metric: "validationLoss", patience: 30 },
});
const { loss, accuracy } = await trainer.evaluate(test);
console.log(`${status} after ${history.length} epochs`);
console.log(`held out: ${Math.round(accuracy * test.length)} of ${test.length} right, loss ${loss.toFixed(3)}`);

await network.save(MODEL);
console.log(`saved ${MODEL}\n`);

// the rest could be another program, on another machine, with nothing but that file
const loaded = await Network.load(MODEL);
const flower = { sepal_length: 6.1, sepal_width: 2.8, petal_length: 4.7, petal_width: 1.2 };
const { label, probabilities } = loaded.predictRow(flower);
console.log("a flower of", flower);
console.log("is a", label);
for (const [species, probability] of Object.entries(probabilities)) {
  console.log(`  ${species.padEnd(12)}${(100 * probability).toFixed(1).padStart(5)} %`);
}
