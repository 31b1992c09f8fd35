// The results beside what was published, and the settings, in Markdown.

import { markdownTable } from "../bench/markdown.mjs";
import { spread, withSpread } from "../bench/report.mjs";

/** A row for each run: of several seeds the median, with the least and the most. */
export function resultsTable(runs, results) {
  const header = ["run", "published", "epoch 1, %", "last epoch, %", "best epoch, %", "epochs", "seeds", "seconds"];
  const rows = runs.map((run) => {
    const own = results.filter(({ name }) => name === run.name);
    if (own.length === 0) return [run.title, run.published, "", "not run: --long", "", String(run.epochs), "", ""];
    const accuracy = (of) => over(own, of, (share) => (100 * share).toFixed(2));
    return [
      ...[run.title, run.published, accuracy("first"), accuracy("last"), accuracy("best")],
      ...[over(own, "epochs", Math.round), seeds(own), over(own, "seconds", Math.round)],
    ];
  });
  return markdownTable(header, rows);
}

function over(results, name, format) {
  const values = results.map((result) => result[name]);
  const { median, least, most } = spread(values);
  return format(least) === format(most) ? String(format(median)) : withSpread({ median, least, most }, format);
}

const seeds = (results) => results.map(({ seed }) => seed).join(", ");

export function settingsTable(runs) {
  const header = [
    "name",
    "in the source",
    "network",
    "initial weights",
    "cost",
    "optimizer",
    "batch",
    "epochs",
    "judged by",
  ];
  return markdownTable(header, runs.map(settingsRow));
}

function settingsRow({ name, own, network, trainer, epochs, endsEarly, judgedBy }) {
  return [
    name,
    own,
    shape(network),
    start(network.layers[0]),
    trainer.loss + (network.l2 > 0 ? `, l2 ${short(network.l2)}` : ""),
    optimizer(trainer.optimizer) + (trainer.schedule === undefined ? "" : `, ${trainer.schedule.kind} schedule`),
    String(trainer.batchSize),
    `${endsEarly === undefined ? "" : "at most "}${epochs}`,
    judgedBy,
  ];
}

function shape({ inputs, layers, inputDropout, maxNorm }) {
  const last = layers.at(-1);
  const { activation, dropout } = layers[0];
  const notes = [activation === last.activation ? activation : `${activation}, ${last.activation}`];
  if (inputDropout) notes.push(`inputDropout ${inputDropout}`);
  if (dropout) notes.push(`dropout ${dropout}`);
  if (maxNorm) notes.push(`maxNorm ${maxNorm}`);
  return `${[inputs, ...layers.map(({ units }) => units)].join("-")} ${notes.join(", ")}`;
}

function start({ initializer = "default", biasInitializer = "zeros" }) {
  return `${initializer}, biases ${biasInitializer}`;
}

function optimizer({ kind, ...rest }) {
  return [kind, ...Object.entries(rest).map(([option, value]) => `${option} ${short(value)}`)].join(", ");
}

const short = (number) => (number < 1e-3 ? number.toExponential() : String(number));
