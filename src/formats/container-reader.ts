// Reads the frame of nablanet's own binary files, see container.ts.

import { type ContainerKind, START } from "./container.js";
import { crc32 } from "./crc32.js";
import { FormatError } from "./errors.js";

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
