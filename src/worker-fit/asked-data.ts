// A fit's data in the worker: a dataset, whose rows are asked for before it begins, or a stream, whose chunks are asked for when
// their turn comes.

import { Dataset } from "../dataset.js";
import type { Content } from "../dataset-options.js";
import { DatasetStream } from "../dataset-stream.js";
import type { Data } from "../feed.js";
import type { Answered, Asked, Part, Question } from "./messages.js";
import { type DataShape, type RowShape, roomFor, unpack } from "./packed-rows.js";

export type Ask = <Q extends Question>(question: Q, asked: Asked<Q>, moved?: ArrayBuffer[]) => Promise<Answered<Q>>;

/** Bytes that are asked for at a time, which holds the calling thread for a millisecond or so. */
const ASKED_BYTES = 2 ** 20;

/** Without the rows that are missing, where the signal ended it. */
export async function askForData(part: Part, shape: DataShape, ask: Ask, signal: AbortSignal): Promise<Data> {
  if ("bufferRows" in shape) return new AskedStream(part, shape, ask);
  const { rows, inputSize, outputSize, bytes, classes } = shape;
  const room = roomFor(rows, shape);
  const rowBytes = inputSize * (bytes ? 1 : 4) + 4 * outputSize;
  const count = Math.max(1, Math.floor(ASKED_BYTES / rowBytes));
  for (let from = 0; from < rows && !signal.aborted; from += count) {
    const { inputs, targets, weights } = await ask("rows", { part, from, to: Math.min(rows, from + count) });
    room.inputs.set(inputs, from * inputSize);
    room.targets.set(targets, classes ? from : from * outputSize);
    if (weights !== undefined) room.weights?.set(weights, from);
  }
  return Dataset.of(unpack(room, shape));
}

class AskedStream extends DatasetStream {
  readonly #part: Part;
  readonly #ask: Ask;
  #passes = 0;

  constructor(part: Part, shape: Exclude<DataShape, RowShape>, ask: Ask) {
    const { inputSize, outputSize, scale, classNames, bufferRows } = shape;
    super({ chunks: () => [], inputSize, outputSize, scale, bufferRows, ...(classNames && { classes: classNames }) });
    this.#part = part;
    this.#ask = ask;
  }

  override async *pass(): AsyncGenerator<Content & { place: string }> {
    const pass = { part: this.#part, pass: this.#passes++ };
    try {
      for (;;) {
        const chunk = await this.#ask("chunk", pass);
        if (chunk === undefined) return;
        yield { ...unpack(chunk, chunk.shape), place: chunk.place };
      }
    } finally {
      void this.#ask("endPass", pass);
    }
  }
}
