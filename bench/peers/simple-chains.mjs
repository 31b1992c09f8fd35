// The small example that SimpleChains.jl was published with: a network learns the exponential of 2x2 matrices, all 10,000
// samples in one batch (https://julialang.org/blog/2022/04/simple-chains/). There, 10,000 steps took it 0.41 s on 18 cores
// of an Intel i9-10980XE and 0.72 s on 32 of an AMD EPYC 7513, and PyTorch 15 s and 70 s.

import { spread } from "../report.mjs";
import { shapeOf } from "../works.mjs";
import { assertLearns } from "./agreement.mjs";
import { log } from "./log.mjs";
import { matrixExponentials } from "./matrix-exponential.mjs";
import { stage } from "./staging.mjs";
import { Team } from "./team.mjs";

const SAMPLES = 10_000;
const REPETITIONS = 3;

export const work = {
  name: "SimpleChains",
  inputs: 4,
  layers: [
    { units: 32, activation: "tanh" },
    { units: 16, activation: "tanh" },
    { units: 4, activation: "identity" },
  ],
  loss: "meanSquaredError",
  optimizer: { kind: "adam", learningRate: 0.001 },
  batchSize: SAMPLES,
};

/** Seconds that `steps` steps take. Nothing is shuffled, as each step is on all samples. */
export async function measureSimpleChains(roster, steps) {
  log(`SimpleChains' example, ${steps} steps\n`);
  const data = matrixExponentials(SAMPLES, 1);
  const team = await Team.prepare(roster, await stage(work, data));
  const amount = { epochs: steps, rows: SAMPLES, shuffled: false };
  await team.each((member) => assertLearns(member, data.targets, { epochs: 10, rows: SAMPLES }));
  const measure = async (member) => {
    await member.reset();
    return member.train(amount);
  };
  const turns = await team.inTurns(REPETITIONS, measure);
  await team.dispose();
  const contenders = team.members.map((member) => {
    const repetitions = turns.map((turn) => turn.get(member));
    const behind = spread(turns.map((turn) => turn.get(member) / turn.get(team.ours)));
    return { name: member.name, seconds: spread(repetitions), behind, repetitions };
  });
  return { shape: shapeOf(work), samples: SAMPLES, steps, contenders, leftOut: team.leftOut };
}
