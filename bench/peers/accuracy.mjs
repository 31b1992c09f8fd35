// How long training takes to an accuracy on MNIST's test images; the same settings for all.

import { machine, save, spread, table, withSpread } from "../report.mjs";
import { log } from "./log.mjs";
import { readMnist } from "./mnist.mjs";
import { checkNames, rosters, selected } from "./roster.mjs";
import { stage, startOf } from "./staging.mjs";
import { absent, times } from "./tables.mjs";
import { Team, versions } from "./team.mjs";

/** What a search over widths, batch sizes and rates found to take nablanet the least time. Adam, as its paper has it. */
const TARGETS = [
  { accuracy: 0.97, units: 128, batchSize: 128, learningRate: 0.005 },
  { accuracy: 0.98, units: 256, batchSize: 256, learningRate: 0.002 },
];
const SEEDS = [1, 2, 3];
const MOST_EPOCHS = 30;
/** So many rows are trained on first, not counted, so that compilation isn't either. */
const WARM_UP_ROWS = 4_096;

/** `files` as findMnist() has them. Options: `only`, names of contestants; `quick`, one seed and the first target. */
export async function measureAccuracy(files, { only, quick }) {
  checkNames(only);
  const mnist = readMnist(files);
  const roster = selected(rosters.accuracy, only);
  const seeds = quick ? SEEDS.slice(0, 1) : SEEDS;
  const targets = [];
  for (const target of quick ? TARGETS.slice(0, 1) : TARGETS)
    targets.push(await measureTarget(target, mnist, roster, seeds));
  for (const target of targets) console.log(`\n${targetTable(target)}`);
  const name = ["time-to-accuracy", ...only, ...(quick ? ["quick"] : [])].join("-");
  console.log(
    `\nEvery repetition: ${save(name, { ...machine(), seeds, warmUpRows: WARM_UP_ROWS, versions, targets })}`,
  );
}

function workOf({ units, batchSize, learningRate }) {
  return {
    name: "MNIST",
    inputs: 784,
    layers: [
      { units, activation: "relu" },
      { units: 10, activation: "softmax" },
    ],
    loss: "crossEntropy",
    optimizer: { kind: "adam", learningRate },
    batchSize,
  };
}

async function measureTarget(target, { training, test }, roster, seeds) {
  const work = workOf(target);
  log(`to ${100 * target.accuracy} %: 784-${target.units}-10\n`);
  const team = await Team.prepare(roster, await stage(work, training, { test }));
  const runs = new Map(team.members.map((member) => [member, []]));
  await team.each((member) => member.train({ epochs: 1, rows: WARM_UP_ROWS }));
  for (const seed of seeds) {
    const start = await startOf(work, seed);
    await team.each(async (member) => {
      runs.get(member).push(await train(member, start, target.accuracy, test.labels));
    });
  }
  await team.dispose();
  return { ...target, ...summary(team, runs), leftOut: team.leftOut };
}

/**
 * How many epochs it takes is chance, 6 or 11 in runs that differ in the shuffle only, and not speed. So `seconds` are those
 * of as many epochs as the median of everybody's runs needed; what each run took is in `runs`.
 */
function summary({ members, ours }, runs) {
  const all = members.flatMap((member) => runs.get(member));
  const epochs = spread(all.map(({ accuracies }) => accuracies.length)).median;
  const perEpoch = (member) => runs.get(member).map(({ seconds, accuracies }) => seconds / accuracies.length);
  const contenders = members.map((member) => ({
    name: member.name,
    seconds: epochs * spread(perEpoch(member)).median,
    behind: spread(perEpoch(member).map((seconds, i) => seconds / perEpoch(ours)[i])),
    runs: runs.get(member),
  }));
  return { epochs, contenders };
}

/** Evaluated after each epoch, which isn't counted. Returns { seconds, accuracies }. */
async function train(member, start, wanted, labels) {
  await member.reset(start);
  const accuracies = [];
  let seconds = 0;
  while (!(accuracies.at(-1) >= wanted)) {
    if (accuracies.length === MOST_EPOCHS) throw new Error(`no ${100 * wanted} % in ${MOST_EPOCHS} epochs`);
    seconds += await member.train({ epochs: 1, rows: 60_000 });
    accuracies.push(accuracy(await member.outputs({ test: true }), labels));
  }
  log(`   ${member.name}: ${seconds.toFixed(1)} s, ${accuracies.length} epochs\n`);
  return { seconds, accuracies };
}

function accuracy(outputs, labels) {
  const width = outputs.length / labels.length;
  const answer = (row) => {
    const answers = outputs.subarray(row * width, (row + 1) * width);
    return answers.indexOf(Math.max(...answers));
  };
  return labels.reduce((correct, label, row) => correct + (answer(row) === label), 0) / labels.length;
}

function targetTable({ accuracy, units, batchSize, learningRate, epochs, contenders, leftOut }) {
  const lines = contenders.map(({ name, seconds, behind, runs }) => [
    name,
    seconds.toFixed(1),
    withSpread(behind, times),
    runs.map(({ seconds, accuracies }) => `${seconds.toFixed(1)} (${accuracies.length})`).join(", "),
  ]);
  const what = `to ${100 * accuracy} %: 784-${units}-10, batch ${batchSize}, Adam ${learningRate}`;
  const header = [what, `s for ${epochs} epochs`, "times", "s (epochs) of each run"];
  return [table(header, lines, 1), ...absent(leftOut)].join("\n");
}
