// Reads what checkpoint.ts writes, which may come from a stranger.

import { finite, plainObject, wholeNumber, wrongKind } from "../checks.js";
import { type Counters, counterNames } from "../engine/optimizer-block.js";
import { MOST_PAIRS } from "../optimizers.js";
import { type Checkpoint, checkpointKind } from "./checkpoint.js";
import { readProgress } from "./checkpoint-progress.js";
import { decodeContainer, refuse } from "./container-reader.js";
import { countParameters } from "./model.js";

/** @throws FormatError for bytes that aren't a checkpoint, or not a whole one. */
export function decodeCheckpoint(bytes: unknown): Checkpoint {
  if (!(bytes instanceof Uint8Array)) wrongKind("bytes", "a Uint8Array that checkpoint() gave", bytes);
  const container = decodeContainer(checkpointKind, bytes);
  const { stateBlocks, counters, count, ...header } = decodeHeader(container.header);
  const stopping = header.progress?.stopping;
  const isKept = stopping?.restoreBest === true && stopping.best !== undefined;
  const [parameters, ...state] = container.vectors(1 + stateBlocks + Number(isKept), count);
  const blocks = state.slice(0, stateBlocks);
  // never what the header says: that could be of any length
  if (stopping !== undefined) stopping.kept = isKept ? state[stateBlocks] : undefined;
  return { ...header, parameters: parameters as Float32Array<ArrayBuffer>, optimizer: { blocks, counters } };
}

/** Counters that may be negative. */
const signed: ReadonlySet<string> = new Set(["cost", "lossSum"] satisfies (keyof Counters)[]);

interface Header extends Omit<Checkpoint, "parameters" | "optimizer"> {
  stateBlocks: number;
  counters: Counters;
  /** Of the parameters. */
  count: number;
}

/** The header, checked as far as its reader relies on it; network and trainer check their options themselves. */
function decodeHeader(text: string): Header {
  let header: Header;
  try {
    header = JSON.parse(text);
    plainObject(header.trainer, "trainer");
    header.count = wholeNumber(countParameters(header.network), "the number of parameters", 1);
    wholeNumber(header.stateBlocks, "stateBlocks", 0, 2 + 2 * MOST_PAIRS);
    wholeNumber(header.runs, "runs", 0);
    for (const name of counterNames)
      finite(header.counters[name], `counters.${name}`, signed.has(name) ? {} : { least: 0 });
    wholeNumber(header.counters.pairs, "counters.pairs", 0, 2 ** 30);
    if (header.progress !== undefined) header.progress = readProgress(header.progress);
  } catch (error) {
    return refuse(checkpointKind, `its header can't be read (${(error as Error).message})`);
  }
  return header;
}
