// nablanet alone: how its speed depends on threads, width and batch size.

import { availableParallelism } from "node:os";
import { spread } from "../report.mjs";
import { dataOf, flopsPerSample, selectWorks, shapeOf } from "../works.mjs";
import { calibrate } from "./amounts.mjs";
import { log } from "./log.mjs";
import { Remote } from "./remote.mjs";
import { stage } from "./staging.mjs";

const WIDTHS = [64, 128, 256, 512, 1024, 2048];
const BATCHES = [1, 4, 16, 64, 256, 1024];

/** { threads, width, batch }: each a list of { value, shape, samplesPerSecond, gflops }, on work C but for what varies. */
export async function measureScaling(settings) {
  log("scaling of nablanet ");
  const [work] = selectWorks(["C"]);
  const data = dataOf(work);
  const measure = async (values, variant) => {
    const results = [];
    for (const value of values) results.push({ value, ...(await measureVariant(data, settings, variant(value))) });
    return results;
  };
  const threads = Array.from({ length: availableParallelism() }, (_, i) => i + 1);
  const result = {
    threads: await measure(threads, (threads) => ({ work, threads })),
    width: await measure(WIDTHS, (units) => ({ work: widened(work, units), threads: 1 })),
    batch: await measure(BATCHES, (batchSize) => ({ work: { ...work, batchSize }, threads: 1 })),
  };
  log("\n");
  return result;
}

/** 784-units-units-10 */
function widened(work, units) {
  return { ...work, layers: work.layers.map((layer, i, { length }) => (i < length - 1 ? { ...layer, units } : layer)) };
}

async function measureVariant(data, settings, { work, threads }) {
  const task = await stage(work, data);
  const remote = new Remote({ name: "nablanet", module: "nablanet", threads });
  await remote.prepare(task);
  await remote.reset();
  const { epochs, rows } = await calibrate(remote, task.rows, settings);
  const repetitions = [];
  for (let i = 0; i < settings.repetitions; i++) {
    await remote.reset();
    repetitions.push((epochs * rows) / (await remote.train({ epochs, rows })));
  }
  await remote.dispose();
  log(".");
  const samplesPerSecond = spread(repetitions);
  const gflops = (samplesPerSecond.median * flopsPerSample(work)) / 1e9;
  return { shape: shapeOf(work), samplesPerSecond, gflops };
}
