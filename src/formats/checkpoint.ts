// A checkpoint as bytes: everything a trainer needs to go on.
//
//   0   8 bytes   "nablackp"
//   8   uint32    version, 3
//   12  uint32    CRC-32 of all that follows
//   16  uint32    h, the length of the header
//   20  h bytes   header: JSON in UTF-8, padded with spaces so that the numbers start at a multiple of 4
//   …   float32   the network's parameters, then the optimizer's blocks, `stateBlocks` of them, then, where
//                 `progress.stopping` has a best epoch and restores it, one vector more: where it is restored already, the
//                 parameters that the fit goes on from, else those of the best epoch; each as `network.parameters()` is ordered
//
// Little-endian throughout. The infinities and NaN, which JSON has no numbers for, are strings in the history.

import { boolean, finite, wholeNumber, wrongKind } from "../checks.js";
import { type Counters, counterNames, type OptimizerMemory } from "../engine/optimizer-block.js";
import type { Progress } from "../fit-result.js";
import type { NetworkOptions } from "../network-options.js";
import { countOf, resolveNormalization } from "../normalization.js";
import type { TrainerOptions } from "../trainer-options.js";
import { FormatError } from "./errors.js";

const MAGIC = "nablackp";
const VERSION = 3;
const START = 20;

export interface Checkpoint {
  network: NetworkOptions;
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
  const text = new TextEncoder().encode(header);
  const headerLength = Math.ceil(text.length / 4) * 4;
  const vectors = [parameters, ...optimizer.blocks, ...(kept === undefined ? [] : [kept])];
  const bytes = new Uint8Array(START + headerLength + vectors.length * parameters.byteLength);
  const view = new DataView(bytes.buffer);
  new TextEncoder().encodeInto(MAGIC, bytes);
  view.setUint32(8, VERSION, true);
  view.setUint32(16, headerLength, true);
  bytes.fill(0x20, START, START + headerLength).set(text, START);
  let at = START + headerLength;
  for (const vector of vectors) {
    for (const value of vector) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  view.setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

/** @throws FormatError for bytes that aren't a checkpoint, or not a whole one. */
export function decodeCheckpoint(bytes: unknown): Checkpoint {
  if (!(bytes instanceof Uint8Array)) wrongKind("bytes", "a Uint8Array that checkpoint() gave", bytes);
  if (bytes.length < START || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    refuse(`it must start with "${MAGIC}"`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION) refuse(`its version must be ${VERSION}, got ${version}`);
  if (view.getUint32(12, true) !== crc32(bytes.subarray(16))) {
    refuse("its checksum doesn't match, so it is damaged or cut off");
  }
  const start = START + view.getUint32(16, true);
  const { stateBlocks, counters, count, ...header } = decodeHeader(bytes.subarray(START, start));
  const stopping = header.progress?.stopping;
  const isKept = stopping?.restoreBest === true && stopping.best !== undefined;
  const expected = start + (1 + stateBlocks + Number(isKept)) * count * 4;
  if (bytes.length !== expected) refuse(`it must have ${expected} bytes, got ${bytes.length}`);
  const vector = (i: number) =>
    Float32Array.from({ length: count }, (_, k) => view.getFloat32(start + (i * count + k) * 4, true));
  const blocks = Array.from({ length: stateBlocks }, (_, i) => vector(1 + i));
  // never what the header says: that could be of any length
  if (stopping !== undefined) stopping.kept = isKept ? vector(1 + stateBlocks) : undefined;
  return { ...header, parameters: vector(0), optimizer: { blocks, counters } };
}

interface Header extends Omit<Checkpoint, "parameters" | "optimizer"> {
  stateBlocks: number;
  counters: Counters;
  /** Of the parameters. */
  count: number;
}

/** The header, checked as far as its reader relies on it; network and trainer check their options themselves. */
function decodeHeader(bytes: Uint8Array): Header {
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
    header.count = wholeNumber(countParameters(header.network), "the number of parameters", 1);
    wholeNumber(header.stateBlocks, "stateBlocks", 0, 8);
    wholeNumber(header.runs, "runs", 0);
    for (const name of counterNames) finite(header.counters[name], `counters.${name}`, { least: 0 });
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
    return refuse(`its header can't be read (${(error as Error).message})`);
  }
  return header;
}

function refuse(why: string): never {
  throw new FormatError(`this is no checkpoint that can be resumed: ${why}`);
}

function countParameters({ inputs, layers }: NetworkOptions): number {
  let below = inputs;
  let count = 0;
  for (const { units, normalization } of layers) {
    count += countOf({ inputs: below, units, normalization: resolveNormalization(normalization, "normalization") });
    below = units;
  }
  return count;
}

const table = new Uint32Array(256).map((_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in gzip and PNG (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return (crc ^ 0xffffffff) >>> 0;
}
