// Trains one run with one seed, and says how it went.

import { Network, Trainer } from "nablanet";
import { progress } from "nablanet/progress";
import { machine } from "../bench/report.mjs";
import { settings } from "./runs.mjs";

/** The result as results.json keeps it, or the status of a fit that didn't get to its end. */
export async function train(run, { seed, threads, mnist, signal }) {
  const trained = settings(run);
  const { training, judge } = await mnist(trained);
  const network = await Network.create({ ...trained.network, seed });
  const trainer = new Trainer(network, trained.trainer);
  const { epochs } = trained;
  const ends = run.endsEarly?.();
  const fit = await trainer.fit(training, {
    epochs,
    validation: judge,
    threads,
    signal,
    ...progress({ epochs, onEpoch: (row) => !ends?.(row) }),
  });
  network.dispose();
  const ended = fit.status === "completed" || (fit.status === "stopped" && ends !== undefined);
  if (!ended) return { status: fit.status };
  return {
    result: {
      name: run.name,
      seed,
      ...accuracies(fit.history),
      seconds: sum(fit.history.map((row) => row.seconds)),
      threads: fit.threads.used,
      machine: machine(),
      settings: trained,
    },
  };
}

function accuracies(history) {
  const all = history.map((row) => row.validationAccuracy);
  const best = Math.max(...all);
  return {
    epochs: history.length,
    first: all[0],
    last: all.at(-1),
    best,
    bestEpoch: all.indexOf(best) + 1,
  };
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
