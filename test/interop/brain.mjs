// Networks that brain.js 1 and 2 train, as they write them, with what they answer.

import two from "brain.js";
import one from "brain.js-1";

const rows = Array.from({ length: 6 }, (_, i) => [Math.sin(i), Math.cos(i * 2), i / 6]);
const outputOf = ([a, b, c]) => [(a * b + c + 1) / 3, (c - a + 1) / 3];

/** The same as objects, whose members are inputs and outputs by name. */
const named = {
  input: ([north, east, south]) => ({ north, east, south }),
  output: ([up, down]) => ({ up, down }),
};

function trained({ NeuralNetwork }, options, byName) {
  const network = new NeuralNetwork({ hiddenLayers: [4, 3], ...options });
  const input = byName ? named.input : (row) => row;
  const output = byName ? named.output : (row) => row;
  network.train(
    rows.map((row) => ({ input: input(row), output: output(outputOf(row)) })),
    { iterations: 20, errorThresh: 1e-9, log: false },
  );
  const outputs = rows.map((row) => Object.values(network.run(input(row))));
  return { json: network.toJSON(), inputs: rows, outputs };
}

const made = Object.fromEntries(
  Object.entries({ one, two }).flatMap(([version, brain]) =>
    ["sigmoid", "tanh", "relu", ...(version === "two" ? ["leaky-relu"] : [])].flatMap((activation) =>
      [false, true].map((byName) => [
        `brain.js ${version}, ${activation}, ${byName ? "objects" : "arrays"}`,
        () => trained(brain, { activation }, byName),
      ]),
    ),
  ),
);

export const names = Object.keys(made);

export const saved = (name) => made[name]();

/** It computes 0 below 0, and 0.01 times what is above. */
export const flat = () => trained(one, { activation: "leaky-relu" }).json;

/** The leaky slope is another. */
export const steeper = () => trained(two, { activation: "leaky-relu", leakyReluAlpha: 0.02 }).json;

/** A network at the start of a training, and what it answers at its end. Its biases have no momentum, so there is hardly any. */
export function trainedFurther() {
  const network = new two.NeuralNetwork({ hiddenLayers: [4] });
  const data = rows.map((row) => ({ input: row, output: outputOf(row) }));
  const options = { learningRate: 0.3, momentum: 1e-9, errorThresh: 1e-9, log: false };
  network.train(data, { ...options, iterations: 1 });
  const json = JSON.parse(JSON.stringify(network.toJSON()));
  network.train(data, { ...options, iterations: 50 });
  return { json, inputs: rows, targets: rows.map(outputOf), outputs: rows.map((row) => [...network.run(row)]) };
}

export function recurrent() {
  const network = new two.recurrent.LSTMTimeStep({ inputSize: 1, hiddenLayers: [2], outputSize: 1 });
  network.train([[1, 2, 3]], { iterations: 1, log: false });
  return network.toJSON();
}
