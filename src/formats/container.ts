// The frame of nablanet's own binary files: a header in JSON, then vectors of float32.
//
//   0   8 bytes   magic: which kind of file
//   8   uint32    version
//   12  uint32    CRC-32 of all that follows
//   16  uint32    h, the length of the header
//   20  h bytes   header: JSON in UTF-8, padded with spaces so that the numbers start at a multiple of 4
//   …   float32   the vectors, one behind the other, all of the same length
//
// Little-endian throughout. container-reader.ts reads it.

import { crc32 } from "./crc32.js";

export interface ContainerKind {
  /** 8 letters. */
  magic: string;
  version: number;
  /** What errors call it: "checkpoint that can be resumed". */
  what: string;
}

/** Where the header starts. */
export const START = 20;

export function encodeContainer(
  { magic, version }: ContainerKind,
  header: string,
  vectors: readonly Float32Array[],
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const headerLength = Math.ceil(text.length / 4) * 4;
  const numbers = vectors.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(START + headerLength + numbers * 4);
  const view = new DataView(bytes.buffer);
  new TextEncoder().encodeInto(magic, bytes);
  view.setUint32(8, version, true);
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
