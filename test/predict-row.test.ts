// Networks that answer rows with names, also after they were saved and loaded.

import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { FormatError, Network, Trainer } from "../src/index.js";
import { readTable } from "../src/tables.js";

const iris = fileURLToPath(new URL("fixtures/iris.csv", import.meta.url));
const setosa = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

async function trained() {
  const { dataset, schema } = await readTable(iris, { target: "species" });
  const layers = [
    { units: 8, activation: "tanh" as const },
    { units: 3, activation: "softmax" as const },
  ];
  const network = await Network.create({ schema, layers, normalize: "standard", seed: 1 });
  const trainer = new Trainer(network, { optimizer: { kind: "lbfgs" }, batchSize: 150 });
  await trainer.fit(dataset, { epochs: 20 });
  return { network, trainer, dataset, schema };
}

it("a row by its names gets a label and what each class has for itself", async () => {
  const { network } = await trained();
  expect(network.inputs).toBe(4);
  const answer = network.predictRow(setosa);
  expect(answer).toMatchObject({ label: "setosa" });
  const probabilities = [...network.predict([5.1, 3.5, 1.4, 0.2])];
  expect(Object.values(answer.probabilities as object)).toEqual(probabilities);
  expect(() => network.predictRow({ ...setosa, petal_width: "wide" })).toThrow(/petal_width.*number.*"wide"/);
  expect(() => network.predictRow({ ...setosa, colour: "red" })).toThrow("colour");
});

it("files, of every format that keeps options, and checkpoints have the schema", async () => {
  const { network, trainer, dataset } = await trained();
  const expected = network.predictRow(setosa);
  for (const format of ["nablanet", "json"] as const) {
    const loaded = await Network.load((await network.encode(format)) as Uint8Array);
    expect(loaded.predictRow(setosa)).toEqual(expected);
    expect(loaded.schema!.toJSON()).toEqual(network.schema!.toJSON());
  }
  const resumed = await Trainer.resume(trainer.checkpoint(), dataset);
  expect(resumed.network.predictRow(setosa)).toEqual(expected);
});

it("a schema must fit the network, and be one", async () => {
  const { schema, network } = await trained();
  const layers = [{ units: 3 }];
  await expect(Network.create({ schema, inputs: 5, layers })).rejects.toThrow("inputs must be 4, as the schema makes");
  await expect(Network.create({ schema, layers: [{ units: 2 }] })).rejects.toThrow("the last layer must have 3 units");
  await expect(Network.create({ layers } as never)).rejects.toThrow(
    "inputs must be an integer from 1 to 16777216, got undefined",
  );
  await expect(Network.create({ schema: 5 as never, layers })).rejects.toThrow(
    "schema must be a Schema or its JSON, got 5",
  );
  await expect(Network.create({ schema: { a: 1 }, layers })).rejects.toThrow(FormatError);
  const plain = await Network.create({ inputs: 4, layers });
  expect(() => plain.predictRow(setosa)).toThrow("this network has no schema");
  const model = JSON.parse(new TextDecoder().decode((await network.encode("json")) as Uint8Array));
  model.network.schema.columns.pop();
  await expect(Network.load(new TextEncoder().encode(JSON.stringify(model)))).rejects.toThrow(FormatError);
});
