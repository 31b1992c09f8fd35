// The data of generated fits and evaluations, and what is taken for data by mistake.

import fc from "fast-check";
import { Dataset, datasets } from "../../../src/index.js";
import type { Argument } from "./arguments.js";

/** Classes of two inputs, as rows that suit any loss. */
const classes = (samples: number, seed: number) => datasets.moons({ samples, seed });

const huge = Array.from({ length: 9 }, (_, i) => [1e30 * (i - 4), 3e38]);

export const data = {
  few: classes(17, 1),
  more: classes(64, 2),
  /** With which sums overflow. */
  huge: Dataset.from({ inputs: huge, targets: huge.map((_, i) => i % 2), classes: 2 }),
};

const wrong: Argument<unknown>[] = [
  {
    value: Dataset.from({ inputs: [[1]], targets: [0], classes: 2 }),
    refusal: /^dataset\.inputSize must be 2, the network's inputs, got 1/,
  },
  {
    value: Dataset.from({ inputs: [[1, 2]], targets: [1] }),
    refusal: /^dataset\.outputSize must be 2, the network's outputs/,
  },
  { value: [[1, 2]], refusal: /^dataset must be a Dataset, got an array of length 1/ },
  { value: undefined, refusal: /^dataset must be a Dataset, got undefined/ },
];

export const evaluated: fc.Arbitrary<Argument<unknown>> = fc.oneof(
  { arbitrary: fc.constantFrom(data.few, data.more).map((value) => ({ value })), weight: 3 },
  { arbitrary: fc.constantFrom(...wrong), weight: 1 },
);

export const trained: fc.Arbitrary<Argument<unknown>> = fc.oneof(
  {
    arbitrary: fc.constantFrom(data.few, data.more, data.few, data.more, data.huge).map((value) => ({ value })),
    weight: 6,
  },
  { arbitrary: fc.constantFrom(...wrong), weight: 1 },
);
