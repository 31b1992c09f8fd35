// What the root README says of the results, as Markdown.

import { markdownTable } from "../markdown.mjs";
import { times } from "./tables.mjs";

/** From peers.json, and from time-to-accuracy.json where there is one. */
export function readmeText(peers, accuracy) {
  const { training, inference, simpleChains, versions } = peers;
  const parts = [introduction(peers), trainingTable(training, versions), footnotes(training)];
  parts.push("Samples predicted per second:", inferenceTable(inference, versions));
  if (simpleChains) parts.push(simpleChainsText(simpleChains));
  if (accuracy) {
    const epochs = "for as many epochs as the median of all runs needed";
    parts.push(`Seconds of training to an accuracy on MNIST's test images, ${epochs}:`, accuracyTable(accuracy));
  }
  return `${parts.join("\n\n")}\n`;
}

function introduction({ cpu, cores, node, date, settings }) {
  return (
    `${cpu}, ${cores} cores, Node ${node.split(".")[0]}, ${date.slice(0, 10)}; one thread, but where two are named. ` +
    `Samples trained on per second, medians of ${settings.repetitions} alternating repetitions; ` +
    "in brackets, how many times as fast nablanet is:"
  );
}

function trainingTable(training, versions) {
  const notes = notesOf(training);
  const cell = (contender) => {
    const note = contender.differs ? `<sup>${notes.indexOf(contender.differs) + 1}</sup>` : "";
    return speed(contender) + note;
  };
  return contestants(training, ({ work, shape }) => `${work}: ${shape}`, cell, versions);
}

/** What contestants do differently, each once, numbered as the table names them. */
function footnotes(training) {
  return notesOf(training)
    .map((note, i) => `<sup>${i + 1}</sup> ${note}`)
    .join(" · ");
}

function notesOf(training) {
  return unique(training.flatMap(({ contenders }) => contenders.map(({ differs }) => differs).filter(Boolean)));
}

function inferenceTable(inference, versions) {
  return contestants(inference, ({ work, batch }) => `${work}, batch ${batch}`, speed, versions);
}

function simpleChainsText({ shape, samples, steps, contenders }) {
  const perStep = contenders.map(({ name, seconds }) => `${name} ${((1e3 * seconds.median) / steps).toPrecision(2)}`);
  return (
    `The small network that SimpleChains.jl was published with (${shape}, tanh, Adam, all ${whole(samples)} samples in one ` +
    `batch), milliseconds per step: ${perStep.join(" · ")}`
  );
}

function accuracyTable({ targets, versions }) {
  const head = ({ accuracy, units, epochs }) => `${100 * accuracy} %: 784-${units}-10, ${epochs} epochs`;
  return contestants(targets, head, (contender) => contender.seconds.toFixed(1) + ratio(contender), versions);
}

/** A line a contestant, a column a measurement. */
function contestants(measurements, head, cell, versions) {
  const names = unique(measurements.flatMap(({ contenders }) => contenders.map(({ name }) => name)));
  const rows = names.map((name) => [
    // nablanet's version is the page's
    name.startsWith("nablanet") ? name : `${name} ${versions[name]}`,
    ...measurements.map(({ contenders }) => {
      const contender = contenders.find((other) => other.name === name);
      return contender ? cell(contender) : "–";
    }),
  ]);
  return markdownTable(["", ...measurements.map(head)], rows);
}

/** Such as "97,300 (1.4)"; nablanet's own ratio isn't told. */
function speed(contender) {
  const { median } = contender.samplesPerSecond;
  return (median < 10 ? median.toPrecision(2) : whole(Number(median.toPrecision(3)))) + ratio(contender);
}

function ratio({ name, behind }) {
  return name === "nablanet" ? "" : ` (${times(behind.median)})`;
}

function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}

function unique(values) {
  return [...new Set(values)];
}
