// Inputs that a network scales by itself: what is learned from the data of its first fit.

import { outOfRange } from "./checks.js";
import { MinMaxScaler, RobustScaler, StandardScaler } from "./data/scalers.js";
import { Dataset } from "./dataset.js";
import type { InputScaling } from "./engine/network-block.js";
import type { Data } from "./feed.js";
import type { NormalizeKind } from "./normalize.js";
import { Pacer } from "./pacer.js";

/** Rows that are looked at between two looks at the clock. */
const UNIT = 64;

/** What a dataset's inputs, as a network sees them, ask for. A stream takes one pass; undefined where the signal ended it. */
export async function learnScaling(
  kind: NormalizeKind,
  data: Data,
  signal: AbortSignal | undefined,
): Promise<InputScaling | undefined> {
  const columns = data.inputSize;
  const pacer = new Pacer();
  if (kind === "robust") {
    if (!(data instanceof Dataset)) outOfRange("normalize", '"minMax" or "standard" for a stream', kind);
    const all = new Float32Array(data.length * columns);
    await pacer.over(0, data.length, UNIT, (from, to) => {
      all.set(data.inputsOf(from, to), from * columns);
      return !signal?.aborted;
    });
    return signal?.aborted ? undefined : scalingOf(new RobustScaler({ columns }).fit(all));
  }
  const scaler = kind === "minMax" ? new MinMaxScaler({ columns }) : new StandardScaler({ columns });
  if (data instanceof Dataset) {
    await pacer.over(0, data.length, UNIT, (from, to) => {
      scaler.partialFit(data.inputsOf(from, to));
      return !signal?.aborted;
    });
  } else {
    for await (const { inputs, scale } of data.pass()) {
      await pacer.over(0, inputs.rows, UNIT, (from, to) => {
        const part = new Float32Array((to - from) * columns);
        inputs.copyTo(part, undefined, from, to);
        scaler.partialFit(scale === 1 ? part : part.map((x) => x * Math.fround(scale)));
        return !signal?.aborted;
      });
      if (signal?.aborted) break;
    }
  }
  return signal?.aborted ? undefined : scalingOf(scaler);
}

/** x·factor + offset as (x − center)·factor, in float32. */
function scalingOf({ affine }: { affine: { factor: Float64Array; offset: Float64Array } }): InputScaling {
  const { factor, offset } = affine;
  return {
    center: Array.from(factor, (each, k) => Math.fround(-(offset[k] as number) / each)),
    factor: Array.from(factor, Math.fround),
  };
}
