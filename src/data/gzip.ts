// What was gzipped, unzipped as far as a bound: deflate makes up to 1032 bytes of one, so a small file could fill the memory.

import { FormatError } from "../formats/errors.js";

/** The most bytes that what is held in memory may be unzipped to. */
export const MOST_UNZIPPED = 2 ** 30;

/** Its magic, then deflate (RFC 1952): with two bytes, lengths that other formats begin with would be taken for it. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;

/** The bytes unzipped; the stream fails with a FormatError naming `place` where they are damaged or more than `most`. */
export function gunzip(
  zipped: ReadableStream<Uint8Array<ArrayBuffer>>,
  place: string,
  most: number,
): ReadableStream<Uint8Array> {
  const reader = zipped.pipeThrough(new DecompressionStream("gzip")).getReader();
  let length = 0;
  const refuse = (reason: string, cause?: unknown): never => {
    throw new FormatError(`${place} can't be unzipped: ${reason}`, { cause });
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await reader.read().catch((error: unknown) => {
        // of what is zipped, which couldn't be read
        if (error instanceof FormatError) throw error;
        return refuse("the gzip data is damaged or cut off", error);
      });
      if (done) {
        controller.close();
        return;
      }
      length += value.length;
      if (length > most) {
        reader.cancel().catch(() => {});
        refuse(`it becomes more than ${most} bytes; what is larger must be given unzipped`);
      }
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
