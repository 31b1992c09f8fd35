// Where the time of training goes: each work's speed as a share of the bare tile's, and the share of time that each function
// of the kernels takes, as V8's sampling profiler sees it. One thread. Run by `npm run bench:profile`.

import { readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { capabilities } from "nablanet";
import { bareTile, load, measure } from "./kernels.mjs";
import { NablanetContender } from "./nablanet-contender.mjs";
import { profileRows } from "./profile-readme.mjs";
import { machine, save, spread, table } from "./report.mjs";
import { flopsPerSample, selectWorks, shapeOf } from "./works.mjs";

const SEED = 1;
/** Repetitions of a second or so, each right after a look at the tile: the two must meet the same machine. */
const REPETITIONS = 9;
const SECONDS = 1;
const INTERVAL_MICROSECONDS = 200;
/** What takes less of the time than this, in every work, isn't told. */
const LEAST_SHARE = 0.005;

const { kernels: variants } = await capabilities();
/** The names of the binary's functions, which imports none, in their order. */
const names = [
  ...readFileSync(new URL(`../build/${variants.fast}.wat`, import.meta.url), "utf8").matchAll(/^ \(func \$(\S+)/gm),
].map(([, name]) => name.replace("assembly/", ""));
const kernels = load(variants.fast.replace("Shared", ""));

const session = new Session();
session.connect();
await session.post("Profiler.enable");
await session.post("Profiler.setSamplingInterval", { interval: INTERVAL_MICROSECONDS });

/** The share of time by function; what isn't a kernel is under "JavaScript and the rest". */
function sharesOf({ nodes, samples, timeDeltas }) {
  const nameOf = new Map(
    nodes.map(({ id, callFrame }) => {
      const index = /^wasm-function\[(\d+)\]$/.exec(callFrame.functionName)?.[1];
      return [id, index === undefined ? "JavaScript and the rest" : names[index]];
    }),
  );
  const total = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  const shares = {};
  samples.forEach((id, i) => {
    shares[nameOf.get(id)] = (shares[nameOf.get(id)] ?? 0) + timeDeltas[i] / total;
  });
  return shares;
}

async function profile(work) {
  const contender = await NablanetContender.create(work, SEED);
  let { seconds } = await contender.train(1);
  ({ seconds } = await contender.train(Math.ceil(0.1 / seconds)));
  const epochs = Math.ceil((SECONDS * Math.ceil(0.1 / seconds)) / seconds);
  const gflops = [];
  const ofTile = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const tile = spread(measure(bareTile(kernels), 3)).median;
    const run = await contender.train(epochs);
    gflops.push((contender.dataset.length * epochs * flopsPerSample(work)) / run.seconds / 1e9);
    ofTile.push(gflops.at(-1) / tile);
    process.stderr.write(".");
  }
  await session.post("Profiler.start");
  await contender.train(2 * epochs);
  const { profile: sampled } = await session.post("Profiler.stop");
  contender.dispose();
  return {
    work: work.name,
    shape: shapeOf(work),
    gflops: spread(gflops),
    ofTile: spread(ofTile),
    shares: sharesOf(sampled),
  };
}

const works = [];
for (const work of selectWorks(process.argv.slice(2))) works.push(await profile(work));
process.stderr.write("\n");

const [header, ...rows] = profileRows(works, LEAST_SHARE);
console.log(table(header, rows, 1));
console.log(
  `\nEvery figure: ${save("profile", { ...machine(), variant: variants.fast, repetitions: REPETITIONS, works })}`,
);
