// Bytes from wherever the user has them, a piece at a time.

import { wrongKind } from "../checks.js";
import { openFile } from "../engine/platform.js";
import { FormatError } from "../formats/errors.js";
import { gunzip, isGzip } from "./gzip.js";
import { fetched, isFile, isWeb } from "./source.js";

/** What can be read more than once: a path or URL, a Blob or File, or the bytes themselves; gzipped or not. @inline */
export type RereadableSource = string | URL | Blob | ArrayBuffer | Uint8Array;

/** Reads a source from its beginning; it is closed when all is read, or by `close`. */
export class ByteStream {
  readonly #place: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What was read and not yet taken. */
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** @param most the most bytes that gzip data may be unzipped to */
  static async open(source: unknown, place: string, most = Number.POSITIVE_INFINITY): Promise<ByteStream> {
    const plain = new ByteStream((await openStream(source, place)).getReader(), place);
    await plain.#atLeast(3);
    const start = plain.#pieces.flatMap((piece) => [...piece.subarray(0, 3)]);
    if (!isGzip(Uint8Array.from(start))) return plain;
    const zipped = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        const piece = await plain.next();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece as Uint8Array<ArrayBuffer>);
      },
      cancel: () => plain.close(),
    });
    return new ByteStream(gunzip(zipped, place, most).getReader(), place);
  }

  private constructor(reader: ReadableStreamDefaultReader<Uint8Array>, place: string) {
    this.#reader = reader;
    this.#place = place;
  }

  /** The next `count` bytes, fewer at the end. */
  async take(count: number): Promise<Uint8Array> {
    await this.#atLeast(count);
    const bytes = new Uint8Array(Math.min(count, this.#length));
    let at = 0;
    while (at < bytes.length) {
      const piece = this.#pieces[0] as Uint8Array;
      const part = piece.subarray(0, bytes.length - at);
      bytes.set(part, at);
      at += part.length;
      if (part.length === piece.length) this.#pieces.shift();
      else this.#pieces[0] = piece.subarray(part.length);
    }
    this.#length -= bytes.length;
    return bytes;
  }

  /** The next piece, whatever its length; undefined at the end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#length === 0 && !(await this.#read())) return undefined;
    const piece = this.#pieces.shift() as Uint8Array;
    this.#length -= piece.length;
    return piece;
  }

  async close(): Promise<void> {
    // a source that failed fails again when it is cancelled
    await this.#reader.cancel().catch(() => {});
  }

  /** Reads until there are `count` bytes to take, or the end. */
  async #atLeast(count: number): Promise<void> {
    while (this.#length < count && (await this.#read()));
  }

  async #read(): Promise<boolean> {
    try {
      const { value, done } = await this.#reader.read();
      if (done) return false;
      if (value.length > 0) this.#pieces.push(value);
      this.#length += value.length;
      return true;
    } catch (error) {
      if (error instanceof FormatError) throw error;
      throw new FormatError(`${this.#place} can't be read to its end: ${(error as Error).message}`, { cause: error });
    }
  }
}

async function openStream(source: unknown, place: string): Promise<ReadableStream<Uint8Array>> {
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    return new Blob([source as ArrayBuffer]).stream();
  }
  if (source instanceof Blob) return source.stream();
  if (!(source instanceof URL) && typeof source !== "string") {
    wrongKind(place, "a path, URL, Blob, ArrayBuffer or Uint8Array, which can be read again in each epoch", source);
  }
  if (isWeb(source)) {
    const response = await fetched(source, place);
    if (response.body === null) throw new Error(`${place} must have a body, got none`);
    return response.body;
  }
  try {
    return await openFile(isFile(source) ? new URL(source) : (source as string));
  } catch (error) {
    throw new Error(`${place} can't be read: ${(error as Error).message}`, { cause: error });
  }
}
