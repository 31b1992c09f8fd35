// What goes wrong in training, in one sentence each, with what to do.

import type { Session } from "./session.js";

/** From which share on a layer is worth a word. */
const MANY = 0.5;
/** From which accuracy on nothing is amiss. */
const GOOD = 0.95;

export function warningsOf(session: Session): string[] {
  if (session.diverged) {
    return ["The cost is no number any more: the steps were too large. Reset, and take a smaller learning rate."];
  }
  // what answers well may be as sure of it as it likes
  if ((session.history[session.history.length - 1].accuracy ?? 0) >= GOOD) return [];
  const warnings: string[] = [];
  session.run.statistics().forEach(({ dead, saturated, activation }, i, layers) => {
    const name = i === layers.length - 1 ? "the output layer" : `layer ${i + 1}`;
    if (dead >= MANY) {
      warnings.push(
        `${shareOf(dead)} of ${name} are silent for every sample and learn nothing: reset with a smaller learning rate, or try leakyRelu.`,
      );
    }
    // an output that is sure of itself is what is wanted
    if (saturated >= MANY && i < layers.length - 1) {
      warnings.push(
        `${shareOf(saturated)} of the activations of ${name} are saturated, where ${activation} is flat and hardly learns: start with smaller weights, or scale the inputs.`,
      );
    }
  });
  return warnings;
}

const shareOf = (share: number) => (share >= 1 ? "All" : `${Math.round(100 * share)} %`);
