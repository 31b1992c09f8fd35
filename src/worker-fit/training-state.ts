// The numbers that training changes, and those that it depends on, as they are copied between threads.

import type { NetworkBlock, Scaling } from "../engine/network-block.js";
import type { OptimizerMemory } from "../engine/optimizer-block.js";
import type { TrainerBlock } from "../engine/trainer-block.js";

export interface TrainingState {
  parameters: Float32Array<ArrayBuffer>;
  optimizer: OptimizerMemory;
  scaling: Scaling | undefined;
  targetScaling: Scaling | undefined;
}

/** A copy. */
export function readState({ network, optimizer }: TrainerBlock): TrainingState {
  const { scaling, targetScaling, parameters } = network;
  return { parameters: network.readBlock(parameters), optimizer: optimizer.memory, scaling, targetScaling };
}

export function writeState({ network, optimizer }: TrainerBlock, state: TrainingState): void {
  network.writeBlock(network.parameters, state.parameters);
  optimizer.memory = state.optimizer;
  network.scaling = state.scaling;
  network.targetScaling = state.targetScaling;
}

/** What needs no copy to go over. */
export const buffersOf = ({ parameters, optimizer }: TrainingState): ArrayBuffer[] =>
  [parameters, ...optimizer.blocks].map(({ buffer }) => buffer);

/** Waits until nobody reads the parameters. */
export async function unread(network: NetworkBlock): Promise<void> {
  while (network.readers > 0) await (network.working ?? new Promise<void>((resolve) => setTimeout(resolve, 1)));
}
