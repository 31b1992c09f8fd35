// What a network's answer says, in words.

import type { Problem } from "../data/problem.js";
import { short } from "./plane.js";

/** "blue, 93 %"; or "y = 0.42". */
export function answerText({ classNames, targetNames = ["y"] }: Problem, outputs: ArrayLike<number>): string {
  if (classNames === undefined) return targetNames.map((name, j) => `${name} = ${short(outputs[j])}`).join(", ");
  const shares = outputs.length === 1 ? [1 - outputs[0], outputs[0]] : Array.from(outputs);
  const best = shares.indexOf(Math.max(...shares));
  return `${classNames[best]}, ${percent(shares[best])}`;
}

export const percent = (share: number): string => `${Math.round(100 * share)} %`;
