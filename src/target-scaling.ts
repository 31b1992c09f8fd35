// Targets of a network that scales them, on their way into the kernels' memory, and outputs on their way back.

import { outOfRange } from "./checks.js";
import type { Scaling } from "./engine/network-block.js";

/** (t − center)·factor in float64, rounded once, for rows of targets where they lie. */
export function scaleTargets(targets: Float32Array, { center, factor }: Scaling): void {
  const { length } = center;
  for (let i = 0; i < targets.length; i++) {
    const k = i % length;
    const target = targets[i] as number;
    targets[i] = (target - (center[k] as number)) * (factor[k] as number);
    if (Number.isFinite(targets[i])) continue;
    outOfRange(`targets, scaled by the network's normalizeTargets,`, `numbers that float32 holds`, target);
  }
}

/** a/factor + center in float64, rounded once, for rows of outputs where they lie. Allocates nothing. */
export function unscaleOutputs(outputs: Float32Array, { center, factor }: Scaling): void {
  const { length } = center;
  for (let i = 0; i < outputs.length; i++) {
    const k = i % length;
    outputs[i] = (outputs[i] as number) / (factor[k] as number) + (center[k] as number);
  }
}
