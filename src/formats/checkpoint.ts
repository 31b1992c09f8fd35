// A checkpoint as bytes: everything a trainer needs to go on.
//
// A container (container.ts) of the magic "nablackp" with the vectors: the network's parameters, then the optimizer's blocks,
// `stateBlocks` of them, then, where `progress.stopping` has a best epoch and restores it, one vector more: where it is
// restored already, the parameters that the fit goes on from, else those of the best epoch; each as `network.parameters()` is
// ordered. The infinities and NaN, which JSON has no numbers for, are strings in the history.

import { boolean, finite, wholeNumber, wrongKind } from "../checks.js";
import { type Counters, counterNames, type OptimizerMemory } from "../engine/optimizer-block.js";
import type { Progress } from "../fit-result.js";
import type { OwnNetworkOptions } from "../network-options.js";
import { MOST_PAIRS } from "../optimizers.js";
import type { TrainerOptions } from "../trainer-options.js";
import { type ContainerKind, decodeContainer, encodeContainer, refuse } from "./container.js";
import { countParameters } from "./model.js";

const kind: ContainerKind = { magic: "nablackp", version: 4, what: "checkpoint that can be resumed" };

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
  return encodeContainer(kind, header, [parameters, ...optimizer.blocks, ...(kept === undefined ? [] : [kept])]);
}

/** @throws FormatError for bytes that aren't a checkpoint, or not a whole one. */
export function decodeCheckpoint(bytes: unknown): Checkpoint {
  if (!(bytes instanceof Uint8Array)) wrongKind("bytes", "a Uint8Array that checkpoint() gave", bytes);
  const container = decodeContainer(kind, bytes);
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
    return refuse(kind, `its header can't be read (${(error as Error).message})`);
  }
  return header;
}
