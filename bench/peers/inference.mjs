// Predictions per second, from an array of samples to an array of answers.

import { spread } from "../report.mjs";
import { dataOf, shapeOf } from "../works.mjs";
import { assertEqual } from "./agreement.mjs";
import { enoughCalls } from "./amounts.mjs";
import { log } from "./log.mjs";
import { stage } from "./staging.mjs";
import { Team } from "./team.mjs";

export const INFERENCE_WORKS = ["B", "C"];
const BATCHES = [1, 256];
const TOLERANCE = 1e-4;

/** A result for each batch size. */
export async function measureInference(work, roster, { repetitions, least }) {
  log(`${work.name}, inference\n`);
  const team = await Team.prepare(roster, await stage(work, dataOf(work)));
  const rows = Math.max(...BATCHES);
  const ours = await team.ours.outputs({ rows });
  await team.each(async (member) => assertEqual(await member.outputs({ rows }), ours, TOLERANCE));
  const results = [];
  for (const batch of BATCHES) results.push(await measureBatch(work, team, batch, { repetitions, least }));
  await team.dispose();
  return results;
}

async function measureBatch(work, team, batch, { repetitions, least }) {
  const calls = await team.each((member) => enoughCalls((calls) => member.predict({ batch, calls }), least));
  const speed = async (member) => {
    const amount = { batch, calls: calls.get(member) };
    return (batch * amount.calls) / (await member.predict(amount));
  };
  const turns = await team.inTurns(repetitions, speed);
  const contenders = team.members.map((member) => {
    const repetitions = turns.map((turn) => turn.get(member));
    const behind = spread(turns.map((turn) => turn.get(team.ours) / turn.get(member)));
    return { name: member.name, samplesPerSecond: spread(repetitions), behind, repetitions };
  });
  return { work: work.name, shape: shapeOf(work), batch, contenders, leftOut: team.leftOut };
}
