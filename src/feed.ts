// Where a fit or an evaluation gets its rows from: stretches of them, each staged in linear memory.

import { Dataset } from "./dataset.js";
import type { Content } from "./dataset-options.js";
import { DatasetStream } from "./dataset-stream.js";
import type { NetworkBlock } from "./engine/network-block.js";
import { type Staging, Table } from "./engine/table.js";
import { Pacer } from "./pacer.js";

/** Rows to train on: a dataset in memory, or a stream. @inline */
export type Data = Dataset | DatasetStream;

/** Some rows of a pass, staged until the next stretch is asked for. */
export interface Stretch {
  table: Table;
  rows: number;
  /** The rows before it. */
  start: number;
  /** From 0. */
  index: number;
}

/** Checks what can only be checked once rows have come. */
export type Check = (content: Content, place: string) => void;

export interface Feed {
  /** The most rows that a stretch has. */
  readonly mostRows: number;
  /** One pass over the rows, from the stretch that has row `from` on; an abort ends it early. */
  stretches(from: number): AsyncGenerator<Stretch>;
  /** Whether the last pass came to the rows' end. */
  readonly ended: boolean;
  free(): void;
}

/** How many rows there are, 0 for a stream, which doesn't know. */
export function rowsOf(data: Data): number {
  return data instanceof Dataset ? data.length : 0;
}

/**
 * Targets are staged as the network scales them. `unit`: stretches but the last are whole multiples of it; `keepsTargets`:
 * tables keep them as they were given, too.
 */
export async function openFeed(
  network: NetworkBlock,
  data: Data,
  unit: number,
  check: Check,
  signal?: AbortSignal,
  keepsTargets = false,
): Promise<Feed> {
  const { engine, targetScaling: scaling } = network;
  const staging = { engine, ...(scaling && { targets: { scaling, keeps: keepsTargets } }) };
  if (data instanceof DatasetStream) return new StreamFeed(staging, data, unit, check, signal);
  return new MemoryFeed(await Table.stage(staging, data, signal), data.length);
}

/** All rows in one stretch, staged once. */
class MemoryFeed implements Feed {
  readonly ended = true;

  constructor(
    readonly table: Table,
    readonly mostRows: number,
  ) {}

  async *stretches(): AsyncGenerator<Stretch> {
    yield { table: this.table, rows: this.mostRows, start: 0, index: 0 };
  }

  free(): void {
    this.table.free();
  }
}

/** Two tables that take turns: one is filled while the other is trained on. */
class StreamFeed implements Feed {
  readonly mostRows: number;
  ended = false;
  readonly #staging: Staging;
  readonly #stream: DatasetStream;
  readonly #check: Check;
  readonly #signal: AbortSignal | undefined;
  readonly #tables: Table[] = [];

  constructor(staging: Staging, stream: DatasetStream, unit: number, check: Check, signal: AbortSignal | undefined) {
    this.#staging = staging;
    this.#stream = stream;
    this.#check = check;
    this.#signal = signal;
    this.mostRows = Math.max(1, Math.floor(stream.bufferRows / unit)) * unit;
  }

  async *stretches(from: number): AsyncGenerator<Stretch> {
    this.ended = false;
    const rows = this.#stream.pass();
    const filler = new Filler(rows, (content) => this.#check(content, content.place));
    try {
      let filling = this.#fill(filler, 0);
      for (let index = 0, start = 0; ; index++) {
        const count = await unlessAborted(filling, this.#signal);
        if (count === undefined) return;
        if (count === 0 && start === 0) throw new RangeError("the stream must give at least one row, got none");
        // a short stretch is the last
        const last = count < this.mostRows;
        if (!last) filling = this.#fill(filler, index + 1);
        // what fails while others work is told when its turn comes
        filling.catch(() => {});
        if (start + count > from) yield { table: this.#tables[index % 2] as Table, rows: count, start, index };
        start += count;
        if (!last) continue;
        if (start < from)
          throw new RangeError(`the stream must give the ${from} rows that it gave before, got ${start}`);
        this.ended = true;
        return;
      }
    } finally {
      // what still comes from a slow source finds nobody
      filler.stop();
      rows.return(undefined).catch(() => {});
    }
  }

  async #fill(filler: Filler, index: number): Promise<number> {
    const first = await filler.peek();
    if (first === undefined || filler.stopped) return 0;
    this.#tables[index % 2] ??= Table.allocate(this.#staging, first, this.mostRows);
    return filler.fill(this.#tables[index % 2] as Table, this.mostRows);
  }

  free(): void {
    for (const table of this.#tables) table.free();
  }
}

/** What a promise gives, or undefined as soon as the signal is aborted. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise;
  let stop = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Puts chunks of any size into tables of another. */
class Filler {
  readonly #source: AsyncGenerator<Content & { place: string }>;
  readonly #check: (content: Content & { place: string }) => void;
  readonly #pacer = new Pacer();
  #chunk: (Content & { place: string }) | undefined;
  /** The chunk's next row. */
  #at = 0;
  stopped = false;

  constructor(
    source: AsyncGenerator<Content & { place: string }>,
    check: (content: Content & { place: string }) => void,
  ) {
    this.#source = source;
    this.#check = check;
  }

  /** Nothing is put anywhere any more. */
  stop(): void {
    this.stopped = true;
  }

  /** The chunk whose rows come next; undefined at the end. */
  async peek(): Promise<(Content & { place: string }) | undefined> {
    if (this.#chunk !== undefined && this.#at < this.#chunk.inputs.rows) return this.#chunk;
    const { value, done } = await this.#source.next();
    this.#chunk = done ? undefined : value;
    this.#at = 0;
    if (this.#chunk !== undefined) this.#check(this.#chunk);
    return this.#chunk;
  }

  /** Fills a table with up to `most` rows; returns how many there were. */
  async fill(table: Table, most: number): Promise<number> {
    let rows = 0;
    while (rows < most) {
      const chunk = await this.peek();
      if (chunk === undefined || this.stopped) break;
      table.assertTakes(chunk, chunk.place);
      const begin = this.#at;
      const end = Math.min(chunk.inputs.rows, begin + most - rows);
      await this.#pacer.over(begin, end, 1, (from, to) => {
        if (this.stopped) return false;
        table.put(chunk, undefined, from, to, rows + from - begin);
        return true;
      });
      rows += end - begin;
      this.#at = end;
    }
    return rows;
  }
}
