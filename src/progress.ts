// How training goes, told in a terminal: the entry "nablanet/progress", for Node.

import { createLogUpdate } from "log-update";
import { options, wholeNumber, wrongKind } from "./checks.js";
import type { EpochRow } from "./fit-result.js";
import { progressLine } from "./progress-line.js";

/** As much of a Node stream as is needed. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Whether it is a terminal, where lines can be written over. */
  isTTY?: boolean;
  /** Characters in a line of the terminal. Default 80. */
  columns?: number;
  /** Lines of the terminal. */
  rows?: number;
}

export interface ProgressOptions {
  /** As `fit` is told. */
  epochs: number;
  /** Where to write. Default `process.stderr`. */
  stream?: ProgressStream;
  /** Called first; its answer is passed on, and what it prints stays above the line. */
  onEpoch?: (row: EpochRow) => unknown;
}

/** Between two lines that replace each other, and two that don't. */
const LIVE_MS = 50;
const PLAIN_MS = 1000;

/**
 * A callback that tells how a fit goes, to be spread into its options:
 *
 *     await trainer.fit(data, { epochs, ...progress({ epochs }) });
 *
 * In a terminal it is one line that is drawn over, at most 20 times a second unless an `onEpoch` is given: a bar, loss,
 * accuracy, validation loss and accuracy, time left, samples per second, as many as there is room for. Elsewhere it is a
 * line for the first epoch, for the last, and for at most one a second between them. It ends a fit only where the given
 * `onEpoch` does.
 *
 * @throws TypeError or RangeError for options that can't be used.
 */
export function progress(progressOptions: ProgressOptions): { onEpoch: (row: EpochRow) => Promise<unknown> } {
  const given = options(progressOptions, "progress", ["epochs", "stream", "onEpoch"]);
  const epochs = wholeNumber(given.epochs, "epochs", 1);
  const { onEpoch } = given;
  if (onEpoch !== undefined && typeof onEpoch !== "function") wrongKind("onEpoch", "a function", onEpoch);
  const stream = given.stream === undefined ? process.stderr : given.stream;
  if (!isStream(stream)) wrongKind("stream", "a stream with write", stream);
  const display = isLive(stream) ? new LiveLine(stream) : new PlainLines(stream);
  const clock = new Clock();
  let told = Number.NEGATIVE_INFINITY;
  return {
    async onEpoch(row) {
      const passed = clock.pass(row);
      let answer: unknown;
      if (onEpoch !== undefined) {
        display.makeRoom();
        answer = await onEpoch(row);
      }
      const now = performance.now();
      const isLast = row.epoch >= epochs || answer === false;
      if (isLast || display.isEmpty || now - told >= display.pauseMs) {
        told = now;
        display.show(progressLine({ row, epochs, isLast, ...passed, columns: display.columns }));
      }
      return answer;
    },
  };
}

function isStream(value: unknown): value is ProgressStream {
  return typeof value === "object" && value !== null && "write" in value && typeof value.write === "function";
}

/** A CI runner's terminal may say that it has no lines, and could then show none. */
function isLive({ isTTY, rows = 2 }: ProgressStream): boolean {
  return isTTY === true && rows > 1 && process.env.TERM !== "dumb";
}

interface Display {
  readonly pauseMs: number;
  readonly columns: number;
  /** Whether nothing is shown, so that the next line shouldn't wait. */
  readonly isEmpty: boolean;
  /** Makes way for what others print. */
  makeRoom(): void;
  show(line: string): void;
}

class LiveLine implements Display {
  readonly pauseMs = LIVE_MS;
  readonly #stream: ProgressStream;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  isEmpty = true;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
    // it uses no more than a ProgressStream has; a hidden cursor would need handlers of signals to come back
    this.#draw = createLogUpdate(stream as NodeJS.WritableStream, { showCursor: true });
  }

  get columns(): number {
    return this.#stream.columns || 80;
  }

  makeRoom(): void {
    if (!this.isEmpty) this.#draw.clear();
    this.isEmpty = true;
  }

  show(line: string): void {
    this.#draw(line);
    this.isEmpty = false;
  }
}

class PlainLines implements Display {
  readonly pauseMs = PLAIN_MS;
  readonly columns = Number.POSITIVE_INFINITY;
  readonly #stream: ProgressStream;
  isEmpty = true;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  makeRoom(): void {}

  show(line: string): void {
    this.#stream.write(`${line}\n`);
    this.isEmpty = false;
  }
}

/** What epochs take, all included. The first one's start isn't seen; it is taken to be its training ago. */
class Clock {
  #first: { epoch: number; began: number } | undefined;
  #last = 0;

  pass({ epoch, seconds }: EpochRow): { seconds: number; secondsAnEpoch: number } {
    const now = performance.now() / 1000;
    // a fit that was resumed begins behind epoch 1; another fit begins anew
    if (this.#first === undefined || epoch <= this.#last) this.#first = { epoch, began: now - seconds };
    this.#last = epoch;
    const passed = now - this.#first.began;
    return { seconds: passed, secondsAnEpoch: passed / (epoch - this.#first.epoch + 1) };
  }
}
