// What a checkpoint, which may come from a stranger, is made into: a network and its trainer. Loaded when one is resumed.

import { Dataset } from "./dataset.js";
import { OutOfMemoryError } from "./engine/memory.js";
import type { OptimizerMemory } from "./engine/optimizer-block.js";
import type { Data } from "./feed.js";
import type { Checkpoint } from "./formats/checkpoint.js";
import { decodeCheckpoint } from "./formats/checkpoint-reader.js";
import { FormatError } from "./formats/errors.js";
import { Network } from "./network.js";
import { Trainer } from "./trainer.js";

/** Rows of a mini-batch that need no reason. */
const MODEST_ROWS = 2 ** 16;

/** A checkpoint that doesn't make room for more rows than there are. @throws FormatError */
export function readCheckpoint(bytes: Uint8Array, dataset: Data): Checkpoint {
  const saved = decodeCheckpoint(bytes);
  const { batchSize } = saved.trainer;
  // what is no number is refused with the other options
  if (!(dataset instanceof Dataset) || typeof batchSize !== "number") return saved;
  const most = Math.max(MODEST_ROWS, dataset.length);
  if (batchSize > most) {
    throw new FormatError(`the checkpoint's batchSize must be at most ${most} for these data, got ${batchSize}`);
  }
  return saved;
}

/** The network and trainer that it describes. @throws FormatError where it describes none */
export async function rebuild({ network, trainer }: Checkpoint): Promise<Trainer> {
  let made: Network | undefined;
  try {
    made = await Network.create(network);
    return new Trainer(made, trainer);
  } catch (error) {
    made?.dispose();
    if (error instanceof OutOfMemoryError) throw error;
    throw new FormatError(`this checkpoint describes no trainer: ${(error as Error).message}`, { cause: error });
  }
}

/** Refuses a checkpoint that hasn't as much state as its optimizer keeps. */
export function assertState({ optimizer }: Checkpoint, { blocks }: OptimizerMemory): void {
  if (optimizer.blocks.length === blocks.length) return;
  throw new FormatError(
    `this checkpoint must hold ${blocks.length} blocks of its optimizer's state, got ${optimizer.blocks.length}`,
  );
}
