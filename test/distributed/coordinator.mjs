// A search as a program: says on stdout each trial as it ends, how long it took, and the table at last.

import { logUniform, search } from "nablanet";
import { bullmq, local } from "nablanet/backends";
import { tableReference } from "nablanet/tables";

const { table, units, epochs, trials, folder, ...queue } = JSON.parse(process.argv[2]);
const data = await tableReference(table, { target: "species" });
const { trials: rows } = await search({
  space: { learningRate: logUniform(1e-4, 1e-2) },
  build: ({ learningRate }) => ({
    network: {
      schema: data.schema,
      layers: [...(units ? [{ units }, { units }] : []), { units: 3, activation: "softmax" }],
    },
    trainer: { optimizer: { kind: "adam", learningRate } },
    fit: { epochs },
  }),
  data,
  trials,
  seed: 1,
  backend: queue.connection === undefined ? local({ processes: 2, folder }) : bullmq(queue),
  onTrial: ({ number, seconds }) => console.log(`trial ${number} took ${seconds} s`),
});
console.log(JSON.stringify(rows.map(({ seconds, ...row }) => row)));
