// A checkpoint as bytes: everything a trainer needs to go on.
//
// A container (container.ts) of the magic "nablackp" with the vectors: the network's parameters, then the optimizer's blocks,
// `stateBlocks` of them, then, where `progress.stopping` has a best epoch and restores it, one vector more: where it is
// restored already, the parameters that the fit goes on from, else those of the best epoch; each as `network.parameters()` is
// ordered. The infinities and NaN, which JSON has no numbers for, are strings in the history. checkpoint-reader.ts reads it.

import type { OptimizerMemory } from "../engine/optimizer-block.js";
import type { Progress } from "../fit-result.js";
import type { OwnNetworkOptions } from "../network-options.js";
import type { TrainerOptions } from "../trainer-options.js";
import { type ContainerKind, encodeContainer } from "./container.js";

/** Its frame. */
export const checkpointKind: ContainerKind = { magic: "nablackp", version: 4, what: "checkpoint that can be resumed" };

export interface Checkpoint {
  network: OwnNetworkOptions;
  trainer: TrainerOptions;
  parameters: Float32Array<ArrayBuffer>;
  optimizer: OptimizerMemory;
  runs: number;
  progress: Progress | undefined;
}

export function encodeCheckpoint({
  network,
  trainer,
  parameters,
  optimizer,
  runs,
  progress,
}: Checkpoint): Uint8Array<ArrayBuffer> {
  const kept = progress?.stopping?.kept;
  const header = JSON.stringify(
    {
      network,
      trainer,
      counters: optimizer.counters,
      stateBlocks: optimizer.blocks.length,
      runs,
      progress,
    },
    (_, value: unknown) =>
      value === kept ? undefined : typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
  return encodeContainer(checkpointKind, header, [
    parameters,
    ...optimizer.blocks,
    ...(kept === undefined ? [] : [kept]),
  ]);
}
