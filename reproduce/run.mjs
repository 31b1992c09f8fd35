// Trains on MNIST what published sources trained, and shows both results side by side. Run by `npm run reproduce`.

import { readCommandLine, usage } from "./command-line.mjs";
import { openMnist } from "./mnist.mjs";
import { writePage } from "./page.mjs";
import { saveResult } from "./results.mjs";
import { resultsTable, settingsTable } from "./tables.mjs";
import { train } from "./train.mjs";

const { chosen, seeds, threads, folder, render } = readOptions();
if (render) writePage();
else await trainAll(needMnist());

async function trainAll(mnist) {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const results = [];
  for (const run of chosen) {
    for (const seed of seeds) {
      console.error(`\n${run.name}, seed ${seed}; published: ${run.published}`);
      const { result, status } = await train(run, { seed, threads, mnist, signal: interrupt.signal });
      if (result === undefined) {
        console.error(`Training was ${status}; no result was written for ${run.name}, seed ${seed}.`);
        process.exitCode = status === "aborted" ? 130 : 1;
      } else {
        saveResult(result);
        results.push(result);
      }
      if (interrupt.signal.aborted) return show(results);
    }
  }
  show(results);
}

function show(results) {
  const trained = chosen.filter((run) => results.some(({ name }) => name === run.name));
  if (trained.length > 0) console.log(`\n${resultsTable(trained, results)}\n\n${settingsTable(trained)}`);
}

function readOptions() {
  try {
    return readCommandLine(process.argv.slice(2), process.env);
  } catch (error) {
    stop(`${error.message}\n${usage}`);
  }
}

function needMnist() {
  const needed =
    "This needs MNIST's four files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and\n" +
    "t10k-labels-idx1-ubyte (gzipped, ending in .gz, or not) in a folder that MNIST_DIR or --data names.";
  if (folder === undefined) stop(`${needed}\n${usage}`);
  const { mnist, missing } = openMnist(folder);
  if (missing !== undefined) stop(`${needed}\nThis one isn't there: ${missing}`);
  return mnist;
}

function stop(message) {
  console.error(message);
  process.exit(2);
}
