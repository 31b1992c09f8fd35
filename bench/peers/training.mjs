// The works of bench/works.mjs, trained by everybody: samples per second.

import { significant, spread } from "../report.mjs";
import { dataOf, flopsPerSample, shapeOf, trainingOf } from "../works.mjs";
import { assertAgrees, assertLearns, firstSteps, percent } from "./agreement.mjs";
import { calibrate } from "./amounts.mjs";
import { log } from "./log.mjs";
import { stage } from "./staging.mjs";
import { Team } from "./team.mjs";

/** `settings`: { repetitions, least, most }, the latter two as calibrate() takes them. */
export async function measureTraining(work, roster, settings) {
  const data = dataOf(work);
  const task = await stage(work, data);
  log(`${work.name}, training\n`);
  const team = await Team.prepare(roster, task);
  const amounts = await team.each((member) => calibrate(member, task.rows, settings));
  const ours = await firstSteps(team.ours, work, task.rows);
  await team.each(async (member) => {
    const [before, after] = await assertLearns(member, data.targets, amounts.get(member));
    const agrees = member.differs ? "" : `; as nablanet within ${percent(await agreement(member, work, task, ours))}`;
    log(`   ${member.name}: loss falls from ${significant(before)} to ${significant(after)}${agrees}\n`);
  });
  const speeds = await team.inTurns(settings.repetitions, (member) => speed(member, amounts));
  await team.dispose();
  return {
    work: work.name,
    shape: shapeOf(work),
    training: trainingOf(work),
    rows: task.rows,
    contenders: team.members.map((member) => summary(member, amounts.get(member), speeds, team.ours, work)),
    leftOut: team.leftOut,
  };
}

async function agreement(member, work, { rows }, ours) {
  return assertAgrees(await firstSteps(member, work, rows), ours);
}

async function speed(member, amounts) {
  const { epochs, rows } = amounts.get(member);
  await member.reset();
  return (epochs * rows) / (await member.train({ epochs, rows }));
}

/** What is written to JSON; `behind` is how many times as fast nablanet is, from each turn. */
function summary(member, amount, turns, ours, work) {
  const repetitions = turns.map((turn) => turn.get(member));
  const samplesPerSecond = spread(repetitions);
  return {
    name: member.name,
    ...(member.differs && { differs: member.differs }),
    amount,
    samplesPerSecond,
    gflops: (samplesPerSecond.median * flopsPerSample(work)) / 1e9,
    behind: spread(turns.map((turn) => turn.get(ours) / turn.get(member))),
    repetitions,
  };
}
