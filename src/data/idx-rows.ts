// The rows of an IDX file, some at a time.

import { FormatError } from "../formats/errors.js";
import { ByteStream } from "./byte-stream.js";
import { decodeHead, decodeNumbers, HEAD_START, headLength, type IdxHead } from "./idx.js";

export class IdxRows {
  readonly #bytes: ByteStream;
  readonly #head: IdxHead;
  readonly #place: string;
  /** The numbers in a row. */
  readonly width: number;
  /** The rows that there are, as the file's head says. */
  readonly count: number;
  #left: number;

  static async open(source: unknown, place: string): Promise<IdxRows> {
    const bytes = await ByteStream.open(source, place);
    try {
      const start = await bytes.take(HEAD_START);
      const rest = await bytes.take(headLength(start, place) - start.length);
      return new IdxRows(bytes, decodeHead(Uint8Array.of(...start, ...rest), place), place);
    } catch (error) {
      await bytes.close();
      throw error;
    }
  }

  private constructor(bytes: ByteStream, head: IdxHead, place: string) {
    this.#bytes = bytes;
    this.#head = head;
    this.#place = place;
    const [count, ...row] = head.shape as [number, ...number[]];
    this.count = count;
    this.#left = count;
    this.width = row.reduce((product, length) => product * length, 1);
  }

  /** Whether its numbers are unsigned bytes. */
  get bytes(): boolean {
    return this.#head.type === 8;
  }

  /** The numbers of the next `rows` rows, fewer at the end; undefined where there are none left. */
  async take(rows: number): Promise<Uint8Array | Float32Array | undefined> {
    const count = Math.min(rows, this.#left);
    if (count === 0) return undefined;
    const expected = count * this.width * this.#head.size;
    const bytes = await this.#bytes.take(expected);
    if (bytes.length !== expected) {
      const row = this.count - this.#left + Math.floor(bytes.length / (this.width * this.#head.size));
      throw new FormatError(`${this.#place} is cut off: it must have ${this.count} rows, got ${row}`);
    }
    this.#left -= count;
    return decodeNumbers(bytes, this.#head);
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }
}
