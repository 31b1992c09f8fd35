// What the root README says of the comparison with plain JavaScript, as Markdown.

import { markdownTable } from "./markdown.mjs";

/** From baseline.json. */
export function baselineText({ cpu, node, repetitions, works }) {
  const told = works.map((work) => {
    const [ours, loops, tuned] = ["nablanet", "loops", "tuned"].map((name) =>
      work.contenders.find((contender) => contender.name === name),
    );
    return { ...work, ours, loops, tuned };
  });
  const rows = told.map(({ work, shape, training, ours, loops, tuned }) => [
    `${work}: ${shape}, ${training}`,
    ...[ours, loops, tuned].map(({ samplesPerSecond }) => whole(samplesPerSecond.median)),
    ...[loops, tuned].map(({ slower }) => slower.training.median.toPrecision(2)),
  ]);
  const micros = told.map(({ ours }) => (ours.secondsPerPrediction.median * 1e6).toPrecision(2));
  const header = ["samples trained on per second", "nablanet", "plain loops", "tuned", "× loops", "× tuned"];
  return [
    `${cpu}, Node ${node.split(".")[0]}, one thread, medians of ${repetitions} alternating repetitions:`,
    markdownTable(header, rows),
    `\`predict\` of one sample takes ${micros.slice(0, -1).join(", ")} and ${micros.at(-1)} µs.`,
  ].join("\n\n");
}

function whole(value) {
  return Number(value.toPrecision(3)).toLocaleString("en-US");
}
