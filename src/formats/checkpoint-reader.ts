// Reads what checkpoint.ts writes, which may come from a stranger.

import { boolean, finite, wholeNumber, wrongKind } from "../checks.js";
import { type Counters, counterNames } from "../engine/optimizer-block.js";
import { MOST_PAIRS } from "../optimizers.js";
import { type Checkpoint, checkpointKind } from "./checkpoint.js";
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
    header.count = wholeNumber(countParameters(header.network), "the number of parameters", 1);
    wholeNumber(header.stateBlocks, "stateBlocks", 0, 2 + 2 * MOST_PAIRS);
    wholeNumber(header.runs, "runs", 0);
    for (const name of counterNames)
      finite(header.counters[name], `counters.${name}`, signed.has(name) ? {} : { least: 0 });
    wholeNumber(header.counters.pairs, "counters.pairs", 0, 2 ** 30);
    const { progress } = header;
    if (progress !== undefined) {
      wholeNumber(progress.run, "progress.run", 1);
      wholeNumber(progress.rows, "progress.rows", 0);
      boolean(progress.shuffle, "progress.shuffle");
      wholeNumber(progress.epoch, "progress.epoch", 0);
      // a stream doesn't know how many rows it has
      wholeNumber(progress.row, "progress.row", 0, progress.rows || undefined);
      if (!Array.isArray(progress.history)) wrongKind("progress.history", "an array", progress.history);
      for (const row of progress.history as unknown as Record<string, unknown>[]) {
        for (const name of Object.keys(row)) row[name] = Number(row[name]);
      }
      const { stopping } = progress;
      if (stopping !== undefined) {
        wholeNumber(stopping.waited, "progress.stopping.waited", 0);
        boolean(stopping.restored, "progress.stopping.restored");
        boolean(stopping.restoreBest, "progress.stopping.restoreBest");
        if (stopping.best !== undefined) finite(stopping.best.value, "progress.stopping.best.value");
      }
    }
  } catch (error) {
    return refuse(checkpointKind, `its header can't be read (${(error as Error).message})`);
  }
  return header;
}
