// Functions to fit, of two numbers within −1..1 or of one; noise is added to the targets.

import { cosSin, exp } from "../../../src/exact.js";
import { Random, Stream } from "../../../src/random.js";
import type { Problem } from "./problem.js";

/** A regression on inputs that are drawn evenly from −1..1. */
function surface(
  name: string,
  title: string,
  inputNames: readonly string[],
  value: (...inputs: number[]) => number,
): Problem {
  const inputSize = inputNames.length;
  const make: Problem["make"] = ({ samples, noise, seed }) => {
    const random = new Random(seed, Stream.data);
    const inputs = new Float32Array(samples * inputSize);
    const targets = new Float32Array(samples);
    for (let i = 0; i < samples; i++) {
      const point = Array.from({ length: inputSize }, () => 2 * random.uniform() - 1);
      inputs.set(point, i * inputSize);
      targets[i] = value(...point) + noise * random.normal();
    }
    return { inputs, inputSize, targets, outputSize: 1 };
  };
  return { name, title, task: "regression", inputNames, targetNames: ["y"], make };
}

const plane2 = ["x₁", "x₂"];

export const plane = surface("plane", "A plane", plane2, (x, y) => (x + y) / 2);

/** Rings around the middle that flatten outwards. */
export const ripple = surface("ripple", "A ripple", plane2, (x, y) => {
  const square = x * x + y * y;
  return cosSin(1.25 * Math.sqrt(square))[0] * exp(-square);
});

/** Where each hill or hollow is, and how high. */
const bumps = [
  [-0.5, 0.5, 1],
  [0.5, 0.5, -1],
  [0.5, -0.5, 1],
  [-0.5, -0.5, -1],
  [0, 0, 0.6],
] as const;

export const hills = surface("hills", "Hills and hollows", plane2, (x, y) =>
  bumps.reduce((sum, [a, b, height]) => sum + height * exp(-12 * ((x - a) ** 2 + (y - b) ** 2)), 0),
);

/** A sine whose waves get shorter to the right. */
export const wave = surface("wave", "A curve", ["x"], (x) => cosSin(0.25 * (x + 1.6) ** 2 - 0.25)[0] * 0.8);
