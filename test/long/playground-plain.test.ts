// The plain JavaScript that the playground races against computes what nablanet does.

import { type ActivationName, datasets, type LossName, Network, type OptimizerOptions, Trainer } from "nablanet";
import { expect, it } from "vitest";
import { TunedNetwork } from "../../bench/tuned.mjs";
import { plainWork } from "../../playground/src/model/plain.js";

const ROUNDING = 2 ** -24;
const STEPS = 5;
const BATCH = 8;
const sgd = { kind: "sgd", learningRate: 0.1 } as const;

interface Case {
  hidden: ActivationName;
  output: ActivationName;
  loss: LossName;
  optimizer?: OptimizerOptions;
}

const cases: Case[] = [
  ...(["identity", "leakyRelu", "elu", "relu", "sigmoid", "tanh"] as const).map((hidden) => {
    return { hidden, output: "sigmoid", loss: "binaryCrossEntropy" } as const;
  }),
  { hidden: "tanh", output: "softmax", loss: "crossEntropy" },
  { hidden: "tanh", output: "tanh", loss: "meanSquaredError" },
  { hidden: "tanh", output: "identity", loss: "meanSquaredError" },
  { hidden: "tanh", output: "sigmoid", loss: "quadratic" },
  { hidden: "tanh", output: "sigmoid", loss: "binaryCrossEntropy", optimizer: { kind: "adam", learningRate: 0.01 } },
];

it.each(cases)("$hidden, $output, $loss", async ({ hidden, output, loss, optimizer = sgd }) => {
  const classes = output === "softmax" ? 3 : 2;
  const data = datasets.spirals({
    samples: BATCH * STEPS,
    noise: 0.1,
    seed: 3,
    classes,
    outputSize: classes === 2 ? 1 : 3,
  });
  const layers = [
    { units: 9, activation: hidden, biasInitializer: "normal" as const },
    { units: 7, activation: hidden },
    { units: data.outputSize, activation: output },
  ];
  const network = await Network.create({ inputs: 2, layers, seed: 2, math: "deterministic" });
  const options = { loss, optimizer, batchSize: BATCH };
  const trainer = new Trainer(network, options);
  const answer = plainWork(network, options);
  if ("lacks" in answer) throw new Error(answer.lacks);
  const plain = new TunedNetwork(answer.work, network.parameters());
  // 2 standard deviations of the rounding in sums of so many terms, as in bench/verify.mjs
  const error = 2 * Math.sqrt(2 + 9 + 7 + 9 + 7 + data.outputSize + BATCH) * ROUNDING;
  let largest = 0;
  for (const { inputs, targets } of data.batches(BATCH)) {
    const { vector } = trainer.gradients(inputs, targets);
    largest = vector.reduce((most, each) => Math.max(most, Math.abs(each)), largest);
    const expected = trainer.step(inputs, targets);
    expect(Math.abs(plain.step(inputs, targets) - expected)).toBeLessThanOrEqual(error * Math.max(expected, 1));
  }
  const [ours, theirs] = [network.parameters(), plain.parameters()];
  // adam divides by the gradient's size, which may be nothing but rounding: there a step may be off by 2.2 η
  const step = optimizer.kind === "adam" ? 0.01 * 0.01 : sgd.learningRate * error * largest;
  ours.forEach((mine, i) => {
    expect(Math.abs(mine - theirs[i])).toBeLessThanOrEqual(STEPS * (step + 2 * ROUNDING * Math.abs(mine)));
  });
});

it("says what it can't train", async () => {
  const lacks = async (
    hidden: { activation?: ActivationName; dropout?: number; l2?: number },
    options: ConstructorParameters<typeof Trainer>[1] = {},
    output: ActivationName = "sigmoid",
  ) => {
    const layers = [
      { units: 3, activation: "tanh" as const, ...hidden },
      { units: 2, activation: output },
    ];
    const answer = plainWork(await Network.create({ inputs: 2, layers }), { loss: "quadratic", ...options });
    return "lacks" in answer ? answer.lacks : undefined;
  };
  expect(await lacks({})).toBeUndefined();
  expect(await lacks({ activation: "gelu" })).toBe("gelu");
  expect(await lacks({ dropout: 0.1 })).toBe("dropout");
  expect(await lacks({ l2: 0.1 })).toBe("penalties of weights");
  expect(await lacks({}, { loss: "hinge" }, "tanh")).toBe("the loss hinge of tanh");
  expect(await lacks({}, { loss: "quadratic" }, "softmax")).toBe("the loss quadratic of softmax");
  expect(await lacks({}, { optimizer: { kind: "lion" } })).toBe("lion");
  expect(await lacks({}, { optimizer: { kind: "sgd", momentum: 0.9 } })).toBe("momentum");
  expect(await lacks({}, { optimizer: { kind: "sgd", momentum: 0 } })).toBeUndefined();
  expect(await lacks({}, { schedule: { kind: "cosine" } })).toBe("schedule");
});
