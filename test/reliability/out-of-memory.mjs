// A process whose system refuses it more memory, at a limit that it sets itself: what works then, as JSON.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { datasets, Network, OutOfMemoryError, Trainer } from "nablanet";

const data = datasets.moons({ samples: 200, seed: 1 });
const hashOf = (network) => createHash("sha256").update(network.parameters()).digest("hex");
const layers = [
  { units: 9, activation: "gelu" },
  { units: 2, activation: "softmax" },
];

async function train(onEpoch) {
  const network = await Network.create({ inputs: 2, layers, seed: 3 });
  const trainer = new Trainer(network, { batchSize: 16, optimizer: { kind: "adam" } });
  await trainer.fit(data, { epochs: 3, threads: 1, onEpoch });
  const hash = hashOf(network);
  trainer.dispose();
  network.dispose();
  return hash;
}

const before = await train();
const other = await Network.create({ inputs: 1000, layers: [{ units: 1000 }], seed: 1 });
const known = hashOf(other);
// room for what JavaScript needs, whose lack no process outlives
const used = Number(/VmData:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]) * 1024;
execFileSync("prlimit", ["--pid", String(process.pid), `--data=${used + 200 * 2 ** 20}`]);

const refusals = [];
const meanwhile = await train(async () => {
  try {
    await Network.create({ inputs: 2 ** 13, layers: [{ units: 2 ** 13 }] });
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    refusals.push(error.message);
  }
});
const small = await Network.create({ inputs: 1000, layers: [{ units: 2000 }], seed: 1 });
console.log(
  JSON.stringify({
    refusals,
    isSame: meanwhile === before && (await train()) === before && hashOf(other) === known,
    room: small.predict(new Float32Array(1000)).length,
  }),
);
