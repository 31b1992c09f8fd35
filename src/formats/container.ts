// The frame of nablanet's own binary files: a header in JSON, then vectors of float32.
//
//   0   8 bytes   magic: which kind of file
//   8   uint32    version
//   12  uint32    CRC-32 of all that follows
//   16  uint32    h, the length of the header
//   20  h bytes   header: JSON in UTF-8, padded with spaces so that the numbers start at a multiple of 4
//   …   float32   the vectors, one behind the other, all of the same length
//
// Little-endian throughout.

import { crc32 } from "./crc32.js";
import { FormatError } from "./errors.js";

export interface ContainerKind {
  /** 8 letters. */
  magic: string;
  version: number;
  /** What errors call it: "checkpoint that can be resumed". */
  what: string;
}

const START = 20;

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

/** Whether bytes start as a file of this kind does. */
export function isContainer({ magic }: ContainerKind, bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 8)) === magic;
}

/** A container whose checksum was right. */
export interface Container {
  /** The JSON text. */
  header: string;
  /**
   * The vectors.
   *
   * @throws FormatError where the file hasn't exactly `vectors` of `length` numbers.
   */
  vectors(vectors: number, length: number): Float32Array<ArrayBuffer>[];
}

/** @throws FormatError for bytes of another kind or version, or damaged ones. */
export function decodeContainer(kind: ContainerKind, bytes: Uint8Array): Container {
  const { magic, version } = kind;
  if (bytes.length < START || !isContainer(kind, bytes)) refuse(kind, `it must start with "${magic}"`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== version) refuse(kind, `its version must be ${version}, got ${found}`);
  if (view.getUint32(12, true) !== crc32(bytes.subarray(16))) {
    refuse(kind, "its checksum doesn't match, so it is damaged or cut off");
  }
  const start = START + view.getUint32(16, true);
  return {
    header: new TextDecoder().decode(bytes.subarray(START, start)),
    vectors(vectors, length) {
      const expected = start + vectors * length * 4;
      if (bytes.length !== expected) refuse(kind, `it must have ${expected} bytes, got ${bytes.length}`);
      return Array.from({ length: vectors }, (_, i) =>
        Float32Array.from({ length }, (_, k) => view.getFloat32(start + (i * length + k) * 4, true)),
      );
    },
  };
}

export function refuse({ what }: ContainerKind, why: string): never {
  throw new FormatError(`this is no ${what}: ${why}`);
}
