// What is reproduced, in the order of the table.

import { keras } from "./keras.mjs";
import { nielsen } from "./nielsen.mjs";
import { scikitLearn } from "./scikit-learn.mjs";
import { srivastava } from "./srivastava.mjs";

export const runs = [...nielsen, ...keras, ...scikitLearn, ...srivastava];

/** What a run is trained with, as a result keeps it. */
export function settings({ data, judgedBy, network, trainer, epochs }) {
  return { data, judgedBy, network: { ...network, math: "deterministic" }, trainer, epochs };
}
