// Everything that is measured, one after the other; tables to stdout, every repetition to JSON.

import { machine, save } from "../report.mjs";
import { selectWorks } from "../works.mjs";
import { INFERENCE_WORKS, measureInference } from "./inference.mjs";
import { checkNames, rosters, selected } from "./roster.mjs";
import { measureScaling } from "./scaling.mjs";
import { measureSimpleChains } from "./simple-chains.mjs";
import { inferenceTable, scalingTable, simpleChainsTable, trainingTable } from "./tables.mjs";
import { versions } from "./team.mjs";
import { measureTraining } from "./training.mjs";

/** Seconds: a measurement lasts `least` or more; an epoch that takes longer than `most` is cut. */
const settings = { repetitions: 7, least: 0.25, most: 1, steps: 1_000 };
const quick = { repetitions: 3, least: 0.2, most: 0.3, steps: 100 };
const FULL_STEPS = 10_000;

/** Options as run.mjs reads them. */
export async function measure(options) {
  checkNames(options.only);
  const works = selectWorks(options.names);
  const chosen = { ...(options.quick ? quick : settings), ...(options.full && { steps: FULL_STEPS }) };
  const roster = (what) => selected(rosters[what], options.only);
  const result = { ...machine(), settings: chosen, training: [], inference: [] };
  for (const work of works) {
    result.training.push(await measureTraining(work, roster("training"), chosen));
    if (INFERENCE_WORKS.includes(work.name)) {
      result.inference.push(...(await measureInference(work, roster("inference"), chosen)));
    }
  }
  if (options.names.length === 0) {
    result.simpleChains = await measureSimpleChains(roster("simpleChains"), chosen.steps);
    result.scaling = await measureScaling(chosen);
  }
  result.versions = versions;
  console.log([...tables(result)].join("\n\n"));
  console.log(`\nEvery repetition: ${save(fileName(options), result)}`);
}

function* tables(result) {
  yield `\nMedians (least..most) of ${result.settings.repetitions} repetitions; times: how many times as fast nablanet is`;
  for (const training of result.training) yield trainingTable(training);
  for (const inference of result.inference) yield inferenceTable(inference);
  if (result.simpleChains) yield simpleChainsTable(result.simpleChains);
  if (result.scaling) yield scalingTable(result.scaling);
}

/** A run of everything has a name of its own, so that nothing less takes its place. */
function fileName({ names, only, quick }) {
  return ["peers", ...names, ...only, ...(quick ? ["quick"] : [])].join("-");
}
