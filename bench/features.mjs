// What options of the training step cost: work C (or another) with each of them against the work as it is, in turns. One
// thread. Run by `npm run bench:features`.

import { Dataset, Network, Trainer } from "nablanet";
import { machine, save, spread, table } from "./report.mjs";
import { dataOf, selectWorks } from "./works.mjs";

const REPETITIONS = 9;
/** A measurement lasts so long at least, in s. */
const LEAST = 0.15;

/** What is told to all hidden layers, and what to the trainer. */
const features = {
  "as it is": {},
  dropout: { layer: { dropout: 0.2 } },
  "batch normalization": { layer: { normalization: "batch" } },
  "layer normalization": { layer: { normalization: "layer" } },
  l2: { layer: { l2: 1e-4 } },
  maxNorm: { layer: { maxNorm: 3 } },
  adamW: { trainer: { optimizer: { kind: "adamW" } } },
  amsgrad: { trainer: { optimizer: { kind: "adam", amsgrad: true } } },
  nadam: { trainer: { optimizer: { kind: "nadam" } } },
  adamax: { trainer: { optimizer: { kind: "adamax" } } },
  rmsProp: { trainer: { optimizer: { kind: "rmsProp", learningRate: 0.001 } } },
  clipNorm: { trainer: { optimizer: { kind: "adam", clipNorm: 1 } } },
  "cosine schedule": { trainer: { schedule: { kind: "cosine", epochs: 1e6 } } },
};

const [name = "C"] = process.argv.slice(2);
const [work] = selectWorks([name]);
const { inputs, targets, labels, classes } = dataOf(work);
const data = Dataset.from({ inputs, inputSize: work.inputs, ...(labels ? { targets: labels, classes } : { targets }) });

async function contender({ layer, trainer }) {
  const layers = work.layers.map((each, i) => (i < work.layers.length - 1 ? { ...each, ...layer } : each));
  const network = await Network.create({ inputs: work.inputs, layers, seed: 1 });
  const { loss, optimizer, batchSize } = work;
  return new Trainer(network, { loss, optimizer, batchSize, ...trainer });
}

async function seconds(trainer, epochs) {
  const begin = performance.now();
  const { status } = await trainer.fit(data, { epochs, threads: 1 });
  if (status !== "completed") throw new Error(`fit ended with status "${status}"`);
  return (performance.now() - begin) / 1000;
}

const contenders = [];
for (const [feature, told] of Object.entries(features)) contenders.push([feature, await contender(told)]);
for (const [, trainer] of contenders) await seconds(trainer, 1);
const epochs = Math.ceil(LEAST / (await seconds(contenders[0][1], 1)));
const turns = [];
for (let n = 0; n < REPETITIONS; n++) {
  const turn = {};
  for (const [feature, trainer] of contenders) turn[feature] = await seconds(trainer, epochs);
  turns.push(turn);
  process.stderr.write(".");
}
process.stderr.write("\n");
const results = Object.keys(features).map((feature) => ({
  feature,
  times: spread(turns.map((turn) => turn[feature] / turn["as it is"])),
}));
const percent = (ratio) => `${ratio >= 1 ? "+" : ""}${(100 * (ratio - 1)).toFixed(1)} %`;
console.log(
  table(
    [`work ${work.name}`, "time", "least", "most"],
    results.map(({ feature, times: { median, least, most } }) => [feature, ...[median, least, most].map(percent)]),
    1,
  ),
);
console.log(`\nEvery figure: ${save(`features-${work.name}`, { ...machine(), repetitions: REPETITIONS, results })}`);
