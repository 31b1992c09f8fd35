// Numbers that a network scales by itself: what is learned from the data of its first fit.

import { outOfRange } from "./checks.js";
import type { Columns } from "./data/columns.js";
import { MinMaxScaler, RobustScaler, StandardScaler } from "./data/scalers.js";
import { Dataset } from "./dataset.js";
import type { NetworkBlock, Scaling } from "./engine/network-block.js";
import type { Data } from "./feed.js";
import type { NormalizeKind } from "./normalize.js";
import { Pacer } from "./pacer.js";

/** Rows that are looked at between two looks at the clock, and that moments are taken of at a time. */
const UNIT = 64;

/** The largest factor, which float32 holds, for columns whose spread is subnormal. */
const LARGEST_FACTOR = 2 ** 127;

/** How a network's inputs and targets are to be scaled, where that isn't known yet. */
export type Unlearned = Record<"normalize" | "normalizeTargets", NormalizeKind | undefined>;

/** What a network lacks. */
type Learned = Partial<Pick<NetworkBlock, "scaling" | "targetScaling">>;

/**
 * What a dataset's inputs, as a network sees them, and its targets ask for. A stream takes one pass for both; nothing is
 * learned where the signal ended it.
 */
export async function learnScaling(
  { normalize, normalizeTargets }: Unlearned,
  data: Data,
  signal: AbortSignal | undefined,
): Promise<Learned> {
  const inputs = normalize && new Learner("normalize", normalize, data, data.inputSize);
  const targets = normalizeTargets && new Learner("normalizeTargets", normalizeTargets, data, data.outputSize);
  const pacer = new Pacer();
  if (data instanceof Dataset) {
    await pacer.over(0, data.length, UNIT, (from, to) => {
      inputs?.add(data.inputsOf(from, to));
      targets?.add(data.targetsOf(from, to));
      return !signal?.aborted;
    });
  } else {
    for await (const chunk of data.pass()) {
      const { inputs: columns, targets: answers, scale } = chunk;
      await pacer.over(0, columns.rows, UNIT, (from, to) => {
        const part = rowsOf(columns, from, to);
        inputs?.add(scale === 1 ? part : part.map((x) => x * Math.fround(scale)));
        targets?.add(rowsOf(answers.columns, from, to));
        return !signal?.aborted;
      });
      if (signal?.aborted) break;
    }
  }
  if (signal?.aborted) return {};
  return { ...(inputs && { scaling: inputs.scaling }), ...(targets && { targetScaling: targets.scaling }) };
}

function rowsOf(columns: Columns, from: number, to: number): Float32Array {
  const rows = new Float32Array((to - from) * columns.width);
  columns.copyTo(rows, undefined, from, to);
  return rows;
}

/** Learns from rows in stretches of the same length whatever those are that come, so that the bits don't depend on them. */
class Learner {
  readonly #scaler: MinMaxScaler | StandardScaler | RobustScaler;
  /** Rows that are to be learned from next: all there are, where quantiles are asked for. */
  readonly #rows: Float32Array;
  #filled = 0;

  constructor(place: keyof Unlearned, kind: NormalizeKind, data: Data, columns: number) {
    if (kind === "robust") {
      if (!(data instanceof Dataset)) outOfRange(place, '"minMax" or "standard" for a stream', kind);
      this.#scaler = new RobustScaler({ columns });
      this.#rows = new Float32Array(data.length * columns);
    } else {
      this.#scaler = kind === "minMax" ? new MinMaxScaler({ columns }) : new StandardScaler({ columns });
      this.#rows = new Float32Array(UNIT * columns);
    }
  }

  add(numbers: Float32Array): void {
    for (let at = 0; at < numbers.length; ) {
      if (this.#filled === this.#rows.length) this.#learn();
      const part = numbers.subarray(at, at + this.#rows.length - this.#filled);
      this.#rows.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
  }

  #learn(): void {
    const rows = this.#rows.subarray(0, this.#filled);
    if (this.#scaler instanceof RobustScaler) this.#scaler.fit(rows);
    else this.#scaler.partialFit(rows);
    this.#filled = 0;
  }

  /** x·factor + offset as (x − center)·factor, in float32. */
  get scaling(): Scaling {
    this.#learn();
    const { factor, offset } = this.#scaler.affine;
    return {
      // + 0: JSON has no −0
      center: Array.from(factor, (each, k) => Math.fround(-(offset[k] as number) / each) + 0),
      factor: Array.from(factor, (each) => Math.fround(Math.min(each, LARGEST_FACTOR))),
    };
  }
}
