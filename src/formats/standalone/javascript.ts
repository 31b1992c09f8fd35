// A model as an ES module that predicts by itself, without a dependency and without eval: plain loops in float64 over the
// float32 numbers, which are in the module in base64. Only the functions that the model calls are in it.

import type { ActivationName } from "../../network-options.js";
import type { Model } from "../model.js";
import { centreOf, type Step } from "../sequence.js";
import { stepsOf } from "../steps-of-model.js";
import { activationCode, functionsCode } from "./javascript-functions.js";

export function encode(model: Model): Uint8Array<ArrayBuffer> {
  const steps = stepsOf(model);
  const { inputs, layers } = model.network;
  const outputs = layers.at(-1)?.units;
  const numbers: ArrayLike<number>[] = [];
  const lines = steps
    .filter(({ kind }) => kind !== "dropout")
    .map((step, i) => {
      const { call, given } = callOf(step, i === 0);
      numbers.push(...given);
      const taken = given.map(({ length }) => `take(${length})`).join(", ");
      return { call, taken };
    });
  const called = [...new Set(lines.map(({ call }) => call.name))];
  const shape = [inputs, ...layers.map(({ units, activation }) => `${units} ${activation}`)].join(" → ");
  const calls = lines.map(({ call, taken }) => `${call.name}(${[...call.args, taken].filter(Boolean).join(", ")})`);
  const code = `// A neural network, ${shape}, written by nablanet. It needs nothing else: no package, no eval.
// Samples and parameters are float32; it computes in float64.

/** How many numbers a sample has. */
export const inputs = ${inputs};
/** How many numbers an answer has. */
export const outputs = ${outputs};

const take = decode(parameters());
const layers = [
${calls.map((call) => `  ${call},`).join("\n")}
];

/** The answer to one sample, an array or typed array of \`inputs\` numbers. */
export function predict(sample) {
  if (sample.length !== inputs) throw new RangeError(\`sample must have \${inputs} numbers, got \${sample.length}\`);
  let x = new Float64Array(new Float32Array(sample));
  for (const layer of layers) x = layer(x);
  return new Float32Array(x);
}

${functionsCode(called)}
/** Of the layers, in their order. */
function parameters() {
  return "${base64(numbers)}";
}
`;
  return new TextEncoder().encode(code);
}

interface Call {
  call: { name: string; args: readonly (number | string)[] };
  /** The vectors that it takes. */
  given: readonly ArrayLike<number>[];
}

function callOf(step: Step, isFirst: boolean): Call {
  switch (step.kind) {
    case "dense":
      return { call: { name: "dense", args: [] }, given: [step.weights, step.biases] };
    case "batchNormalization": {
      const { gamma, beta, mean, variance, epsilon } = step;
      return { call: { name: "batchNormalization", args: [epsilon] }, given: [gamma, beta, mean, variance] };
    }
    case "layerNormalization":
      return { call: { name: "layerNormalization", args: [step.epsilon] }, given: [step.gamma, step.beta] };
    case "affine":
      return isFirst
        ? { call: { name: "scale", args: [] }, given: [centreOf(step), step.factor] }
        : { call: { name: "unscale", args: [] }, given: [step.factor, step.offset] };
    case "activation":
      return activationCall(step.activation);
    case "dropout":
      return { call: { name: "", args: [] }, given: [] };
  }
}

function activationCall(activation: ActivationName): Call {
  if (activation === "softmax") return { call: { name: "softmax", args: [] }, given: [] };
  return { call: { name: "each", args: [activationCode(activation)] }, given: [] };
}

/** Little-endian float32. */
function base64(vectors: readonly ArrayLike<number>[]): string {
  const bytes = new Uint8Array(vectors.reduce((sum, { length }) => sum + length * 4, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const vector of vectors) {
    for (let i = 0; i < vector.length; i++, at += 4) view.setFloat32(at, vector[i] as number, true);
  }
  const parts: string[] = [];
  // a multiple of 3, so that the parts join without padding between them
  for (let i = 0; i < bytes.length; i += 24_576)
    parts.push(btoa(String.fromCharCode(...bytes.subarray(i, i + 24_576))));
  return parts.join("");
}
