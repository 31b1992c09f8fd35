// A file's text, a piece at a time.

import { ByteStream, type RereadableSource } from "../data/byte-stream.js";
import { nextTurn } from "../engine/platform.js";
import { FormatError } from "../formats/errors.js";

/** Bytes of a piece: parsing one takes a few milliseconds, and then others get their turn. */
const PIECE = 2 ** 17;
/** The longest row, in characters: what isn't over by then is no table, and would have to be kept whole. */
export const LONGEST_ROW = 2 ** 22;

/** Where text comes from. */
export interface TextSource {
  source: RereadableSource;
  /** What it is called in errors. */
  place: string;
  /** The most bytes that gzip data may be unzipped to. Default: any number. */
  mostUnzipped?: number | undefined;
}

/** The text of one stretch of `size` bytes after the other. @throws FormatError naming `place` for what isn't UTF-8. */
export async function* textPieces({ source, place, mostUnzipped }: TextSource, size = PIECE): AsyncGenerator<string> {
  const bytes = await ByteStream.open(source, place, mostUnzipped);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let read = 0;
  const decode = (piece?: Uint8Array) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      throw new FormatError(`${place} must be text in UTF-8, got other bytes before byte ${read}`);
    }
  };
  try {
    for (let piece = await bytes.take(size); piece.length > 0; piece = await bytes.take(size)) {
      read += piece.length;
      yield decode(piece);
      await nextTurn();
    }
    yield decode();
  } finally {
    await bytes.close();
  }
}
