// How a safetensors file begins. By itself, so that the core needs no more of the format.

export const START = 8;
export const LONGEST_HEADER = 100e6;

/** The length of the header, as the first 8 bytes say; above 2⁵³ inexact, and far too large. */
export function headerLength(bytes: Uint8Array): number {
  if (bytes.length < START) return Number.POSITIVE_INFINITY;
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

/** A header within the file that begins with "{". */
export function isSafetensors(bytes: Uint8Array): boolean {
  const length = headerLength(bytes);
  return length <= LONGEST_HEADER && START + length <= bytes.length && bytes[START] === 0x7b;
}
